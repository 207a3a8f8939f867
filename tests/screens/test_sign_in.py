"""Signing in: wrong is told without saying what was wrong, right leads home with the person's name on every screen."""

import pytest

from kansli_tui.rows.office import OfficeFacts
from tests.screens.conftest import SIZE, make_app, seen, settle
from tests.screens.fakes import FakeOffice


async def type_in(pilot: object, text: str) -> None:
    await pilot.press(*text, "enter")  # type: ignore[attr-defined]


async def test_the_right_password_leads_home(office: FakeOffice) -> None:
    app = make_app(office, None)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "Användarnamn" in seen(app)
        await type_in(pilot, "anna")
        await type_in(pilot, "hemligt")
        await settle(pilot)
        first, second = seen(app).splitlines()[:2]
        assert "Hem" in first
        assert "Anna Lind  handläggare  10:41" in first
        assert "RÖ RJL RKL" in second
        assert "PÅHITTADE PERSONER" in second
        assert "programmets egen inloggning" in second


async def test_a_wrong_password_is_told_and_forgotten(office: FakeOffice) -> None:
    app = make_app(office, None)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await type_in(pilot, "anna")
        await type_in(pilot, "fel")
        await settle(pilot)
        shown = seen(app)
        assert "✗ Användarnamn eller lösenord är fel" in shown
        assert "•" not in shown
        await type_in(pilot, "hemligt")
        await settle(pilot)
        assert "Att göra nu" in seen(app)


async def test_empty_fields_ask_for_both(office: FakeOffice) -> None:
    app = make_app(office, None)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("enter", "enter")
        await settle(pilot)
        assert "✗ Skriv både användarnamn och lösenord." in seen(app)
        assert not office.calls("staff.sign_in")


@pytest.mark.parametrize("key", ["f2", "f3", "f4", "f6", "f7", "f8", "f9", "f10", "escape", "ctrl+r"])
async def test_nothing_is_reached_without_signing_in(office: FakeOffice, key: str) -> None:
    app = make_app(office, None)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press(key)
        await settle(pilot)
        assert "Användarnamn" in seen(app)
        assert not office.asked


async def test_a_production_database_does_not_say_invented() -> None:
    app = make_app(FakeOffice(OfficeFacts("production", "postgresql")))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert "PÅHITTADE" not in seen(app)
        assert "egen inloggning" not in seen(app)
        await pilot.press("f9")
        await settle(pilot)
        assert not office_switched(app)


def office_switched(app: object) -> bool:
    return app.signed_in.username != "anna"  # type: ignore[attr-defined]


async def test_the_demonstration_switches_person(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.press("f9")
        await settle(pilot)
        assert "Per Ek  arbetsledare" in seen(app)
        await pilot.press("f9")
        await settle(pilot)
        assert "Ulla Strand  arbetsledare" in seen(app), "who signs what the first supervisor has written"
        await pilot.press("f9")
        await settle(pilot)
        assert "Anna Lind  handläggare" in seen(app)


async def test_english_can_be_chosen(office: FakeOffice) -> None:
    app = make_app(office)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await app.set_language("en")
        await settle(pilot)
        shown = seen(app)
        assert "To do now" in shown
        assert "INVENTED PEOPLE" in shown
