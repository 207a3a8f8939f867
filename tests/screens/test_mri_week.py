"""The week of an MRI unit on the real services: booked, moved, cut and finished, and never the wrong man."""

from datetime import time, timedelta
from typing import Any

import pytest

from db.models import Person
from kansli_tui.app import KansliApp
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralState
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.population import Protection
from screens.base import KansliScreen
from screens.case import CaseScreen
from screens.mri_acts import day_words
from screens.mri_dialogs import DayOutcomes
from screens.mri_week import MriWeekScreen
from screens.widgets.week_grid import WeekGrid
from tests.screens.at_work import app_of, go
from tests.screens.conftest import SIZE, seen, settle
from tests.screens.mri_help import at, booked, next_monday, own_slots, row_of, to_book, to_refer
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def week_of(pilot: Any, app: KansliApp, *, ahead: bool = True) -> MriWeekScreen:
    """The calendar from F8, next week."""
    await settle(pilot)
    await go(pilot, "f8", "m", *(["plus"] if ahead else []))
    screen = app.screen
    assert isinstance(screen, MriWeekScreen)
    return screen


async def write(pilot: Any, text: str) -> None:
    await go(pilot, *(_KEYS.get(character, character) for character in text), "enter")


_KEYS = {" ": "space", ".": "full_stop", ",": "comma", ":": "colon", "-": "minus", "+": "plus", "/": "slash"}


async def test_a_digit_books_the_man_with_that_number_after_a_question(world: World) -> None:
    _unit, people = to_book(world, 2)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await week_of(pilot, app)
        assert "Att boka 2   1 Man0 Å" in seen(app)
        await go(pilot, "down", "right", "2")
        question = seen(app)
        assert "Man1, Åke" in question
        assert "Ett brev med tiden förbereds." in question
        assert world.step(people[1]) is Step.MRI_TO_BOOK
        await go(pilot, "enter")
        shown = seen(app)
        assert "✓ Man1, Åke har tid" in shown
        assert "08:30" in shown
        assert "Att boka 1   1 Man0 Å" in shown
    assert [world.step(person) for person in people] == [Step.MRI_TO_BOOK, Step.MRI_BOOKED]
    when = row_of(world, people[1]).booked_at
    assert when == at(next_monday(world) + timedelta(days=1), 8, 30)
    assert (LetterType.MRI_CALL, LetterState.PREPARED) in world.letters(people[1])


