"""What tests of screens on real services share: an app on an office at work, and men whose answers wait."""

from typing import Any

from kansli_tui.app import KansliApp
from kansli_tui.rows.office import Actor
from tests.screens.conftest import settle
from tests.world import World


def app_of(world: World, actor: Actor | None = None) -> KansliApp:
    """The app; the day's own work is done already, so that nothing moves but what the test does."""
    app = KansliApp(world.office, actor or world.anna, demo=True, clock=world.clock)
    app.daily_on = world.today
    return app


def answered(world: World, *values: str, **more: str) -> list[int]:
    """Men of Östergötland with an answer each, in this order."""
    people = [world.man(family_name=f"Man{place}") for place in range(len(values))]
    world.offer(*people)
    for person, value in zip(people, values, strict=True):
        world.clock.advance(days=2)
        world.answer(person, value, **more)
    return people


async def go(pilot: Any, *keys: str) -> None:
    """Press keys, and wait after each until nothing goes on."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
