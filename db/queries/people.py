"""People: one by key or by any number he has had, and many by the beginning of a name or number."""

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from db.models import Person, PersonMerge, PersonNumber
from kansli_tui.errors import NotFoundError


def by_id(session: Session, person_id: int, *, lock: bool = False) -> Person:
    """The person; re-read under lock where something will be written. NotFoundError when there is none."""
    person = session.get(Person, person_id, with_for_update=lock or None, populate_existing=lock)
    if person is None:
        raise NotFoundError("There is no such person in the register.")
    return person


def by_number(session: Session, number: str, *, lock: bool = False) -> Person | None:
    """The person who has, or has had, a number (twelve characters); the kept one where it is that of a merged case."""
    kept = aliased(PersonMerge)
    statement = (
        select(Person)
        .select_from(PersonNumber)
        .outerjoin(kept, and_(kept.merged_id == PersonNumber.person_id, kept.ended_at.is_(None)))
        .join(Person, Person.id == func.coalesce(kept.person_id, PersonNumber.person_id))
        .where(PersonNumber.number == number)
    )
    return session.scalar(statement.with_for_update(of=Person) if lock else statement)


def numbers_of(session: Session, person_id: int) -> list[str]:
    """Every number a person has had, the newest first, those of cases merged into this one too."""
    merged = select(PersonMerge.merged_id).where(PersonMerge.person_id == person_id, PersonMerge.ended_at.is_(None))
    return list(
        session.scalars(
            select(PersonNumber.number)
            .where(or_(PersonNumber.person_id == person_id, PersonNumber.person_id.in_(merged)))
            .order_by(PersonNumber.id.desc())
        )
    )


def by_number_beginning(
    session: Session, beginning: str, regions: Sequence[str], limit: int
) -> list[tuple[Person, str]]:
    """People of the regions with a present or earlier number that begins so, and that number."""
    rows = session.execute(
        select(Person, PersonNumber.number)
        .join(PersonNumber, PersonNumber.person_id == Person.id)
        .where(
            PersonNumber.number >= beginning,
            PersonNumber.number < after_prefix(beginning),
            Person.region.in_(regions),
        )
        .order_by(PersonNumber.number)
        .limit(limit)
    )
    return [(person, number) for person, number in rows]


def by_name_beginning(session: Session, words: Sequence[str], regions: Sequence[str], limit: int) -> list[Person]:
    """People whose family name and given name begin with the words, in either order; a name may have several words."""
    if not words:
        return []
    orders = [(*words[at:], *words[:at]) for at in range(len(words))]
    return list(
        session.scalars(
            select(Person)
            .where(or_(*map(_begins, orders)), Person.region.in_(regions))
            .order_by(Person.name_key, Person.id)
            .limit(limit)
        )
    )


def _begins(words: Sequence[str]) -> ColumnElement[bool]:
    """Whether the folded name begins with the first word and goes on with words that begin like the others."""
    first = and_(Person.name_key >= words[0], Person.name_key < after_prefix(words[0]))
    pattern = "% ".join(re.sub(r"([\\%_])", r"\\\1", word) for word in words) + "%"
    return and_(first, Person.name_key.like(pattern, escape="\\"))


def after_prefix(prefix: str) -> str:
    """The first text that comes after everything that begins with `prefix`."""
    return prefix + "\U0010ffff"


def name_key(family: str, given: str) -> str:
    """The folded form a name is searched by: lower case, no accents but å, ä, ö kept, hyphens as spaces."""
    folded = unicodedata.normalize("NFC", f"{family} {given}".casefold().replace("-", " "))
    return " ".join("".join(_fold(letter) for letter in folded).split())


def _fold(letter: str) -> str:
    if letter in "åäö":
        return letter
    return {"đ": "d", "ł": "l", "ø": "ö", "æ": "ä"}.get(letter) or "".join(
        part for part in unicodedata.normalize("NFD", letter) if not unicodedata.combining(part)
    )
