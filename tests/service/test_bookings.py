"""The calendar: what a week shows, and what booking, moving and ending an appointment does to the man."""

from datetime import UTC, date, time, timedelta

import pytest
from sqlalchemy import select

from db.models import Booking, Letter, ReferralChange
from kansli_tui.errors import (
    ChangedBySomeoneElseError,
    NotAllowedError,
    NotFoundError,
    RefusedError,
)
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.office import Actor
from kansli_tui.rows.population import Protection
from kansli_tui.rows.referrals import BookingState, BookingWay
from kansli_tui.service import booking
from kansli_tui.service.naming import MASKED_NAME
from kansli_tui.service.walk import Walk
from tests.service.calendar_help import MONDAY, Calendar, calendar
from tests.world import World, at

# The week


def test_a_week_shows_its_slots_who_fills_them_and_who_waits(world: World) -> None:
    here = calendar(world)
    first, second = here.men
    assert here.slots() == 10
    made = here.book(first, "2026-10-13T08:30")
    week = here.week()
    assert week.monday == MONDAY
    assert [day for day, _rows in week.days] == [MONDAY + timedelta(days=number) for number in range(7)]
    assert [len(rows) for _day, rows in week.days] == [2, 2, 2, 2, 2, 0, 0]
    assert (week.capacity, week.booked) == (10, 1)
    (row,) = here.shown_at("2026-10-13T08:30")
    assert row.booking == made
    assert (made.minutes, made.state, made.source, made.made_by, made.late) == (
        30,
        BookingState.BOOKED,
        "hand",
        "anna",
        False,
    )
    (waiting,) = week.to_book
    assert (waiting.person_id, waiting.orphan, waiting.waiting_days) == (second, False, 0)
    assert world.step(first) is Step.MRI_BOOKED
    assert world.step(second) is Step.MRI_TO_BOOK


def test_any_day_opens_its_week(world: World) -> None:
    here = calendar(world)
    assert here.week(date(2026, 10, 18)).monday == MONDAY


def test_a_unit_without_slots_has_the_capacity_it_has_stated(world: World) -> None:
    here = calendar(world)
    assert here.week().capacity == 12
    here.slots(times=(time(8),))
    assert here.week().capacity == 5
    here.cut(*(f"2026-10-{day}T08:00" for day in range(12, 17)))
    assert here.week().capacity == 0


def test_a_booking_without_a_slot_stands_in_the_week(world: World) -> None:
    here = calendar(world, books=BookingWay.CALLS)
    for man in here.men:
        assert world.step(man) is Step.MRI_REFERRED
        here.book(man, "2026-10-14T13:10", minutes=20)
        assert world.step(man) is Step.MRI_BOOKED
    rows = here.shown_at("2026-10-14T13:10")
    assert [(row.slot_id, row.minutes, row.booking is not None) for row in rows] == [(None, 20, True)] * 2
    assert (here.week().booked, here.week().capacity) == (2, 12)


def test_a_slot_that_comes_after_a_booking_of_its_time_is_not_free(world: World) -> None:
    here = calendar(world)
    made = here.book(here.men[0], "2026-10-13T08:00", why="sagt i telefon")
    here.slots()
    (row,) = here.shown_at("2026-10-13T08:00")
    assert row.slot_id is not None
    assert row.booking == made
    with pytest.raises(RefusedError, match="taken"):
        here.book(here.men[1], "2026-10-13T08:00")


def test_a_protected_name_is_masked_wherever_it_stands(world: World) -> None:
    here = calendar(world, {"protection": Protection.CONFIDENTIALITY}, {"protection": Protection.CONFIDENTIALITY})
    here.slots()
    made = here.book(here.men[0], "2026-10-13T08:00")
    week = here.week()
    shown = [row.booking.name for _day, rows in week.days for row in rows if row.booking]
    assert [made.name, *shown, *(row.name for row in week.to_book)] == [MASKED_NAME] * 3
    preview = world.office.bookings.preview_cut(world.anna, here.unit_id, (at("2026-10-13T08:00"),))
    assert [row.name for row in preview.orphans] == [MASKED_NAME]


