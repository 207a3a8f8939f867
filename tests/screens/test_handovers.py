"""A person is offered from the case and answered by the other region; both see what became of it."""

from dataclasses import replace

import pytest

from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.office import Actor
from kansli_tui.rows.referrals import HandoverState
from screens.case import CaseScreen
from screens.dialogs import AskReason
from screens.handovers import HandoversScreen
from tests.screens.at_work import app_of, go
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
"""Screens know no database: one of them is enough."""


@pytest.fixture
def rut(anna: Actor) -> Actor:
    """A caseworker for Östergötland only."""
    return replace(anna, username="rut", regions=frozenset({"05"}))


def offered(world: World) -> tuple[int, int]:
    """Somebody offered to Jönköping: person and hand-over."""
    person = world.man()
    version = world.person(person).version_id
    row = world.office.handovers.offer(world.anna, person, version=version, to_region="06", reason="flyttat")
    return person, row.handover_id


def state(world: World) -> HandoverState:
    (row,) = world.office.handovers.rows(world.anna)
    return row.state


async def test_offered_from_the_case_and_taken_over_in_the_queue(world: World) -> None:
    person = world.man()
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_case(person)
        await settle(pilot)
        await go(pilot, "o")
        shown = seen(app)
        assert "RJL  Jönköpings län" in shown
        assert "RÖ  Östergötland" not in shown, "he is there already"
        await go(pilot, "home", "enter")
        await pilot.press(*"flyttade 1 okt", "enter")
        await settle(pilot)
        assert "✓ Erbjuden till Jönköpings län; det väntar på svar där." in seen(app)
        assert world.person(person).region == "05", "nothing changes before it is accepted"
        await go(pilot, "escape", "i")
        assert isinstance(app.screen, HandoversScreen)
        shown = seen(app)
        assert "RÖ → RJL" in shown
        assert "flyttade 1 okt" in shown
        await go(pilot, "g")
        assert "Ta över personen?" in seen(app)
        await go(pilot, "enter")
        assert "✓ Övertagen" in seen(app)
        assert "övertagen" in seen(app)
        await go(pilot, "enter")
        assert isinstance(app.screen, CaseScreen)
    assert world.person(person).region == "06"
    assert world.step(person) is Step.NOT_DUE
    assert state(world) is HandoverState.ACCEPTED


async def test_sent_back_with_a_reason_that_the_other_side_reads(world: World, jkp: Actor, rut: Actor) -> None:
    person, _handover = offered(world)
    app = app_of(world, jkp)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_queue(Queue.HANDOVER)
        await settle(pilot)
        assert "1 väntar på svar" in seen(app)
        await go(pilot, "x", "enter")
        assert isinstance(app.screen, HandoversScreen), "neither withdrawn nor opened by who does not have him"
        await go(pilot, "r", "enter")
        assert isinstance(app.screen, AskReason), "not without a reason"
        await pilot.press(*"bor kvar i Motala", "enter")
        await settle(pilot)
        assert "✓ Skickad tillbaka." in seen(app)
    app = app_of(world, rut)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_queue(Queue.HANDOVER)
        await settle(pilot)
        assert "bor kvar i Motala" in seen(app)
    assert world.person(person).region == "05"
    assert state(world) is HandoverState.RETURNED


async def test_only_the_region_that_offered_takes_it_back(world: World, rut: Actor) -> None:
    offered(world)
    app = app_of(world, rut)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_queue(Queue.HANDOVER)
        await settle(pilot)
        await go(pilot, "g", "r")
        assert isinstance(app.screen, HandoversScreen), "one does not answer oneself"
        await go(pilot, "x")
        await pilot.press(*"fel person", "enter")
        await settle(pilot)
        assert "✓ Tillbakatagen." in seen(app)
    assert state(world) is HandoverState.WITHDRAWN


async def test_what_the_other_side_has_answered_is_told(world: World) -> None:
    _person, handover = offered(world)
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_queue(Queue.HANDOVER)
        await settle(pilot)
        world.office.handovers.send_back(world.per, handover, reason="fel")
        await go(pilot, "g", "enter")
        assert "✗" in seen(app)
    assert state(world) is HandoverState.RETURNED


async def test_nobody_is_being_handed_over(world: World) -> None:
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_queue(Queue.HANDOVER)
        await settle(pilot)
        assert "Ingen överlämning pågår." in seen(app)
        await go(pilot, "g", "r", "x", "enter")
        assert isinstance(app.screen, HandoversScreen)
