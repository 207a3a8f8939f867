"""Held answers on screen: why, what to do, and the three ways out."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from db.models import LabMessage
from kansli_tui.app import KansliApp
from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.answers import MessageState
from screens.asking import AskPath
from screens.dialogs import AskReason, Choose
from screens.held import HeldScreen
from tests.screens.at_work import app_of, go
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


def offered(world: World, count: int = 1) -> list[int]:
    people = [world.man(family_name=f"Man{place}") for place in range(count)]
    world.offer(*people)
    world.clock.advance(days=2)
    return people


async def at(pilot: Any, app: KansliApp) -> HeldScreen:
    await settle(pilot)
    app.open_queue(Queue.HELD)
    await settle(pilot)
    screen = app.screen
    assert isinstance(screen, HeldScreen)
    return screen


def states(world: World) -> list[MessageState]:
    with world.context.sessions.read() as session:
        return list(session.scalars(select(LabMessage.state).order_by(LabMessage.id)))


async def test_why_it_is_held_what_to_do_and_what_it_says(world: World) -> None:
    (person,) = offered(world)
    world.take(world.message(person, "2.2", unit="nmol/L"))
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        shown = seen(app)
        assert "Hållna provsvar · 1 väntar" in shown
        assert "VARFÖR       Enheten saknas eller är inte µg/L" in shown
        assert "ATT GÖRA     Be laboratoriet skicka värdet i µg/L" in shown
        assert "KAN VARA     OPT-2026-000001" in shown
        assert "NPU08669     2.2 nmol/L (F)" in shown


async def test_matched_to_an_order_with_a_reason(world: World) -> None:
    (person,) = offered(world)
    world.take(world.message(person, "2.2", order="OPT-2026-999999"))
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "m")
        assert isinstance(app.screen, Choose)
        assert "OPT-2026-000001" in seen(app)
        await go(pilot, "enter", "enter")
        assert isinstance(app.screen, AskReason), "no match without a reason"
        await pilot.press(*"samma prov enligt labbet", "enter")
        await settle(pilot)
        assert "✓ Svaret är kopplat." in seen(app)
        assert "Inget hålls." in seen(app)
    assert world.step(person) is Step.ANSWER_TO_ASSESS
    assert states(world) == [MessageState.MATCHED]


async def test_what_an_answer_says_cannot_be_overruled_by_a_match(world: World) -> None:
    (person,) = offered(world)
    world.take(world.message(person, "2.2", unit="nmol/L"))
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "m", "enter")
        await pilot.press(*"omvandlat för hand", "enter")
        await settle(pilot)
        assert "✗ " in seen(app)
        assert "Enheten saknas" in seen(app)
    assert world.step(person) is Step.AWAITING_SAMPLE
    assert states(world) == [MessageState.HELD]


@pytest.mark.parametrize(("key", "state"), [("a", MessageState.REFUSED), ("r", MessageState.RETURNED)])
async def test_refused_or_sent_back_with_a_reason(world: World, key: str, state: MessageState) -> None:
    (person,) = offered(world)
    world.take(world.message(person, "2.2", unit="nmol/L"))
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, key, "enter")
        assert states(world) == [MessageState.HELD]
        await pilot.press(*"ringde labbet", "enter")
        await settle(pilot)
        assert "Inget hålls." in seen(app)
    assert states(world) == [state]


async def test_what_a_colleague_has_seen_to_is_told(world: World) -> None:
    (person,) = offered(world)
    world.take(world.message(person, "2.2", unit="nmol/L"))
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "a")
        (row,) = world.office.held.held(world.per)
        world.office.held.send_back(world.per, row.message_id, "fel enhet")
        await pilot.press(*"fel enhet", "enter")
        await settle(pilot)
        assert "✗ " in seen(app)
        assert "Inget hålls." in seen(app)
    assert states(world) == [MessageState.RETURNED]


async def test_a_file_is_read_in_and_its_result_told(world: World, tmp_path: Path) -> None:
    first, second, third = offered(world, 3)
    good, doubtful = world.message(first, "2.2"), world.message(second, "2.2", unit="g")
    very_high = world.message(third, "140")
    file = tmp_path / "svar.hl7"
    file.write_bytes(good + doubtful + very_high)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "i")
        assert isinstance(app.screen, AskPath)
        app.screen.query_one("#text").value = str(tmp_path / "finns inte.hl7")  # type: ignore[attr-defined]
        await go(pilot, "enter")
        assert "✗ Det finns ingen sådan fil." in seen(app)
        app.screen.query_one("#text").value = str(file)  # type: ignore[attr-defined]
        await go(pilot, "enter")
        shown = seen(app)
        assert "2  infört" in shown
        assert "1  hållet" in shown
        assert "Enheten saknas eller är inte µg/L" in shown
        await go(pilot, "enter")
        assert "1 väntar" in seen(app)
    assert world.step(first) is Step.ANSWER_TO_ASSESS
    assert Queue.URGENT in world.tasks(third)


async def test_what_nobody_can_read_is_held_and_not_dropped(world: World, tmp_path: Path) -> None:
    file = tmp_path / "bild.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "i")
        app.screen.query_one("#text").value = str(file)  # type: ignore[attr-defined]
        await go(pilot, "enter")
        await go(pilot, "enter")
        assert "VARFÖR       " in seen(app)
        assert "KAN VARA     ingen beställning hos oss" in seen(app)
    assert states(world) == [MessageState.HELD]


async def test_an_empty_list_is_calm(world: World) -> None:
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app)
        await go(pilot, "m", "a", "r", "enter")
        assert app.screen is screen
        assert "Inget hålls. I läser in en fil från laboratoriet." in seen(app)