def test_of_somebody_in_another_region_only_the_time_is_shown(world: World) -> None:
    here = calendar(world)
    here.slots()
    here.book(here.men[0], "2026-10-13T08:00", why="vill helst")
    with world.context.sessions.begin() as session:
        session.scalars(select(Booking)).one().region = "08"
    lin = Actor("lin", "Lin", world.anna.role, frozenset({"05"}))
    week = world.office.bookings.week(lin, here.unit_id, MONDAY)
    (row,) = [row.booking for _day, rows in week.days for row in rows if row.booking]
    assert (row.name, row.number, row.why) == ("–", "–", "")


def test_other_regions_units_are_not_seen(world: World, jkp: Actor) -> None:
    here = calendar(world)
    here.slots()
    made = here.book(here.men[0], "2026-10-13T08:00")
    for act in (
        lambda: world.office.bookings.week(jkp, here.unit_id, MONDAY),
        lambda: world.office.bookings.open_on(jkp, here.unit_id, MONDAY),
        lambda: world.office.bookings.cancel(jkp, made.booking_id, why="skäl"),
        lambda: world.office.bookings.reopen(jkp, here.unit_id, (at("2026-10-13T08:00"),), reason="skäl"),
    ):
        with pytest.raises(NotAllowedError):
            act()
    world.clock.advance(days=10)
    assert world.office.bookings.late(jkp) == ()
    assert len(world.office.bookings.late(world.anna)) == 1


def test_what_is_not_there_is_said(world: World) -> None:
    with pytest.raises(NotFoundError, match="unit"):
        world.office.bookings.week(world.anna, 999, MONDAY)
    with pytest.raises(NotFoundError, match="referral"):
        world.office.bookings.book(world.anna, 999, version=1, starts_at=at("2026-10-13T08:00"))
    with pytest.raises(NotFoundError, match="appointment"):
        world.office.bookings.done(world.anna, 999)


# Booking


def test_booking_prepares_the_call_that_the_unit_does_not_write(world: World) -> None:
    here = calendar(world, {})
    here.slots()
    (man,) = here.men
    here.book(man, "2026-10-13T08:30")
    with world.context.sessions.read() as session:
        letter = session.scalars(select(booking.Letter).where(booking.Letter.type == LetterType.MRI_CALL)).one()
    assert letter.values["booked_at"] == "2026-10-13T06:30:00+00:00"
    assert letter.values["mri_unit"] == "Röntgenkliniken, Linköping"
    world.post()
    assert (LetterType.MRI_CALL, LetterState.POSTED) in world.letters(man)


def test_a_unit_that_writes_itself_needs_no_letter(world: World) -> None:
    here = calendar(world, {}, writes_itself=True)
    here.slots()
    here.book(here.men[0], "2026-10-13T08:30")
    assert LetterType.MRI_CALL not in dict(world.letters(here.men[0]))


def test_a_visit_to_the_urologist_can_be_booked_and_is_no_mri(world: World) -> None:
    here = calendar(world, {}, books=BookingWay.MESSAGES)
    (man,) = here.men
    world.clock.advance(days=2)
    with world.context.sessions.begin() as session:
        referral = session.get_one(booking.Referral, world.referral(man).id)
        unit = session.scalars(
            select(booking.Unit).where(booking.Unit.region == "05", booking.Unit.kind == ReferralKind.UROLOGY)
        ).one()
        unit.writes_itself = False
        # The referral is made a urologist's here: how he comes there is told elsewhere.
        referral.kind, referral.unit_id = ReferralKind.UROLOGY, unit.id
        session.get_one(booking.Person, man).step = Step.UROLOGY_REFERRED
    referral = world.referral(man, ReferralKind.UROLOGY)
    made = world.office.bookings.book(
        world.anna, referral.id, version=referral.version_id, starts_at=at("2026-10-20T10:00")
    )
    assert world.step(man) is Step.UROLOGY_REFERRED
    assert LetterType.MRI_CALL not in dict(world.letters(man))
    world.clock.advance(days=14)
    world.office.bookings.done(world.anna, made.booking_id)
    assert world.step(man) is Step.UROLOGY_VISITED


