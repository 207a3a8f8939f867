"""One doing of each method of the calendar, for the test that every act leaves a line."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from kansli_tui.rows.referrals import BookingRow, BookingState
from tests.service.calendar_help import MONDAY, Calendar, calendar
from tests.world import World, at

_TIMES = (at("2026-10-13T08:00"),)


def calendar_acts(world: World) -> dict[str, Callable[[], Callable[[], Any]]]:
    """Method → what prepares it and returns the act."""
    bookings = world.office.bookings

    def here(act: Callable[[Calendar], Any]) -> Callable[[], Any]:
        made = _calendar(world)
        return lambda: act(made)

    def booked(act: Callable[[BookingRow, int], Any], *, passed: bool = False) -> Callable[[], Any]:
        made = _calendar(world)
        row = made.book(made.men[0], "2026-10-13T08:00")
        if passed:
            world.clock.advance(days=7)
        return lambda: act(row, made.unit_id)

    def cut(row: BookingRow, unit_id: int) -> Any:
        stamp = bookings.preview_cut(world.anna, unit_id, (row.starts_at,)).stamp
        return bookings.cut(world.anna, unit_id, (row.starts_at,), stamp=stamp, reason="skäl")

    def closed(made: Calendar) -> Any:
        return bookings.reopen(world.anna, made.unit_id, _TIMES, reason="skäl")

    def reopen() -> Callable[[], Any]:
        made = _calendar(world)
        made.cut("2026-10-13T08:00")
        return lambda: closed(made)

    def move(row: BookingRow, _unit: int) -> Any:
        return bookings.move(world.anna, row.booking_id, starts_at=row.starts_at + timedelta(minutes=30), why="skäl")

    def close_day(row: BookingRow, unit_id: int) -> Any:
        day, outcomes = at("2026-10-13T08:00").date(), {row.booking_id: BookingState.DONE}
        return bookings.close_day(world.anna, unit_id, day, outcomes, why="")

    return {
        "bookings.week": lambda: here(lambda made: made.week()),
        "bookings.add_slots": lambda: here(lambda made: made.slots(MONDAY + timedelta(days=7))),
        "bookings.preview_cut": lambda: here(lambda made: bookings.preview_cut(world.anna, made.unit_id, _TIMES)),
        "bookings.cut": lambda: booked(cut),
        "bookings.reopen": reopen,
        "bookings.book": lambda: here(lambda made: made.book(made.men[0], "2026-10-13T08:00")),
        "bookings.move": lambda: booked(move),
        "bookings.cancel": lambda: booked(lambda row, _unit: bookings.cancel(world.anna, row.booking_id, why="skäl")),
        "bookings.no_show": lambda: booked(
            lambda row, _unit: bookings.no_show(world.anna, row.booking_id, why="skäl"), passed=True
        ),
        "bookings.done": lambda: booked(lambda row, _unit: bookings.done(world.anna, row.booking_id), passed=True),
        "bookings.close_day": lambda: booked(close_day, passed=True),
        "bookings.open_on": lambda: booked(
            lambda row, unit_id: bookings.open_on(world.anna, unit_id, row.starts_at.date())
        ),
        "bookings.late": lambda: booked(lambda _row, _unit: bookings.late(world.anna), passed=True),
    }


def _calendar(world: World) -> Calendar:
    """A week in the second half of October, whatever has been done before."""
    world.clock.now = at("2026-09-14T09:00")
    made = calendar(world, {})
    made.slots()
    return made
