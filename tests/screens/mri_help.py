"""Men who wait for an MRI appointment at a unit that gives the office its slots, for tests of the referral screens."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from kansli_tui.pathway.referrals import ReferralKind
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.referrals import BookingRow, BookingWay, ReferralRow, UnitRow
from kansli_tui.service.context import STOCKHOLM
from tests.screens.at_work import answered
from tests.world import World

TIMES = (time(8), time(8, 30), time(13))


def to_refer(world: World, count: int) -> list[int]:
    """Men of Östergötland whose MRI referral is to be made, the first waits longest."""
    world.paper = False
    people = answered(world, *["4.5"] * count)
    for person in people:
        world.confirm(Queue.RAISED, person)
        world.clock.advance(hours=1)
    world.post()
    return people


def own_slots(world: World) -> UnitRow:
    """The region's MRI unit, made one in whose slots the office books."""
    unit = next(row for row in world.office.units.rows(world.per, region="05", kind=ReferralKind.MRI))
    return world.office.units.save(world.per, replace(unit, books=BookingWay.OWN_SLOTS, writes_itself=False))


def next_monday(world: World) -> date:
    return world.today + timedelta(days=7 - world.today.weekday())


def to_book(world: World, count: int) -> tuple[UnitRow, list[int]]:
    """Men who wait to be booked, and slots from next Monday: 08:00, 08:30 and 13:00 on every workday of two weeks."""
    unit = own_slots(world)
    people = to_refer(world, count)
    for person in people:
        world.refer(person)
        world.clock.advance(hours=1)
    world.office.bookings.add_slots(
        world.anna, unit.unit_id, first=next_monday(world), weeks=2, weekdays=(0, 1, 2, 3, 4), times=TIMES, minutes=30
    )
    return unit, people


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=STOCKHOLM)


def booked(world: World, person: int, when: datetime) -> BookingRow:
    """Book a man as another user would."""
    referral = world.referral(person)
    return world.office.bookings.book(
        world.per, referral.id, version=referral.version_id, starts_at=when, why="avtalat"
    )


def row_of(world: World, person: int) -> ReferralRow:
    return world.office.referrals.detail(world.anna, world.referral(person).id).row
