"""Makes the rows that a caseworker confirms from: one man, his answer, the proposal, its reason and its consequence."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Decided, Person, PsaAnswer, Task
from kansli_tui.i18n import _, day_full
from kansli_tui.pathway.decide import PsaValue
from kansli_tui.pathway.referrals import ReferralKind
from kansli_tui.pathway.ruleset import Outcome, age_in_year
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.answers import AnswerRow
from kansli_tui.service.asking import open_about
from kansli_tui.service.context import Context, local_date
from kansli_tui.service.happenings import short_timeline
from kansli_tui.service.naming import is_masked, shown_municipality, shown_name, shown_number
from kansli_tui.service.proposing import biopsied
from kansli_tui.service.units import usual_unit


class AnswerRows:
    """Makes rows within one session."""

    def __init__(self, session: Session, context: Context) -> None:
        self._session = session
        self._context = context

    def row(self, person: Person, decided: Decided, answer: PsaAnswer, task: Task) -> AnswerRow:
        """Everything about one answer."""
        masked = is_masked(person)
        leased = task.lease_until is not None and task.lease_until >= self._context.clock()
        return AnswerRow(
            task_id=task.id,
            decision_id=decided.id,
            person_id=person.id,
            region=person.region,
            number=shown_number(person),
            name=shown_name(person),
            masked=masked,
            age=age_in_year(person.birth_date, self._context.today),
            municipality=shown_municipality(person),
            round_number=person.round_number,
            value=answer.value,
            comparator=answer.comparator,
            raw_value=answer.raw_value,
            status=answer.status,
            laboratory=answer.laboratory,
            sampled_at=answer.sampled_at,
            received_at=answer.received_at,
            comment=answer.comment,
            context=tuple(
                f"{other['text'] or other['code']} {other['value']} {other['unit']}".strip()
                for other in answer.context or ()
            ),
            earlier=self._earlier(person, answer),
            proposed=decided.proposed,
            rule_number=decided.rule_number,
            rule_set=decided.rule_set,
            reason=decided.reason,
            new_offer_on=decided.new_offer_on,
            consequence=self._consequence(person, decided),
            blocked_by=self._blocks(person),
            lease_by=task.lease_by if leased else None,
            opened_at=task.opened_at,
            timeline=short_timeline(self._session, person),
            version=person.version_id,
        )

    def _earlier(self, person: Person, answer: PsaAnswer) -> tuple[str, ...]:
        """Earlier values with their dates, the newest first; a corrected version says so."""
        found = self._session.scalars(
            select(PsaAnswer)
            .where(PsaAnswer.person_id == person.id, PsaAnswer.id != answer.id, PsaAnswer.value.is_not(None))
            .order_by(PsaAnswer.id.desc())
            .limit(4)
        )
        lines = []
        for earlier in found:
            assert earlier.value is not None
            value = PsaValue(earlier.value, earlier.comparator).swedish()
            on = local_date(earlier.sampled_at).isoformat() if earlier.sampled_at else "–"
            replaced = f" ({_('replaced')})" if earlier.replaced_at else ""
            lines.append(f"{value} {on}{replaced}")
        return tuple(lines)

    def _consequence(self, person: Person, decided: Decided) -> str:
        """What confirming leads to, said before the key is pressed."""
        if biopsied(self._session, person):
            return _("Tissue has been taken: the pathology answer decides, whatever this answer says")
        match decided.proposed:
            case Outcome.NEW_OFFER:
                return _(
                    "Answer letter, then a new offer {on}",
                    on=day_full(decided.new_offer_on) if decided.new_offer_on else "–",
                )
            case Outcome.MRI:
                return _("Letter “raised PSA” and MRI referral to {unit}", unit=self._unit(person, ReferralKind.MRI))
            case Outcome.UROLOGY:
                return _(
                    "Phone today, then urology referral to {unit} and letter",
                    unit=self._unit(person, ReferralKind.UROLOGY),
                )
            case Outcome.REPEAT:
                return _("Letter with a new order for a repeat sample")
            case Outcome.CARE | Outcome.PERSON:
                return _("Choose an outcome with a reason, or ask the physician")

    def _unit(self, person: Person, kind: ReferralKind) -> str:
        return usual_unit(self._session, person.region, kind).name

    def _blocks(self, person: Person) -> tuple[str, ...]:
        """Open blocks, and what is still open about him: a question to the physician, a corrected answer."""
        return open_about(self._session, person.id, (Queue.MEDICAL, Queue.CORRECTION))
