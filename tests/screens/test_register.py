"""Register review on screen: a file is compared, read line by line, and accepted or rejected as a whole."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from db.models import Person
from kansli_tui.app import KansliApp
from kansli_tui.rows.register import ImportState
from screens.dialogs import Confirm
from screens.register import RegisterScreen
from screens.register_lines import ChangeSetScreen
from tests.factories import a_number, register_file, register_row
from tests.screens.at_work import app_of, go
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)

NAMES = {101: "Ahlgren", 103: "Boman", 105: "Cederlund"}


def file_of(*rows: str) -> bytes:
    return register_file(*rows)


def three_new() -> bytes:
    rows = [register_row(pnr=a_number(serial), efternamn=name) for serial, name in NAMES.items()]
    return file_of(*rows, register_row(pnr="197602301019", efternamn="Trasig"))


async def at(pilot: Any, app: KansliApp) -> RegisterScreen:
    await settle(pilot)
    await go(pilot, "f6")
    screen = app.screen
    assert isinstance(screen, RegisterScreen)
    return screen


async def read_in(pilot: Any, file: Path, *, changes_only: bool = False) -> None:
    await go(pilot, "i")
    pilot.app.screen.query_one("#text").value = str(file)
    await go(pilot, "enter", *("down" for _place in range(changes_only)), "enter")


def people(world: World) -> int:
    with world.context.sessions.read() as session:
        return session.scalar(select(func.count(Person.id))) or 0


async def test_a_file_is_compared_reviewed_and_accepted(world: World, tmp_path: Path) -> None:
    file = tmp_path / "kohort.csv"
    file.write_bytes(three_new())
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        assert "Ingen fil är inläst." in seen(app)
        await read_in(pilot, file)
        assert isinstance(app.screen, ChangeSetScreen)
        shown = seen(app)
        assert "Register · kohort.csv · att granska" in shown
        assert "Probl. 1" in shown
        assert "Nya 3" in shown
        assert "Ahlgren, Åke" in shown
        assert people(world) == 0, "nothing changes before it is accepted"
        await go(pilot, "right")
        assert "Ahlgren" not in seen(app), "problems alone"
        await go(pilot, "left", "g")
        assert isinstance(app.screen, Confirm)
        assert "3  ny" in seen(app)
        await go(pilot, "enter")
        assert "✓ Ändringslistan är godtagen." in seen(app)
        await go(pilot, "g", "f", "j")
        assert isinstance(app.screen, ChangeSetScreen), "a decided file is only read"
        await go(pilot, "escape")
        assert "godtagen" in seen(app)
    assert people(world) == 3
    assert world.adds_up()


async def test_rejected_with_a_reason(world: World, tmp_path: Path) -> None:
    file = tmp_path / "kohort.csv"
    file.write_bytes(three_new())
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await read_in(pilot, file)
        await go(pilot, "f", "enter")
        assert "✗ " in seen(app), "no rejection without a reason"
        await pilot.press(*"fel fil", "enter")
        await settle(pilot)
        assert "avvisad" in seen(app)
    assert people(world) == 0
    assert [row.state for row in world.office.population.list(world.anna)] == [ImportState.REJECTED]


async def test_a_stale_change_set_is_compared_again_before_it_is_accepted(world: World, tmp_path: Path) -> None:
    file = tmp_path / "kohort.csv"
    file.write_bytes(three_new())
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await read_in(pilot, file)
        other = world.office.population.compare(
            world.per, file_of(register_row(pnr=a_number(101), efternamn="Ahlgren")), "dag.csv", format="csv"
        )
        world.office.population.accept(world.per, other.import_id, version=other.version)
        await go(pilot, "g", "enter")
        assert "✗ " in seen(app), "acceptance is refused: the register has changed"
        assert "J jämför igen" in seen(app)
        await go(pilot, "g")
        assert not isinstance(app.screen, Confirm)
        await go(pilot, "j")
        assert "Nya 2" in seen(app)
        await go(pilot, "g", "enter")
        assert "✓ " in seen(app)
    assert people(world) == 3


async def test_a_file_that_matches_badly_is_stopped_and_says_why(world: World, tmp_path: Path) -> None:
    ours = file_of(*(register_row(pnr=a_number(serial)) for serial in range(101, 141, 2)))
    made = world.office.population.compare(world.anna, ours, "kohort.csv", format="csv")
    world.office.population.accept(world.anna, made.import_id, version=made.version)
    file = tmp_path / "annan.csv"
    file.write_bytes(file_of(*(register_row(pnr=a_number(serial)) for serial in range(301, 341, 2))))
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await read_in(pilot, file)
        shown = seen(app)
        assert "! Stoppad helt:" in shown
        assert "(G godta)" in shown
        await go(pilot, "g")
        assert not isinstance(app.screen, Confirm)
        await go(pilot, "escape")
        await read_in(pilot, file, changes_only=True)
        assert "Nya 20" in seen(app), "a file of changes need not name everyone"
    assert people(world) == 20


async def test_a_file_that_is_no_register_file_is_said_in_words(world: World, tmp_path: Path) -> None:
    file = tmp_path / "brev.txt"
    file.write_text("Hej!\n", encoding="utf-8")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app)
        await read_in(pilot, file)
        assert app.screen is screen
        assert "✗ " in seen(app)
        assert "oförutsett" not in seen(app)


async def test_lines_page_by_key(world: World, tmp_path: Path) -> None:
    file = tmp_path / "kohort.csv"
    file.write_bytes(file_of(*(register_row(pnr=a_number(serial)) for serial in range(101, 241, 2))))
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await read_in(pilot, file)
        assert a_number(101)[-4:] in seen(app)
        await go(pilot, "plus")
        assert a_number(201)[-4:] in seen(app)
        await go(pilot, "plus", "minus")
        assert a_number(101)[-4:] in seen(app)