def test_a_slot_is_given_once(world: World) -> None:
    here = calendar(world)
    here.slots()
    here.book(here.men[0], "2026-10-13T08:00")
    with pytest.raises(RefusedError, match="taken"):
        here.book(here.men[1], "2026-10-13T08:00")
    assert here.bookings(here.men[1]) == []
    assert world.step(here.men[1]) is Step.MRI_TO_BOOK


def test_a_time_beside_the_slots_needs_a_word(world: World) -> None:
    here = calendar(world)
    here.slots()
    with pytest.raises(RefusedError, match="no slot"):
        here.book(here.men[0], "2026-10-13T15:00")
    assert here.book(here.men[0], "2026-10-13T15:00", why="enheten ringde").why == "enheten ringde"


def test_a_time_that_has_passed_needs_a_word_and_prepares_no_call(world: World) -> None:
    here = calendar(world, {})
    (man,) = here.men
    world.clock.advance(days=7)
    with pytest.raises(RefusedError, match="passed"):
        here.book(man, "2026-10-13T08:00", why=" ")
    made = here.book(man, "2026-10-13T08:00", why="bokades på papper")
    assert made.late
    assert LetterType.MRI_CALL not in dict(world.letters(man))
    world.office.bookings.done(world.anna, made.booking_id)
    assert world.referral(man).done_on == date(2026, 10, 13)


@pytest.mark.parametrize("starts", ["2026-10-07T12:00", "2027-10-20T08:00", "2062-10-13T08:00"])
def test_a_date_that_must_be_a_slip_is_refused(world: World, starts: str) -> None:
    here = calendar(world, {})
    with pytest.raises(RefusedError, match=r"made on|check the date"):
        here.book(here.men[0], starts, why="skäl")


@pytest.mark.parametrize("minutes", [0, -1, 481])
def test_a_length_that_must_be_a_slip_is_refused(world: World, minutes: int) -> None:
    here = calendar(world, {})
    with pytest.raises(RefusedError, match="minutes"):
        here.book(here.men[0], "2026-10-13T08:00", why="skäl", minutes=minutes)


def test_what_was_shown_must_still_be_so(world: World) -> None:
    here = calendar(world, {})
    here.slots()
    stale = world.referral(here.men[0])
    here.book(here.men[0], "2026-10-13T08:00")
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.bookings.book(world.anna, stale.id, version=stale.version_id, starts_at=at("2026-10-13T08:30"))
    with pytest.raises(RefusedError, match="move"):
        here.book(here.men[0], "2026-10-13T08:30")


def test_whoever_is_held_is_shown_as_such_and_not_booked(world: World) -> None:
    here = calendar(world, {})
    (man,) = here.men
    here.slots()
    made = here.book(man, "2026-10-13T08:00")
    with world.context.sessions.begin() as session:
        person = session.get_one(booking.Person, man)
        Walk(session, world.anna, world.clock.now, world.context.rules(session)).block(person, "test", "skäl")
    with pytest.raises(RefusedError, match="held"):
        world.office.bookings.move(world.anna, made.booking_id, starts_at=at("2026-10-13T08:30"), why="skäl")
    world.office.bookings.cancel(world.anna, made.booking_id, why="skäl")
    with pytest.raises(RefusedError, match="held"):
        here.book(man, "2026-10-13T08:00")
    (waiting,) = here.week().to_book
    assert waiting.why == "Personen är stoppad: ta hand om registeruppgiften först."


