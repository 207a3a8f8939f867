"""Setting right what went out before an answer changed: one task with everything on it, and the correction letter as a draft.

The task says that something changed; what it shows is read from the facts each time, so that it is true when it is looked at.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.models import Decided, Letter, MriAnswer, PathologyAnswer, Person, PsaAnswer, PsaOrder, Referral, Task, Unit
from db.queries.people import by_id
from db.queries.tasks import open_page
from kansli_tui.errors import ChangedBySomeoneElseError, LetterError, NotFoundError, RefusedError
from kansli_tui.i18n import _, day_full
from kansli_tui.labels import label
from kansli_tui.pathway.answers import RETRACTING
from kansli_tui.pathway.decide import PsaValue
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import ClosedReason, Queue
from kansli_tui.rows.answers import DecisionState
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from kansli_tui.rows.referrals import CorrectionRow
from kansli_tui.service.assessing import mri_words
from kansli_tui.service.context import Context, chosen_regions, local_date, require_region
from kansli_tui.service.holding import UNSENT
from kansli_tui.service.letter_content import build, recipient
from kansli_tui.service.naming import shown_name, shown_number
from kansli_tui.service.offices import offices
from kansli_tui.service.walk import Walk

_PSA_LETTERS = (
    LetterType.PSA_LOW,
    LetterType.PSA_TWO_YEARS,
    LetterType.PSA_RAISED,
    LetterType.PSA_VERY_HIGH,
    LetterType.REPEAT_SAMPLE,
)
_EXAMINATION_LETTERS = (
    LetterType.MRI_NO_BIOPSY,
    LetterType.MRI_UROLOGY,
    LetterType.MRI_NOT_DONE,
    LetterType.BIOPSY_BENIGN,
)


@dataclass(frozen=True, slots=True)
class _Change:
    """An answer that changed: in words before and now, when it did, and the letters that can have said it."""

    what: str
    before: str
    now: str
    at: datetime
    round_number: int
    wrong_person: bool
    letters: tuple[LetterType, ...]
    psa_before: str | None = None
    psa_now: str | None = None


class CorrectionService:
    """Reads corrections, and prepares the letter."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def rows(self, actor: Actor, *, region: str | None = None, limit: int = 50) -> tuple[CorrectionRow, ...]:
        """The open corrections, the oldest first. Each shown person is logged."""
        with self._context.sessions.begin() as session:
            page = open_page(Queue.CORRECTION, chosen_regions(actor, region), after=None, limit=limit)
            tasks = session.scalars(
                select(Task).join(page, page.c.id == Task.id).order_by(Task.opened_at, Task.id)
            ).all()
            rows = tuple(self._row(session, task) for task in tasks)
            audit.record_people(
                session, actor, self._context.clock(), "correction.show", ((row.person_id, row.region) for row in rows)
            )
            return rows

    def row(self, actor: Actor, task_id: int) -> CorrectionRow:
        """One correction."""
        with self._context.sessions.begin() as session:
            row = self._row(session, self._task(session, actor, task_id))
            audit.record(
                session,
                actor,
                self._context.clock(),
                "correction.show",
                person_id=row.person_id,
                region=row.region,
                subject=f"task:{task_id}",
            )
            return row

    def prepare_letter(self, actor: Actor, task_id: int, *, version: int) -> CorrectionRow:
        """Prepare the correction letter for the next batch. Refused when no letter has gone out, or one is prepared already."""
        with self._context.sessions.begin() as session:
            task = self._task(session, actor, task_id)
            assert task.person_id is not None
            person = by_id(session, task.person_id, lock=True)
            if person.version_id != version:
                raise ChangedBySomeoneElseError("The case has changed since it was shown. Look at it again.")
            if person.closed_reason is ClosedReason.DEAD:
                raise RefusedError("The person is dead: no letter is sent.")
            change = _change(session, task)
            sent = _sent(session, person, change)
            if not sent:
                raise RefusedError("No letter about the answer has gone out: nothing has to be corrected by letter.")
            if _prepared(session, person, task):
                raise RefusedError("The correction letter is prepared already.")
            walk = Walk(session, actor, self._context.clock(), self._context.rules(session))
            walk.prepare_letter(person, LetterType.CORRECTION, _values(change, sent[-1].posted_on))
            audit.record(
                session,
                actor,
                walk.at,
                "correction.letter",
                person_id=person.id,
                region=person.region,
                subject=f"task:{task.id}",
            )
            session.flush()
            return self._row(session, task)

    def _task(self, session: Session, actor: Actor, task_id: int) -> Task:
        task = session.get(Task, task_id)
        if task is None or task.queue is not Queue.CORRECTION or task.person_id is None:
            raise NotFoundError("There is no such task.")
        require_region(actor, task.region)
        if task.closed_at is not None:
            raise RefusedError("The task is done already.")
        return task

    def _row(self, session: Session, task: Task) -> CorrectionRow:
        assert task.person_id is not None
        person = session.get_one(Person, task.person_id)
        change = _change(session, task)
        sent = _sent(session, person, change)
        return CorrectionRow(
            task_id=task.id,
            person_id=person.id,
            region=task.region,
            number=shown_number(person),
            name=shown_name(person),
            what=change.what,
            before=change.before,
            now=change.now,
            wrong_person=change.wrong_person,
            letters=tuple(
                f"{label(letter.type)}, {day_full(letter.posted_on)}" for letter in sent if letter.posted_on is not None
            ),
            orders=_placed(session, person, change),
            rules_say=_rules_say(session, person, change),
            step_label=label(person.step),
            draft=self._draft(session, person, change, sent[-1].posted_on) if sent else "",
            letter_prepared=_prepared(session, person, task),
            version=person.version_id,
        )

    def _draft(self, session: Session, person: Person, change: _Change, posted_on: date | None) -> str:
        """The letter as it would be printed today; why not, where it cannot be shown."""
        from reports.letters import plain_text  # noqa: PLC0415 - texts are read when a letter is looked at

        if person.protection is not Protection.NONE:
            return _("The letter of a protected person is shown only when it is printed by hand.")
        to = recipient(person)
        office = offices(self._context.settings.offices_file).get(person.region)
        if to is None or office is None:
            return _("The person has no address that can be used.")
        letter = Letter(
            id=0,
            type=LetterType.CORRECTION,
            language=person.letter_language,
            enclosure="",
            values=_values(change, posted_on),
        )
        rules = self._context.rules(session).region(person.region, self._context.today)
        try:
            return plain_text(
                build(
                    letter,
                    to,
                    office,
                    rules,
                    self._context.texts(session),
                    on=self._context.today,
                    invented=self._context.facts.invented,
                )
            )
        except LetterError as problem:
            return str(problem)


