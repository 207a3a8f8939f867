"""The flow, its divisions and the comparison on screen: every figure stands with its words, opens its people and leads back."""

from typing import Any

import pytest
from textual.widgets import Input, Static

from db.models import Person
from kansli_tui.app import KansliApp
from kansli_tui.rows.statistics import StatsFilter
from screens.breakdown import BreakdownScreen
from screens.case import CaseScreen
from screens.comparison import ComparisonScreen
from screens.flow import FlowScreen
from screens.funnel_plot import FunnelPlot
from screens.stats_people import StatsPeopleScreen
from screens.widgets.table import KansliTable
from tests.screens.at_work import answered, app_of, go
from tests.screens.conftest import SIZE, seen, settle
from tests.service.history_help import taken
from tests.service.test_history_random import funnel, funnel_lines
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
WIDE = (140, 45)


async def at(pilot: Any, app: KansliApp, *keys: str) -> Any:
    await settle(pilot)
    await go(pilot, "f5", *keys)
    return app.screen


def line(app: KansliApp, key: str) -> list[str]:
    """The cells of a line, as they stand there."""
    return [cell.plain.strip() for cell in app.screen.query_one(KansliTable).get_row(key)]


async def mark(pilot: Any, app: KansliApp, key: str) -> None:
    table = app.screen.query_one(KansliTable)
    table.move_cursor(row=table.get_row_index(key), animate=False)
    await settle(pilot)


def keys_at_hand(app: KansliApp) -> set[str]:
    return {active.binding.id or "" for active in app.screen.active_bindings.values() if active.enabled}


async def test_from_the_funnel_to_the_people_and_back_with_the_filter_kept(world: World) -> None:
    offered, sampled, raised, indicated, *_rest = funnel(600)
    taken(world, *funnel_lines(600))
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, "2")
        assert isinstance(screen, FlowScreen)
        assert line(app, "rounds")[1] == str(offered)
        assert line(app, "participated")[1:] == [str(sampled), "███▏", "35,0 %", "(31,3–38,9)"]
        assert line(app, "mri_done")[1] == str(raised)
        assert line(app, "biopsy_indicated")[3] == f"{100 * indicated / raised:.1f} %".replace(".", ",")
        assert line(app, "rounds")[0] == "Erbjudanden"
        assert line(app, "offered")[0] == "Erbjudna personer"
        await mark(pilot, app, "heading:coverage")
        assert f"✓ {offered} av {offered}." in seen(app)
        assert "stats.others" not in keys_at_hand(app)
        await mark(pilot, app, "mri_done")
        shown = seen(app)
        assert f"MR gjord, av PSA 3 eller mer · {raised} av {raised} = 100,0 %" in shown
        assert "Räknas: 3 µg/l eller mer, och MR är gjord och besvarad" in shown
        assert "stats.others" not in keys_at_hand(app), "there are no others"
        await go(pilot, "d")
        assert "så andelen kan stiga" in seen(app)
        await go(pilot, "escape", "enter")
        assert isinstance(app.screen, StatsPeopleScreen)
        assert app.screen.query_one(KansliTable).row_count == raised
        assert f"de som räknas: {raised}" in seen(app)
        await go(pilot, "enter")
        assert isinstance(app.screen, CaseScreen)
        await go(pilot, "escape", "escape")
        assert app.screen is screen
        assert screen.query_one(KansliTable).current == "mri_done"
        await mark(pilot, app, "psa_raised")
        await go(pilot, "o")
        assert f"de övriga: {sampled - raised}" in seen(app)
        assert app.screen.query_one(KansliTable).row_count == 50
        first = app.screen.query_one(KansliTable).current
        await go(pilot, "plus")
        assert "sida 2" in seen(app)
        assert app.screen.query_one(KansliTable).current != first
        await go(pilot, "minus", "escape", "b")
        assert isinstance(app.screen, BreakdownScreen)
        parts = {name: line(app, name) for name in ("05", "06", "08")}
        assert sum(int(cells[1]) for cells in parts.values()) == raised
        await mark(pilot, app, "05")
        await go(pilot, "a")
        assert f"PSA 3 eller mer, av provtagna · RÖ · alla den räknas av: {parts['05'][2]}" in seen(app)
        await go(pilot, "escape", "right", "right", "right", "right")
        assert "per ålder" in seen(app)
        assert line(app, "50")[0] == "50 år"
        await mark(pilot, app, "50")
        assert "list.open" not in keys_at_hand(app), "no filter says an age"
        await go(pilot, "f")
        app.screen.query_one("#regions", Input).value = "RJL"
        await go(pilot, "enter", "5")
        assert isinstance(app.screen, ComparisonScreen)
        assert "RJL · per" in seen(app)
        assert "Det finns inget att jämföra med" in seen(app)
        await go(pilot, "2")
        assert line(app, "rounds")[1] == "200"