def test_the_dead_are_not_booked_and_lose_their_time(world: World) -> None:
    here = calendar(world)
    dead, diseased = here.men
    here.slots()
    made = here.book(dead, "2026-10-13T08:00")
    world.act(dead, "close", detail="dead")
    world.act(diseased, "close", detail="cancer_known")
    assert here.states(dead) == [BookingState.CANCELLED]
    for man in here.men:
        with pytest.raises(RefusedError, match="left the programme"):
            here.book(man, "2026-10-13T08:00")
    with pytest.raises(ChangedBySomeoneElseError):
        world.office.bookings.move(world.anna, made.booking_id, starts_at=at("2026-10-13T08:30"), why="skäl")
    assert here.week().booked == 0
    assert here.week().to_book == ()


def test_a_referral_is_sent_before_it_is_booked(world: World) -> None:
    here = calendar(world, {}, sent=False)
    here.slots()
    with pytest.raises(RefusedError, match="sent"):
        here.book(here.men[0], "2026-10-13T08:00")


def test_what_is_refused_has_written_nothing(world: World) -> None:
    """A message that cannot be followed is held in the same transaction: no half booking may stay."""
    here = calendar(world, {}, sent=False)
    (man,) = here.men
    with world.context.sessions.begin() as session:
        walk = Walk(session, world.anna, world.clock.now, world.context.rules(session))
        referral = session.get_one(booking.Referral, world.referral(man).id)
        person = session.get_one(booking.Person, man)
        for act in (
            lambda: booking.book(walk, person, referral, starts_at=at("2026-10-13T08:00"), source="message"),
            lambda: booking.cancel(walk, person, referral, why="skäl"),
        ):
            with pytest.raises(RefusedError):
                act()
        assert not session.new
        assert not session.dirty
    assert here.bookings(man) == []


def test_a_message_about_a_taken_slot_stands_beside_it(world: World) -> None:
    here = calendar(world)
    here.slots()
    here.book(here.men[0], "2026-10-13T08:00")
    with world.context.sessions.begin() as session:
        walk = Walk(session, world.anna, world.clock.now, world.context.rules(session))
        referral = session.get_one(booking.Referral, world.referral(here.men[1]).id)
        person = session.get_one(booking.Person, here.men[1])
        booking.book(walk, person, referral, starts_at=at("2026-10-13T08:00"), source="message")
    slot, beside = here.shown_at("2026-10-13T08:00")
    assert (slot.booking and slot.booking.person_id, beside.slot_id) == (here.men[0], None)
    assert beside.booking is not None
    assert beside.booking.person_id == here.men[1]


# Moving and ending


def test_a_move_makes_the_new_and_ends_the_old_in_one_step(world: World) -> None:
    here = calendar(world, {})
    (man,) = here.men
    here.slots()
    old = here.book(man, "2026-10-13T08:00")
    world.clock.advance(hours=1)
    new = world.office.bookings.move(
        world.per, old.booking_id, starts_at=at("2026-10-15T08:30"), why="han arbetar natt"
    )
    first, second = here.bookings(man)
    assert (first.state, first.ended_by, first.end_reason, first.ended_at, first.moved_to_id) == (
        BookingState.MOVED,
        "per",
        "han arbetar natt",
        world.clock.now,
        new.booking_id,
    )
    assert (second.state, second.made_by, second.why, second.slot_id) == (
        BookingState.BOOKED,
        "per",
        "han arbetar natt",
        here.shown_at("2026-10-15T08:30")[0].slot_id,
    )
    (freed,) = here.shown_at("2026-10-13T08:00")
    assert freed.booking is None
    assert world.person(man).next_on == date(2026, 10, 15)
    assert world.letters(man).count((LetterType.MRI_CALL, LetterState.PREPARED)) == 1
    with world.context.sessions.read() as session:
        moved = session.scalars(select(ReferralChange).where(ReferralChange.event == ReferralEvent.MOVED)).one()
    assert (moved.by, moved.note) == ("per", "han arbetar natt")


