"""Lines of a predecessor system's file, and an office that takes them in."""

from datetime import date
from typing import Any

from sqlalchemy import func, select

from db.base import Base
from db.models import AuditRow, Person, PersonNumber, Task
from kansli_tui.exchange.history_csv import HEADINGS
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.history import HistoryImport
from tests.factories import a_number
from tests.world import World

MAN = a_number(101, "19700405")


def line(number: str = MAN, /, **cells: object) -> str:
    """One line; round 1 in Östergötland unless said otherwise."""
    values = {"pnr": number, "region": "05", "round": "1", **cells}
    assert set(values) <= set(HEADINGS)
    return ";".join(str(values.get(heading, "")) for heading in HEADINGS)


def history_file(*lines: str) -> bytes:
    return "\n".join((";".join(HEADINGS), *lines, "")).encode()


def take(world: World, *lines: str, **more: Any) -> HistoryImport:
    return world.office.history.import_file(world.anna, history_file(*lines), "historik.csv", **more)


def taken(world: World, *lines: str) -> HistoryImport:
    """Take lines in; fails when one of them is a problem."""
    made = take(world, *lines)
    assert made.problems == ()
    return made


def person(world: World, number: str = MAN) -> Person:
    with world.context.sessions.read() as session:
        found = session.scalar(
            select(Person).join(PersonNumber, PersonNumber.person_id == Person.id).where(PersonNumber.number == number)
        )
        assert found is not None
        return found


def work(world: World, number: str = MAN) -> list[tuple[Queue, str]]:
    """The open tasks of a person, with their reasons."""
    with world.context.sessions.read() as session:
        rows = session.execute(
            select(Task.queue, Task.reason).where(Task.person_id == person(world, number).id, Task.closed_at.is_(None))
        )
        return [(queue, reason) for queue, reason in rows]


def rows_of(world: World, table: type[Base], number: str = MAN) -> list[Any]:
    """A person's rows of a table, in their order."""
    with world.context.sessions.read() as session:
        key = person(world, number).id
        return list(
            session.scalars(select(table).where(table.__table__.c.person_id == key).order_by(table.__table__.c.id))
        )


def sizes(world: World, *, log: bool = False) -> dict[str, int]:
    """How many rows each table holds; the log only when asked for."""
    with world.context.sessions.read() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
            if log or table.name != AuditRow.__tablename__
        }


OFFERED: dict[str, object] = {
    "preletter_on": date(2023, 1, 2),
    "offered_on": date(2023, 1, 16),
    "psa_ordered_on": date(2023, 1, 16),
}
SAMPLED = {**OFFERED, "answer": "accepted", "sampled_on": date(2023, 2, 1), "psa_answered_on": date(2023, 2, 3)}
RAISED = {**SAMPLED, "psa": "3.4", "psa_letter_on": date(2023, 2, 6)}
REFERRED = {**RAISED, "mri_referred_on": date(2023, 2, 7)}
EXAMINED = {
    **REFERRED,
    "mri_booked_for": date(2023, 2, 20),
    "mri_done_on": date(2023, 2, 20),
    "mri_outcome": "done",
    "mri_answered_on": date(2023, 2, 22),
    "volume_ml": "40",
}
TO_UROLOGY = {
    **EXAMINED,
    "pirads": "4",
    "mri_letter_on": date(2023, 2, 24),
    "urology_referred_on": date(2023, 2, 24),
}
BIOPSIED = {**TO_UROLOGY, "urology_visit_on": date(2023, 3, 6), "biopsied_on": date(2023, 3, 7)}
