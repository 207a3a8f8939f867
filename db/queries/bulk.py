"""Writing many rows at once: keys given beforehand, and rows as dicts in few statements. Never commits."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.orm import Session

from db.base import Base
from db.models import Person

_BLOCK = 100
"""How many keys a PostgreSQL sequence is asked for at a time. What is left of the last block stays a gap."""


class NextKeys:
    """Gives the keys of new rows, before they are written, within one writing transaction.

    On SQLite the transaction is the only writer, so the next keys are free; on PostgreSQL each table's sequence is asked.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._postgresql = session.get_bind().dialect.name == "postgresql"
        self._ready: dict[type[Base], list[int]] = {}
        self._last: dict[type[Base], int] = {}

    def __call__(self, table: type[Base]) -> int:
        """The next key of a table."""
        if not self._postgresql:
            if table not in self._last:
                self._last[table] = self._session.scalar(select(func.max(table.__table__.c.id))) or 0
            self._last[table] += 1
            return self._last[table]
        ready = self._ready.setdefault(table, [])
        if not ready:
            statement = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)")
            found = self._session.scalars(statement, {"table": f'"{table.__tablename__}"', "count": _BLOCK})
            ready.extend(sorted(found, reverse=True))
        return ready.pop()


def insert_all(session: Session, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all name the same columns."""
    if rows:
        session.execute(insert(table.__table__), list(rows))  # type: ignore[arg-type]


def place_people(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set where people stand. Each row: `key`, and the new step, since, next_on, round_number, closed_reason, exclusion_reason."""
    if not rows:
        return
    table = Person.__table__
    columns = ("step", "since", "next_on", "round_number", "closed_reason", "exclusion_reason")
    statement = (
        update(table)  # type: ignore[arg-type]
        .where(table.c.id == bindparam("key"))
        .values(version_id=table.c.version_id + 1, **{name: bindparam(f"new_{name}") for name in columns})
    )
    session.execute(statement, [{"key": row["key"], **{f"new_{name}": row[name] for name in columns}} for row in rows])