async def test_a_key_pressed_once_too_often_does_not_book_the_next_man(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_book(world, 2)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await week_of(pilot, app)
        monkeypatch.setattr(KansliScreen, "REST", 60)
        await go(pilot, "1", "enter")
        assert "✓ Man0, Åke har tid" in seen(app)
        await go(pilot, "down", "1")
        assert app.screen is screen, "the next man has come under the digit: the key rests"


async def test_a_man_whom_a_colleague_has_booked_meanwhile_gets_no_second_time_and_nobody_else_gets_it(
    world: World,
) -> None:
    _unit, people = to_book(world, 2)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await week_of(pilot, app)
        await go(pilot, "1")
        booked(world, people[0], at(next_monday(world), 13))
        await go(pilot, "enter")
        shown = seen(app)
        assert "✗ Remissen har ändrats sedan den visades." in shown
        assert "Att boka 1   1 Man1 Å" in shown
    assert world.step(people[1]) is Step.MRI_TO_BOOK


async def test_a_move_says_old_and_new_before_it_is_done_and_is_one_step(world: World) -> None:
    _unit, people = to_book(world, 2)
    monday = next_monday(world)
    booked(world, people[0], at(monday, 8))
    booked(world, people[1], at(monday, 8, 30))
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await week_of(pilot, app)
        await go(pilot, "m")
        assert "Flyttar Man0, Åke från mån" in seen(app)
        await go(pilot, "escape")
        assert screen.moving is None
        await go(pilot, "m", "down", "enter")
        assert "✗ Tiden är upptagen." in seen(app)
        await go(pilot, "x")
        assert app.screen is screen, "nobody is cancelled while another is being moved"
        await go(pilot, "right", "enter")
        question = seen(app)
        assert "Från mån" in question
        assert "08:00" in question
        assert "Till tis" in question
        await write(pilot, "ville senare")
        assert "✓ Man0, Åke är flyttad från mån" in seen(app)
    assert row_of(world, people[0]).booked_at == at(monday + timedelta(days=1), 8, 30)
    assert row_of(world, people[1]).booked_at == at(monday, 8, 30)


async def test_closing_times_shows_whom_it_would_orphan_and_then_lists_them_first(world: World) -> None:
    _unit, people = to_book(world, 3)
    monday = next_monday(world)
    booked(world, people[2], at(monday, 8, 30))
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await week_of(pilot, app)
        await go(pilot, "s", "down", "enter")
        question = seen(app)
        assert "2 lediga tider stängs." in question
        assert "1 person förlorar sin tid och bokas först:" in question
        assert "Man2, Åke" in question
        assert world.step(people[2]) is Step.MRI_BOOKED
        await write(pilot, "service")
        shown = seen(app)
        assert "✓ Stängt. 1 person ska bokas först." in shown
        assert "Att boka 3   1 !Man2 Å" in shown
        assert shown.count("stängt") >= 3
        await go(pilot, "1")
        assert "✗ Tiden är stängd: service." in seen(app)
        await go(pilot, "o", "down", "enter")
        await write(pilot, "blev klart")
        assert "✓ 3 tider är öppna igen." in seen(app)
    assert world.step(people[2]) is Step.MRI_TO_BOOK


async def test_what_is_closed_is_what_was_shown(world: World) -> None:
    _unit, people = to_book(world, 1)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await week_of(pilot, app)
        await go(pilot, "s", "down", "enter")
        assert "Ingen förlorar sin tid." in seen(app)
        booked(world, people[0], at(next_monday(world), 13))
        await write(pilot, "service")
        assert "✗ Tiderna har ändrats sedan förhandsvisningen." in seen(app)
    assert world.step(people[0]) is Step.MRI_BOOKED


async def test_a_day_is_finished_for_everybody_or_not_at_all(world: World) -> None:
    _unit, people = to_book(world, 3)
    monday = next_monday(world)
    for person, hour, minute in zip(people, (8, 8, 13), (0, 30, 0), strict=True):
        booked(world, person, at(monday, hour, minute))
    world.clock.advance(days=(monday - world.today).days + 1)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await week_of(pilot, app, ahead=False)
        assert "!Man0 Å" in seen(app), "late ones are marked"
        await go(pilot, "d")
        assert "Ingen på" in seen(app), "today has nobody"
        await go(pilot, "left", "d", "g", "u", "enter")
        assert isinstance(app.screen, DayOutcomes)
        assert "✗ 1 saknar utfall." in seen(app)
        assert world.referral_state(people[0]) is ReferralState.BOOKED
        await go(pilot, "escape", "d", "g", "u", "g", "enter")
        assert "Man1, Åke" in seen(app)
        assert "Man0, Åke" not in seen(app).partition("De som inte undersöktes")[2].partition("Esc")[0]
        await write(pilot, "svarar inte")
        assert isinstance(app.screen, MriWeekScreen)
        assert "är avslutad: 3 med utfall." in seen(app)
        assert "✓Man0 Å" in seen(app)
        assert "✗Man1 Å" in seen(app)
        await go(pilot, "right", "right", "d")
        assert "✗ Dagen har inte varit än" in seen(app)
    assert [world.referral_state(person) for person in people] == [
        ReferralState.DONE,
        ReferralState.RETURNED,
        ReferralState.DONE,
    ]
    assert Queue.MRI_CONTACT in world.tasks(people[1])


async def test_from_the_queue_the_man_is_chosen_and_enter_books_him(world: World) -> None:
    _unit, people = to_book(world, 2)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_queue(Queue.MRI_BOOKING)
        await settle(pilot)
        await go(pilot, "down", "enter", "plus")
        assert "2 ▸Man1 Å" in seen(app)
        await go(pilot, "enter", "enter")
        assert "✓ Man1, Åke har tid" in seen(app)
        await go(pilot, "right", "enter")
        assert "Tryck siffran för den som ska få tiden." in seen(app)
        await go(pilot, "left", "enter")
        assert isinstance(app.screen, CaseScreen)
    assert [world.step(person) for person in people] == [Step.MRI_TO_BOOK, Step.MRI_BOOKED]


async def test_a_unit_without_slots_is_booked_and_moved_by_day_and_time(world: World) -> None:
    person = to_refer(world, 1)[0]
    world.refer(person)
    day = world.today + timedelta(days=5)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await go(pilot, "f8", "r", "m")
        assert isinstance(app.screen, MriWeekScreen)
        assert "Inga tider den här veckan." in seen(app)
        await go(pilot, "h")
        await write(pilot, day.isoformat())
        await write(pilot, "8.15")
        await write(pilot, "enheten ringde")
        assert f"✓ Man0, Åke har tid {day_words(day)} 08:15." in seen(app)
        assert "!" not in seen(app).partition("08:15")[2][:14]
        await go(pilot, "h")
        await write(pilot, (day + timedelta(days=1)).isoformat())
        await write(pilot, "25:00")
        assert "✗" not in seen(app), "Enter goes to the next field first"
        await write(pilot, "fel dag")
        assert "✗ Skriv ett klockslag, till exempel 08:30." in seen(app)
        await go(pilot, *["backspace"] * 5)
        await write(pilot, "10")
        await go(pilot, "enter")
        assert "är flyttad från" in seen(app)
    assert row_of(world, person).booked_at == at(day + timedelta(days=1), 10)


async def test_cancelled_absent_and_done_one_by_one(world: World) -> None:
    _unit, people = to_book(world, 3)
    monday = next_monday(world)
    for person, hour, minute in zip(people, (8, 8, 13), (0, 30, 0), strict=True):
        booked(world, person, at(monday, hour, minute))
    world.clock.advance(days=(monday - world.today).days, hours=6)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await week_of(pilot, app, ahead=False)
        await go(pilot, "home", "x")
        await write(pilot, "sjuk")
        assert "✓ Man0, Åke har ingen tid längre" in seen(app)
        await go(pilot, "down", "u")
        await write(pilot, "kom inte")
        assert "✓ Man1, Åke uteblev" in seen(app)
        await go(pilot, "down", "g", "enter")
        assert "✓ Man2, Åke är undersökt" in seen(app)
    assert [world.step(person) for person in people] == [Step.MRI_TO_BOOK, Step.MRI_TO_RESOLVE, Step.MRI_DONE]


async def test_slots_are_counted_out_before_they_are_added(world: World) -> None:
    unit = own_slots(world)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await week_of(pilot, app)
        await go(pilot, "n")
        await write(pilot, "mån, ons-tors")
        await write(pilot, "8-9:30, 13")
        assert "= 15 tider: mån, ons, tors 08:00 08:30 09:00 09:30 13:00" in seen(app)
        await go(pilot, "enter", "enter", "enter")
        assert "✓ 15 tider är tillagda." in seen(app)
        assert screen.week is not None
        assert screen.week.capacity == 15
        for key in ("b", "minus", "plus", "ctrl+r"):
            await go(pilot, key)
    assert world.office.bookings.week(world.anna, unit.unit_id, next_monday(world)).capacity == 15


async def test_no_key_breaks_an_empty_week(world: World) -> None:
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await week_of(pilot, app)
        for key in (
            "enter",
            "1",
            "9",
            "m",
            "x",
            "u",
            "g",
            "h",
            "s",
            "o",
            "b",
            "d",
            "up",
            "down",
            "left",
            "home",
            "end",
        ):
            await go(pilot, key)
            assert app.screen is screen, key
        assert screen.query_one(WeekGrid).current is None


async def test_a_protected_man_is_masked_in_the_grid_and_in_the_list(world: World) -> None:
    _unit, people = to_book(world, 2)
    for person in people:
        with world.context.sessions.begin() as session:
            session.get_one(Person, person).protection = Protection.CONFIDENTIALITY
    booked(world, people[0], at(next_monday(world), 8))
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await week_of(pilot, app)
        shown = seen(app)
        assert "Skyddade pe…" in shown
        assert "1 Skyddade personuppgifter" in shown
        assert "Man" not in shown
        await go(pilot, "right", "1")
        assert "Man1" not in seen(app)


async def test_the_cursor_keeps_its_weekday_and_time_and_a_digit_books_in_slots_only(world: World) -> None:
    unit, people = to_book(world, 1)
    world.office.bookings.add_slots(
        world.anna, unit.unit_id, first=next_monday(world), weeks=1, weekdays=(2,), times=(time(15),), minutes=30
    )
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await week_of(pilot, app)
        grid = screen.query_one(WeekGrid)
        await go(pilot, "right", "right", "down")
        await go(pilot, "plus")
        assert (grid.current.day, grid.current.clock) == (next_monday(world) + timedelta(days=9), "08:30")  # type: ignore[union-attr]
        await go(pilot, "minus")
        assert (grid.current.day, grid.current.clock) == (next_monday(world) + timedelta(days=2), "08:30")  # type: ignore[union-attr]
        await go(pilot, "down", "down", "plus")
        assert (grid.current.day, grid.current.clock) == (next_monday(world) + timedelta(days=7), "08:00")  # type: ignore[union-attr]
        await go(pilot, "minus", "down", "down", "down")
        assert grid.current is not None
        assert grid.current.slot is None
        await go(pilot, "1")
        assert app.screen is screen
        assert "✗ Här finns ingen tid." in seen(app)
        await go(pilot, "h")
        assert "Vad som är avtalat, och med vem" in seen(app)
    assert world.step(people[0]) is Step.MRI_TO_BOOK


async def test_a_time_that_a_colleague_has_taken_meanwhile_is_shown_as_taken(world: World) -> None:
    _unit, people = to_book(world, 2)
    monday = next_monday(world)
    booked(world, people[1], at(monday, 8))
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await week_of(pilot, app)
        await go(pilot, "m", "down", "enter")
        assert "har postats" in " ".join(seen(app).replace("│", " ").split())
        booked(world, people[0], at(monday, 8, 30))
        await write(pilot, "ville senare")
        shown = seen(app)
        assert "✗" in shown
        assert "upptagen" in shown
        assert screen.week is not None
        assert screen.week.booked == 2, "the week is read again"
    assert row_of(world, people[1]).booked_at == at(monday, 8)