def _change(session: Session, task: Task) -> _Change:
    """What the task is about: 'answer:12' (PSA), 'mri:3' or 'pathology:4'."""
    kind, _colon, key = task.subject.partition(":")
    match kind:
        case "mri":
            return _mri_change(session, session.get_one(MriAnswer, int(key)))
        case "pathology":
            return _pathology_change(session, session.get_one(PathologyAnswer, int(key)))
        case _:
            return _psa_change(session, session.get_one(PsaAnswer, int(key)))


def _psa_change(session: Session, now: PsaAnswer) -> _Change:
    before = session.scalar(
        select(PsaAnswer)
        .where(PsaAnswer.order_id == now.order_id, PsaAnswer.version < now.version)
        .order_by(PsaAnswer.version.desc())
        .limit(1)
    )
    taken_back = now.status in RETRACTING
    return _Change(
        what="psa",
        before=_psa(before),
        now=_("taken back") if taken_back else _psa(now),
        at=now.received_at,
        round_number=session.get_one(PsaOrder, now.order_id).round_number,
        wrong_person=now.status == "W",
        letters=(*_PSA_LETTERS, *_EXAMINATION_LETTERS),
        psa_before=_plain_psa(before),
        psa_now=None if taken_back else _plain_psa(now),
    )


def _mri_change(session: Session, now: MriAnswer) -> _Change:
    before = session.scalar(
        select(MriAnswer)
        .where(MriAnswer.referral_id == now.referral_id, MriAnswer.version < now.version)
        .order_by(MriAnswer.version.desc())
        .limit(1)
    )
    return _Change(
        what="mri",
        before=mri_words(before),
        now=_("taken back") if now.status in RETRACTING else mri_words(now),
        at=now.received_at,
        round_number=session.get_one(Referral, now.referral_id).round_number,
        wrong_person=now.status == "W",
        letters=_EXAMINATION_LETTERS,
    )


