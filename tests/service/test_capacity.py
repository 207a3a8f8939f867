"""The time that a unit gives the office: slots, cuts that name their orphans, and days that are closed with an outcome for each."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from kansli_tui.errors import (
    ChangedBySomeoneElseError,
    RefusedError,
)
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.referrals import BookingState, BookingWay
from kansli_tui.service import booking
from kansli_tui.service.walk import Walk
from tests.service.calendar_help import calendar
from tests.world import World, at

# Slots


def test_slots_stay_at_their_clock_time_when_the_clocks_change(world: World) -> None:
    here = calendar(world)
    assert here.slots(date(2026, 10, 22), 2, weekdays=(3,), times=(time(8),)) == 2
    before, after = here.all_slots()
    assert before.starts_at == datetime(2026, 10, 22, 6, tzinfo=UTC)
    assert after.starts_at == datetime(2026, 10, 29, 7, tzinfo=UTC)
    (row,) = here.rows(date(2026, 10, 26))
    assert row.starts_at == at("2026-10-29T08:00")
    assert here.book(here.men[0], datetime(2026, 10, 29, 8)).starts_at == after.starts_at


def test_the_last_hour_of_the_long_sunday_is_in_its_week(world: World) -> None:
    here = calendar(world)
    here.slots(date(2026, 10, 25), weekdays=(6,), times=(time(0), time(23, 30)))
    assert [day for day, rows in here.week(date(2026, 10, 19)).days if len(rows) == 2] == [date(2026, 10, 25)]
    assert list(here.rows(date(2026, 10, 26))) == []


def test_an_hour_that_the_clocks_jump_over_is_no_time(world: World) -> None:
    here = calendar(world)
    with pytest.raises(RefusedError, match="2027-03-28 02:30"):
        here.slots(date(2027, 3, 28), weekdays=(6,), times=(time(2, 30),))
    with pytest.raises(RefusedError, match="clocks"):
        here.book(here.men[0], "2027-03-28T02:30", why="natt")


def test_slots_that_exist_stay_as_they_are(world: World) -> None:
    here = calendar(world)
    here.slots()
    here.cut("2026-10-12T08:00")
    assert here.slots(times=(time(8), time(9))) == 5
    (row,) = here.shown_at("2026-10-12T08:00")
    assert (row.open, row.closed_reason) == (False, "kameran är trasig")


def test_slots_of_today_that_have_passed_are_left_out(world: World) -> None:
    here = calendar(world)
    assert world.clock.now.astimezone(UTC).hour == 7
    assert here.slots(world.today, weekdays=(world.today.weekday(),), times=(time(8), time(15))) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"weekdays": ()},
        {"weekdays": (7,)},
        {"times": ()},
        {"weeks": 0},
        {"weeks": 54},
        {"minutes": 0},
        {"minutes": 481},
        {"first": date(2026, 10, 7)},
    ],
)
def test_slots_that_cannot_be_are_refused(world: World, wrong: dict[str, Any]) -> None:
    here = calendar(world)
    with pytest.raises(RefusedError):
        here.slots(**wrong)
    assert here.all_slots() == []


# Capacity


def test_a_cut_shows_whom_it_would_orphan_and_then_lists_them_first(world: World) -> None:
    here = calendar(world, {}, {}, {})
    longest, second, third = here.men
    here.slots()
    here.book(third, "2026-10-13T08:30")
    here.book(second, "2026-10-13T08:00")
    tuesday = tuple(map(at, ("2026-10-13T08:00", "2026-10-13T08:30", "2026-10-14T08:00")))
    preview = world.office.bookings.preview_cut(world.anna, here.unit_id, tuesday)
    assert (preview.free, [row.person_id for row in preview.orphans]) == (1, [second, third])
    assert here.week().capacity == 10, "a preview changes nothing"
    done = world.office.bookings.cut(world.anna, here.unit_id, tuesday, stamp=preview.stamp, reason="kameran är trasig")
    assert done == preview
    week = here.week()
    assert (week.capacity, week.booked) == (7, 0)
    assert [(row.person_id, row.orphan, row.why) for row in week.to_book] == [
        (second, True, "kameran är trasig"),
        (third, True, "kameran är trasig"),
        (longest, False, ""),
    ]
    assert here.states(second) == [BookingState.CANCELLED]
    assert world.step(second) is Step.MRI_TO_BOOK
    with pytest.raises(RefusedError, match="kameran"):
        here.book(longest, "2026-10-13T08:00")
    here.book(second, "2026-10-15T08:00")
    assert not world.referral(second).orphaned
    assert world.adds_up()


def test_a_repeated_cancellation_keeps_the_orphan_first(world: World) -> None:
    here = calendar(world, {})
    (man,) = here.men
    here.slots()
    here.book(man, "2026-10-13T08:00")
    here.cut("2026-10-13T08:00")
    with world.context.sessions.begin() as session:
        walk = Walk(session, world.anna, world.clock.now, world.context.rules(session))
        referral = session.get_one(booking.Referral, world.referral(man).id)
        booking.cancel(walk, session.get_one(booking.Person, man), referral, why="avbokad")
    assert here.week().to_book[0].orphan


def test_a_cut_of_something_else_than_was_shown_is_refused(world: World) -> None:
    here = calendar(world)
    here.slots()
    here.book(here.men[0], "2026-10-13T08:00")
    times = (at("2026-10-13T08:00"), at("2026-10-13T08:30"))
    preview = world.office.bookings.preview_cut(world.anna, here.unit_id, times)
    here.book(here.men[1], "2026-10-13T08:30")
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.bookings.cut(world.anna, here.unit_id, times, stamp=preview.stamp, reason="skäl")
    with pytest.raises(RefusedError, match="why"):
        world.office.bookings.cut(world.anna, here.unit_id, times, stamp=preview.stamp, reason="")
    assert here.week().capacity == 10
    assert here.week().booked == 2


def test_a_cut_is_of_times_that_are_there_and_to_come(world: World) -> None:
    here = calendar(world)
    here.slots()
    preview = world.office.bookings.preview_cut
    for wrong, words in (
        ((), "at least one"),
        (("2026-10-13T12:00",), "no slot"),
        (("2026-10-13T08:00", "2026-10-13T12:00"), "no slot"),
        (("2026-10-07T08:00",), "passed"),
    ):
        with pytest.raises(RefusedError, match=words):
            preview(world.anna, here.unit_id, tuple(map(at, wrong)))
    here.cut("2026-10-13T08:00")
    with pytest.raises(RefusedError, match="already"):
        preview(world.anna, here.unit_id, (at("2026-10-13T08:00"),))


def test_a_unit_without_slots_can_lose_its_appointments_too(world: World) -> None:
    here = calendar(world, {}, books=BookingWay.CALLS)
    here.book(here.men[0], "2026-10-13T08:10")
    here.cut("2026-10-13T08:10")
    assert [row.orphan for row in here.week().to_book] == [True]


def test_slots_are_opened_again(world: World) -> None:
    here = calendar(world, {})
    here.slots()
    here.cut("2026-10-13T08:00")
    both = (at("2026-10-13T08:00"), at("2026-10-13T08:30"))
    with pytest.raises(RefusedError, match="no slot"):
        world.office.bookings.reopen(world.anna, here.unit_id, (at("2026-10-13T12:00"),), reason="lagad")
    with pytest.raises(RefusedError, match="why"):
        world.office.bookings.reopen(world.anna, here.unit_id, both, reason="")
    assert world.office.bookings.reopen(world.anna, here.unit_id, both, reason="lagad") == 1
    assert here.week().capacity == 10
    here.book(here.men[0], "2026-10-13T08:00")


# Closing a day


def test_a_day_is_not_closed_while_an_appointment_lacks_its_outcome(world: World) -> None:
    here = calendar(world, {}, {}, {})
    here.slots(times=(time(8), time(9), time(10)))
    made = [here.book(man, f"2026-10-13T{8 + place:02}:00").booking_id for place, man in enumerate(here.men)]
    tuesday = date(2026, 10, 13)
    close = world.office.bookings.close_day
    with pytest.raises(RefusedError, match="future"):
        close(world.anna, here.unit_id, tuesday, {}, why="")
    world.clock.now = at("2026-10-13T16:00").astimezone(UTC)
    assert [row.booking_id for row in world.office.bookings.open_on(world.anna, here.unit_id, tuesday)] == made
    outcomes = {made[0]: BookingState.DONE}
    with pytest.raises(RefusedError, match=": 2") as refused:
        close(world.anna, here.unit_id, tuesday, outcomes, why="")
    assert refused.value.values == {"count": 2}
    with pytest.raises(RefusedError, match=": 1"):
        close(
            world.anna,
            here.unit_id,
            tuesday,
            {**outcomes, made[1]: BookingState.DONE, made[2]: BookingState.BOOKED},
            why="",
        )
    with pytest.raises(RefusedError, match="move"):
        close(world.anna, here.unit_id, tuesday, dict.fromkeys(made, BookingState.MOVED), why="skäl")
    with pytest.raises(RefusedError, match="did not come"):
        close(world.anna, here.unit_id, tuesday, dict.fromkeys(made, BookingState.NO_SHOW), why=" ")
    with pytest.raises(ChangedBySomeoneElseError):
        close(
            world.anna,
            here.unit_id,
            tuesday,
            {**dict.fromkeys(made, BookingState.DONE), 999: BookingState.DONE},
            why="",
        )
    assert [here.states(man) for man in here.men] == [[BookingState.BOOKED]] * 3
    outcomes |= {made[1]: BookingState.NO_SHOW, made[2]: BookingState.CANCELLED}
    assert close(world.anna, here.unit_id, tuesday, outcomes, why="enligt enhetens lista") == 3
    assert [world.step(man) for man in here.men] == [Step.MRI_DONE, Step.MRI_TO_RESOLVE, Step.MRI_TO_BOOK]
    assert world.office.bookings.open_on(world.anna, here.unit_id, tuesday) == ()
    assert close(world.anna, here.unit_id, tuesday, {}, why="") == 0


def test_what_lies_in_the_past_without_an_outcome_is_late(world: World) -> None:
    here = calendar(world)
    here.slots()
    later, sooner = here.book(here.men[0], "2026-10-14T08:00"), here.book(here.men[1], "2026-10-13T08:00")
    assert world.office.bookings.late(world.anna) == ()
    world.clock.now = at("2026-10-14T08:00").astimezone(UTC)
    assert [row.booking_id for row in world.office.bookings.late(world.anna)] == [
        sooner.booking_id,
        later.booking_id,
    ]
    assert world.office.bookings.late(world.anna)[0] == replace(sooner, late=True)
    world.office.bookings.done(world.anna, sooner.booking_id)
    assert [row.booking_id for row in world.office.bookings.late(world.anna)] == [later.booking_id]
