"""The day's run: what today's date makes due happens by itself. Running it twice on a day does nothing twice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.models import LabMessage, Person, PsaOrder
from kansli_tui.i18n import later
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import ClosedReason, Event, Queue, Step
from kansli_tui.rows.answers import MessageState, OrderState
from kansli_tui.rows.office import Actor
from kansli_tui.service.channels import fall_back_unread
from kansli_tui.service.context import Context
from kansli_tui.service.offering import OFFER_LETTERS, prepare_offers
from kansli_tui.service.resuming import resume
from kansli_tui.service.walk import Walk

_TOGETHER = 500
_SILENT = {
    Step.AWAITING_ANSWER: "No final answer has come: ask the laboratory",
    Step.MRI_REFERRED: "Nothing heard of the MRI referral: ask the unit",
    Step.MRI_BOOKED: "The MRI appointment has passed: ask the unit what came of it",
    Step.MRI_DONE: "No MRI answer has come: ask the unit",
    Step.UROLOGY_REFERRED: "Nothing heard of the urology referral: ask the unit",
    Step.UROLOGY_VISITED: "No biopsy or other word after the visit: ask the unit",
    Step.BIOPSIED: "No pathology answer has come: ask the unit",
}
_EXPIRED = later("no sample in time")
_AFTER_THE_DAY = (Step.MRI_BOOKED,)
"""Steps where somebody else should have acted by the date, and what the office then does about it."""


@dataclass(frozen=True, slots=True)
class DailyReport:
    """How many people the day moved, of how many nothing has been heard for too long (`reminded`), and letters `unread` in 1177."""

    offers: int
    expired: int
    resumed: int
    aged_out: int
    reminded: int
    unread: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.offers + self.expired + self.resumed + self.aged_out + self.reminded + self.unread


class DailyService:
    """Moves everyone whose date has come."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def run(self, actor: Actor) -> DailyReport:
        """Do what is due today in the actor's regions. Blocked people wait until they are released."""
        return DailyReport(
            offers=self._each(actor, (Step.OFFER_PLANNED,), _offer, "daily.offer"),
            expired=self._each(
                actor,
                (Step.OFFERED, Step.AWAITING_SAMPLE, Step.ORDER_TO_SEND),
                _expire,
                "daily.expire",
                overdue=True,
                only=_nothing_held,
            ),
            resumed=self._each(actor, (Step.POSTPONED,), _resume, "daily.resume"),
            aged_out=self._each(
                actor,
                (Step.NOT_DUE,),
                _age_exit,
                "daily.age_exit",
                only=_too_old,
                born_before=self._born_before(actor),
            ),
            reminded=self._each(
                actor, tuple(step for step in _SILENT if step not in _AFTER_THE_DAY), _remind, "daily.remind"
            )
            + self._each(actor, _AFTER_THE_DAY, _remind, "daily.remind", overdue=True),
            unread=fall_back_unread(self._context, actor),
        )

    def _born_before(self, actor: Actor) -> date:
        """Nobody born on this day or later is too old in any of the actor's regions: the millions are not read to find that out."""
        with self._context.sessions.read() as session:
            rules, today = self._context.rules(session), self._context.today
            last_age = min(rules.region(code, today).last_age for code in actor.regions)
            return date(today.year - last_age, 1, 1)

    def _each(
        self,
        actor: Actor,
        steps: tuple[Step, ...],
        act: Callable[[Walk, Sequence[Person]], None],
        action: str,
        *,
        overdue: bool = False,
        only: Callable[[Walk, Sequence[Person]], Sequence[Person]] | None = None,
        born_before: date | None = None,
    ) -> int:
        """Act on everyone at the steps whose date has come (`overdue`: has passed), some hundred in a transaction."""
        today, moved, after = self._context.today, 0, 0
        while True:
            with self._context.sessions.begin() as session:
                people = self._due(session, actor, steps, today, after, overdue=overdue, born_before=born_before)
                if not people:
                    return moved
                after = people[-1].id
                walk = Walk(session, actor, self._context.clock(), self._context.rules(session))
                chosen = people if only is None else only(walk, people)
                walk.read_rounds(chosen)
                act(walk, chosen)
                audit.record_people(session, actor, walk.at, action, ((person.id, person.region) for person in chosen))
                moved += len(chosen)

    def _due(
        self,
        session: Session,
        actor: Actor,
        steps: tuple[Step, ...],
        today: date,
        after: int,
        *,
        overdue: bool,
        born_before: date | None,
    ) -> list[Person]:
        come = Person.next_on < today if overdue else Person.next_on <= today
        statement = (
            select(Person)
            .where(
                Person.step.in_(steps),
                come,
                Person.region.in_(actor.regions),
                Person.blocked.is_(False),
                Person.id > after,
            )
            .order_by(Person.id)
            .limit(_TOGETHER)
            .with_for_update(skip_locked=True)
        )
        if born_before is not None:
            statement = statement.where(Person.birth_date < born_before)
        return list(session.scalars(statement))


def _offer(walk: Walk, people: Sequence[Person]) -> None:
    offers = []
    for person in people:
        opened = walk.round_of(person)
        assert opened is not None
        walk.move(person, Event.OFFER_DATE_REACHED)
        offers.append((person, OFFER_LETTERS[opened.kind]))
    prepare_offers(walk, offers)


def _nothing_held(walk: Walk, people: Sequence[Person]) -> list[Person]:
    """Those to whose orders no answer is held: while one is, nobody can say that he gave no sample."""
    held = set(
        walk.session.scalars(
            select(PsaOrder.person_id)
            .join(LabMessage, LabMessage.order_number == PsaOrder.number)
            .where(PsaOrder.person_id.in_([person.id for person in people]), LabMessage.state == MessageState.HELD)
        )
    )
    return [person for person in people if person.id not in held]


def _resume(walk: Walk, people: Sequence[Person]) -> None:
    for person in people:
        resume(walk, person)


def _expire(walk: Walk, people: Sequence[Person]) -> None:
    """No sample in the window: no reminder letter, on purpose; a new offer after the rule set's years."""
    walk.end_what_is_out(people, "no_sample", orders=OrderState.EXPIRED, cancelled=_EXPIRED)
    for person in people:
        opened = walk.round_of(person)
        assert opened is not None
        on = walk.after_no_sample(person, opened.offered_on or walk.today)
        walk.end_round(person, "no_sample")
        walk.move(person, Event.WINDOW_EXPIRED, next_on=walk.offer_or_age_exit(person, on))


def _too_old(walk: Walk, people: Sequence[Person]) -> list[Person]:
    return [
        person for person in people if walk.today.year - person.birth_date.year > walk.rules(person.region).last_age
    ]


def _age_exit(walk: Walk, people: Sequence[Person]) -> None:
    for person in people:
        walk.close(person, ClosedReason.AGE)
        if person.round_number > 0:
            walk.prepare_letter(person, LetterType.AGE_EXIT)


def _remind(walk: Walk, people: Sequence[Person]) -> None:
    """A contact task, and the next date to look again: silence is never the end of it."""
    for person in people:
        rules = walk.rules(person.region)
        answer = person.step is Step.AWAITING_ANSWER
        days = rules.preliminary_alarm_days if answer else rules.referral_reminder_days
        walk.open_task(
            Queue.CONTACT,
            f"silent:{person.id}",
            region=person.region,
            person=person,
            reason=_SILENT[person.step],
        )
        person.next_on = walk.today + timedelta(days=days)
