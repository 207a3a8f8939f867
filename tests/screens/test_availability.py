"""The availability report and the overview on screen: lists by region, the year in a plot, the people, and what is behind each line."""

from typing import Any

import pytest
from textual.coordinate import Coordinate

from kansli_tui.app import KansliApp
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.office import Role
from kansli_tui.rows.statistics import StatsFilter
from kansli_tui.rows.watch import DeviationCause
from screens.availability import AvailabilityScreen
from screens.availability_people import WaitingPeopleScreen
from screens.availability_trend import TrendScreen
from screens.balance import BalanceScreen
from screens.case import CaseScreen
from screens.overview import OverviewScreen
from screens.widgets.table import KansliTable
from tests.screens.at_work import answered, app_of, examined, go
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def at(pilot: Any, app: KansliApp, *keys: str) -> Any:
    await settle(pilot)
    await go(pilot, "f5", *keys)
    return app.screen


def cells(app: KansliApp, table: str, key: str) -> list[str]:
    """The cells of the line with a key, as they stand there."""
    found = app.screen.query_one(f"#{table}", KansliTable)
    return [cell.plain.strip() for cell in found.get_row(key)]


def mark(app: KansliApp, table: str, key: str) -> None:
    found = app.screen.query_one(f"#{table}", KansliTable)
    found.focus()
    found.cursor_coordinate = Coordinate(found.get_row_index(key), 0)


async def test_lists_are_shown_for_all_regions_and_for_one(world: World) -> None:
    men = answered(world, "4.5", "0.4", "0.5")
    world.man(region="08", municipality="0880")
    world.clock.advance(days=20)
    world.office.watch.note_cause(world.anna, f"person:{men[0]}", DeviationCause.OFFICE, "x")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, "4")
        assert isinstance(screen, AvailabilityScreen)
        shown = seen(app)
        assert "alla regioner · 4 personer i registret" in shown
        assert cells(app, "lists", "psa_letter") == [
            "Prov → svarsbrev", "3", "7\N{NO-BREAK SPACE}500,0", "14", "3", "100,0 %", "23,0", "25"
        ]  # fmt: skip
        mark(app, "lists", "mri_referral")
        await settle(pilot)
        shown = seen(app)
        assert "Orsaker: Fördröjning på kansliet 1" in shown
        assert "Per 10 000: RÖ 3\N{NO-BREAK SPACE}333,3 · RJL – · RKL 0,0" in shown
        await go(pilot, "r")
        assert "Östergötland · 3 personer i registret" in seen(app)
        await go(pilot, "r", "r")
        assert "Kalmar län · 1 person i registret" in seen(app)
        assert cells(app, "lists", "psa_letter")[1] == "–"
        await go(pilot, "enter")
        assert app.screen is screen, "nobody waits there"
        await go(pilot, "r")
        assert "alla regioner" in seen(app)
        app.stats_filter = StatsFilter(("06",), world.today, born=(1974,))
        await go(pilot, "ctrl+r")
        assert "Jönköpings län · 0 personer i registret" in seen(app), "one region alone is not all"
        assert "bara regioner och dag filtreras här" in seen(app)
        await go(pilot, "1")
        assert "ofiltrerad" in seen(app)


async def test_a_list_opens_its_people_and_they_their_cases(world: World) -> None:
    answered(world, "4.5", "4.6")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app, "4")
        mark(app, "lists", "psa_letter")
        await go(pilot, "enter")
        assert isinstance(app.screen, WaitingPeopleScreen)
        shown = seen(app)
        assert shown.index("Man0, Åke") < shown.index("Man1, Åke")
        assert "Tillgänglighet · Prov → svarsbrev" in shown
        await go(pilot, "down", "enter")
        assert isinstance(app.screen, CaseScreen)
        assert "Man1" in seen(app)
        await go(pilot, "escape", "escape")
        assert isinstance(app.screen, AvailabilityScreen)


