"""The balance on screen: everyone on a line, each line opens its people, and whoever is lost stands on top."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete
from textual.widgets import Input

from db.models import Letter
from kansli_tui.app import KansliApp
from screens.balance import BalanceScreen
from screens.balance_people import BalancePeopleScreen
from screens.case import CaseScreen
from tests.screens.at_work import app_of, go
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def at(pilot: Any, app: KansliApp) -> BalanceScreen:
    await settle(pilot)
    await go(pilot, "f7")
    screen = app.screen
    assert isinstance(screen, BalanceScreen)
    return screen


async def test_everyone_is_on_a_line_and_a_line_opens_its_people(world: World) -> None:
    men = [world.man(family_name=f"Man{place}") for place in range(3)]
    world.man(region="08", municipality="0880", family_name="Annan")
    world.act(men[2], "exclude", detail="no_prostate")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        shown = seen(app)
        assert "✓ 4 personer i registret: alla är redovisade." in shown
        assert "RÖ      alla          3    ✓ 0" in shown
        assert "RKL     1976          1    ✓ 0" in shown
        await go(pilot, "down", "down", "enter")
        assert "Undantagen: Har ingen prostata" in seen(app)
        await go(pilot, "enter")
        assert isinstance(app.screen, BalancePeopleScreen)
        shown = seen(app)
        assert "Man0, Åke" in shown
        assert "Man2, Åke" not in shown
        await go(pilot, "enter")
        assert isinstance(app.screen, CaseScreen)
        await go(pilot, "escape", "escape", "escape")
        assert isinstance(app.screen, BalanceScreen)


async def test_whoever_is_held_by_nothing_stands_on_top_with_why(world: World) -> None:
    world.man(family_name="Förlorad")
    world.release(world.plan())
    with world.context.sessions.begin() as session:
        session.execute(delete(Letter))
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app)
        shown = seen(app)
        assert "✗ 1 person i registret: 1 person är inte redovisad." in shown
        assert "Inget brev är förberett" in shown
        assert "✗ 1" in shown
        screen.query_one("#lost").focus()
        await go(pilot, "enter")
        assert isinstance(app.screen, CaseScreen)


async def test_it_is_counted_again_on_demand(world: World) -> None:
    world.man()
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        world.man()
        await go(pilot, "b")
        assert "✓ 2 personer i registret" in seen(app)


async def test_an_empty_register_breaks_no_key(world: World) -> None:
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app)
        assert "✓ 0 personer i registret: alla är redovisade." in seen(app)
        await go(pilot, "enter", "down", "tab", "enter")
        assert app.screen is screen


async def test_the_balance_is_saved_as_a_pdf_where_one_says(world: World, tmp_path: Path) -> None:
    world.man()
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "p")
        app.screen.query_one("#text", Input).value = str(tmp_path / "balans")
        await go(pilot, "enter")
        assert "✓ Sparat i" in seen(app)
    (saved,) = (tmp_path / "balans").iterdir()
    assert saved.name == f"balans-{world.today}.pdf"
    assert saved.read_bytes().startswith(b"%PDF")


async def test_the_balance_is_signed_after_a_question(world: World) -> None:
    world.man()
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "s")
        assert "Signera balansen som Anna Handläggare?" in seen(app)
        await go(pilot, "escape")
        assert world.office.balance.signed(world.anna) == ()
        await go(pilot, "s", "enter")
        assert "av anna: den går ihop." in seen(app)
    (signed,) = world.office.balance.signed(world.anna)
    assert (signed.by, signed.adds_up) == ("anna", True)
