"""Orders on screen: written to files, counted as sent, and their receipts typed back."""

from pathlib import Path
from typing import Any

import pytest

from kansli_tui.app import KansliApp
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.answers import OrderState
from screens.case import CaseScreen
from screens.dialogs import Show
from screens.orders import OrdersScreen
from tests.screens.at_work import app_of, go
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


def ordered(world: World, count: int = 2) -> list[int]:
    men = [world.man(family_name=f"Man{place}") for place in range(count)]
    world.release(world.plan())
    world.post(LetterType.PRE_LETTER)
    world.clock.advance(days=14)
    world.office.daily.run(world.anna)
    world.post()
    assert {world.step(man) for man in men} == {Step.ORDER_TO_SEND}
    return men


async def at(pilot: Any, app: KansliApp) -> OrdersScreen:
    await settle(pilot)
    await go(pilot, "f8")
    screen = app.screen
    assert isinstance(screen, OrdersScreen)
    return screen


async def test_written_to_a_folder_and_counted_as_sent(world: World, tmp_path: Path) -> None:
    men = ordered(world)
    folder = tmp_path / "ut"
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        assert "OPT-2026-000001" in seen(app)
        assert "Man1, Åke" in seen(app)
        await go(pilot, "e")
        app.screen.query_one("#text").value = str(folder)  # type: ignore[attr-defined]
        await go(pilot, "enter")
        assert isinstance(app.screen, Show)
        assert "2 beställningar" in seen(app)
        assert "psa-bestallningar-" in seen(app)
        await go(pilot, "enter")
        assert "Ingen beställning väntar på att skickas." in seen(app)
        await go(pilot, "e", "enter")
        assert "✓ Inget väntade: ingen fil är skriven." in seen(app)
    assert {world.step(man) for man in men} == {Step.AWAITING_SAMPLE}
    assert sorted(file.suffix for file in folder.iterdir()) == [".csv", ".hl7"]
    assert all("order.send" in world.audit(man) for man in men)


async def test_receipts_are_typed_back_one_after_the_other(world: World) -> None:
    ordered(world)
    world.send_orders()
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "t", "k", "enter")
        assert "✗ Skriv något först." in seen(app)
        await go(pilot, "R", "1", "enter")
        assert "✓ Kvittensen för OPT-2026-000001 är R1." in seen(app)
        await go(pilot, "k", "R", "2", "enter")
        assert "✓ Kvittensen för OPT-2026-000002 är R2." in seen(app)
        await go(pilot, "up", "k", "9", "enter")
        assert "✗ Beställning OPT-2026-000001 har redan ett annat kvittensnummer." in seen(app)
    rows = world.office.orders.rows(world.anna, state=OrderState.SENT)
    assert [row.receipt for row in rows] == ["R1", "R2"]


async def test_a_folder_that_cannot_be_written_marks_nothing(world: World, tmp_path: Path) -> None:
    men = ordered(world)
    (tmp_path / "upptagen").write_text("en fil", encoding="utf-8")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "e")
        app.screen.query_one("#text").value = str(tmp_path / "upptagen" / "ut")  # type: ignore[attr-defined]
        await go(pilot, "enter")
        assert "✗ Filen " in seen(app)
        assert "Man1, Åke" in seen(app)
    assert {world.step(man) for man in men} == {Step.ORDER_TO_SEND}


async def test_orders_in_other_states_and_the_case(world: World) -> None:
    ordered(world, 1)
    world.send_orders()
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app)
        await go(pilot, "k", "plus", "minus", "enter")
        assert app.screen is screen, "nothing to do in an empty list"
        await go(pilot, "t")
        assert "Man0, Åke" in seen(app)
        await go(pilot, "enter")
        assert isinstance(app.screen, CaseScreen)
        await go(pilot, "escape", "t")
        assert "Inga beställningar här." in seen(app)
