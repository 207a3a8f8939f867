"""What a check of register care is asked with and what it gives. Nothing here reads or writes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, case, literal, or_, select

from db.models import Person

Statement = Select[*tuple[Any, ...]]
NONE: ColumnElement[int] = literal(0)
"""The second key of what has one."""


@dataclass(frozen=True, slots=True)
class CareHit:
    """One thing found. `values` fill `what`; a message has no person, a possible duplicate has a second one."""

    key: tuple[int, int]
    subject: str
    region: str
    person: Person | None
    what: str
    values: Mapping[str, Any]
    other: Person | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A check's statement: what its subjects are called, the columns of its cursor, and in whose column the region stands."""

    subject: str
    statement: Callable[[date], Statement]
    key: Any
    other: Any = NONE
    region: Any = Person.region


def about(key: Any, what: ColumnElement[str], **values: Any) -> Statement:
    """A statement about a person, with the key of what it is about, and the values."""
    named = [value.label(name) for name, value in values.items()]
    return select(Person, key.label("key"), NONE.label("other"), what.label("what"), *named)


def faults(faults: Sequence[tuple[ColumnElement[bool], str]]) -> tuple[ColumnElement[str], ColumnElement[bool]]:
    """(the words of the first fault that is there, whether one is)."""
    return case(*((fault, literal(words)) for fault, words in faults)), or_(*(fault for fault, _words in faults))
