"""What a check of the watch is asked with and what it gives: findings, the first of them by name and all of them counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import Session

from db.models import Person
from kansli_tui.pathway.watch import Check


@dataclass(frozen=True, slots=True)
class Terms:
    """What a check is asked with. `midnight` gives the first moment of a day in the office's time zone."""

    regions: Sequence[str]
    now: datetime
    today: date
    last_office_day: date
    """The latest office day before today: what was due then should have been done."""
    midnight: Callable[[date], datetime]
    limit: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found. `what` is a message id filled with `values`, whose enum members are translated when shown."""

    person: Person | None
    region: str
    subject: str
    what: str
    since: date | datetime | None
    values: Mapping[str, Any] = field(default_factory=dict)


Finder = Callable[[Session, Check, Terms], tuple[list[Hit], int]]


def run(
    session: Session, statement: Select[*tuple[Any, ...]], terms: Terms, *, subject: str, what: str
) -> tuple[list[Hit], int]:
    """Count a statement and read its first rows. Its columns: person, region, key, since, and the values by name."""
    rows = session.execute(statement.limit(terms.limit)).all()
    total = len(rows)
    if total == terms.limit:
        counted = statement.with_only_columns(literal(1), maintain_column_froms=True).order_by(None).subquery()
        total = session.scalar(select(func.count()).select_from(counted)) or 0
    return [_hit(row, subject, what) for row in rows], total


def _hit(row: Any, subject: str, what: str) -> Hit:
    person, region, key, since, *_rest = row
    named = dict(row._mapping)  # noqa: SLF001 — SQLAlchemy's public name begins with an underscore
    values = {name: value for name, value in named.items() if name not in ("Person", "region", "key", "since")}
    return Hit(person, region, f"{subject}:{key}", what, since, values)


def together(*parts: tuple[list[Hit], int], limit: int) -> tuple[list[Hit], int]:
    """Several lists as one."""
    hits = [hit for some, _total in parts for hit in some]
    return hits[:limit], sum(total for _some, total in parts)
