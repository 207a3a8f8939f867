"""A changed answer on one screen: what was said, what holds, what went out, the letter, and the end of the task."""

import pytest

from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.letter_states import LetterState
from screens.case import CaseScreen
from screens.corrections import CorrectionsScreen
from screens.dialogs import AskReason
from tests.screens.at_work import answered, app_of, go
from tests.screens.conftest import SIZE, seen, settle
from tests.world import World

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
"""Screens know no database: one of them is enough."""


def corrected(world: World, *values: str) -> list[int]:
    """Men whose low answer was told in a letter, and then became another."""
    people = answered(world, *("0.6" for _value in values))
    for person in people:
        world.confirm(Queue.NORMAL, person)
    world.paper = False
    world.post()
    world.clock.advance(days=3)
    for person, value in zip(people, values, strict=True):
        world.clock.advance(minutes=1)
        world.answer(person, value, status="C")
    return people


async def test_everything_one_needs_stands_on_one_screen(world: World) -> None:
    (person,) = corrected(world, "5.6")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_queue(Queue.CORRECTION)
        await settle(pilot)
        assert isinstance(app.screen, CorrectionsScreen)
        shown = seen(app)
        assert "1 av 1" in shown
        assert "PSA 0,6 µg/l → PSA 5,6 µg/l" in shown
        assert "Postade brev            Lågt PSA" in shown
        assert "Regelverket nu          PSA 5,6 µg/l är lika med eller över 3" in shown
        assert "Rättelsebrev            inte förberett" in shown
        assert "RÄTTELSE" in shown
        await go(pilot, "pagedown", "down")
        assert app.screen.query_one("#draft").scroll_y > 0
        await go(pilot, "b", "enter")
        shown = seen(app)
        assert "✓ Rättelsebrevet är förberett" in shown
        assert "Rättelsebrev            förberett" in shown
        await go(pilot, "b")
        assert isinstance(app.screen, CorrectionsScreen), "one letter, not two"
        await go(pilot, "v")
        assert isinstance(app.screen, CaseScreen)
    assert world.letters(person)[-1] == (LetterType.CORRECTION, LetterState.PREPARED)
    assert Queue.CORRECTION in world.tasks(person)


async def test_the_task_ends_with_what_came_of_it_and_the_next_comes(world: World) -> None:
    first, second = corrected(world, "5.6", "7.1")
    app = app_of(world)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.open_queue(Queue.CORRECTION)
        await settle(pilot)
        await go(pilot, "right")
        assert "2 av 2" in seen(app)
        await go(pilot, "left", "d")
        assert isinstance(app.screen, AskReason)
        assert "Brev har gått ut och inget rättelsebrev är förberett." in seen(app)
        await go(pilot, "enter")
        assert isinstance(app.screen, AskReason), "not without a word"
        await pilot.press(*"ringde honom", "enter")
        await settle(pilot)
        shown = seen(app)
        assert "PSA 7,1 µg/l" in shown
        assert "1 av 1" in shown
        await go(pilot, "d")
        await pilot.press(*"ringde honom", "enter")
        await settle(pilot)
        assert "Ingen rättelse väntar." in seen(app)
        await go(pilot, "b", "d", "v", "right")
        assert isinstance(app.screen, CorrectionsScreen), "nothing to act on"
    assert Queue.CORRECTION not in world.tasks(first) + world.tasks(second)
