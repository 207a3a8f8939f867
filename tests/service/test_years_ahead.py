"""Years ahead, counted on both databases."""

from datetime import date

from db.models import Person
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.offers import AheadRow
from kansli_tui.rows.office import Actor
from tests.world import World


def waits(world: World, on: date | None, *, born: int = 1976, region: str = "05", step: Step = Step.NOT_DUE) -> None:
    person_id = world.man(birth_date=date(born, 5, 1), region=region)
    with world.context.sessions.begin() as session:
        person = session.get_one(Person, person_id)
        person.next_on, person.step = on, step


def test_each_quarter_counts_its_own_and_age_exits_apart(world: World) -> None:
    year = world.today.year
    waits(world, date(year + 2, 3, 31))
    waits(world, date(year + 2, 4, 1))
    waits(world, date(year + 2, 6, 30))
    waits(world, date(year + 6, 12, 31), region="06")
    with world.context.sessions.read() as session:
        last_age = world.context.rules(session).region("05", world.today).last_age
    waits(world, date(1960 + last_age + 1, 1, 1), born=1960)
    waits(world, date(1960 + last_age, 12, 31), born=1960)
    assert world.office.offers.ahead(world.anna) == (
        AheadRow("05", year + 2, 1, 1, 0),
        AheadRow("05", year + 2, 2, 2, 0),
        AheadRow("06", year + 6, 4, 1, 0),
        AheadRow("05", 1960 + last_age, 4, 1, 0),
        AheadRow("05", 1960 + last_age + 1, 1, 0, 1),
    )


def test_those_due_already_stand_first_and_others_do_not_count(world: World) -> None:
    waits(world, date(world.today.year - 1, 12, 31))
    waits(world, world.today)
    waits(world, date(world.today.year + 2, 1, 1), step=Step.AWAITING_SAMPLE)
    waits(world, None, step=Step.CLOSED)
    assert [(row.year, row.quarter, row.offers) for row in world.office.offers.ahead(world.anna)] == [
        (0, 0, 1),
        (world.today.year, (world.today.month + 2) // 3, 1),
    ]


def test_only_ones_own_regions_are_counted(world: World, jkp: Actor) -> None:
    waits(world, date(world.today.year + 2, 1, 1))
    waits(world, date(world.today.year + 2, 1, 1), region="06")
    assert [row.region for row in world.office.offers.ahead(jkp)] == ["06"]