def test_a_move_is_to_another_time_with_a_why_and_once(world: World) -> None:
    here = calendar(world)
    here.slots()
    one, other = here.book(here.men[0], "2026-10-13T08:00"), here.book(here.men[1], "2026-10-13T08:30")
    move = world.office.bookings.move
    with pytest.raises(RefusedError, match="why"):
        move(world.anna, one.booking_id, starts_at=at("2026-10-14T08:00"), why=" ")
    with pytest.raises(RefusedError, match="already"):
        move(world.anna, one.booking_id, starts_at=at("2026-10-13T08:00"), why="skäl")
    with pytest.raises(RefusedError, match="taken"):
        move(world.anna, one.booking_id, starts_at=other.starts_at, why="skäl")
    assert here.states(here.men[0]) == [BookingState.BOOKED]
    move(world.anna, one.booking_id, starts_at=at("2026-10-14T08:00"), why="skäl")
    with pytest.raises(ChangedBySomeoneElseError):
        move(world.anna, one.booking_id, starts_at=at("2026-10-15T08:00"), why="skäl")


def test_a_move_beside_the_slots_keeps_its_length(world: World) -> None:
    here = calendar(world, {}, books=BookingWay.CALLS)
    made = here.book(here.men[0], "2026-10-13T08:00", minutes=45)
    moved = world.office.bookings.move(world.anna, made.booking_id, starts_at=at("2026-10-14T08:10"), why="skäl")
    assert moved.minutes == 45


def test_each_outcome_leads_somewhere(world: World) -> None:
    here = calendar(world, {}, {}, {})
    came, stayed_away, cancelled = here.men
    here.slots(times=(time(8), time(9), time(10)))
    made = [here.book(man, f"2026-10-13T{8 + place:02}:00") for place, man in enumerate(here.men)]
    office = world.office.bookings
    for early in (office.done, office.no_show):
        with pytest.raises(RefusedError, match="not been yet"):
            early(world.anna, made[0].booking_id, why="skäl")
    office.cancel(world.anna, made[2].booking_id, why="sjuk")
    world.clock.now = at("2026-10-13T08:30").astimezone(UTC)
    with pytest.raises(RefusedError, match="not been yet"):
        office.no_show(world.anna, made[1].booking_id, why="kom inte")
    assert office.done(world.anna, made[0].booking_id).state is BookingState.DONE
    world.clock.advance(days=2)
    office.no_show(world.anna, made[1].booking_id, why="kom inte")
    assert [world.step(man) for man in here.men] == [Step.MRI_DONE, Step.MRI_TO_RESOLVE, Step.MRI_TO_BOOK]
    assert [here.states(man) for man in here.men] == [
        [BookingState.DONE],
        [BookingState.NO_SHOW],
        [BookingState.CANCELLED],
    ]
    assert Queue.MRI_CONTACT in world.tasks(stayed_away)
    assert Queue.MRI_BOOKING in world.tasks(cancelled)
    assert world.referral(came).done_on == date(2026, 10, 13)
    days = world.context.rule_book.region("05", world.today).resolve_days
    assert world.referral(stayed_away).due_on == date(2026, 10, 13) + timedelta(days=days), "counted from his day"
    assert here.week().booked == 2
    for act in (office.done, office.no_show, office.cancel):
        with pytest.raises(ChangedBySomeoneElseError):
            act(world.anna, made[0].booking_id, why="skäl")
    here.book(stayed_away, "2026-10-16T08:00")
    assert world.step(stayed_away) is Step.MRI_BOOKED
    assert world.adds_up()


@pytest.mark.parametrize("act", ["cancel", "no_show"])
def test_what_is_not_plain_needs_a_word(world: World, act: str) -> None:
    here = calendar(world, {})
    here.slots()
    made = here.book(here.men[0], "2026-10-13T08:00")
    world.clock.advance(days=8)
    with pytest.raises(RefusedError, match="Write"):
        getattr(world.office.bookings, act)(world.anna, made.booking_id, why=" ")
    assert here.states(here.men[0]) == [BookingState.BOOKED]


