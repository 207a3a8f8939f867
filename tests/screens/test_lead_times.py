"""Lead times on screen: those done apart from those who wait, by region and unit, and the people behind."""

import pytest

from kansli_tui.app import KansliApp
from screens.lead_times import LeadTimesScreen
from screens.stats_people import StatsPeopleScreen
from screens.widgets.table import KansliTable
from tests.screens.at_work import app_of, examined, go
from tests.screens.conftest import SIZE, seen
from tests.screens.test_flow import WIDE, at, keys_at_hand, line, mark
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


def unit_line(app: KansliApp, lead: str) -> str:
    """The key of a lead time's first line of a unit."""
    keys = [str(row.key.value) for row in app.screen.query_one(KansliTable).ordered_rows]
    return next(key for key in keys if key.startswith(f"{lead}:05:"))


async def test_who_is_done_and_who_waits_stand_apart_and_open_their_people(world: World) -> None:
    men = examined(world, {"scores": (2,)}, {"scores": (5,)})
    waits = world.man(family_name="Väntar")
    world.release(next(row.plan_id for row in world.office.offers.plans(world.anna)))
    assert waits
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, "3")
        assert isinstance(screen, LeadTimesScreen)
        assert line(app, "mri_wait:all:0")[:4] == ["MR-remiss → MR", "2", "19", "19–19"]
        assert line(app, "sample_to_letter:all:0")[4] == "14"
        late = line(app, "sample_to_letter:all:0")
        assert (late[6], late[7]) == ("2", "2"), "both still wait for a letter, longer than the target"
        assert "list.open" not in keys_at_hand(app)
        await mark(pilot, app, "sample_to_letter:all:0")
        shown = seen(app)
        assert "2 väntar ännu, 2 av dem över målet, längst" in shown
        assert "från dagen då provet togs till dagen då svarsbrevet postades" in shown
        await go(pilot, "enter")
        assert isinstance(app.screen, StatsPeopleScreen)
        shown = seen(app)
        assert "Från prov till svarsbrev · de som väntar: 2" in shown
        assert "väntat" in shown
        assert "Man0, Åke" in shown
        await go(pilot, "escape", "v")
        assert "de som har väntat längre än målet: 2" in seen(app)
        await go(pilot, "escape")
        assert screen.query_one(KansliTable).current == "sample_to_letter:all:0"
        await go(pilot, "d")
        assert "Målet på 14 dagar är kansliets eget." in seen(app)
        await go(pilot, "escape", "u")
        assert "per region" in seen(app)
        assert line(app, "mri_wait:05:0")[:2] == ["RÖ", "2"]
        await go(pilot, "u")
        unit = unit_line(app, "mri_wait")
        assert line(app, unit)[0].startswith("RÖ ")
        await mark(pilot, app, unit)
        await go(pilot, "k")
        assert app.screen.query_one(KansliTable).row_count == len(men)
        await go(pilot, "escape", "u")
        assert "mri_wait:05:0" not in {str(row.key.value) for row in screen.query_one(KansliTable).ordered_rows}


@pytest.mark.parametrize("size", [SIZE, WIDE])
async def test_an_empty_office_says_so(world: World, size: tuple[int, int]) -> None:
    app = app_of(world)
    async with app.run_test(size=size) as pilot:
        screen = await at(pilot, app, "3")
        assert "Inget erbjudande har skickats i urvalet." in seen(app)
        assert "ingen är framme än; ingen väntar." in seen(app)
        await go(pilot, "enter", "v", "k", "s", "u", "enter", "u", "end", "enter")
        assert app.screen is screen
