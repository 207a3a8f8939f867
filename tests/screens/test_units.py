"""The directory on screen: supervisors keep it, others read it."""

from typing import Any

import pytest

from kansli_tui.app import KansliApp
from kansli_tui.rows.referrals import BookingWay
from screens.units import UnitForm, UnitsScreen
from tests.screens.at_work import app_of, go
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


async def directory(pilot: Any, app: KansliApp) -> UnitsScreen:
    await settle(pilot)
    await go(pilot, "f8", "n")
    assert isinstance(app.screen, UnitsScreen)
    return app.screen


async def test_a_caseworker_reads(world: World) -> None:
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        screen = await directory(pilot, app)
        assert "08-465 004 11  vardagar 8–16" in seen(app)
        assert "enheten bokar och skickar meddelanden" in seen(app)
        await go(pilot, "enter", "n")
        assert app.screen is screen


async def test_a_supervisor_changes_a_unit_as_it_was_shown(world: World) -> None:
    app = app_of(world, world.per)
    async with app.run_test(size=SIZE) as pilot:
        await directory(pilot, app)
        await go(pilot, "enter")
        form = app.screen
        assert isinstance(form, UnitForm)
        for name, wrong, right, said in (
            ("name", " ", "MR Linköping", "Fyll i kod, namn och telefon."),
            ("capacity", "tolv", "9", "Skriv ett tal; 0 när det inte är känt."),
            ("books", "4", "1", "Skriv 1, 2 eller 3"),
            ("writes", "kanske", "Nej", "Skriv ja eller nej."),
        ):
            form.query_one(f"#{name}").value = wrong  # type: ignore[attr-defined]
            form.action_accept()
            await settle(pilot)
            assert f"✗ {said}" in seen(app)
            form.query_one(f"#{name}").value = right  # type: ignore[attr-defined]
        await settle(pilot)
        assert "▸1 kansliet bokar i enhetens tider" in seen(app)
        form.action_accept()
        await settle(pilot)
        assert "✓ MR Linköping är sparad." in seen(app)
    unit = next(row for row in world.office.units.rows(world.anna) if row.name == "MR Linköping")
    assert (unit.weekly_capacity, unit.books, unit.writes_itself) == (9, BookingWay.OWN_SLOTS, False)


async def test_a_supervisor_adds_a_unit_and_a_code_is_nobody_elses(world: World) -> None:
    app = app_of(world, world.per)
    async with app.run_test(size=SIZE) as pilot:
        await directory(pilot, app)
        for code, said in (
            ("06-mri", "✗ Ange en kod som ingen annan enhet har."),
            ("06-mri-2", "✓ Värnamo är sparad."),
        ):
            await go(pilot, "n", "down", "down", "enter")
            form = app.screen
            assert isinstance(form, UnitForm)
            for name, value in (("code", code), ("name", "Värnamo"), ("phone", "08-465 004 29")):
                form.query_one(f"#{name}").value = value  # type: ignore[attr-defined]
            await go(pilot, *["enter"] * 11)
            assert said in seen(app)
        assert "Värnamo" in seen(app)
    added = next(row for row in world.office.units.rows(world.anna) if row.code == "06-mri-2")
    assert (added.region, added.books, added.active) == ("06", BookingWay.CALLS, True)
