"""The referral clock on the real services: who holds whom, how late, and what is noted on it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kansli_tui.app import KansliApp
from kansli_tui.pathway.referrals import ReferralState
from kansli_tui.pathway.steps import Queue, Step
from screens.base import KansliScreen
from screens.case import CaseScreen
from screens.home import HomeScreen
from screens.mri_week import MriWeekScreen
from screens.orders import OrdersScreen
from screens.referrals import ReferralsScreen
from tests.screens.at_work import app_of, go
from tests.screens.conftest import SIZE, seen, settle
from tests.screens.mri_help import row_of, to_refer
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def clock_of(pilot: Any, app: KansliApp) -> ReferralsScreen:
    await settle(pilot)
    await go(pilot, "f8", "r")
    assert isinstance(app.screen, ReferralsScreen)
    return app.screen


async def write(pilot: Any, text: str) -> None:
    await go(pilot, *("space" if character == " " else character for character in text), "enter")


async def test_the_most_overdue_stands_first_with_its_units_phone(world: World) -> None:
    people = to_refer(world, 2)
    world.refer(people[1])
    world.clock.advance(days=20)
    world.refer(people[0])
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await clock_of(pilot, app)
        shown = seen(app)
        lines = [line for line in shown.splitlines() if "Man" in line]
        assert "Man1, Åke" in lines[0]
        assert "!" in lines[0]
        assert "–" in lines[1]
        assert "Enheten: ska godta och boka" in lines[0]
        assert "Röntgenkliniken, Linköping  08-465 004 11" in shown
        await go(pilot, "enter")
        assert isinstance(app.screen, CaseScreen)
        await go(pilot, "f8")
        assert isinstance(app.screen, OrdersScreen), "F8 leads back to where one starts"


async def test_a_reminder_ends_the_silence_and_moves_the_limit(world: World) -> None:
    people = to_refer(world, 1)
    world.refer(people[0])
    world.clock.advance(days=30)
    before = row_of(world, people[0])
    assert before.overdue
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await clock_of(pilot, app)
        await go(pilot, "p")
        await write(pilot, "de bokar i veckan")
        assert f"✓ Påminnelsen om {before.number} är noterad." in seen(app)
        assert "påmind" in seen(app)
    after = row_of(world, people[0])
    assert (after.overdue, after.reminded_on) == (0, world.today)


async def test_only_what_can_happen_is_offered_and_it_is_noted_with_its_day(world: World) -> None:
    people = to_refer(world, 1)
    world.refer(people[0])
    world.clock.advance(days=3)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await clock_of(pilot, app)
        await go(pilot, "n")
        assert "Biopsi" not in seen(app), "that is urology's"
        assert "Återsänd av enheten  →  blev inte av" in seen(app)
        assert "Svaret får ett förslag och bekräftas bland MR-svaren." in seen(app), "an answer by phone stands first"
        await go(pilot, "down", "enter")
        assert "Från ”skickad” till ”godtagen”." in seen(app)
        await go(pilot, "up", *["backspace"] * 10, *(world.today + timedelta(days=1)).strftime("%Y%m%d"), "enter")
        await write(pilot, "de ringde")
        assert "✗ Skriv en dag som inte ligger i framtiden" in seen(app)
        await go(pilot, *["backspace"] * 8, *(world.today - timedelta(days=1)).strftime("%Y%m%d"), "enter", "enter")
        assert "är noterat." in seen(app)
        await go(pilot, "h")
        history = seen(app)
        assert "de ringde" in history
        assert "Pacemaker eller annat inopererat med ström? Nej" in history
    assert world.referral_state(people[0]) is ReferralState.ACCEPTED


async def test_a_returned_referral_comes_back_as_work(world: World) -> None:
    people = to_refer(world, 1)
    world.refer(people[0])
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await clock_of(pilot, app)
        await go(pilot, "n", "end", "enter")
        await write(pilot, "fel blankett")
        assert "Kansliet: ska reda ut" in seen(app)
    assert world.step(people[0]) is Step.MRI_TO_RESOLVE
    assert Queue.MRI_CONTACT in world.tasks(people[0])


async def test_sent_by_hand_then_the_receipt_then_another_one(world: World) -> None:
    people = to_refer(world, 1)
    world.refer(people[0], sent=False)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await clock_of(pilot, app)
        await go(pilot, "p", "n")
        assert app.screen is screen
        assert "✗ Inget kan noteras" in seen(app)
        await go(pilot, "m")
        assert isinstance(app.screen, MriWeekScreen)
        await go(pilot, "escape", "k", "enter")
        assert "är noterad som skickad." in seen(app)
        await go(pilot, "k")
        await write(pilot, "R1")
        assert "är R1." in seen(app)
        await go(pilot, "k")
        await write(pilot, "2")
        assert "har redan ett annat kvittensnummer" in seen(app)
    assert world.referral(people[0]).receipt == "R1"


async def test_why_it_is_late_is_noted_and_shown(world: World) -> None:
    people = to_refer(world, 1)
    world.refer(people[0])
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await clock_of(pilot, app)
        await go(pilot, "o", "down", "down", "enter")
        await write(pilot, "fullt till jul")
        assert "orsak: brist på tider" in seen(app)
    assert row_of(world, people[0]).cause == "capacity"


async def test_kind_and_region_are_chosen_and_nothing_breaks_an_empty_list(world: World) -> None:
    people = to_refer(world, 1)
    world.refer(people[0])
    app = app_of(world)
    async with app.run_test(size=(170, 45)) as pilot:
        screen = await clock_of(pilot, app)
        assert "Röntgenkliniken, Linköping  08-465 004 11" in " ".join(seen(app).split("│"))
        await go(pilot, "t")
        assert "Man0" not in seen(app)
        for key in ("enter", "p", "n", "k", "o", "h", "plus", "minus", "up", "down"):
            await go(pilot, key)
            assert app.screen is screen, key
        await go(pilot, "t")
        assert "Man0, Åke" in seen(app)
        await go(pilot, "r")
        assert "Man0, Åke" in seen(app)
        await go(pilot, "r")
        assert "Man0" not in seen(app)
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await go(pilot, "r", "r")
        assert "Man0, Åke" in seen(app)


async def test_what_waits_to_be_sent_is_written_from_here_too(world: World, tmp_path: Path) -> None:
    people = to_refer(world, 1)
    world.refer(people[0], sent=False)
    folder = tmp_path / "ut"
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await clock_of(pilot, app)
        assert "Kansliet: ska skicka" in seen(app)
        await go(pilot, "e")
        app.screen.query_one("#text").value = str(folder)  # type: ignore[attr-defined]
        await go(pilot, "enter")
        assert "1 remiss" in seen(app)
        await go(pilot, "enter")
        assert "✓ Skickat: 1 remiss." in seen(app)
        assert "Enheten: ska godta och boka" in seen(app)
    assert world.referral_state(people[0]) is ReferralState.SENT
    assert list(folder.iterdir())


async def test_a_narrowed_list_is_loud_and_the_next_time_it_is_whole_again(world: World) -> None:
    people = to_refer(world, 1)
    world.refer(people[0])
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await clock_of(pilot, app)
        assert "BARA" not in seen(app)
        await go(pilot, "r", "r")
        shown = seen(app)
        assert "BARA RJL" in shown.splitlines()[0], "the heading says it"
        assert "Ingen har någon remiss här. BARA RJL." in " ".join(shown.split())
        await go(pilot, "t")
        assert "BARA PSA · RJL" in seen(app).splitlines()[0]
        await go(pilot, "f10", "f8")
        assert isinstance(app.screen, OrdersScreen), "F8 from elsewhere is where one starts"
        again = await clock_of(pilot, app)
        assert again is not screen
        assert "BARA" not in seen(app)
        assert "Man0, Åke" in seen(app)


async def test_f10_is_home_and_never_what_was_left_on_top_of_it(world: World) -> None:
    people = to_refer(world, 1)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_queue(Queue.MRI_REFERRAL)
        await settle(pilot)
        await go(pilot, "enter", "f8", "r", "f10")
        assert isinstance(app.screen, HomeScreen)
        await go(pilot, "escape", "f7", "f10")
        assert isinstance(app.screen, HomeScreen)
        assert len(app.screen_stack) == 1
    assert world.step(people[0]) is Step.MRI_TO_REFER


async def test_what_is_being_saved_is_waited_for(world: World) -> None:
    to_refer(world, 1)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_queue(Queue.MRI_REFERRAL)
        await settle(pilot)
        left = app.screen
        assert isinstance(left, KansliScreen)
        await go(pilot, "f7")
        left.busy = True
        await go(pilot, "f10")
        assert app.current_mode == "balance"
        assert "✗ Vänta tills det som pågår är klart" in seen(app)
        left.busy = False
        await go(pilot, "f10")
        assert isinstance(app.screen, HomeScreen)
