"""Confirming what the rules propose: one man at a time, or low values together after a preview with a count.

A confirmation names the decision and the version of the person that was shown; whatever has changed since is refused.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from db import audit
from db.models import Decided, Person, PsaAnswer, Task
from db.queries.people import by_id
from db.queries.tasks import open_page
from kansli_tui.errors import ChangedBySomeoneElseError, NotFoundError, RefusedError
from kansli_tui.pathway.answers import CHOICES
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import Event, Queue, Step
from kansli_tui.rows.answers import AnswerRow, ConfirmedBatch, DecisionState, LowPreview
from kansli_tui.rows.office import Actor
from kansli_tui.rows.referrals import DecisionKind
from kansli_tui.service import leases
from kansli_tui.service.answer_rows import AnswerRows
from kansli_tui.service.asking import refuse_while_asked
from kansli_tui.service.context import Context, chosen_regions, plain, require_region
from kansli_tui.service.latest import corrections
from kansli_tui.service.proposing import ASSESSING, confirm
from kansli_tui.service.walk import Walk

_LONGEST_POSTPONEMENT = timedelta(days=183)
"""An answer waits half a year at most."""
_PREVIEWED = 20
_TOGETHER = 500


@dataclass(frozen=True, slots=True)
class _Shown:
    person: Person
    decided: Decided
    answer: PsaAnswer
    task: Task


class DecisionService:
    """The working session of Provsvar."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def rows(
        self,
        actor: Actor,
        queue: Queue,
        *,
        region: str | None = None,
        after: tuple[datetime, int] | None = None,
        limit: int = 10,
    ) -> tuple[AnswerRow, ...]:
        """The next answers of a queue, the oldest first, with all that the session shows. Each shown person is logged."""
        context = self._context
        with context.sessions.begin() as session:
            page = open_page(queue, chosen_regions(actor, region), after=after, limit=limit)
            found = [_Shown(*row) for row in session.execute(_shown(queue).join(page, page.c.id == Task.id))]
            audit.record_people(
                session,
                actor,
                context.clock(),
                "answer.show",
                ((shown.person.id, shown.person.region) for shown in found),
                subject=f"queue:{queue.value}",
            )
            rows = AnswerRows(session, context)
            return tuple(rows.row(shown.person, shown.decided, shown.answer, shown.task) for shown in found)

    def confirm(
        self, actor: Actor, decision_id: int, *, version: int, outcome: Outcome | None = None, reason: str = ""
    ) -> None:
        """Confirm the proposal, or with a reason another outcome that the rules leave to a person.

        The same person's repeat is harmless; after anybody else's act it is ChangedBySomeoneElseError. While a question to the
        physician is open a reason is needed for going on.
        """
        context = self._context
        with context.sessions.begin() as session:
            decided = session.get(Decided, decision_id)
            if decided is None or decided.kind is not DecisionKind.PSA:
                raise NotFoundError("There is no such decision.")
            require_region(actor, decided.region)
            person = by_id(session, decided.person_id, lock=True)
            session.refresh(decided)
            chosen = outcome or decided.proposed
            if decided.state is DecisionState.CONFIRMED and decided.confirmed_by == actor.username:
                if decided.outcome is chosen:
                    return
                raise RefusedError("You have confirmed this already, as another outcome.")
            if decided.state is not DecisionState.PROPOSED or person.version_id != version:
                raise ChangedBySomeoneElseError("The case has changed since it was shown. Look at it again.")
            if chosen not in CHOICES[decided.proposed]:
                raise RefusedError("The rules do not allow this outcome for this answer.")
            if chosen is not decided.proposed and not reason.strip():
                raise RefusedError("State why it is decided otherwise than the rules propose.")
            if person.blocked:
                raise RefusedError("The person is held: see to the register task first.")
            refuse_while_asked(session, person.id, reason)
            self._refuse_if_taken(session, actor, decided)
            answer = session.get_one(PsaAnswer, decided.answer_id)
            walk = Walk(session, actor, context.clock(), context.rules(session))
            confirm(walk, person, answer, decided, chosen, plain(reason))
            audit.record(
                session,
                actor,
                walk.at,
                "decision.confirm",
                person_id=person.id,
                region=person.region,
                subject=f"decision:{decided.id} {chosen.value}",
                why=plain(reason),
            )

    def postpone(self, actor: Actor, decision_id: int, *, version: int, on: date, reason: str) -> None:
        """Put the case off to a date (illness, retention): a repeat sample is offered then."""
        context = self._context
        if not reason.strip():
            raise RefusedError("State why.")
        if on <= context.today:
            raise RefusedError("Choose a date in the future.")
        if on > context.today + _LONGEST_POSTPONEMENT:
            raise RefusedError("Choose a date within {days} days.", days=_LONGEST_POSTPONEMENT.days)
        with context.sessions.begin() as session:
            decided = session.get(Decided, decision_id)
            if decided is None or decided.kind is not DecisionKind.PSA:
                raise NotFoundError("There is no such decision.")
            require_region(actor, decided.region)
            person = by_id(session, decided.person_id, lock=True)
            session.refresh(decided)
            if decided.state is not DecisionState.PROPOSED or person.version_id != version:
                raise ChangedBySomeoneElseError("The case has changed since it was shown. Look at it again.")
            self._refuse_if_taken(session, actor, decided)
            walk = Walk(session, actor, context.clock(), context.rules(session))
            decided.state, decided.superseded_at = DecisionState.SUPERSEDED, walk.at
            walk.close_tasks(person, "postponed", ASSESSING)
            walk.move(person, Event.POSTPONED, next_on=on, reason=plain(reason))
            audit.record(
                session,
                actor,
                walk.at,
                "decision.postpone",
                person_id=person.id,
                region=person.region,
                subject=f"decision:{decided.id}",
                why=plain(reason),
            )

    def preview_low(self, actor: Actor, *, region: str | None = None) -> LowPreview:
        """Who would be confirmed together: plain low answers, with a stamp that says exactly these."""
        context = self._context
        with context.sessions.begin() as session:
            ready, left_out = self._low(session, actor, region)
            audit.record(session, actor, context.clock(), "decision.preview_low", detail={"count": len(ready)})
            rows = AnswerRows(session, context)
            first = ready[:_PREVIEWED]
            audit.record_people(
                session,
                actor,
                context.clock(),
                "answer.show",
                ((shown.person.id, shown.person.region) for shown in first),
                subject="preview of low values",
            )
            return LowPreview(
                count=len(ready),
                rows=tuple(rows.row(shown.person, shown.decided, shown.answer, shown.task) for shown in first),
                stamp=_stamp(ready),
                left_out=left_out,
            )

    def confirm_low(self, actor: Actor, *, region: str | None = None, stamp: str) -> ConfirmedBatch:
        """Confirm exactly those the preview showed; ChangedBySomeoneElseError when they are no longer the same."""
        context = self._context
        with context.sessions.begin() as session:
            ready, left_out = self._low(session, actor, region, lock=True)
            if _stamp(ready) != stamp:
                raise ChangedBySomeoneElseError("The answers have changed since the preview. Look at it again.")
            walk = Walk(session, actor, context.clock(), context.rules(session))
            for shown in ready:
                confirm(walk, shown.person, shown.answer, shown.decided, Outcome.NEW_OFFER, "")
            audit.record_people(
                session,
                actor,
                walk.at,
                "decision.confirm",
                ((shown.person.id, shown.person.region) for shown in ready),
                subject="batch of low values",
            )
            return ConfirmedBatch(len(ready), left_out)

    def _refuse_if_taken(self, session: Session, actor: Actor, decided: Decided) -> None:
        task = session.scalar(
            select(Task).where(
                Task.subject == f"decision:{decided.id}", Task.queue.in_(ASSESSING), Task.closed_at.is_(None)
            )
        )
        if task is not None:
            leases.refuse_if_taken(task, self._context, actor)

    def _low(
        self, session: Session, actor: Actor, region: str | None, *, lock: bool = False
    ) -> tuple[list[_Shown], tuple[str, ...]]:
        """Plain low answers that may be confirmed together, and why others are left."""
        context = self._context
        rules = context.rules(session)
        regions = [code for code in chosen_regions(actor, region) if rules.region(code, context.today).batch_low]
        if not regions:
            return [], ()
        page = open_page(Queue.NORMAL, regions, after=None, limit=_TOGETHER)
        statement = _shown(Queue.NORMAL).join(page, page.c.id == Task.id)
        if lock:
            statement = statement.with_for_update(of=Person)
        ready: list[_Shown] = []
        left: dict[str, int] = {}
        now = context.clock()
        found = [_Shown(*row) for row in session.execute(statement)]
        corrected = corrections(session, (shown.answer for shown in found))
        asked = _asked_about(session, [shown.person.id for shown in found])
        for shown in found:
            why = _alone(shown, actor, now, corrected)
            if not why and shown.person.id in asked:
                why = "A question or a correction is open"
            if why:
                left[why] = left.get(why, 0) + 1
            else:
                ready.append(shown)
        return ready, tuple(f"{why} ({count})" for why, count in left.items())

    def count(self, actor: Actor, queue: Queue, *, region: str | None = None) -> int:
        """How many wait in a queue."""
        with self._context.sessions.read() as session:
            return (
                session.scalar(
                    select(func.count(Task.id)).where(
                        Task.queue == queue,
                        Task.closed_at.is_(None),
                        Task.region.in_(chosen_regions(actor, region)),
                    )
                )
                or 0
            )


