"""Register care on screen: checks that count down to zero, findings that are settled, names by hand, and two cases that are one."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import update
from textual.widgets import Input, OptionList

from db.models import HandEdit
from kansli_tui.app import KansliApp
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.office import Actor, Role
from kansli_tui.rows.register_care import HandField
from screens.care_findings import CareFindingsScreen
from screens.case import CaseScreen
from screens.hand_edit_form import HandEditForm
from screens.held import HeldScreen
from screens.merging import MergeScreen
from screens.register_care import RegisterCareScreen
from tests.screens.at_work import app_of, go
from tests.screens.conftest import SIZE, seen, settle
from tests.service.test_register_care import unknown_order
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
BORN = date(1976, 5, 5)


async def at_care(pilot: Any, app: KansliApp) -> RegisterCareScreen:
    await settle(pilot)
    screen = RegisterCareScreen()
    app.push_screen(screen)
    await settle(pilot)
    return screen


async def opened(pilot: Any, app: KansliApp, check: str) -> CareFindingsScreen:
    """The findings of a check, from the board."""
    table = app.screen.query_one("#checks")
    table.move_cursor(row=table.get_row_index(check))  # type: ignore[attr-defined]
    await go(pilot, "enter")
    assert isinstance(app.screen, CareFindingsScreen)
    return app.screen


def choose(app: KansliApp, option: str) -> None:
    options = app.screen.query_one(OptionList)
    options.highlighted = options.get_option_index(option)


def write(app: KansliApp, **fields: str) -> None:
    for name, text in fields.items():
        app.screen.query_one(f"#{name}", Input).value = text


def line(app: KansliApp, words: str) -> list[str]:
    """The counts on the line of a check."""
    return next(text for text in seen(app).splitlines() if words in text).split(words)[1].split()


async def test_a_finding_is_looked_at_and_counts_down_to_zero(world: World) -> None:
    world.man(municipality="")
    world.man(region="08", municipality="")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        care = await at_care(pilot, app)
        words = "Kommun saknas eller är fel"
        assert "2 fynd att rätta" in seen(app)
        assert line(app, words)[-5:] == ["1", "0", "1", "0", "2"]
        await opened(pilot, app, "unknown_municipality")
        assert "Ingen kommun" in seen(app)
        assert "Öppna ärendet och skriv kommunen för hand" in " ".join(seen(app).split())
        await go(pilot, "s")
        assert "Det kommer tillbaka av sig självt" in " ".join(seen(app).split())
        await go(pilot, *"bor utomlands", "enter")
        assert "✓ Antecknat: stämmer." in seen(app)
        await go(pilot, "enter")
        assert isinstance(app.screen, CaseScreen)
        await go(pilot, "escape", "s", *"likadant", "enter")
        assert "✓ Kontrollen hittar inget mer." in seen(app)
        await go(pilot, "s", "enter", "j", "g")
        assert isinstance(app.screen, CareFindingsScreen), "an empty list breaks no key"
        await go(pilot, "escape")
        assert app.screen is care
        assert "✓ inget att rätta" in seen(app)
        await go(pilot, "r")
        assert "✓ inget att rätta" in seen(app)


async def test_two_cases_are_compared_merged_and_taken_apart(world: World) -> None:
    one, two = (world.man(family_name="Lik", birth_date=BORN) for _ in range(2))
    world.act(two, "offer_now")
    numbers = [world.case(each).number for each in (one, two)]
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at_care(pilot, app)
        await opened(pilot, app, "possible_duplicates")
        assert f"och {numbers[1]}" in seen(app)
        await go(pilot, "j")
        assert isinstance(app.screen, MergeScreen)
        shown = " ".join(seen(app).split())
        assert "Samma namn, Samma födelsedag, Samma adress" in shown
        assert "Låt omgången ta slut" in shown
        await go(pilot, "v")
        assert isinstance(app.screen, MergeScreen), "the right one cannot go"
        await go(pilot, "h")
        assert "Vilket nummer gäller enligt folkbokföringen?" in seen(app)
        choose(app, "take")
        await go(pilot, "enter")
        assert f"Går in i det: {numbers[0]}  Lik, Åke" in seen(app)
        await go(pilot, *"samma man", "enter")
        assert isinstance(app.screen, CaseScreen)
        assert f"{numbers[0]}  Lik, Åke" in seen(app), "by the number that holds"
        assert f"HÖR IHOP  {numbers[1]} är en del av det här ärendet" in seen(app)
        assert f"({numbers[1]}) Kom in i registret" in seen(app)
        assert world.step(one) is Step.CLOSED
        await go(pilot, "a")
        choose(app, "care_other")
        await go(pilot, "enter")
        assert f"en del av {numbers[0]}" in " ".join(seen(app).split())
        await go(pilot, "a")
        choose(app, "care_take_back")
        await go(pilot, "enter", *"två män", "enter")
        assert "✓ Sammanslagningen är återtagen" in seen(app)
    assert world.case(one).number == numbers[0]
    assert world.step(one) is Step.NOT_DUE


async def test_merging_from_the_case_by_number(world: World) -> None:
    one, two = world.man(), world.man()
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_case(one)
        await settle(pilot)
        await go(pilot, "a")
        choose(app, "care_merge")
        await go(pilot, "enter", *"19990101-0000", "enter")
        assert "✗" in seen(app)
        await go(pilot, "a")
        choose(app, "care_merge")
        await go(pilot, "enter", *world.person(two).number, "enter")
        assert isinstance(app.screen, MergeScreen)
        await go(pilot, "escape")
        assert isinstance(app.screen, CaseScreen)


async def test_a_name_and_an_address_by_hand_and_what_the_register_says_then(world: World) -> None:
    man = world.man()
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_case(man)
        await settle(pilot)
        await go(pilot, "a")
        choose(app, "care_edit")
        await go(pilot, "enter")
        assert "Vad skrivs för hand?" in seen(app)
        choose(app, "address")
        await go(pilot, "enter")
        write(app, co="c/o Ek", postnr="582 2")
        await go(pilot, "enter", "enter")
        write(app, why="ringde")
        app.screen.query_one("#why").focus()
        await go(pilot, "enter")
        assert "Ett postnummer har fem siffror." in seen(app)
        assert isinstance(app.screen, HandEditForm)
        kept = app.screen.query_one("#co", Input), app.screen.query_one("#why", Input)
        assert [field.value for field in kept] == ["c/o Ek", "ringde"], "what was typed is kept"
        await go(pilot, "escape")
        for name, fields in (
            ("address", {"co": "c/o Ek"}),
            ("name", {"family_name": "Öberg-Ek"}),
            ("municipality", {"municipality": "motala"}),
        ):
            await go(pilot, "a")
            choose(app, "care_edit")
            await go(pilot, "enter")
            choose(app, name)
            await go(pilot, "enter")
            if name == "municipality":
                write(app, municipality="Kalmar", why="ringde")
                app.screen.query_one("#why").focus()
                await go(pilot, "enter")
                assert "Välj en kommun i personens region." in seen(app)
            write(app, **fields, why="ringde")
            app.screen.query_one("#why").focus()
            await go(pilot, "enter")
            assert "✓ Skrivet för hand." in seen(app)
        assert "Öberg-Ek, Åke" in seen(app)
        assert "Motala" in seen(app)
        assert "Skrivet för hand: Efternamn" in seen(app)
        person = world.person(man)
        assert (person.address["co"], person.municipality) == ("c/o Ek", "0583")
        with world.context.sessions.begin() as session:
            says = {"differs": {"family_name": "Ny"}, "differs_at": world.clock.now}
            session.execute(update(HandEdit).where(HandEdit.field == HandField.FAMILY).values(says))
            says = {"differs": {"municipality": "0581"}, "differs_at": world.clock.now}
            session.execute(update(HandEdit).where(HandEdit.field == HandField.MUNICIPALITY).values(says))
        await at_care(pilot, app)
        assert "2 fynd att rätta" in seen(app)
        await opened(pilot, app, "differences")
        await go(pilot, "g")
        assert "Godta folkbokföringens efternamn?" in seen(app)
        assert "Vår: Öberg-Ek" in seen(app)
        assert "Folkbokföringen nu: Ny" in seen(app)
        await go(pilot, *"har bytt namn", "enter")
        assert "✓ Folkbokföringens gäller från och med nu." in seen(app)
        await go(pilot, "k")
        assert "Folkbokföringen nu: Norrköping" in seen(app)
        await go(pilot, *"bor kvar", "enter")
        assert "✓ Kontrollen hittar inget mer." in seen(app)
    person = world.person(man)
    assert (person.family_name, person.municipality) == ("Ny", "0583")


async def test_answers_without_an_order_lead_to_the_held_ones(world: World) -> None:
    unknown_order(world)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await at_care(pilot, app)
        await opened(pilot, app, "answers_without_order")
        assert "svar.hl7" in seen(app)
        assert "stämmer" not in seen(app).splitlines()[-1]
        await go(pilot, "enter")
        assert isinstance(app.screen, HeldScreen)


async def test_one_region_and_a_wide_window(world: World) -> None:
    world.man(municipality="")
    eva = Actor("eva", "Eva", Role.CASEWORKER, frozenset({"05"}))
    app = app_of(world, eva)
    async with app.run_test(size=(140, 45)) as pilot:
        await at_care(pilot, app)
        assert line(app, "Kommun saknas eller är fel")[-2:] == ["1", "0"]
        assert "Räknat nyss" in seen(app)
        assert "RKL" not in seen(app)