def _pathology_change(session: Session, now: PathologyAnswer) -> _Change:
    before = session.scalar(
        select(PathologyAnswer)
        .where(PathologyAnswer.referral_id == now.referral_id, PathologyAnswer.version < now.version)
        .order_by(PathologyAnswer.version.desc())
        .limit(1)
    )
    return _Change(
        what="pathology",
        before="–" if before is None else f"ISUP {before.isup}",
        now=f"ISUP {now.isup}",
        at=now.received_at,
        round_number=session.get_one(Referral, now.referral_id).round_number,
        wrong_person=False,
        letters=(LetterType.BIOPSY_BENIGN,),
    )


def _sent(session: Session, person: Person, change: _Change) -> list[Letter]:
    """Letters that said the earlier answer, the oldest first: those of its round, also when another one has begun since."""
    return list(
        session.scalars(
            select(Letter)
            .where(
                Letter.person_id == person.id,
                Letter.type.in_(change.letters),
                Letter.state == LetterState.POSTED,
                Letter.round_number == change.round_number,
                Letter.prepared_at <= change.at,
            )
            .order_by(Letter.id)
        )
    )


def _placed(session: Session, person: Person, change: _Change) -> tuple[str, ...]:
    """Orders and referrals of the round that had left the house when the answer changed, and whether they still hold."""
    orders = session.scalars(
        select(PsaOrder)
        .where(
            PsaOrder.person_id == person.id,
            PsaOrder.round_number == change.round_number,
            PsaOrder.sent_at.is_not(None),
            PsaOrder.sent_at <= change.at,
            PsaOrder.kind == "repeat",
        )
        .order_by(PsaOrder.id)
    )
    referrals = session.execute(
        select(Referral, Unit)
        .join(Unit, Unit.id == Referral.unit_id)
        .where(
            Referral.person_id == person.id,
            Referral.round_number == change.round_number,
            Referral.sent_at.is_not(None),
            Referral.sent_at <= change.at,
        )
        .order_by(Referral.id)
    )
    return (
        *(f"{order.number}: {label(order.state)}" for order in orders),
        *(
            f"{label(referral.kind)} {referral.number}, {unit.name} {unit.phone}: {label(referral.state)}"
            for referral, unit in referrals
        ),
    )


def _rules_say(session: Session, person: Person, change: _Change) -> str:
    """The reason of what is proposed or confirmed now."""
    decided = session.scalar(
        select(Decided)
        .where(
            Decided.person_id == person.id,
            Decided.round_number == change.round_number,
            Decided.state != DecisionState.SUPERSEDED,
        )
        .order_by(Decided.id.desc())
        .limit(1)
    )
    return decided.reason if decided is not None else "–"


def _prepared(session: Session, person: Person, task: Task) -> bool:
    """Whether a correction letter has been prepared since the task was opened."""
    statement = select(Letter.id).where(
        Letter.person_id == person.id,
        Letter.type == LetterType.CORRECTION,
        Letter.state.in_((*UNSENT, LetterState.POSTED)),
        Letter.prepared_at >= task.opened_at,
    )
    return session.scalar(statement.limit(1)) is not None


def _values(change: _Change, posted_on: date | None) -> dict[str, str]:
    values = {"sent_on": (posted_on or local_date(change.at)).isoformat()}
    if change.psa_before is not None and not change.wrong_person:
        values["psa_before"] = change.psa_before
        if change.psa_now is not None:
            values["psa_now"] = change.psa_now
    return values


def _psa(answer: PsaAnswer | None) -> str:
    plain = _plain_psa(answer)
    return "–" if plain is None else f"PSA {plain} µg/l"


def _plain_psa(answer: PsaAnswer | None) -> str | None:
    if answer is None or answer.value is None:
        return None
    return PsaValue(answer.value, answer.comparator).swedish()
