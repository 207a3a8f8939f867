"""Slots and appointments: a unit's week, a day, what has passed without an outcome, and who waits to be booked."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from db.models import Booking, Person, Referral, ReferralChange, Slot
from kansli_tui.pathway.referrals import ReferralState
from kansli_tui.rows.referrals import BookingState

Found: TypeAlias = tuple[Booking, Referral, Person]
"""An appointment with its referral and its person."""

_STOOD = (BookingState.BOOKED, BookingState.DONE, BookingState.NO_SHOW)
"""Appointments that use, or have used, a unit's time."""


def one(session: Session, booking_id: int) -> Found:
    """One appointment that exists."""
    found = session.execute(_shown().where(Booking.id == booking_id)).one()
    return found[0], found[1], found[2]


def that_stood(session: Session, unit_id: int, begin: datetime, end: datetime) -> list[Found]:
    """A unit's appointments from `begin` until before `end` that have not been moved or cancelled, by time."""
    return _all(
        session,
        _shown().where(
            Booking.unit_id == unit_id,
            Booking.starts_at >= begin,
            Booking.starts_at < end,
            Booking.state.in_(_STOOD),
        ),
    )


def open_between(session: Session, unit_id: int, begin: datetime, end: datetime) -> list[Found]:
    """A unit's appointments without an outcome from `begin` until before `end`, by time."""
    return [found for found in that_stood(session, unit_id, begin, end) if found[0].state is BookingState.BOOKED]


def open_at(session: Session, unit_id: int, starts: Collection[datetime]) -> list[Found]:
    """A unit's appointments without an outcome at some times, read anew, by time."""
    return _all(
        session,
        _shown()
        .where(Booking.unit_id == unit_id, Booking.state == BookingState.BOOKED, Booking.starts_at.in_(starts))
        .execution_options(populate_existing=True),
    )


def passed(session: Session, regions: Sequence[str], now: datetime) -> list[Found]:
    """Appointments of some regions whose time has passed without an outcome, the oldest first."""
    return _all(
        session,
        _shown().where(Booking.state == BookingState.BOOKED, Booking.starts_at <= now, Booking.region.in_(regions)),
    )


def slots_between(session: Session, unit_id: int, begin: datetime, end: datetime) -> list[Slot]:
    """A unit's slots, closed ones too, by time."""
    return list(
        session.scalars(
            select(Slot)
            .where(Slot.unit_id == unit_id, Slot.starts_at >= begin, Slot.starts_at < end)
            .order_by(Slot.starts_at)
        )
    )


def slots_at(session: Session, unit_id: int, starts: Collection[datetime], *, lock: bool = True) -> list[Slot]:
    """A unit's slots at some times, read anew; locked by key so that nobody waits in a ring."""
    statement = (
        select(Slot)
        .where(Slot.unit_id == unit_id, Slot.starts_at.in_(starts))
        .order_by(Slot.id)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(statement.with_for_update() if lock else statement))


def lock_people(session: Session, people: Collection[int]) -> None:
    """Read some people anew under lock, by key so that nobody waits in a ring."""
    session.scalars(
        select(Person)
        .where(Person.id.in_(people))
        .order_by(Person.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def waiting(session: Session, unit_id: int) -> list[tuple[Referral, Person]]:
    """Referrals to a unit that the office books: those that lost their time first, then the oldest."""
    rows = session.execute(
        select(Referral, Person)
        .join(Person, Person.id == Referral.person_id)
        .where(Referral.unit_id == unit_id, Referral.state == ReferralState.TO_BOOK)
        .order_by(Referral.orphaned.desc(), Referral.made_at, Referral.id)
    )
    return [(referral, person) for referral, person in rows]


def notes_to_book(session: Session, referrals: Collection[int]) -> dict[int, str]:
    """What was written when each referral last came to be booked by the office."""
    rows = session.execute(
        select(ReferralChange.referral_id, ReferralChange.note)
        .where(
            ReferralChange.referral_id.in_(referrals),
            ReferralChange.to_state == ReferralState.TO_BOOK,
            ReferralChange.from_state != ReferralState.TO_BOOK,
        )
        .order_by(ReferralChange.id)
    )
    return {referral_id: note for referral_id, note in rows}  # noqa: C416 - rows are no pairs to the type checker


def _shown() -> Select[Booking, Referral, Person]:
    return (
        select(Booking, Referral, Person)
        .join(Referral, Referral.id == Booking.referral_id)
        .join(Person, Person.id == Booking.person_id)
        .order_by(Booking.starts_at, Booking.id)
    )


def _all(session: Session, statement: Select[Booking, Referral, Person]) -> list[Found]:
    return [(booking, referral, person) for booking, referral, person in session.execute(statement)]
