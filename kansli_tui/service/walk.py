"""The one way a person is moved: inside a service's transaction, through the table of moves, with every promise kept.

A step promises that something holds the person there (a date, a task, a letter, an order). `Walk` writes the move and what
holds it together, and takes away what no longer applies. Services call it; nothing else writes `Person.step`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.models import (
    Block,
    Booking,
    Decided,
    Letter,
    OfferRelease,
    Person,
    PsaOrder,
    Referral,
    ReferralChange,
    Round,
    StepChange,
    Task,
)
from kansli_tui.errors import RefusedError
from kansli_tui.pathway import moves
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import LIVE, OUT, ReferralEvent, ReferralKind, ReferralState
from kansli_tui.pathway.ruleset import RegionRules, RuleSet, add_years
from kansli_tui.pathway.steps import ClosedReason, Event, Queue, Step
from kansli_tui.rows.answers import DecisionState, OrderState
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.offers import RoundKind
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from kansli_tui.rows.referrals import BookingState
from kansli_tui.service.context import local_date
from kansli_tui.service.rule_book import RuleBook

_ABOUT_A_STEP = frozenset(LetterType) - {LetterType.CORRECTION, LetterType.HANDED_OVER}
"""Letters that are overtaken when the step changes. A correction and word of a hand-over are owed all the same."""
UNSENT = (LetterState.PREPARED, LetterState.PRINTED)
OPEN_ORDERS = (OrderState.CREATED, OrderState.SENT)


class Walk:
    """Moves people within one transaction on behalf of an actor, at one time."""

    def __init__(self, session: Session, actor: Actor, at: datetime, rule_book: RuleBook) -> None:
        self.session = session
        self.actor = actor
        self.at = at
        self.today = local_date(at)
        self._rule_book = rule_book
        self._rules: dict[str, RegionRules] = {}
        self._rounds: dict[int, Round] = {}

    def on_behalf_of(self, actor: Actor) -> "Walk":
        """The same transaction and time, with another actor."""
        return Walk(self.session, actor, self.at, self._rule_book)

    def rules(self, region: str) -> RegionRules:
        """The region's choices in force today."""
        if region not in self._rules:
            self._rules[region] = self._rule_book.region(region, self.today)
        return self._rules[region]

    def rule_set(self, region: str) -> RuleSet:
        """The rule set in force in the region today."""
        return self._rule_book.rule_set(region, self.today)

    # Moving

    def move(self, person: Person, event: Event, *, next_on: date | None = None, reason: str = "") -> Step:
        """Let `event` happen to `person`. RefusedError when the table of moves does not allow it."""
        to = moves.target(person.step, event)
        if to is None:
            raise RefusedError("This cannot be done where the person stands now.")
        self.session.add(
            StepChange(
                person_id=person.id,
                region=person.region,
                round_number=person.round_number,
                at=self.at,
                event=event,
                from_step=person.step,
                to_step=to,
                next_on=next_on,
                reason=reason,
                by=self.actor.username,
            )
        )
        person.step, person.since, person.next_on = to, self.at, next_on
        return to

    def begin_round(self, person: Person, kind: RoundKind, *, release: OfferRelease | None = None) -> Round:
        """Start the person's next round. The database refuses a second open one."""
        person.round_number += 1
        opened = Round(
            person_id=person.id,
            region=person.region,
            number=person.round_number,
            kind=kind,
            release_id=release.id if release else None,
            began_at=self.at,
        )
        self.session.add(opened)
        self._rounds[person.id] = opened
        return opened

    def read_rounds(self, people: Iterable[Person]) -> None:
        """Read the latest rounds of many at once; `round_of` then asks no more. The caller holds the people's locks."""
        numbers = {person.id: person.round_number for person in people}
        for some in in_pieces(numbers):
            for found in self.session.scalars(select(Round).where(Round.person_id.in_(some))):
                if found.number == numbers[found.person_id]:
                    self._rounds[found.person_id] = found

    def round_of(self, person: Person) -> Round | None:
        """The person's latest round."""
        known = self._rounds.get(person.id)
        if known is None or known.number != person.round_number:
            known = self.session.scalar(
                select(Round).where(Round.person_id == person.id, Round.number == person.round_number)
            )
            if known is not None:
                self._rounds[person.id] = known
        return known

    def end_round(self, person: Person, result: str) -> None:
        """End the latest round if it is open."""
        latest = self.round_of(person)
        if latest is not None and latest.ended_at is None:
            latest.ended_at, latest.result = self.at, result

    def reopen_round(self, person: Person) -> None:
        """Open the latest round again, for an answer that comes or changes after its end."""
        latest = self.round_of(person)
        if latest is not None:
            latest.ended_at, latest.result = None, None

    def back_to_waiting(self, person: Person, event: Event, *, on: date, result: str, reason: str = "") -> None:
        """End the round and wait for the next offer on a date; at most until the year after the last age."""
        self.end_what_is_out([person], result)
        self.end_round(person, result)
        self.move(person, event, next_on=self.offer_or_age_exit(person, on), reason=reason)

    def end_what_is_out(
        self, people: Sequence[Person], why: str, *, orders: OrderState = OrderState.CANCELLED, cancelled: str = ""
    ) -> None:
        """Take back the orders (or let them expire), stop the letters and close the step's tasks of some people.

        `cancelled` is why the orders no longer hold where that is said in other words.
        """
        for some in in_pieces(person.id for person in people):
            self._cancel_orders(some, cancelled or why, orders)
            self._stop_letters(some, why, _ABOUT_A_STEP)
            self._close_tasks(some, why, _STEP_QUEUES)

    def offer_or_age_exit(self, person: Person, on: date) -> date:
        """The date of the next offer, or of the age exit where he would be too old for it."""
        last_age = self.rules(person.region).last_age
        exit_on = date(person.birth_date.year + last_age + 1, 1, 1)
        return min(on, exit_on)

    def next_offer_on(self, person: Person) -> date:
        """When somebody who comes back is offered: now, but never earlier than what he waited for when he left."""
        waited = self.session.scalar(
            select(StepChange.next_on)
            .where(
                StepChange.person_id == person.id, StepChange.to_step == Step.NOT_DUE, StepChange.next_on.is_not(None)
            )
            .order_by(StepChange.id.desc())
            .limit(1)
        )
        first = date(person.birth_date.year + self.rules(person.region).first_age, 1, 1)
        return self.offer_or_age_exit(person, max(first, self.today, waited or self.today))

    def after_no_sample(self, person: Person, since: date) -> date:
        """When somebody who gave no sample is offered again."""
        return add_years(since, self.rules(person.region).no_sample_years)

    def close(self, person: Person, why: ClosedReason, reason: str = "") -> None:
        """Leave the programme: everything that is on its way to him is stopped in the same transaction."""
        # Who has had no round and has not left before has nothing on its way.
        if person.round_number or person.step is Step.CLOSED:
            self.cancel_orders(person, why.value)
            self.cancel_referrals(person, why.value)
            self.stop_letters(person, why.value, LetterType if why is ClosedReason.DEAD else _ABOUT_A_STEP)
            self.close_tasks(person, why.value)
            self.end_silence(person, why.value)
            self.end_round(person, why.value)
        self.session.execute(
            update(Decided)
            .where(Decided.person_id == person.id, Decided.state == DecisionState.PROPOSED)
            .values(state=DecisionState.SUPERSEDED)
        )
        if person.step is not Step.CLOSED:
            self.move(person, Event.CLOSED, reason=reason or why.value)
        person.closed_reason = why

    # What holds a person

    def open_task(
        self, queue: Queue, subject: str, *, region: str, person: Person | None = None, reason: str = ""
    ) -> Task:
        """A task in a queue; the one that is already open for the subject if there is one."""
        found = self.session.scalar(
            select(Task).where(Task.queue == queue, Task.subject == subject, Task.closed_at.is_(None))
        )
        if found is not None:
            return found
        task = Task(
            queue=queue,
            region=region,
            person_id=person.id if person else None,
            subject=subject,
            reason=reason,
            opened_at=self.at,
            opened_by=self.actor.username,
        )
        self.session.add(task)
        return task

    def close_tasks(self, person: Person, outcome: str, queues: Iterable[Queue] | None = None) -> None:
        """Close the person's open tasks (of some queues); corrections, contacts and register care stay until seen to."""
        self._close_tasks([person.id], outcome, queues if queues is not None else _STEP_QUEUES)

    def _close_tasks(self, people: Sequence[int], outcome: str, queues: Iterable[Queue]) -> None:
        self.session.flush()
        self.session.execute(
            update(Task)
            .where(Task.person_id.in_(people), Task.closed_at.is_(None), Task.queue.in_(sorted(set(queues))))
            .values(closed_at=self.at, closed_by=self.actor.username, outcome=outcome)
        )

    def close_letter_tasks(self, letters: Iterable[Letter], outcome: str) -> None:
        """Close what a person had to do about some letters; tasks about other letters of his stay."""
        self._close_subjects(_LETTER_QUEUES, [f"letter:{letter.id}" for letter in letters], outcome)

    def end_silence(self, person: Person, outcome: str) -> None:
        """Something has been heard: nobody need ask any longer."""
        self._close_subjects((Queue.CONTACT,), [f"silent:{person.id}"], outcome)

    def _close_subjects(self, queues: Iterable[Queue], subjects: list[str], outcome: str) -> None:
        if not subjects:
            return
        self.session.flush()
        for some in in_pieces(subjects):
            self.session.execute(
                update(Task)
                # The queue is named because the index of open subjects begins with it: without it every open task is read.
                .where(Task.queue.in_(tuple(queues)), Task.subject.in_(some), Task.closed_at.is_(None))
                .values(closed_at=self.at, closed_by=self.actor.username, outcome=outcome)
            )

    def prepare_letter(self, person: Person, kind: LetterType, values: Mapping[str, str] | None = None) -> Letter:
        """A letter for the next batch; for protected persons one by hand, with a task."""
        letter = Letter(
            person_id=person.id,
            region=person.region,
            round_number=person.round_number,
            type=kind,
            by_hand=person.protection is not Protection.NONE,
            values=dict(values or {}),
            state=LetterState.PREPARED,
            prepared_at=self.at,
            prepared_by=self.actor.username,
        )
        self.session.add(letter)
        if letter.by_hand:
            self.session.flush()
            self.open_task(Queue.PROTECTED, f"letter:{letter.id}", region=person.region, person=person)
        return letter

    def stop_letters(self, person: Person, reason: str, types: Iterable[LetterType] = _ABOUT_A_STEP) -> int:
        """Stop every letter (of some types) that has not left the house. Returns how many."""
        return self._stop_letters([person.id], reason, types)

    def _stop_letters(self, people: Sequence[int], reason: str, types: Iterable[LetterType]) -> int:
        self.session.flush()
        statement = select(Letter).where(
            Letter.person_id.in_(people), Letter.state.in_(UNSENT), Letter.type.in_(sorted(types))
        )
        letters = self.session.scalars(statement).all()
        for letter in letters:
            letter.state, letter.stopped_at, letter.stop_reason = LetterState.STOPPED, self.at, reason
        self.close_letter_tasks(letters, reason)
        return len(letters)

    def create_order(self, person: Person, *, kind: str, valid_until: date) -> PsaOrder:
        """A PSA order, numbered OPT-year-running number. It is sent when the person stands at ORDER_TO_SEND."""
        return self.create_orders([(person, valid_until)], kind=kind)[0]

    def create_orders(self, wanted: Sequence[tuple[Person, date]], *, kind: str) -> list[PsaOrder]:
        """A PSA order for each (person, last day of the window), in that order, written together."""
        orders = [
            PsaOrder(
                # The running number is the row's own, which is known once the row is written.
                number=f"new {uuid4()}",
                person_id=person.id,
                region=person.region,
                round_number=person.round_number,
                kind=kind,
                ordered_at=self.at,
                valid_until=valid_until,
                state=OrderState.CREATED,
            )
            for person, valid_until in wanted
        ]
        self.session.add_all(orders)
        self.session.flush()
        for order in orders:
            order.number = f"OPT-{self.today.year}-{order.id:06d}"
        return orders

    def cancel_orders(self, person: Person, reason: str, *, to: OrderState = OrderState.CANCELLED) -> None:
        """Cancel (or let expire) the person's open orders; a sent one gets a cancellation message at the next export."""
        self._cancel_orders([person.id], reason, to)

    def _cancel_orders(self, people: Sequence[int], reason: str, to: OrderState) -> None:
        self.session.flush()
        for order in self.session.scalars(
            select(PsaOrder).where(PsaOrder.person_id.in_(people), PsaOrder.state.in_(OPEN_ORDERS))
        ):
            order.state, order.cancelled_at, order.cancel_reason = to, self.at, reason

    def cancel_referrals(
        self, person: Person, reason: str, kinds: Iterable[ReferralKind] = tuple(ReferralKind)
    ) -> None:
        """Take back the person's live referrals and their appointments; a unit that has been sent one is told at the next export."""
        self.session.flush()
        for referral in self.session.scalars(
            select(Referral).where(
                Referral.person_id == person.id, Referral.state.in_(LIVE), Referral.kind.in_(tuple(kinds))
            )
        ):
            self.cancel_referral(referral, reason)

    def cancel_referral(self, referral: Referral, reason: str) -> None:
        """Take one live referral back. The person's step is the caller's."""
        self.end_booking(referral, BookingState.CANCELLED, reason)
        self.session.add(
            ReferralChange(
                referral_id=referral.id,
                person_id=referral.person_id,
                region=referral.region,
                at=self.at,
                event=ReferralEvent.CANCELLED,
                from_state=referral.state,
                to_state=ReferralState.CANCELLED,
                note=reason,
                by=self.actor.username,
            )
        )
        referral.cancel_owed = referral.sent_at is not None and referral.state in (*OUT, ReferralState.RETURNED)
        referral.state, referral.state_since, referral.due_on = ReferralState.CANCELLED, self.at, None
        referral.cancelled_at, referral.cancel_reason = self.at, reason[:_LONGEST_CANCEL_REASON]

    def end_booking(self, referral: Referral, to: BookingState, reason: str) -> Booking | None:
        """End the referral's open appointment, if it has one, and stop its unsent call."""
        self.session.flush()
        booking = self.session.scalar(
            select(Booking).where(Booking.referral_id == referral.id, Booking.state == BookingState.BOOKED)
        )
        if booking is not None:
            booking.state, booking.ended_at, booking.ended_by = to, self.at, self.actor.username
            booking.end_reason = reason
            self.stop_letters(self.session.get_one(Person, referral.person_id), reason, (LetterType.MRI_CALL,))
            # The referral may get another appointment in this transaction: only one may be open.
            self.session.flush()
        return booking

    def window_end(self, person: Person) -> date:
        """The last day of a sample window that opens today."""
        return self.today + timedelta(days=self.rules(person.region).sample_window_days)

    # Blocks

    def block(self, person: Person, kind: str, reason: str) -> None:
        """Stop everything outward for the person until somebody has looked; a register task goes with it."""
        self.session.flush()
        already = self.session.scalar(
            select(Block.id).where(Block.person_id == person.id, Block.kind == kind, Block.ended_at.is_(None))
        )
        person.blocked = True
        if already is None:
            self.session.add(
                Block(
                    person_id=person.id,
                    region=person.region,
                    kind=kind,
                    reason=reason,
                    began_at=self.at,
                    began_by=self.actor.username,
                )
            )
        self.open_task(Queue.REGISTER, f"block:{person.id}", region=person.region, person=person, reason=reason)

    def unblock(self, person: Person, why: str) -> None:
        """End every block of the person and its task."""
        self.session.flush()
        self.session.execute(
            update(Block)
            .where(Block.person_id == person.id, Block.ended_at.is_(None))
            .values(ended_at=self.at, ended_by=self.actor.username, end_reason=why)
        )
        person.blocked = False
        self._close_subjects((Queue.REGISTER,), [f"block:{person.id}"], why)


_AT_ONCE = 500
_LONGEST_CANCEL_REASON = 80
_LETTER_QUEUES = (Queue.PROTECTED, Queue.ADDRESS)
"""Where a person has something to do about a letter before it can leave."""
_STEP_QUEUES = frozenset(
    {
        Queue.URGENT,
        Queue.RAISED,
        Queue.UNDECIDED,
        Queue.REPEAT,
        Queue.NORMAL,
        Queue.MRI_REFERRAL,
        Queue.MRI_BOOKING,
        Queue.MRI_CONTACT,
        Queue.MRI_ANSWER,
        Queue.UROLOGY_REFERRAL,
        Queue.UROLOGY_CONTACT,
        Queue.PATHOLOGY,
        Queue.PROTECTED,
        Queue.ADDRESS,
    }
)
"""Queues of tasks that hold a step, or a letter of it: they end with it."""


_Key = TypeVar("_Key", int, str)


def in_pieces(keys: Iterable[_Key]) -> Iterator[list[_Key]]:
    """Keys in lists that a statement can name at once."""
    every = list(keys)
    for start in range(0, len(every), _AT_ONCE):
        yield every[start : start + _AT_ONCE]
