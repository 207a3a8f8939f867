"""What a register hand-over is compared with: the people we know by their numbers, those we expect, and the register's state."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db.models import Block, Person, PersonNumber, RegisterImport, RegisterImportRow
from kansli_tui.pathway.steps import ClosedReason, Step
from kansli_tui.rows.population import Protection
from kansli_tui.rows.register import ChangeKind, ImportState
from kansli_tui.rows.register_care import HandField

T = TypeVar("T")

AT_ONCE = 2_000
"""How many numbers or rows one statement names."""
MOVE_KIND = "move:"
"""How the kind of a block begins that waits for a hand-over to another county; its code follows."""

_COLUMNS = (
    Person.id,
    Person.region,
    Person.number,
    Person.step,
    Person.closed_reason,
    Person.protection,
    Person.deregistered_code,
    Person.deregistered_on,
    Person.given_names,
    Person.preferred_mark,
    Person.middle_name,
    Person.family_name,
    Person.address,
    Person.municipality,
    Person.sex,
    Person.registered_since,
    Person.version_id,
)


@dataclass(slots=True)
class Known:
    """A person of ours as a hand-over sees him.

    `facts` holds what the register says of him under the names of our columns, as JSON has it. A comparison changes it as it goes,
    so that two lines about one person build on each other. `moves_to` are the counties that an open block waits to hand him over to.
    """

    person_id: int
    region: str
    number: str
    step: Step
    closed_reason: ClosedReason | None
    facts: dict[str, Any]
    version: int
    moves_to: set[str]
    by_hand: frozenset[HandField] = frozenset()
    """What is written by hand; `facts` say of it what the register said last."""
    merged_numbers: frozenset[str] = frozenset()
    """Numbers of cases that have been merged into this one."""

    @property
    def protection(self) -> Protection:
        """The stored protection."""
        return Protection(self.facts["protection"])


def chunks(items: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def known_by_number(session: Session, numbers: Sequence[str]) -> dict[str, Known]:
    """Each of the numbers (at most `AT_ONCE`) that somebody has or has had, and the person; one object a person."""
    rows = session.execute(
        select(PersonNumber.number, *_COLUMNS)
        .join(Person, Person.id == PersonNumber.person_id)
        .where(PersonNumber.number.in_(numbers))
    )
    people: dict[int, Known] = {}
    found: dict[str, Known] = {}
    for number, *columns in rows:
        found[number] = people.setdefault(columns[0], _known(columns))
    return found


def known_by_id(session: Session, ids: Sequence[int], *, lock: bool = False) -> dict[int, Known]:
    """The people by key (at most `AT_ONCE`), under lock where they will be written."""
    statement = select(*_COLUMNS).where(Person.id.in_(ids)).order_by(Person.id)
    rows = session.execute(statement.with_for_update() if lock else statement)
    return {row[0]: _known(row) for row in rows}


def _known(columns: Sequence[Any]) -> Known:
    person_id, region, number, step, closed_reason, protection, code, on, *rest, version = columns
    given, mark, middle, family, address, municipality, sex, since = rest
    return Known(
        person_id=person_id,
        region=region,
        number=number,
        step=step,
        closed_reason=closed_reason,
        facts={
            "protection": protection.value,
            "deregistered_code": code,
            "deregistered_on": on,
            "given_names": given,
            "preferred_mark": mark,
            "middle_name": middle,
            "family_name": family,
            "address": address,
            "municipality": municipality,
            "sex": sex,
            "registered_since": since,
        },
        version=version,
        moves_to=set(),
    )


def open_moves(session: Session) -> Iterator[tuple[int, str]]:
    """(person, county) of everyone who waits to be handed over."""
    rows = session.execute(
        select(Block.person_id, Block.kind).where(Block.ended_at.is_(None), Block.kind.like(f"{MOVE_KIND}%"))
    )
    for person_id, kind in rows:
        yield person_id, kind.removeprefix(MOVE_KIND)


def people_of_years(session: Session, years: Iterable[tuple[str, int]]) -> dict[int, tuple[str, str]]:
    """Everyone in the programme of some (region, birth year): key → (region, source). Those who have left are not in it."""
    in_programme = [step for step in Step if step is not Step.CLOSED]
    found: dict[int, tuple[str, str]] = {}
    for region, year in years:
        rows = session.execute(
            select(Person.id, Person.region, Person.source).where(
                Person.region == region,
                Person.step.in_(in_programme),
                Person.birth_date.between(date(year, 1, 1), date(year, 12, 31)),
            )
        )
        found.update((person_id, (where, source)) for person_id, where, source in rows)
    return found


def stamp(session: Session) -> str:
    """The state of the register: another one whenever a person or a number has come, or a hand-over has been accepted."""
    people = session.scalar(select(func.max(Person.id))) or 0
    numbers = session.scalar(select(func.max(PersonNumber.id))) or 0
    accepted = session.scalar(select(func.count(RegisterImport.id)).where(RegisterImport.state == ImportState.ACCEPTED))
    return f"{people}/{numbers}/{accepted}"


def lock_reviews(session: Session) -> None:
    """Hold every hand-over under review, so that two are never accepted at the same time."""
    session.scalars(
        select(RegisterImport.id)
        .where(RegisterImport.state == ImportState.REVIEW)
        .order_by(RegisterImport.id)
        .with_for_update()
    ).all()


def import_rows(session: Session, import_id: int, kind: ChangeKind) -> Iterator[list[RegisterImportRow]]:
    """The rows of one kind in their order, some at a time, and to be read only."""
    after = 0
    while True:
        rows = list(session.scalars(_page(import_id, kind, after, AT_ONCE)))
        if not rows:
            return
        for row in rows:
            # A hundred thousand of them are not kept in memory.
            session.expunge(row)
        yield rows
        after = rows[-1].id


def import_page(
    session: Session, import_id: int, regions: Iterable[str], kind: ChangeKind | None, after: int, limit: int
) -> list[RegisterImportRow]:
    """A page of a change-set's rows: those of some regions, of one kind or all."""
    return list(session.scalars(_page(import_id, kind, after, limit).where(RegisterImportRow.region.in_(regions))))


def _page(import_id: int, kind: ChangeKind | None, after: int, limit: int) -> Select[RegisterImportRow]:
    statement = select(RegisterImportRow).where(RegisterImportRow.import_id == import_id, RegisterImportRow.id > after)
    if kind is not None:
        statement = statement.where(RegisterImportRow.kind == kind)
    return statement.order_by(RegisterImportRow.id).limit(limit)


def regions_of(session: Session, import_id: int) -> set[str]:
    """The regions that a change-set touches."""
    return set(
        session.scalars(select(RegisterImportRow.region).where(RegisterImportRow.import_id == import_id).distinct())
    )
