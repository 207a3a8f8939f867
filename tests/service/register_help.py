"""Register hand-overs for the tests of this room: a line, a file, and taking it in."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from db.models import Block, Person, PersonNumber, Task
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.register import ChangeKind, ChangeRow, ChangeSetRow, ImportState
from tests.factories import a_number, register_file, register_row
from tests.world import World

SAMPLES = Path(__file__).parents[1] / "samples"
CSV_SAMPLE = (SAMPLES / "population_csv.csv").read_bytes()
NAVET_SAMPLE = (SAMPLES / "navet_flat_up.txt").read_bytes()
LINKOPING = {"lan": "05", "kommun": "80", "postnr": "58222", "ort": "LINKÖPING"}


def number(serial: int, born: str = "19760203") -> str:
    return a_number(serial, born)


def line(pnr: str, **values: str) -> str:
    """A man of Linköping."""
    return register_row(pnr=pnr, **{**LINKOPING, **values})


def compare(world: World, *lines: str, **more: Any) -> ChangeSetRow:
    raw = more.pop("raw", None) or register_file(*lines)
    made = world.office.population.compare(world.anna, raw, "fil.csv", **more)
    accounted = sum(count for kind, count in made.counts.items() if kind is not ChangeKind.MISSING)
    if lines:
        assert accounted == len(lines), "every line of the file is accounted for"
    return made


def accept(world: World, made: ChangeSetRow) -> ChangeSetRow:
    done = world.office.population.accept(world.anna, made.import_id, version=made.version)
    assert done.state is ImportState.ACCEPTED
    return done


def take_in(world: World, *lines: str, **more: Any) -> ChangeSetRow:
    """Compare and accept; what the comparison said."""
    made = compare(world, *lines, **more)
    accept(world, made)
    return made


def counts(made: ChangeSetRow) -> dict[str, int]:
    """The counts that are not zero."""
    return {kind.value: count for kind, count in made.counts.items() if count}


def rows(world: World, made: ChangeSetRow, kind: ChangeKind | None = None) -> tuple[ChangeRow, ...]:
    return world.office.population.rows(world.anna, made.import_id, kind=kind, limit=1000)


def only(world: World, made: ChangeSetRow, kind: ChangeKind) -> ChangeRow:
    (row,) = rows(world, made, kind)
    return row


def person_of(world: World, pnr: str) -> Person:
    with world.context.sessions.read() as session:
        found = session.scalars(
            select(Person).join(PersonNumber, PersonNumber.person_id == Person.id).where(PersonNumber.number == pnr)
        ).one()
        session.expunge(found)
        return found


def people(world: World) -> list[Person]:
    with world.context.sessions.read() as session:
        return list(session.scalars(select(Person).order_by(Person.id)))


def numbers_of(world: World, person_id: int) -> set[str]:
    with world.context.sessions.read() as session:
        return set(session.scalars(select(PersonNumber.number).where(PersonNumber.person_id == person_id)))


def register_tasks(world: World, person_id: int | None = None) -> list[str]:
    """The reasons of open register tasks."""
    with world.context.sessions.read() as session:
        statement = select(Task.reason).where(Task.queue == Queue.REGISTER, Task.closed_at.is_(None))
        if person_id is not None:
            statement = statement.where(Task.person_id == person_id)
        return list(session.scalars(statement.order_by(Task.id)))


def blocks(world: World, person_id: int) -> list[str]:
    """The kinds of open blocks."""
    with world.context.sessions.read() as session:
        return list(
            session.scalars(
                select(Block.kind).where(Block.person_id == person_id, Block.ended_at.is_(None)).order_by(Block.id)
            )
        )
