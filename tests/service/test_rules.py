"""Rule sets: loaded by one, signed by another, in force from their day, region by region."""

from datetime import date

import pytest

from kansli_tui.errors import NotAllowedError, NotFoundError, RefusedError, RuleSetError
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.office import Actor, Role
from kansli_tui.service.rule_book import delivered_rule_set
from tests.world import World

TEXT = delivered_rule_set()


@pytest.fixture
def eva() -> Actor:
    return Actor("eva", "Eva", Role.SUPERVISOR, frozenset({"05", "06", "08"}))


def version(name: str, *changes: tuple[str, str]) -> str:
    text = TEXT.replace('"2026:2"', f'"{name}"')
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def test_the_delivered_set_holds_in_a_new_database(world: World) -> None:
    (row,) = world.office.rules.rows(world.anna)
    assert (row.name, row.version, row.signed_by) == ("SÖSR", "2026:2", "leverans")
    assert {world.office.rules.in_force(world.anna, region).title for region in ("05", "06", "08")} == {"SÖSR 2026:2"}


def test_a_set_holds_only_when_somebody_else_has_signed_it(world: World, eva: Actor) -> None:
    made = world.office.rules.load(world.per, version("2026:3", ("no_sample_years = 2", "no_sample_years = 3")))
    assert made.signed_by is None
    assert world.office.rules.in_force(world.anna, "05").version == "2026:2"
    with pytest.raises(RefusedError, match="other than its author"):
        world.office.rules.sign(world.per, "SÖSR", "2026:3")
    world.office.rules.sign(eva, "SÖSR", "2026:3")
    assert world.office.rules.in_force(world.anna, "05").regions["05"].no_sample_years == 3
    with pytest.raises(RefusedError, match="signed already"):
        world.office.rules.sign(eva, "SÖSR", "2026:3")


def test_it_holds_from_its_day_and_decisions_name_the_set_they_were_made_by(world: World, eva: Actor) -> None:
    men = [world.man() for _ in range(2)]
    world.offer(*men)
    text = version(
        "2026:3",
        ("2020-01-01", "2026-10-10"),
        ('below = "3"', 'below = "2"'),
        ('at_least = "3"', 'at_least = "2"'),
    )
    world.office.rules.load(world.per, text)
    world.office.rules.sign(eva, "SÖSR", "2026:3")
    world.clock.advance(days=5)
    assert world.today < date(2026, 10, 10)
    world.answer(men[0], "2.5")
    world.clock.advance(days=10)
    world.answer(men[1], "2.5")
    before, after = world.shown(Queue.NORMAL, men[0]), world.shown(Queue.RAISED, men[1])
    assert (before.rule_set, after.rule_set) == ("SÖSR 2026:2", "SÖSR 2026:3")
    world.confirm(Queue.NORMAL, men[0])
    assert world.case(men[0]).rule_set == "SÖSR 2026:2", "what was decided is not decided anew"


def test_only_supervisors_load_and_sign(world: World) -> None:
    with pytest.raises(NotAllowedError):
        world.office.rules.load(world.anna, version("2026:3"))
    with pytest.raises(NotAllowedError):
        world.office.rules.sign(world.anna, "SÖSR", "2026:2")


def test_a_version_is_never_changed(world: World) -> None:
    with pytest.raises(RuleSetError, match="exists already"):
        world.office.rules.load(world.per, TEXT)
    with pytest.raises(NotFoundError):
        world.office.rules.sign(world.per, "SÖSR", "2026:9")


def test_a_broken_file_leaves_nothing(world: World) -> None:
    with pytest.raises(RuleSetError):
        world.office.rules.load(world.per, version("2026:3", ('below = "3"', 'below = "2"')))
    assert len(world.office.rules.rows(world.anna)) == 1


def test_a_region_of_its_own(world: World, eva: Actor) -> None:
    text = version("2026:3").replace("[regions.05]", "").replace("[regions.08]", "")
    world.office.rules.load(world.per, text)
    world.office.rules.sign(eva, "SÖSR", "2026:3")
    found = {region: world.office.rules.in_force(world.anna, region).version for region in ("05", "06", "08")}
    assert found == {"05": "2026:2", "06": "2026:3", "08": "2026:2"}
