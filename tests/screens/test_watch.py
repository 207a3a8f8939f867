"""The board says what is late and what is found; findings open the case; causes, absences and duties are noted in words."""

from datetime import date

import pytest
from sqlalchemy import select

from db.models import Deviation
from kansli_tui.pathway.steps import Queue
from kansli_tui.service.context import SYSTEM
from screens.absences import AbsencesScreen
from screens.case import CaseScreen
from screens.findings import FindingsScreen
from screens.watch import WatchScreen
from screens.widgets.table import KansliTable
from tests.screens.at_work import answered, app_of, go
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
"""Screens know no database: one of them is enough."""


@pytest.fixture
def staffed(world: World) -> World:
    """Anna and Per work here, and an answer lies too long."""
    for actor in (world.anna, world.per):
        world.office.staff.add(
            SYSTEM,
            username=actor.username,
            name=actor.name,
            role=actor.role,
            regions=tuple(actor.regions),
            password="hemligt-hemligt",
        )
    answered(world, "3.4")
    world.clock.advance(days=9)
    return world


async def test_nothing_is_run_by_looking_and_r_runs_all(staffed: World) -> None:
    app = app_of(staffed)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await go(pilot, "f12")
        assert isinstance(app.screen, WatchScreen)
        assert "kontroller är försenade: R kör alla." in seen(app)
        assert all(check.last_run is None for check in staffed.office.watch.board(staffed.anna))
        await go(pilot, "r")
        shown = seen(app)
        assert "✓ Alla kontroller är körda" in shown
        assert "Alla kontroller är körda i tid" in shown
        assert all(check.last_by == "anna" for check in staffed.office.watch.board(staffed.anna))
        rows = app.screen.query_one(KansliTable)
        assert rows.current is not None
        await go(pilot, "home")
        assert "Förhöjt eller oklart PSA-svar inte" in shown, "what has been found stands on top"


async def test_enter_shows_the_findings_and_enter_there_the_case(staffed: World) -> None:
    app = app_of(staffed)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await go(pilot, "f12", "r", "home")
        table = app.screen.query_one(KansliTable)
        table.move_cursor(row=[row.key.value for row in table.ordered_rows].index("raised_answer"))
        await go(pilot, "enter")
        assert isinstance(app.screen, FindingsScreen)
        shown = seen(app)
        assert "Bevakning · 1 fynd" in shown
        assert "Man0, Åke" in shown
        await go(pilot, "o", "end", "enter")
        await pilot.press(*"semester", "enter")
        await settle(pilot)
        assert "✓ Orsaken är antecknad." in seen(app)
        assert "Orsak: Annan orsak" in seen(app)
        await go(pilot, "enter")
        assert isinstance(app.screen, CaseScreen)
        await go(pilot, "escape", "escape")
        assert isinstance(app.screen, WatchScreen)
        assert "fynd" in seen(app)
    with staffed.context.sessions.read() as session:
        noted = session.scalars(select(Deviation)).one()
        assert (noted.by, noted.note) == ("anna", "semester")


async def test_a_check_that_found_nothing_says_so(staffed: World) -> None:
    app = app_of(staffed)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await go(pilot, "f12", "r", "end", "enter")
        assert isinstance(app.screen, WatchScreen)
        assert "Kontrollen har inte funnit något." in seen(app)


async def test_ones_own_absence_makes_the_deputy_have_the_duty(staffed: World) -> None:
    staffed.office.watch.set_duty(staffed.per, "raised_answer", owner="anna", deputy="per", every_hours=24)
    app = app_of(staffed)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await go(pilot, "f12", "b")
        assert isinstance(app.screen, AbsencesScreen)
        assert "ingen är borta" in seen(app)
        await go(pilot, "n")
        assert "Första dagen borta: anna" in seen(app), "a caseworker notes nobody else's"
        await pilot.press(*staffed.today.isoformat(), "enter")
        await settle(pilot)
        await pilot.press(*"+3", "enter")
        await settle(pilot)
        assert "✓ Frånvaron är antecknad." in seen(app)
        row = next(row for row in staffed.office.watch.board(staffed.anna) if row.check == "raised_answer")
        assert row.on_duty == "per"
        await go(pilot, "x", "enter")
        assert "✓ Frånvaron är avslutad." in seen(app)
    row = next(row for row in staffed.office.watch.board(staffed.anna) if row.check == "raised_answer")
    assert row.on_duty == "anna"


async def test_supervisors_appoint_and_caseworkers_do_not(staffed: World) -> None:
    app = app_of(staffed)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await go(pilot, "f12", "t")
        assert isinstance(app.screen, WatchScreen)
        assert "T ansvar" not in seen(app)
    app = app_of(staffed, staffed.per)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await go(pilot, "f12", "r")
        app.screen.query_one(KansliTable).move_cursor(row=0)
        await go(pilot, "t")
        assert "Vem äger kontrollen?" in seen(app)
        await go(pilot, "home", "enter")
        assert "Vem är ersättare när ägaren är borta?" in seen(app)
        await go(pilot, "home", "enter")
        await pilot.press(*"24", "enter")
        await settle(pilot)
        assert "✓ Ansvaret är bestämt." in seen(app)
    appointed = [
        (row.owner, row.deputy, row.every_hours) for row in staffed.office.watch.board(staffed.per) if row.owner
    ]
    assert appointed == [("anna", "per", 24)]


async def test_a_supervisor_notes_anybodys_absence(staffed: World) -> None:
    app = app_of(staffed, staffed.per)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await go(pilot, "f12", "b", "n", "home", "enter")
        await pilot.press(*"2026-12-01", "enter")
        await settle(pilot)
        await pilot.press(*"2026-11-01", "enter")
        await settle(pilot)
        assert "✗" in seen(app), "the last day comes before the first"
        await go(pilot, "n", "home", "enter")
        await pilot.press(*"2026-12-01", "enter")
        await settle(pilot)
        await pilot.press(*"2026-12-03", "enter")
        await settle(pilot)
    (absence,) = staffed.office.watch.absences(staffed.per)
    assert (absence.username, absence.first, absence.last) == ("anna", date(2026, 12, 1), date(2026, 12, 3))
    assert Queue.RAISED in staffed.tasks()
