"""What is written by hand about people, and which cases are one person."""

from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db.models import HandEdit, PersonMerge
from kansli_tui.rows.register_care import HandField

_AT_ONCE = 500


def open_edits(session: Session, person_id: int) -> dict[HandField, HandEdit]:
    """What is written by hand about a person and holds."""
    found = session.scalars(select(HandEdit).where(HandEdit.person_id == person_id, HandEdit.ended_at.is_(None)))
    return {edit.field: edit for edit in found}


def open_edits_of(session: Session, people: Iterable[int]) -> list[HandEdit]:
    """The same of many people, at most a few of whom have any."""
    ids = sorted(people)
    found: list[HandEdit] = []
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        found += session.scalars(select(HandEdit).where(HandEdit.person_id.in_(some), HandEdit.ended_at.is_(None)))
    return found


def merges_of(session: Session, person_id: int) -> Sequence[PersonMerge]:
    """Every merge that the person has been in, on either side, the oldest first."""
    return session.scalars(
        select(PersonMerge)
        .where(or_(PersonMerge.person_id == person_id, PersonMerge.merged_id == person_id))
        .order_by(PersonMerge.id)
    ).all()


def open_merge(session: Session, merged_id: int) -> PersonMerge | None:
    """The merge by which this case is a part of another; None for one that stands by itself."""
    return session.scalar(select(PersonMerge).where(PersonMerge.merged_id == merged_id, PersonMerge.ended_at.is_(None)))


def merged_into(session: Session, person_id: int) -> Sequence[PersonMerge]:
    """The merges by which other cases are a part of this one, the oldest first."""
    return session.scalars(
        select(PersonMerge)
        .where(PersonMerge.person_id == person_id, PersonMerge.ended_at.is_(None))
        .order_by(PersonMerge.id)
    ).all()


def open_merges(session: Session, people: Iterable[int]) -> dict[int, int]:
    """Of some people those who have been merged: key → the key of the one who is kept."""
    ids = sorted(people)
    found: dict[int, int] = {}
    for start in range(0, len(ids), _AT_ONCE):
        rows = session.execute(
            select(PersonMerge.merged_id, PersonMerge.person_id).where(
                PersonMerge.merged_id.in_(ids[start : start + _AT_ONCE]), PersonMerge.ended_at.is_(None)
            )
        )
        found.update((merged_id, kept_id) for merged_id, kept_id in rows)
    return found
