"""Applies an accepted change-set within one transaction: the new by bulk, the changed one by one where something follows from it.

Nothing is applied that the review did not show: a person who has changed since stops the whole acceptance.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from db import audit
from db.base import Base
from db.models import Person, PersonNumber, RegisterImportRow, StepChange, Task
from db.queries.people import by_number, name_key
from db.queries.register import Known, import_rows, known_by_id
from kansli_tui.errors import ChangedBySomeoneElseError
from kansli_tui.pathway.register_codes import deregistration_meaning
from kansli_tui.pathway.steps import Event, Queue, Step
from kansli_tui.rows.population import RegisterPerson
from kansli_tui.rows.register import ChangeKind
from kansli_tui.service.register_data import person_from_data
from kansli_tui.service.register_effects import (
    CHANGED_SINCE,
    SEE_REVIEW,
    add_numbers,
    apply_change,
    ask,
    hold_duplicates,
)
from kansli_tui.service.register_entry import STANDING, Entry, born, entry, first_offer_on
from kansli_tui.service.walk import Walk

_MISSING = "Not in the register's hand-over: find out whether the person has moved, died or got another number."
_HELD_LINES = "Lines of a register file are held: see the register review."


class Acceptance:
    """One change-set as it is applied. `advance` is told how many more rows are done."""

    def __init__(self, walk: Walk, import_id: int, advance: Callable[[int], None]) -> None:
        self._walk = walk
        self._session: Session = walk.session
        self._import_id = import_id
        self._subject = f"import:{import_id}"
        self._advance = advance

    def apply(self) -> None:
        """New people first, for lines of old numbers may point at them; then changes, then what asks for a person."""
        for rows in import_rows(self._session, self._import_id, ChangeKind.NEW):
            self._add(rows)
            self._advance(len(rows))
        several = self._named_twice()
        for rows in import_rows(self._session, self._import_id, ChangeKind.CHANGED):
            self._change(rows, several)
            self._advance(len(rows))
        self._problems()
        for rows in import_rows(self._session, self._import_id, ChangeKind.MISSING):
            self._miss(rows)
            self._advance(len(rows))

    # New

    def _add(self, rows: Sequence[RegisterImportRow]) -> None:
        walk, session = self._walk, self._session
        people = [person_from_data(row.data["person"]) for row in rows]
        places = [entry(person, walk.rules(row.region), walk.today) for row, person in zip(rows, people, strict=True)]
        session.execute(
            insert(Person),
            [self._person(row.region, person, where) for row, person, where in zip(rows, people, places, strict=True)],
        )
        numbers = [person.number for person in people]
        found = session.execute(select(Person.number, Person.id).where(Person.number.in_(numbers)))
        ids: dict[str, int] = {row.number: row.id for row in found}
        session.execute(
            insert(PersonNumber),
            [
                {
                    "person_id": ids[person.number],
                    "region": row.region,
                    "number": person.number,
                    "source": "register",
                    "added_at": walk.at,
                }
                for row, person in zip(rows, people, strict=True)
            ],
        )
        session.execute(
            insert(StepChange),
            [
                {
                    "person_id": ids[person.number],
                    "region": row.region,
                    "round_number": 0,
                    "at": walk.at,
                    "event": Event.REGISTERED,
                    "from_step": None,
                    "to_step": STANDING[where].step,
                    "next_on": self._next_on(row.region, person, where),
                    "reason": _why(where),
                    "because": _because(where),
                    "by": walk.actor.username,
                }
                for row, person, where in zip(rows, people, places, strict=True)
            ],
        )
        audit.record_people(
            session,
            walk.actor,
            walk.at,
            "register.add",
            ((ids[person.number], row.region) for row, person in zip(rows, people, strict=True)),
            subject=self._subject,
        )
        for row, record, where in zip(rows, people, places, strict=True):
            if where is not Entry.HELD and "asks" not in row.data:
                continue
            person = session.get_one(Person, ids[record.number])
            if where is Entry.HELD:
                code = record.deregistered_code or ""
                walk.block(person, f"register:{code}", deregistration_meaning(code))
            for reason, values in row.data.get("asks", ()):
                ask(walk, person, "register", reason if not values else SEE_REVIEW)
        session.flush()

    def _person(self, region: str, person: RegisterPerson, where: Entry) -> dict[str, Any]:
        birth_date, known = born(person.number, person.birth_date)
        standing = STANDING[where]
        return {
            "region": region,
            "number": person.number,
            "birth_date": birth_date,
            "birth_date_known": known,
            "sex": person.sex,
            "given_names": person.given_names,
            "preferred_mark": person.preferred_mark,
            "middle_name": person.middle_name,
            "family_name": person.family_name,
            "name_key": name_key(person.family_name, person.given_names),
            "protection": person.protection,
            "deregistered_code": person.deregistered_code,
            "deregistered_on": person.deregistered_on or None,
            "municipality": person.municipality,
            "address": person.addresses.to_fields(),
            "registered_since": person.registered_since,
            "source": "register",
            "step": standing.step,
            "since": self._walk.at,
            "next_on": self._next_on(region, person, where),
            "round_number": 0,
            "closed_reason": standing.closed_reason,
            "exclusion_reason": standing.exclusion_reason,
            "blocked": False,
            "version_id": 1,
        }

    def _next_on(self, region: str, person: RegisterPerson, where: Entry) -> Any:
        if STANDING[where].step is not Step.NOT_DUE:
            return None
        return first_offer_on(born(person.number, person.birth_date)[0], self._walk.rules(region))

    # Changed

    def _named_twice(self) -> set[int]:
        """People whom several rows change: those are applied in order, one after the other."""
        return set(
            self._session.scalars(
                select(RegisterImportRow.person_id)
                .where(
                    RegisterImportRow.import_id == self._import_id,
                    RegisterImportRow.kind == ChangeKind.CHANGED,
                    RegisterImportRow.person_id.is_not(None),
                )
                .group_by(RegisterImportRow.person_id)
                .having(func.count() > 1)
            )
        )

    def _change(self, rows: Sequence[RegisterImportRow], several: set[int]) -> None:
        walk, session = self._walk, self._session
        ids = sorted({row.person_id for row in rows if row.person_id is not None})
        plain: list[RegisterImportRow] = []
        touched: list[tuple[int, str]] = []
        people: dict[int, Person] = {}
        for row in rows:
            if row.person_id is None:
                person = self._owner_of(row)
                add_numbers(walk, person, row.data["numbers"])
                touched.append((person.id, person.region))
            elif _one_by_one(row, several):
                people = people or self._locked(rows, several)
                apply_change(walk, people[row.person_id], row.data, _fields(row))
                touched.append((row.person_id, row.region))
            else:
                plain.append(row)
                touched.append((row.person_id, row.region))
        session.flush()
        if plain:
            _update(session, plain, known_by_id(session, ids, lock=True))
        audit.record_people(session, walk.actor, walk.at, "register.change", touched, subject=self._subject)
        session.flush()

    def _owner_of(self, row: RegisterImportRow) -> Person:
        person = by_number(self._session, row.data["owner"], lock=True)
        if person is None:
            raise ChangedBySomeoneElseError(CHANGED_SINCE)
        return person

    def _locked(self, rows: Sequence[RegisterImportRow], several: set[int]) -> dict[int, Person]:
        ids = sorted({row.person_id for row in rows if row.person_id is not None and _one_by_one(row, several)})
        found = self._session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.id).with_for_update())
        return {person.id: person for person in found}

    # What asks for a person

    def _problems(self) -> None:
        walk, session = self._walk, self._session
        nobodys: set[str] = set()
        for rows in import_rows(session, self._import_id, ChangeKind.PROBLEM):
            for row in rows:
                if duplicates := row.data.get("people"):
                    hold_duplicates(walk, duplicates)
                elif row.person_id is not None:
                    if not row.data.get("quiet"):
                        person = session.get_one(Person, row.person_id)
                        reason: Mapping[str, Any] = row.reason or {}
                        ask(walk, person, "line", SEE_REVIEW if reason["values"] else reason["message"])
                elif not row.data.get("quiet"):
                    nobodys.add(row.region)
            session.flush()
            self._advance(len(rows))
        for region in sorted(nobodys):
            walk.open_task(Queue.REGISTER, f"{self._subject}:{region}", region=region, reason=_HELD_LINES)
        session.flush()

    def _miss(self, rows: Sequence[RegisterImportRow]) -> None:
        walk, session = self._walk, self._session
        subjects = {f"missing:{row.person_id}": row for row in rows}
        already = set(
            session.scalars(
                select(Task.subject).where(
                    Task.queue == Queue.REGISTER, Task.subject.in_(list(subjects)), Task.closed_at.is_(None)
                )
            )
        )
        new = [
            {
                "queue": Queue.REGISTER,
                "region": row.region,
                "person_id": row.person_id,
                "subject": subject,
                "reason": _MISSING,
                "opened_at": walk.at,
                "opened_by": walk.actor.username,
            }
            for subject, row in subjects.items()
            if subject not in already
        ]
        if new:
            session.execute(insert(Task), new)
        audit.record_people(
            session,
            walk.actor,
            walk.at,
            "register.missing",
            ((row.person_id, row.region) for row in rows if row.person_id is not None),
            subject=self._subject,
        )


def _one_by_one(row: RegisterImportRow, several: set[int]) -> bool:
    """Whether anything follows from the row, or stands beside it, so that it is not changed in bulk."""
    data = row.data
    return bool(data["effects"] or data.get("asks") or data.get("by_hand")) or row.person_id in several


def _update(session: Session, rows: Sequence[RegisterImportRow], known: Mapping[int, Known]) -> None:
    """Change fields and nothing else, all rows in one statement."""
    table = Base.metadata.tables[Person.__tablename__]
    statement = (
        update(table)
        .where(table.c.id == bindparam("key"))
        .values(
            {name: bindparam(f"new_{name}") for name in (*next(iter(known.values())).facts, "name_key", "version_id")}
        )
    )
    values = []
    for row in rows:
        assert row.person_id is not None
        person = known[row.person_id]
        for name, old, new in _fields(row):
            if person.facts[name] != old:
                raise ChangedBySomeoneElseError(CHANGED_SINCE)
            person.facts[name] = new
        facts = {**person.facts, "protection": person.protection}
        values.append(
            {
                "key": person.person_id,
                **{f"new_{name}": value for name, value in facts.items()},
                "new_name_key": name_key(facts["family_name"], facts["given_names"]),
                "new_version_id": person.version + 1,
            }
        )
    session.connection().execute(statement, values)


def _fields(row: RegisterImportRow) -> list[list[Any]]:
    return list((row.reason or {}).get("fields", ()))


def _because(where: Entry) -> str:
    """The code of why somebody begins outside the programme."""
    standing = STANDING[where]
    return standing.closed_reason or standing.exclusion_reason or ""


def _why(where: Entry) -> str:
    """The reason that stands in the history of somebody who does not simply wait."""
    return {
        Entry.WAITS: "",
        Entry.HELD: "Held by the register when the person came in",
        Entry.OTHER_SEX: "Not a man by the population register",
        Entry.TOO_OLD: "Older than the last age when the person came in",
        Entry.DEAD: "Dead by the population register",
        Entry.EMIGRATED: "Emigrated by the population register",
    }[where]