def test_whoever_has_been_called_to_a_cancelled_time_is_told(world: World) -> None:
    here = calendar(world)
    called, uncalled = here.men
    here.slots()
    here.book(called, "2026-10-13T08:00")
    world.clock.advance(minutes=1)
    world.post()
    here.book(uncalled, "2026-10-13T08:30")
    here.cut("2026-10-13T08:00", "2026-10-13T08:30")
    assert Queue.CONTACT in world.tasks(called)
    assert Queue.CONTACT not in world.tasks(uncalled)
    assert (LetterType.MRI_CALL, LetterState.STOPPED) in world.letters(uncalled)
    world.clock.advance(minutes=1)
    again = here.book(called, "2026-10-14T08:00")
    world.office.bookings.cancel(world.anna, again.booking_id, why="skäl")
    assert world.tasks(called).count(Queue.CONTACT) == 1, "nobody has called him to the second one"


def seen(here: Calendar) -> set[str]:
    return {action for man in here.men for action in here.world.audit(man)}


def test_every_act_says_whom_it_concerned(world: World) -> None:
    here = calendar(world)
    here.slots()
    made = here.book(here.men[0], "2026-10-13T08:00")
    moved = world.office.bookings.move(world.anna, made.booking_id, starts_at=at("2026-10-14T08:00"), why="skäl")
    here.week()
    here.cut("2026-10-14T08:00")
    last = here.book(here.men[0], "2026-10-15T08:00")
    world.clock.advance(days=10)
    world.office.bookings.no_show(world.anna, last.booking_id, why="skäl")
    assert moved.booking_id < last.booking_id
    assert seen(here) >= {
        "booking.book",
        "booking.move",
        "booking.show",
        "booking.orphan",
        "booking.noshow",
    }


def calls(world: World, man: int) -> list[tuple[LetterState, str | None]]:
    """Calls to MRI, in order: what became of each, and the time that it says it replaces."""
    with world.context.sessions.read() as session:
        found = session.scalars(
            select(Letter).where(Letter.person_id == man, Letter.type == LetterType.MRI_CALL).order_by(Letter.id)
        )
        return [(letter.state, letter.values.get("instead_of")) for letter in found]


def test_whoever_has_been_called_to_a_moved_time_is_told_and_the_new_call_says_so(world: World) -> None:
    here = calendar(world)
    called, uncalled = here.men
    here.slots()
    first = here.book(called, "2026-10-13T08:00")
    world.clock.advance(minutes=1)
    world.post()
    other = here.book(uncalled, "2026-10-13T08:30")
    move = world.office.bookings.move
    moved = move(world.anna, first.booking_id, starts_at=at("2026-10-14T08:00"), why="kameran")
    move(world.anna, other.booking_id, starts_at=at("2026-10-14T08:30"), why="kameran")
    assert world.tasks(called).count(Queue.CONTACT) == 1
    assert Queue.CONTACT not in world.tasks(uncalled)
    said = "2026-10-13T06:00:00+00:00"
    assert calls(world, called) == [(LetterState.POSTED, None), (LetterState.PREPARED, said)]
    assert calls(world, uncalled) == [(LetterState.STOPPED, None), (LetterState.PREPARED, None)]
    # Moved on before the second call is posted: what he has been told is still the first time.
    world.clock.advance(minutes=1)
    move(world.anna, moved.booking_id, starts_at=at("2026-10-15T08:00"), why="igen")
    assert world.tasks(called).count(Queue.CONTACT) == 1
    assert calls(world, called)[-1] == (LetterState.PREPARED, said)
    world.clock.advance(minutes=1)
    world.post()
    assert calls(world, called)[-1] == (LetterState.POSTED, said)


def test_a_unit_that_moves_a_called_time_leaves_somebody_to_tell_the_person(world: World) -> None:
    here = calendar(world)
    man = here.men[0]
    here.slots()
    here.book(man, "2026-10-13T08:00")
    world.clock.advance(minutes=1)
    world.post()
    world.booking(man, "S13", at("2026-10-14T08:00"))
    assert world.tasks(man).count(Queue.CONTACT) == 1
    assert calls(world, man)[-1] == (LetterState.PREPARED, "2026-10-13T06:00:00+00:00")
