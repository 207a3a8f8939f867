"""Plans on screen: drafted by one, approved by another, tried out, and released once a week."""

from datetime import date
from typing import Any

import pytest

from db.models import Person
from kansli_tui.app import KansliApp
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.offers import PlanState
from screens.case import CaseScreen
from screens.dialogs import Confirm
from screens.dry_run import DryRunScreen
from screens.offers import OffersScreen
from screens.plan_form import PlanForm, parse_weeks, parse_years
from tests.screens.at_work import app_of, go
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def at(pilot: Any, app: KansliApp) -> OffersScreen:
    await settle(pilot)
    await go(pilot, "f3")
    screen = app.screen
    assert isinstance(screen, OffersScreen)
    return screen


async def fill_in(pilot: Any, **values: str) -> None:
    for name, value in values.items():
        pilot.app.screen.query_one(f"#{name.replace('_', '-')}").value = value
    await go(pilot, "enter")


async def test_drafted_approved_by_another_and_released_once(world: World) -> None:
    men = [world.man(family_name=f"Man{place}") for place in range(3)]
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        assert "Det finns ingen plan." in seen(app)
        await go(pilot, "n")
        await fill_in(pilot, region="RÖ", years="1976", per_week="2", weeks="52", start=world.today.isoformat())
        assert "✓ Planen är utkastad." in seen(app)
        assert "RÖ      1976" in seen(app)
        await go(pilot, "f")
        assert not isinstance(app.screen, Confirm), "a draft is not released"
        await go(pilot, "g", "enter")
        assert "✗ En plan godkänns av någon annan än den som gjort den." in seen(app)
    app = app_of(world, world.per)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "g", "enter")
        assert "✓ Planen är godkänd." in seen(app)
        await go(pilot, "f")
        assert "Frisläppa 2 personer, vecka 2026-W38?" in seen(app)
        await go(pilot, "enter")
        assert "✓ 2 personer frisläppta, vecka 2026-W38." in seen(app)
        assert "Frisläppt: 2026-W38 2 (per)" in seen(app)
        await go(pilot, "f")
        assert not isinstance(app.screen, Confirm), "a week is released once"
    assert sorted(world.step(man) for man in men) == [Step.NOT_DUE, Step.PRE_LETTER_TO_POST, Step.PRE_LETTER_TO_POST]


async def test_the_dry_run_says_who_and_who_not_and_adds_up(world: World) -> None:
    men = [world.man(family_name=f"Man{place}") for place in range(4)]
    world.act(men[3], "exclude", detail="no_prostate")
    plan = world.plan(per_week=2)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "t")
        assert isinstance(app.screen, DryRunScreen)
        shown = seen(app)
        assert "2  Erbjuds vecka 2026-W38" in shown
        assert "1  Aktuella, men en senare vecka" in shown
        assert "1  Undantagen: Har ingen prostata" in shown
        assert "✓ 4 = 4 personer i årskullarna" in shown
        assert "Man0, Åke" in shown
        assert "Man3" not in shown
        await go(pilot, "down", "down")
        assert "Man3, Åke" in seen(app)
        await go(pilot, "enter", "enter")
        assert isinstance(app.screen, CaseScreen)
    assert {world.step(man) for man in men[:3]} == {Step.NOT_DUE}, "a dry run changes nothing"
    assert world.office.offers.releases(world.anna, plan) == ()


async def test_what_cannot_be_read_in_the_form_is_said_and_what_is_refused_stands_there_again(world: World) -> None:
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "n")
        for wrong, words in (
            ({"region": "Skåne", "years": "1976", "per_week": "20"}, "Skriv en av dina regioner: RÖ, RJL, RKL."),
            ({"region": "RÖ", "years": "sjuttiosex"}, "Skriv årskullar som 1974, 1976 eller 1970-1974."),
            ({"years": "1976", "per_week": "0"}, "Skriv hur många personer i veckan, minst 1."),
            ({"per_week": "20", "weeks": "54"}, "Skriv veckor som 28-31, 52 eller 2026-W52."),
            ({"weeks": "", "start": "snart"}, "Skriv en dag"),
        ):
            await fill_in(pilot, **wrong)
            assert isinstance(app.screen, PlanForm)
            assert words in seen(app)
        await fill_in(pilot, years="2010", start="2026-10-01")
        assert isinstance(app.screen, OffersScreen)
        assert "✗ " in seen(app)
        await go(pilot, "n")
        assert "2010" in seen(app)
    assert world.office.offers.plans(world.anna) == ()


async def test_a_plan_that_a_colleague_has_changed_is_told(world: World) -> None:
    world.man()
    plan = world.plan()
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "f")
        world.release(plan)
        await go(pilot, "enter")
        assert "✗ Någon annan har ändrat planen. Se på den igen." in seen(app)
        assert "2026-W38 1 (anna)" in seen(app)


async def test_an_ended_plan_releases_nothing_more(world: World) -> None:
    world.man()
    world.plan()
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "x", "enter")
        assert "avslutad" in seen(app)
        await go(pilot, "f", "g", "x")
        assert isinstance(app.screen, OffersScreen)
    assert [plan.state for plan in world.office.offers.plans(world.anna)] == [PlanState.ENDED]


async def test_an_empty_list_breaks_no_key(world: World) -> None:
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app)
        await go(pilot, "t", "g", "f", "x", "enter", "plus")
        assert app.screen is screen


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("1976", (1976,)),
        ("1976, 1974", (1974, 1976)),
        ("1974 1976", (1974, 1976)),
        ("1970-1972", (1970, 1971, 1972)),
        ("1970 – 1971, 1974", (1970, 1971, 1974)),
        ("76", ()),
        ("1976-1974", ()),
        ("", ()),
        ("１９７６", ()),
    ],
)
def test_birth_years_as_people_write_them(text: str, years: tuple[int, ...], new_database: object) -> None:
    assert parse_years(text) == years


@pytest.mark.parametrize(
    ("text", "weeks"),
    [
        ("", ()),
        ("52", ("2026-W52",)),
        ("v28-30", ("2026-W28", "2026-W29", "2026-W30")),
        ("2027-W01, 2026-W53", ("2027-W01", "2026-W53")),
        ("28 - 29", ("2026-W28", "2026-W29")),
        ("54", None),
        ("2027-W53", None),
        ("jul", None),
    ],
)
def test_weeks_as_people_write_them(text: str, weeks: tuple[str, ...] | None, new_database: object) -> None:
    assert parse_weeks(text, date(2026, 1, 1).year) == weeks


async def test_years_ahead_stand_by_quarter_and_region(world: World) -> None:
    for born, region, on in (
        (1976, "05", date(2032, 5, 1)),
        (1976, "06", date(2032, 6, 30)),
        (1952, "05", date(2027, 1, 1)),
    ):
        person_id = world.man(birth_date=date(born, 5, 1), region=region)
        with world.context.sessions.begin() as session:
            session.get_one(Person, person_id).next_on = on
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await go(pilot, "f3", "k")
        shown = seen(app)
        assert "2 väntar på ett erbjudande, 1 på att lämna av ålder." in shown
        lines = [line.split() for line in shown.splitlines()]
        assert ["kv", "2", "2032", "1", "1", "–", "2", "–"] in lines
        assert ["kv", "1", "2027", "–", "–", "–", "–", "1"] in lines
        await go(pilot, "escape")
        assert "Erbjudanden" in seen(app)
