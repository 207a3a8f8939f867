"""What tests of screens on real services share: an app on an office at work, and men whose answers wait."""

from collections.abc import Mapping
from typing import Any

from kansli_tui.app import KansliApp
from kansli_tui.pathway.steps import Queue
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


def examined(world: World, *answers: Mapping[str, Any], psa: str = "4.5") -> list[int]:
    """Men of Östergötland with a raised value and an MRI answer each, in this order: what `World.mri` takes."""
    people = [world.man(family_name=f"Man{place}") for place in range(len(answers))]
    world.offer(*people)
    world.clock.advance(days=10)
    for person in people:
        world.answer(person, psa)
        world.confirm(Queue.RAISED, person)
        world.refer(person)
    world.clock.advance(days=20)
    for person, answer in zip(people, answers, strict=True):
        world.clock.advance(minutes=5)
        world.mri(person, **answer)
    return people


def biopsied(world: World, *isup: int) -> list[int]:
    """Men with a pathology answer each, in this order."""
    people = examined(world, *({"scores": (5,)} for _one in isup))
    for person in people:
        row = next(row for row in world.office.examinations.mri_rows(world.anna, limit=50) if row.person_id == person)
        world.office.examinations.confirm_mri(
            world.anna, row.decision_id, version=row.version, pirads=5, volume_ml=row.volume_ml
        )
        world.refer(person)
    world.clock.advance(days=14)
    for person, score in zip(people, isup, strict=True):
        world.clock.advance(minutes=5)
        world.outcome(person, "visit")
        world.outcome(person, "biopsy")
        world.outcome(person, "pathology", isup=score)
    return people


async def go(pilot: Any, *keys: str) -> None:
    """Press keys, and wait after each until nothing goes on."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)
