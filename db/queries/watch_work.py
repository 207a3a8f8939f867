"""Work that is late: tasks, referrals, orders and letters that somebody should have seen to. Reads only."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from db.models import Booking, Handover, Letter, Person, PsaOrder, Referral, Task, Unit
from db.queries.watch_finding import Finder, Hit, Terms, run, together
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import LIVE, ReferralKind, ReferralState
from kansli_tui.pathway.steps import ClosedReason, Queue, Step
from kansli_tui.pathway.watch import Check
from kansli_tui.rows.answers import OrderState
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.office import NO_REGION
from kansli_tui.rows.referrals import BookingState, HandoverState

OWED_AFTER_EXIT = (LetterType.AGE_EXIT, LetterType.OPT_OUT_CONFIRMED, LetterType.CORRECTION)
"""Letters that still go to somebody alive whose case is closed."""


# Tasks


def tasks(*queues: Queue, nobodys: bool = False) -> Finder:
    """Tasks of some queues that have been open for too long; with `nobodys` also those of no known region."""

    def finder(session: Session, check: Check, terms: Terms) -> tuple[list[Hit], int]:
        before = (
            terms.now - timedelta(hours=check.grace_hours)
            if check.grace_hours
            else terms.midnight(terms.today - timedelta(days=check.grace_days))
        )
        regions = [*terms.regions, NO_REGION] if nobodys else list(terms.regions)
        statement = (
            select(
                Person,
                Task.region.label("region"),
                Task.id.label("key"),
                Task.opened_at.label("since"),
                Task.queue.label("queue"),
            )
            .outerjoin(Person, Person.id == Task.person_id)
            .where(Task.closed_at.is_(None), Task.queue.in_(queues), Task.region.in_(regions), Task.opened_at < before)
            .order_by(Task.opened_at, Task.id)
        )
        return run(session, statement, terms, subject="task", what="Waits in the queue {queue}")

    return finder


# Referrals and orders


def referrals(kinds: Iterable[ReferralKind], *states: ReferralState) -> Finder:
    """Referrals that have stayed in some states past their limit, or have none."""
    chosen = tuple(kinds)

    def finder(session: Session, check: Check, terms: Terms) -> tuple[list[Hit], int]:
        last = terms.today - timedelta(days=check.grace_days)
        statement = (
            select(
                Person,
                Person.region.label("region"),
                Referral.id.label("key"),
                Referral.due_on.label("since"),
                Referral.number.label("number"),
                Unit.name.label("unit"),
                Unit.phone.label("phone"),
            )
            .join(Person, Person.id == Referral.person_id)
            .join(Unit, Unit.id == Referral.unit_id)
            .where(
                Referral.state.in_(states),
                Referral.kind.in_(chosen),
                or_(Referral.due_on < last, Referral.due_on.is_(None)),
                Person.region.in_(terms.regions),
            )
            .order_by(Referral.due_on, Referral.id)
        )
        return run(session, statement, terms, subject="referral", what="Referral {number} at {unit}, phone {phone}")

    return finder


def order_not_sent(session: Session, check: Check, terms: Terms) -> tuple[list[Hit], int]:
    """Orders that have waited to be sent for too long: without one nobody can give a sample."""
    before = terms.midnight(terms.today - timedelta(days=check.grace_days))
    statement = of_orders(Person.since).where(
        PsaOrder.state == OrderState.CREATED,
        Person.step == Step.ORDER_TO_SEND,
        Person.since < before,
        Person.region.in_(terms.regions),
    )
    return run(session, statement, terms, subject="order", what="Order {number}")


def order_open(session: Session, check: Check, terms: Terms) -> tuple[list[Hit], int]:
    """Orders at a laboratory whose window has passed."""
    last = terms.today - timedelta(days=check.grace_days)
    statement = of_orders(PsaOrder.valid_until).where(
        PsaOrder.state == OrderState.SENT,
        PsaOrder.valid_until < last,
        # There a sample has been taken, which has a check of its own.
        Person.step != Step.AWAITING_ANSWER,
        Person.region.in_(terms.regions),
    )
    return run(session, statement, terms, subject="order", what="Order {number}")


def cancellation_not_sent(session: Session, check: Check, terms: Terms) -> tuple[list[Hit], int]:
    """What has been taken back after it was sent, and nobody has told the laboratory or the unit."""
    before = terms.midnight(terms.today - timedelta(days=check.grace_days))
    orders = of_orders(PsaOrder.cancelled_at).where(
        PsaOrder.state == OrderState.CANCELLED,
        PsaOrder.sent_at.is_not(None),
        PsaOrder.cancel_sent_at.is_(None),
        PsaOrder.cancelled_at < before,
        Person.region.in_(terms.regions),
    )
    referrals = (
        select(
            Person,
            Person.region.label("region"),
            Referral.id.label("key"),
            Referral.cancelled_at.label("since"),
            Referral.number.label("number"),
        )
        .join(Person, Person.id == Referral.person_id)
        .where(
            Referral.state == ReferralState.CANCELLED,
            Referral.cancel_owed.is_(True),
            Referral.cancelled_at < before,
            Person.region.in_(terms.regions),
        )
        .order_by(Referral.id)
    )
    return together(
        run(session, orders, terms, subject="order", what="Order {number}"),
        run(session, referrals, terms, subject="referral", what="Referral {number}"),
        limit=terms.limit,
    )


def of_orders(since: Any) -> Select[*tuple[Any, ...]]:
    """Orders with their people; `since` is the column that the finding counts from."""
    return (
        select(
            Person,
            Person.region.label("region"),
            PsaOrder.id.label("key"),
            since.label("since"),
            PsaOrder.number.label("number"),
        )
        .join(Person, Person.id == PsaOrder.person_id)
        .order_by(PsaOrder.id)
    )


# Letters, those who have left, hand-overs


def letter_not_posted(session: Session, check: Check, terms: Terms) -> tuple[list[Hit], int]:
    """Letters that have waited in the house for too long, printed or not."""
    before = terms.midnight(terms.today - timedelta(days=check.grace_days))
    statement = (
        of_letters()
        .where(
            Letter.state.in_((LetterState.PREPARED, LetterState.PRINTED)),
            Letter.prepared_at < before,
            Person.region.in_(terms.regions),
        )
        .order_by(Letter.prepared_at, Letter.id)
    )
    return run(session, statement, terms, subject="letter", what="Letter {letter}, {state}")


def of_letters() -> Select[*tuple[Any, ...]]:
    """Letters with their people."""
    return select(
        Person,
        Person.region.label("region"),
        Letter.id.label("key"),
        Letter.prepared_at.label("since"),
        Letter.type.label("letter"),
        Letter.state.label("state"),
    ).join(Person, Person.id == Letter.person_id)


def left(session: Session, check: Check, terms: Terms) -> tuple[list[Hit], int]:
    """From what is open to those who have left: what is open is little, and those who have left are many."""
    del check
    gone: tuple[ColumnElement[bool], ...] = (Person.step == Step.CLOSED, Person.region.in_(terms.regions))
    orders = of_orders(PsaOrder.ordered_at).where(PsaOrder.state.in_((OrderState.CREATED, OrderState.SENT)), *gone)
    letters = (
        of_letters()
        .where(
            Letter.state.in_((LetterState.PREPARED, LetterState.PRINTED)),
            *gone,
            or_(Person.closed_reason == ClosedReason.DEAD, Letter.type.not_in(OWED_AFTER_EXIT)),
        )
        .order_by(Letter.id)
    )
    referrals = (
        select(
            Person,
            Person.region.label("region"),
            Referral.id.label("key"),
            Referral.state_since.label("since"),
            Referral.number.label("number"),
        )
        .join(Person, Person.id == Referral.person_id)
        .where(Referral.state.in_(LIVE), *gone)
        .order_by(Referral.id)
    )
    bookings = (
        select(
            Person,
            Person.region.label("region"),
            Booking.id.label("key"),
            Booking.made_at.label("since"),
            Unit.name.label("unit"),
        )
        .join(Person, Person.id == Booking.person_id)
        .join(Unit, Unit.id == Booking.unit_id)
        .where(Booking.state == BookingState.BOOKED, *gone)
        .order_by(Booking.id)
    )
    handovers = (
        select(Person, Person.region.label("region"), Handover.id.label("key"), Handover.at.label("since"))
        .join(Person, Person.id == Handover.person_id)
        .where(Handover.state == HandoverState.OFFERED, *gone)
        .order_by(Handover.id)
    )
    return together(
        run(session, orders, terms, subject="order", what="Order {number}"),
        run(session, letters, terms, subject="letter", what="Letter {letter}, {state}"),
        run(session, referrals, terms, subject="referral", what="Referral {number}"),
        run(session, bookings, terms, subject="booking", what="Appointment at {unit}"),
        run(session, handovers, terms, subject="handover", what="Hand-over not answered"),
        limit=terms.limit,
    )


def handover_open(session: Session, check: Check, terms: Terms) -> tuple[list[Hit], int]:
    """Hand-overs that the receiving region has not answered; both regions find them."""
    before = terms.midnight(terms.today - timedelta(days=check.grace_days))
    statement = (
        select(
            Person,
            Handover.to_region.label("region"),
            Handover.id.label("key"),
            Handover.at.label("since"),
        )
        .join(Person, Person.id == Handover.person_id)
        .where(
            Handover.state == HandoverState.OFFERED,
            Handover.at < before,
            or_(Handover.region.in_(terms.regions), Handover.to_region.in_(terms.regions)),
        )
        .order_by(Handover.at, Handover.id)
    )
    return run(session, statement, terms, subject="handover", what="Offered and neither taken over nor sent back")
