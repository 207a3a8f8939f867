"""What keeps a person from being forgotten: tasks, letters, orders, referrals, appointments and holds, written and taken away.

The lower half of `Walk`: it knows no step and moves nobody.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Self, TypeVar
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.models import (
    Block,
    Booking,
    Handover,
    Letter,
    Person,
    PsaOrder,
    Referral,
    ReferralChange,
    Round,
    Task,
)
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import LIVE, OUT, ReferralEvent, ReferralKind, ReferralState
from kansli_tui.pathway.ruleset import RegionRules, RuleSet
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.answers import OrderState
from kansli_tui.rows.letter_states import Channel, LetterState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from kansli_tui.rows.referrals import BookingState, HandoverState
from kansli_tui.service.context import local_date
from kansli_tui.service.rule_book import RuleBook

ABOUT_A_STEP = frozenset(LetterType) - {
    LetterType.CORRECTION,
    LetterType.HANDED_OVER,
    LetterType.REGISTER_OPT_OUT_CONFIRMED,
}
"""Letters that are overtaken when the step changes. A correction, word of a hand-over and a confirmation are owed all the same."""
RETURNED = "returned:"
"""Before the letter's key, in the subject of a task about a letter that came back."""
POST_SAYS_DEAD, OUT_OF_REGISTER = "post says dead:", "out of register:"
"""Before the person's key, in the subject of a task to look in the population register, and to write to the quality register."""
UNSENT = (LetterState.PREPARED, LetterState.PRINTED)
OPEN_ORDERS = (OrderState.CREATED, OrderState.SENT)


class Holding:
    """Writes what holds people, within one transaction on behalf of an actor, at one time."""

    def __init__(self, session: Session, actor: Actor, at: datetime, rule_book: RuleBook) -> None:
        self.session = session
        self.actor = actor
        self.at = at
        self.today = local_date(at)
        self._rule_book = rule_book
        self._rules: dict[str, RegionRules] = {}
        self._rounds: dict[int, Round] = {}

    def on_behalf_of(self, actor: Actor) -> Self:
        """The same transaction and time, with another actor."""
        return type(self)(self.session, actor, self.at, self._rule_book)

    def rules(self, region: str) -> RegionRules:
        """The region's choices in force today."""
        if region not in self._rules:
            self._rules[region] = self._rule_book.region(region, self.today)
        return self._rules[region]

    def rule_set(self, region: str) -> RuleSet:
        """The rule set in force in the region today."""
        return self._rule_book.rule_set(region, self.today)

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
        self.close_tasks_of([person.id], outcome, queues if queues is not None else STEP_QUEUES)

    def close_tasks_of(self, people: Sequence[int], outcome: str, queues: Iterable[Queue]) -> None:
        """Close the open tasks of many people at once, by key."""
        self.session.flush()
        self.session.execute(
            update(Task)
            .where(
                Task.person_id.in_(people),
                Task.closed_at.is_(None),
                Task.queue.in_(sorted(set(queues))),
                # Who never got a letter has to get it, wherever he stands by now.
                Task.subject.not_like(f"{RETURNED}%"),
            )
            .values(closed_at=self.at, closed_by=self.actor.username, outcome=outcome)
        )

    def close_letter_tasks(self, letters: Iterable[Letter], outcome: str) -> None:
        """Close what a person had to do about some letters; tasks about other letters of his stay."""
        self._close_subjects(_LETTER_QUEUES, [f"letter:{letter.id}" for letter in letters], outcome)

    def end_returned(self, letters: Iterable[Letter], outcome: str) -> None:
        """What had to be done about letters that came back is done."""
        self._close_subjects((Queue.ADDRESS,), [f"{RETURNED}{letter.id}" for letter in letters], outcome)

    def end_post_says_dead(self, person_id: int, outcome: str) -> None:
        """The post has not said that the person is dead after all."""
        self._close_subjects((Queue.REGISTER,), [f"{POST_SAYS_DEAD}{person_id}"], outcome)

    def end_register_removal(self, person_id: int, outcome: str) -> None:
        """The person is in the quality register again: nothing is to be removed there."""
        self._close_subjects((Queue.REGISTER,), [f"{OUT_OF_REGISTER}{person_id}"], outcome)

    def end_silence(self, person: Person, outcome: str) -> None:
        """Something has been heard: nobody need ask any longer."""
        self._close_subjects((Queue.CONTACT,), [f"silent:{person.id}"], outcome)

    def end_handover(self, person: Person, reason: str) -> None:
        """Nobody is handed over who has left: an offer that waits for another region is withdrawn."""
        offered = self.session.scalar(
            select(Handover).where(Handover.person_id == person.id, Handover.state == HandoverState.OFFERED)
        )
        if offered is not None:
            offered.state, offered.ended_at, offered.ended_by = HandoverState.WITHDRAWN, self.at, self.actor.username
            offered.end_reason = reason
            self._close_subjects((Queue.HANDOVER,), [f"handover:{offered.id}"], reason)

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
            language=person.letter_language,
            # A time is told on paper: a message that nobody reads in time would cost the appointment.
            channel=Channel.PAPER if kind is LetterType.MRI_CALL else person.letter_channel,
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

    def stop_letters(self, person: Person, reason: str, types: Iterable[LetterType] = ABOUT_A_STEP) -> int:
        """Stop every letter (of some types) that has not left the house. Returns how many."""
        return self.stop_letters_of([person.id], reason, types)

    def stop_letters_of(self, people: Sequence[int], reason: str, types: Iterable[LetterType]) -> int:
        """Stop the unsent letters of many people at once, by key. Returns how many."""
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
        self.cancel_orders_of([person.id], reason, to)

    def cancel_orders_of(self, people: Sequence[int], reason: str, to: OrderState) -> None:
        """Cancel (or let expire) the open orders of many people at once, by key."""
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
STEP_QUEUES = frozenset(
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