def _shown(queue: Queue) -> Select[Person, Decided, PsaAnswer, Task]:
    return (
        select(Person, Decided, PsaAnswer, Task)
        .join(Task, Task.person_id == Person.id)
        .join(
            Decided,
            and_(
                Decided.person_id == Person.id,
                Decided.state == DecisionState.PROPOSED,
                Decided.kind == DecisionKind.PSA,
                Decided.round_number == Person.round_number,
            ),
        )
        .join(PsaAnswer, PsaAnswer.id == Decided.answer_id)
        .where(
            Task.queue == queue,
            Task.closed_at.is_(None),
            Person.step == Step.ANSWER_TO_ASSESS,
        )
        .order_by(Task.opened_at, Task.id)
    )


def _asked_about(session: Session, people: list[int]) -> set[int]:
    """Those of whom a question to the physician, or a corrected answer, is still open."""
    found = select(Task.person_id).where(
        Task.person_id.in_(people), Task.queue.in_((Queue.MEDICAL, Queue.CORRECTION)), Task.closed_at.is_(None)
    )
    return {person_id for person_id in session.scalars(found) if person_id is not None}


def _alone(shown: _Shown, actor: Actor, now: datetime, corrected: set[int]) -> str:
    """Why an answer is looked at on its own rather than with the others; '' when it is plain."""
    if shown.person.blocked:
        return "The person is held"
    if shown.answer.comment:
        return "The laboratory has written a comment"
    if shown.answer.id in corrected:
        return "The answer is a correction"
    taken = shown.task.lease_by not in (None, actor.username)
    if taken and shown.task.lease_until is not None and shown.task.lease_until >= now:
        return "Somebody is working on it"
    return ""


def _stamp(ready: list[_Shown]) -> str:
    return sha256(",".join(f"{shown.decided.id}:{shown.person.version_id}" for shown in ready).encode()).hexdigest()
