"""A unit with slots and men to book into them, for tests of the calendar."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import select

from db.models import Booking, Slot
from kansli_tui.pathway.referrals import ReferralKind
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.referrals import BookingRow, BookingState, BookingWay, SlotRow, WeekRow
from tests.world import World, at

MONDAY = date(2026, 10, 12)
"""The Monday after the men have been referred."""


@dataclass
class Calendar:
    """One MRI unit of Östergötland, and men whose referral it has been sent."""

    world: World
    unit_id: int
    men: list[int]

    # Acts

    def slots(self, first: date = MONDAY, weeks: int = 1, **more: Any) -> int:
        """Monday to Friday at 8:00 and 8:30 unless said otherwise."""
        plain = {"weekdays": (0, 1, 2, 3, 4), "times": (time(8), time(8, 30)), "minutes": 30}
        return self.world.office.bookings.add_slots(
            self.world.anna, self.unit_id, first=first, weeks=weeks, **(plain | more)
        )

    def book(self, man: int, starts: str | datetime, **more: Any) -> BookingRow:
        referral = self.world.referral(man)
        return self.world.office.bookings.book(
            self.world.anna, referral.id, version=referral.version_id, starts_at=when(starts), **more
        )

    def week(self, monday: date = MONDAY) -> WeekRow:
        return self.world.office.bookings.week(self.world.anna, self.unit_id, monday)

    def cut(self, *starts: str, reason: str = "kameran är trasig") -> None:
        times = tuple(map(at, starts))
        preview = self.world.office.bookings.preview_cut(self.world.anna, self.unit_id, times)
        self.world.office.bookings.cut(self.world.anna, self.unit_id, times, stamp=preview.stamp, reason=reason)

    # Looking

    def rows(self, monday: date = MONDAY) -> Iterator[SlotRow]:
        for _day, rows in self.week(monday).days:
            yield from rows

    def shown_at(self, starts: str, monday: date = MONDAY) -> list[SlotRow]:
        return [row for row in self.rows(monday) if row.starts_at == at(starts)]

    def bookings(self, man: int) -> list[Booking]:
        """All that have been made for the man, in order."""
        with self.world.context.sessions.read() as session:
            return list(session.scalars(select(Booking).where(Booking.person_id == man).order_by(Booking.id)))

    def states(self, man: int) -> list[BookingState]:
        return [booking.state for booking in self.bookings(man)]

    def all_slots(self) -> list[Slot]:
        with self.world.context.sessions.read() as session:
            return list(session.scalars(select(Slot).order_by(Slot.starts_at)))


def when(starts: str | datetime) -> datetime:
    return at(starts) if isinstance(starts, str) else starts


def calendar(
    world: World,
    *men: dict[str, Any],
    books: BookingWay = BookingWay.OWN_SLOTS,
    writes_itself: bool = False,
    sent: bool = True,
) -> Calendar:
    """The unit, and some men (two unless their values are given) who wait to be booked on Thursday 8 October."""
    (unit,) = world.office.units.rows(world.anna, region="05", kind=ReferralKind.MRI)
    world.office.units.save(world.per, replace(unit, books=books, writes_itself=writes_itself))
    people = [world.man(**values) for values in men or ({}, {})]
    world.offer(*people)
    world.clock.advance(days=10)
    for man in people:
        world.answer(man, "4.5")
        world.confirm(Queue.RAISED, man)
        world.refer(man, sent=sent)
        world.clock.advance(minutes=1)
    return Calendar(world, unit.unit_id, people)
