"""The follow-up plan on screen: from a target and a first line to a quarter that a supervisor has closed."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from textual.widgets import Input, OptionList, TextArea

from kansli_tui.app import KansliApp
from kansli_tui.follow_up_labels import measure_words
from kansli_tui.pathway.follow_up import PLAN_MEASURES, Direction, Limits, Status
from kansli_tui.rows.office import Actor, Role
from screens.follow_up import FollowUpScreen
from screens.follow_up_changes import ChangesScreen
from screens.stats_people import StatsPeopleScreen
from screens.targets import TargetsScreen
from tests.screens.at_work import app_of, go
from tests.screens.conftest import SIZE, seen, settle
from tests.service.test_follow_up import SPRING, add, plan, rounds, target
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def at(pilot: Any, app: KansliApp, *, quarter: str = "2026K3", region: str = "05") -> FollowUpScreen:
    """The plan of a quarter; the program begins at this quarter and the joint plan."""
    await settle(pilot)
    screen = FollowUpScreen()
    app.push_screen(screen)
    await settle(pilot)
    if region:
        await go(pilot, "r")
    if quarter == SPRING:
        await go(pilot, "left")
    return screen


def write(app: KansliApp, **fields: str) -> None:
    for name, text in fields.items():
        app.screen.query_one(f"#{name}", Input).value = text


def choose(app: KansliApp, option: str) -> None:
    options = app.screen.query_one(OptionList)
    options.highlighted = options.get_option_index(option)


async def test_a_supervisor_sets_a_target_adds_a_line_judges_it_and_closes_the_quarter(world: World) -> None:
    rounds(world, 40, 15)
    app = app_of(world, world.per)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, quarter=SPRING)
        assert "2026K2 · Östergötland · 1 apr–30 juni 2026" in seen(app)
        assert "Inga rader ännu. N lägger till en." in seen(app)
        await go(pilot, "n")
        choose(app, "participated")
        await go(pilot, "enter")
        write(app, area="Deltagande", activity="Kortare brev", responsible="Per", due="2026-12-01")
        await go(pilot, *["enter"] * 4)
        assert app.screen is screen
        shown = seen(app)
        assert "✓ Raden är tillagd." in shown
        assert "37,5 % (15 av 40)" in shown
        assert "– inget mål" in shown
        assert "publicerat: 31–49 %" in shown, "a published figure, and no target"
        assert "Kortare brev · Per · klart 1 december 2026" in shown
        await go(pilot, "m")
        assert "Kansliet har inte satt något mål." in seen(app)
        choose(app, "at_least")
        await go(pilot, "enter")
        write(app, green="tjugo")
        write(app, yellow="30", why="Beslut i styrgruppen")
        app.screen.query_one("#why").focus()
        await go(pilot, "enter")
        assert "Skriv gränserna som tal" in seen(app)
        write(app, green="50")
        assert "grön ≥ 50 %, gul ≥ 30 %, annars röd" in (await after(pilot, app))
        app.screen.query_one("#why").focus()
        await go(pilot, "enter")
        assert "≥ 50 % 37,5 % ▲ gul" in " ".join(seen(app).split())
        await go(pilot, "a")
        choose(app, "red")
        await go(pilot, "enter", *"Vi kan bättre", "enter")
        assert "■ röd *" in seen(app)
        assert "* satt av per" in seen(app)
        assert "Vi kan bättre (beräknad: gul)" in " ".join(seen(app).split())
        await go(pilot, "s")
        assert "Stänga 2026K2 som Per Ansvarig?" in seen(app)
        await go(pilot, "enter")
        assert "✓ Kvartalet är stängt." in seen(app)
        assert "Stängt 14 sep 09:00 av per, per 14 september 2026." in seen(app)
        await go(pilot, "n", "e", "a", "x", "s", "t")
        assert app.screen is screen, "a closed quarter is only read"
        await go(pilot, "right")
        assert "T tar över de öppna från 2026K2" in seen(app)
        await go(pilot, "t", "enter")
        assert "✓ 1 rad är övertagen." in seen(app)
        assert "2026K2 37,5 % (15 av 40) ■ röd" in " ".join(seen(app).split())
        await go(pilot, "right", "right")
        assert "En plan skrivs längst för nästa kvartal." in seen(app)


async def after(pilot: Any, app: KansliApp) -> str:
    await settle(pilot)
    return seen(app)


async def test_texts_are_written_and_their_history_is_read(world: World) -> None:
    add(world)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, quarter=SPRING)
        assert "inget skrivet ännu" in seen(app)
        await go(pilot, "e")
        app.screen.query_one("#results", TextArea).text = "Fler kom i maj.\nFärre i juni."
        write(app, due="snart")
        await go(pilot, "ctrl+s")
        assert "Skriv en dag" in seen(app)
        write(app, due="", area="Jämlikhet")
        await go(pilot, "ctrl+s")
        assert app.screen is screen
        assert "Fler kom i maj." in seen(app)
        assert "Färre i juni." in seen(app)
        await go(pilot, "h")
        assert isinstance(app.screen, ChangesScreen)
        assert "Skrivet: Resultat" in seen(app)
        assert "Rad tillagd" in seen(app)
        await go(pilot, "down")
        assert "Deltagande → Jämlikhet" in seen(app)
        await go(pilot, "escape")
        assert app.screen is screen


async def test_a_line_opens_the_people_behind_it(world: World) -> None:
    rounds(world, 24, 22)
    add(world)
    add(world, area="Ledtider", measure="sample_to_letter_median")
    add(world, area="Alla redovisade", measure="open_without_next_date")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, quarter=SPRING)
        await go(pilot, "enter")
        choose(app, "rest")
        await go(pilot, "enter")
        assert isinstance(app.screen, StatsPeopleScreen)
        assert seen(app).count("19700405-") == 2
        await go(pilot, "escape", "down", "enter")
        assert "de som är klara: 22" in seen(app)
        await go(pilot, "enter")
        assert isinstance(app.screen, StatsPeopleScreen)
        assert seen(app).count("19700405-") >= 10
        await go(pilot, "escape", "down", "enter")
        assert app.screen is screen, "whom nothing holds stands in the balance"


async def test_a_caseworker_writes_but_does_not_judge(world: World) -> None:
    add(world)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, quarter=SPRING)
        for key in ("a", "m", "s", "x"):
            await go(pilot, key)
            assert app.screen is screen, key
        assert "S stäng" not in seen(app)
        await go(pilot, "l")
        assert isinstance(app.screen, TargetsScreen)
        await go(pilot, "m")
        assert isinstance(app.screen, TargetsScreen)


async def test_what_somebody_else_has_changed_is_read_again_and_nothing_is_overwritten(world: World) -> None:
    line_id = add(world)
    app = app_of(world, world.per)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "s")
        assert "Kvartalet kan stängas när det är slut, efter 30 september 2026." in seen(app)
        await at(pilot, app, quarter=SPRING)
        assert "S stäng" in seen(app)
        assert "H historik" in seen(app)
        await go(pilot, "s")
        world.office.follow_up.edit(world.anna, line_id, version=1, results="Nytt")
        await go(pilot, "enter")
        assert "Rader eller siffror har ändrats" in seen(app)
        assert not plan(world).is_closed
        await go(pilot, "a")
        choose(app, "closed")
        await go(pilot, "enter", *"Klart", "enter")
        assert "✓ Statusen är satt." in seen(app)
    (row,) = plan(world).rows
    assert (row.status, row.results) == (Status.CLOSED, "Nytt")


async def test_all_targets_are_listed_with_their_history(world: World) -> None:
    target(world)
    target(world, Limits(Direction.AT_LEAST, Decimal("62.5"), Decimal(50)), region="06", why="Egen plan")
    app = app_of(world, world.per)
    async with app.run_test(size=SIZE) as pilot:
        await at(pilot, app)
        await go(pilot, "l")
        shown = seen(app)
        assert "≥ 50 % – ≥ 62,5 % –" in " ".join(shown.split())
        assert "RJL: grön ≥ 62,5 %, gul ≥ 50 %, annars röd (från 1 januari 2026)" in shown
        await go(pilot, "h")
        assert "Mål från 1 januari 2026" in seen(app)
        assert "Egen plan" in seen(app)
        await go(pilot, "escape", "m")
        choose(app, "end")
        await go(pilot, "enter")
        write(app, region="RJL", why="Följer de andra")
        app.screen.query_one("#why").focus()
        await go(pilot, "enter")
        assert "✓ Målet har upphört." in seen(app)
    rows = {row.measure.name: row.own for row in world.office.targets.rows(world.per)}
    assert set(rows["participated"]) == {""}


async def test_one_region_has_its_own_plan_alone_and_an_empty_one_breaks_no_key(world: World) -> None:
    eva = Actor("eva", "Eva", Role.SUPERVISOR, frozenset({"06"}))
    app = app_of(world, eva)
    async with app.run_test(size=SIZE) as pilot:
        screen = await at(pilot, app, region="")
        assert "2026K3 · Jönköpings län" in seen(app)
        await go(pilot, "r", "e", "a", "m", "h", "x", "s", "t", "enter")
        assert app.screen is screen
        await go(pilot, "right")
        assert "Har inte börjat." in seen(app)


async def test_a_wide_window_shows_counts_and_comments(world: World) -> None:
    rounds(world, 40, 15)
    line_id = add(world)
    world.office.follow_up.override(world.per, line_id, Status.GREEN, version=1, comment="Sommaren inräknad")
    add(world, area="Ledtider", measure="sample_to_letter_within")
    add(world, area="Ledtider", measure="sample_to_letter_median", due=date(2026, 12, 1))
    app = app_of(world)
    async with app.run_test(size=(140, 45)) as pilot:
        await at(pilot, app, quarter=SPRING)
        shown = seen(app)
        assert "37,5 % (15 av 40)" in shown
        assert "● grön *" in shown
        assert "Sommaren inräknad" in shown
        assert "Inom 14 dagar: " in shown
        assert "100,0 % (15 av 15)" in shown
        assert "5 dgr (15 räknade)" in shown


def test_every_measure_is_told_from_the_others_by_its_words(new_database: object) -> None:
    words = [measure_words(measure) for measure in PLAN_MEASURES.values()]
    assert len(set(words)) == len(words)