async def test_regions_and_municipalities_are_compared(world: World) -> None:
    taken(world, *funnel_lines(600))
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, "5")
        shown = seen(app)
        assert "Lämnade prov, av erbjudna vars provtid är över" in shown
        assert line(app, "06")[:4] == ["RJL", "70/200", "35,0 %", "(28,7–41,8)"]
        assert "●" in line(app, "06")[4]
        assert "Alla ligger inom gränserna." in shown
        plot = "\n".join(
            strip.text
            for strip in screen.query_one(FunnelPlot).render_lines(screen.query_one(FunnelPlot).region.reset_offset)
        )
        assert "● RÖ" in plot or "● RJL" in plot or "● RKL" in plot
        await go(pilot, "right")
        assert "Lämnade prov, av alla vars sista dag har varit" in seen(app)
        await go(pilot, "left", "i")
        assert "Vad jämförs?" in seen(app)
        await go(pilot, "escape")
        await mark(pilot, app, "06")
        await go(pilot, "enter")
        assert "· RJL · de som räknas: 70" in seen(app)
        await go(pilot, "escape", "m")
        assert screen.query_one(KansliTable).row_count >= 1
        assert "per" in seen(app)
        assert "siffra " in seen(app)
        app.stats_filter = StatsFilter(("06",), world.today)
        await go(pilot, "m", "ctrl+r")
        assert screen.query_one(KansliTable).row_count == 1, "one region is not drawn twice"
        assert "Det finns inget att jämföra med" in seen(app)
        assert not screen.query_one(FunnelPlot).display
        app.stats_filter = StatsFilter(("06",), world.today, born=(1950,))
        await go(pilot, "ctrl+r")
        assert "Ingen finns i urvalet." in " ".join(seen(app).split())


async def test_the_protected_are_masked_and_who_lives_elsewhere_is_not_opened(world: World) -> None:
    stays, gone = answered(world, "0.4", "0.5")
    with world.context.sessions.begin() as session:
        session.get_one(Person, gone).region = "03"
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app, "2", "enter")
        people = app.screen.query_one(KansliTable)
        assert people.row_count == 2
        await mark(pilot, app, f"{gone}:1")
        assert "i annan region" in seen(app)
        assert world.person(gone).family_name not in seen(app)
        assert "list.open" not in keys_at_hand(app)
        await mark(pilot, app, f"{stays}:1")
        assert "list.open" in keys_at_hand(app)


async def test_what_was_known_earlier_is_counted_once(world: World) -> None:
    answered(world, "0.4")
    then = world.today
    world.clock.advance(days=30)
    app = app_of(world)
    app.stats_filter = StatsFilter(("05", "06", "08"), then)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, "2")
        assert line(app, "rounds")[1] == "1"
        screen.count = lambda: pytest.fail("counted again")
        await go(pilot, "enter", "escape")
        assert app.screen is screen


@pytest.mark.parametrize("size", [SIZE, WIDE])
async def test_an_empty_office_breaks_no_key(world: World, size: tuple[int, int]) -> None:
    app = app_of(world)
    async with app.run_test(size=size) as pilot:
        await at(pilot, app, "2")
        assert "Ingen finns i urvalet." in seen(app)
        await go(pilot, "enter", "o", "a", "b", "d", "down", "end")
        assert isinstance(app.screen, FlowScreen)
        await go(pilot, "5", "enter", "right", "left", "i", "m", "m", "o", "a", "d")
        assert isinstance(app.screen, ComparisonScreen)
        assert "Ingen finns i urvalet." in seen(app)


async def test_a_wide_window_explains_beside(world: World) -> None:
    answered(world, "0.4", "4.5")
    app = app_of(world)
    async with app.run_test(size=WIDE) as pilot:
        screen = await at(pilot, app, "2")
        about = screen.query_one("#about")
        assert about.region.x > screen.query_one(KansliTable).region.x + 60
        await mark(pilot, app, "psa_raised")
        assert "publicerat: 2–4 % vid 50 år" in str(screen.query_one("#about Static", Static).render())