@pytest.mark.parametrize("size", [SIZE, (140, 45)])
async def test_the_year_is_drawn_with_a_letter_for_each_region_or_as_a_line(
    world: World, size: tuple[int, int]
) -> None:
    examined(world, {"scores": (2,)}, {"scores": (2,)})
    world.clock.advance(days=70)
    app = app_of(world)
    async with app.run_test(size=size) as pilot:
        await at(pilot, app, "4")
        mark(app, "lists", "mri_letter")
        await settle(pilot)
        assert ("RÖ /10 000" in seen(app)) == (size != SIZE)
        drawn_beside = "Väntar per 10 000 personer" in seen(app)
        assert drawn_beside == (size != SIZE)
        await go(pilot, "t")
        assert isinstance(app.screen, TrendScreen)
        shown = seen(app)
        assert "Väntar per 10 000 personer" in shown
        assert "Ö Östergötland · J Jönköpings län · K Kalmar län" in shown
        assert f"Väntar {world.today.day} " in shown
        await go(pilot, "escape", "r")
        mark(app, "lists", "psa_letter")
        await go(pilot, "t")
        assert "Har väntat längre än målet, %" in seen(app)
        assert "●" in seen(app)
        assert "Ö Östergötland" not in seen(app)
        assert "Östergötland" in seen(app)


async def test_the_overview_says_what_waits_and_opens_what_is_behind_it(world: World) -> None:
    answered(world, "4.5", "0.4")
    world.office.balance.make(world.anna)
    world.clock.advance(days=3)
    (normal,) = world.office.decisions.rows(world.anna, Queue.NORMAL)
    world.confirm(Queue.NORMAL, normal.person_id)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app)
        assert isinstance(screen, OverviewScreen)
        assert cells(app, "waits", f"queue:{Queue.RAISED}") == ["Förhöjda provsvar", "1  5d", "–", "–"]
        assert f"queue:{Queue.NORMAL}" not in screen.query_one("#waits", KansliTable).rows
        assert cells(app, "rest", "area:balance:05") == ["Balans RÖ", "2", "✓ 0"]
        assert cells(app, "rest", "view:2:participated")[1:] == ["100,0 %", "av 2"]
        assert cells(app, "rest", "view:4:psa_letter") == ["Prov → svarsbrev", "0", "av 2"]
        mark(app, "rest", "area:balance:05")
        await go(pilot, "enter")
        assert isinstance(app.screen, BalanceScreen)
        await go(pilot, "f5")
        mark(app, "rest", "view:4:psa_letter")
        await go(pilot, "enter")
        assert isinstance(app.screen, AvailabilityScreen)
        await go(pilot, "1")
        assert isinstance(app.screen, OverviewScreen)
        mark(app, "waits", f"queue:{Queue.RAISED}")
        await go(pilot, "enter")
        assert "Man0" in seen(app)


async def test_an_office_without_people_breaks_no_key(world: World) -> None:
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app)
        assert "Inget väntar." in seen(app)
        assert cells(app, "rest", "area:balance:") == ["Balans", "inte", "räknad"]
        await go(pilot, "enter", "tab", "enter", "down", "4", "enter", "r", "t")
        assert isinstance(app.screen, TrendScreen)
        await go(pilot, "escape", "1")
        assert isinstance(app.screen, OverviewScreen)
        assert app.screen is screen


async def test_work_that_is_done_is_counted_by_day_and_week(world: World) -> None:
    world.office.staff.add(
        world.per, username="anna", name="Anna", role=Role.CASEWORKER, regions=("05",), password="ett långt lösenord"
    )
    men = answered(world, "0.4", "0.5", "0.6")
    # A Monday, so that the day before is another week.
    world.clock.advance(days=(7 - world.today.weekday()) % 7 + 7)
    for man in men[:2]:
        world.confirm(Queue.NORMAL, man)
    made = world.office.overview.make(world.anna)
    assert (made.tasks.today, made.tasks.week) == ({"05": 2}, {"05": 2})
    world.clock.advance(days=1)
    world.confirm(Queue.NORMAL, men[2])
    assert world.post() == 3
    made = world.office.overview.make(world.anna)
    assert (made.tasks.today, made.tasks.week) == ({"05": 1}, {"05": 3})
    assert (made.letters.today, made.letters.week) == ({"05": 3}, {"05": 3})
    world.clock.advance(days=6)
    made = world.office.overview.make(world.anna)
    assert (made.tasks.week, made.letters.week) == ({}, {})
