"""Makes the rows that MRI and pathology answers are confirmed from."""

from sqlalchemy.orm import Session

from db.models import Decided, MriAnswer, PathologyAnswer, Person, PsaAnswer, Referral, Task, Unit
from kansli_tui.i18n import _, day_full, later
from kansli_tui.pathway.decide import Decision, PsaValue
from kansli_tui.pathway.ruleset import Outcome, age_in_year
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.referrals import MriAnswerRow, PathologyRow, ProseScoreRow
from kansli_tui.service.asking import open_about
from kansli_tui.service.assessing import mri_proposal, suggested
from kansli_tui.service.context import Context
from kansli_tui.service.happenings import short_timeline
from kansli_tui.service.naming import is_masked, shown_name, shown_number

_FROM_CODES = later("The highest coded score of the answer")


class ExaminationRows:
    """Makes rows within one session."""

    def __init__(self, session: Session, context: Context) -> None:
        self._session = session
        self._context = context

    def mri(
        self,
        person: Person,
        decided: Decided,
        psa: PsaAnswer,
        task: Task,
        answer: MriAnswer,
        referral: Referral,
        unit: Unit,
    ) -> MriAnswerRow:
        """Everything about one MRI answer."""
        score = suggested(answer.lesions, answer.prose)
        prose = tuple(ProseScoreRow(int(found), str(sentence)) for found, sentence in answer.prose)
        proposal = None
        if score is not None:
            rules = self._context.rules(self._session).rule_set(person.region, self._context.today)
            proposal = mri_proposal(rules, psa, answer, pirads=score, volume_ml=answer.volume_ml)
        return MriAnswerRow(
            task_id=task.id,
            decision_id=decided.id,
            person_id=person.id,
            region=person.region,
            number=shown_number(person),
            name=shown_name(person),
            masked=is_masked(person),
            age=age_in_year(person.birth_date, self._context.today),
            round_number=person.round_number,
            referral_number=referral.number,
            unit=unit.name,
            unit_phone=unit.phone,
            examined_at=answer.examined_at,
            received_at=answer.received_at,
            status=answer.status,
            text=answer.text,
            volume_ml=answer.volume_ml,
            volume_raw=answer.volume_raw,
            lesions=tuple(answer.lesions),
            prose=prose,
            suggested=score,
            suggested_from=_where_from(answer, prose, score),
            psa=PsaValue(psa.value, psa.comparator).swedish() if psa.value is not None else "–",
            sampled_at=psa.sampled_at,
            proposal=proposal,
            consequence=consequence(proposal),
            corrected=answer.version > 1,
            blocked_by=self._blocks(person),
            lease_by=self._lease(task),
            opened_at=task.opened_at,
            timeline=short_timeline(self._session, person),
            version=person.version_id,
        )

    def pathology(
        self,
        person: Person,
        decided: Decided,
        psa: PsaAnswer,
        task: Task,
        found: PathologyAnswer,
        referral: Referral,
        unit: Unit,
    ) -> PathologyRow:
        """Everything about one pathology answer."""
        del psa
        return PathologyRow(
            task_id=task.id,
            decision_id=decided.id,
            person_id=person.id,
            region=person.region,
            number=shown_number(person),
            name=shown_name(person),
            masked=is_masked(person),
            age=age_in_year(person.birth_date, self._context.today),
            referral_number=referral.number,
            unit=unit.name,
            biopsied_on=found.biopsied_on,
            reported_on=found.reported_on,
            isup=found.isup,
            proposed=decided.proposed,
            reason=decided.reason,
            consequence=_("The case is closed: clinical care tells him and treats him; the office sends no letter")
            if decided.proposed is Outcome.CARE
            else _("Letter, then a new offer {on}", on=day_full(decided.new_offer_on) if decided.new_offer_on else "–"),
            corrected=found.version > 1,
            blocked_by=self._blocks(person),
            lease_by=self._lease(task),
            opened_at=task.opened_at,
            timeline=short_timeline(self._session, person),
            version=person.version_id,
        )

    def _lease(self, task: Task) -> str | None:
        leased = task.lease_until is not None and task.lease_until >= self._context.clock()
        return task.lease_by if leased else None

    def _blocks(self, person: Person) -> tuple[str, ...]:
        """Open blocks, and what is still open about him: a question to the physician, a corrected answer."""
        return open_about(self._session, person.id, (Queue.MEDICAL, Queue.CORRECTION))


def consequence(proposal: Decision | None) -> str:
    """What confirming leads to, said before the key is pressed."""
    if proposal is None:
        return _("Read the answer and write the highest PI-RADS")
    match proposal.outcome:
        case Outcome.UROLOGY:
            return _("Letter “MRI, to urologist” and a urology referral to make")
        case Outcome.NEW_OFFER:
            return _(
                "Letter, then a new offer {on}", on=day_full(proposal.new_offer_on) if proposal.new_offer_on else "–"
            )
        case _:
            return _("Nothing can be confirmed yet")


def _where_from(answer: MriAnswer, prose: tuple[ProseScoreRow, ...], score: int | None) -> str:
    if score in answer.lesions:
        return _(_FROM_CODES)
    return next((found.sentence for found in prose if found.score == score), "")
