"""The schema that the migrations make, on both databases."""

import ast
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Integer,
    LargeBinary,
    String,
    Table,
    insert,
    inspect,
    literal,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError, StatementError

from db import audit
from db.base import Base
from db.engine import LOCK_WAIT_SECONDS, STATEMENT_SECONDS, Sessions
from db.models import AuditRow, Meta, PersonNumber
from db.types import EnumByValue, ExactDecimal, UtcDateTime
from kansli_tui.rows.office import Actor, Role
from kansli_tui.service.context import SYSTEM
from migrations import runner
from tests.databases import BEGINNING

ROOT = Path(__file__).parent.parent.parent
BELOW_SERVICES = (
    ROOT / "db" / "engine.py",
    # Drops the tables of an invented database: work on the schema, as a migration is.
    ROOT / "kansli_tui" / "simulation" / "demo.py",
)
ENUM_COLUMNS = [
    (table, column)
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, EnumByValue)
]


def test_the_migrations_make_what_the_models_say(sessions: Sessions) -> None:
    with sessions.engine.connect() as connection:
        migrated = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(migrated, Base.metadata) == []
    assert runner.current(sessions.engine) == runner.head()


def test_migrating_again_changes_nothing(sessions: Sessions) -> None:
    runner.upgrade(sessions.engine)
    assert runner.current(sessions.engine) == runner.head()


def test_every_constraint_and_index_has_its_name(sessions: Sessions) -> None:
    inspector = inspect(sessions.engine)
    named = 0
    for table in Base.metadata.sorted_tables:
        found: list[Any] = [
            inspector.get_pk_constraint(table.name),
            *inspector.get_foreign_keys(table.name),
            *inspector.get_unique_constraints(table.name),
            *inspector.get_indexes(table.name),
        ]
        for each in found:
            assert each["name"], (table.name, each)
            assert each["name"].startswith(("pk_", "fk_", "uq_", "ix_")), each["name"]
            named += 1
    assert named > len(Base.metadata.tables)


def filled(table: Table, keys: dict[str, int]) -> dict[str, object]:
    """A value for every column of a table that must have one."""
    made: dict[str, object] = {}
    for column in table.columns:
        if column.foreign_keys:
            pointed_at = next(iter(column.foreign_keys)).column.table
            if pointed_at is not table:
                made[column.name] = keys[pointed_at.name]
        elif not column.nullable and not column.primary_key and column.default is None:
            made[column.name] = any_value(column)
    return made


def any_value(column: Column[Any]) -> object:
    if column.name == "region":
        return "05"
    if isinstance(column.type, EnumByValue):
        return next(iter(column.type.members))
    for kind, value in (
        (UtcDateTime, datetime(2026, 1, 1, tzinfo=UTC)),
        (String, "x"),
        (Boolean, False),
        (Integer, 1),
        (Date, date(2026, 1, 1)),
        (LargeBinary, b"x"),
        (JSON, {}),
    ):
        if isinstance(column.type, kind):
            return value
    raise AssertionError(f"no value for {column}")


@pytest.mark.parametrize(("table", "column"), ENUM_COLUMNS, ids=lambda each: getattr(each, "name", None))
def test_every_member_of_every_enum_is_stored_and_read_back(
    sessions: Sessions, table: Table, column: Column[Any]
) -> None:
    members: type[StrEnum] = column.type.members
    with sessions.begin() as session:
        keys: dict[str, int] = {}
        for needed in Base.metadata.sorted_tables:
            if needed is table:
                break
            if "id" in needed.columns:
                keys[needed.name] = session.execute(
                    insert(needed).values(filled(needed, keys)).returning(needed.c.id)
                ).scalar_one()
        row = filled(table, keys)
        for place, member in enumerate(members):
            different: dict[str, object] = {
                each.name: str(place) for each in table.columns if isinstance(each.type, String) and each.unique
            }
            for name, value in (
                ("ended_at", BEGINNING),
                ("closed_at", BEGINNING),
                ("number", str(place)),
                ("version", str(place)),
            ):
                # What is over leaves room for the next one.
                if name in table.columns:
                    different[name] = place if isinstance(table.c[name].type, Integer) else value
            # Where only one may be open, each row is another person's, referral's or slot's.
            for name in ("person_id", "referral_id", "slot_id"):
                if name in table.columns and name in row:
                    owner = next(iter(table.c[name].foreign_keys)).column.table
                    again = {
                        each.name: f"{table.name}{place}"
                        for each in owner.columns
                        if each.unique and isinstance(each.type, String)
                    }
                    values = {**filled(owner, keys), **again}
                    if "starts_at" in owner.columns:
                        values["starts_at"] = BEGINNING + timedelta(days=place)
                    if "state" in owner.columns:
                        values["state"] = list(owner.c.state.type.members)[-1]
                    different[name] = session.execute(insert(owner).values(values).returning(owner.c.id)).scalar_one()
            session.execute(insert(table).values({**row, **different, column.name: member}))
        stored = set(session.scalars(select(column)))
    assert stored == set(members)


def test_text_that_is_no_member_is_refused(sessions: Sessions) -> None:
    for _, column in ENUM_COLUMNS:
        with sessions.read() as session, pytest.raises(StatementError, match="is not a valid"):
            session.execute(select(column).where(column == "no such member"))


def test_foreign_keys_hold(sessions: Sessions) -> None:
    with pytest.raises(IntegrityError), sessions.begin() as session:
        session.execute(
            insert(PersonNumber).values(person_id=1, region="05", number="1", source="x", added_at=BEGINNING)
        )


def test_times_are_aware_and_in_utc(sessions: Sessions) -> None:
    summer = timezone(timedelta(hours=2))
    with sessions.begin() as session:
        audit.record(session, SYSTEM, datetime(2026, 6, 1, 1, 30, tzinfo=summer), "test")
    with sessions.read() as session:
        at = session.scalar(select(AuditRow.at))
        assert at == datetime(2026, 5, 31, 23, 30, tzinfo=UTC)
        assert at.tzinfo is UTC
    with sessions.begin() as session, pytest.raises(StatementError, match="without zone"):
        session.execute(select(AuditRow).where(AuditRow.at == datetime(2026, 6, 1)))


@pytest.mark.parametrize("value", ["0.1", "0.10", "2.95", "100", "1E-7", "123456789.000000001"])
def test_decimals_are_exact(sessions: Sessions, value: str) -> None:
    with sessions.begin() as session:
        stored = session.scalar(select(literal(Decimal(value), ExactDecimal)))
    assert stored is not None
    assert stored.as_tuple() == Decimal(value).as_tuple()


def test_audit_refuses_an_act_without_an_actor(sessions: Sessions) -> None:
    nobody = Actor("", "", Role.CASEWORKER, frozenset())
    with sessions.begin() as session:
        with pytest.raises(ValueError, match="somebody"):
            audit.record(session, nobody, BEGINNING, "test")
        with pytest.raises(ValueError, match="somebody"):
            audit.record_people(session, nobody, BEGINNING, "test", [(1, "05")])


def test_the_engine_has_limits(sessions: Sessions) -> None:
    with sessions.read() as session:
        if sessions.engine.dialect.name == "sqlite":
            assert session.scalar(text("PRAGMA foreign_keys")) == 1
            assert session.scalar(text("PRAGMA journal_mode")) == "wal"
            assert session.scalar(text("PRAGMA busy_timeout")) == LOCK_WAIT_SECONDS * 1000
        else:
            limits = {
                name: session.scalar(text(f"SELECT setting FROM pg_settings WHERE name = '{name}'"))
                for name in ("statement_timeout", "lock_timeout")
            }
            assert limits == {
                "statement_timeout": str(STATEMENT_SECONDS * 1000),
                "lock_timeout": str(LOCK_WAIT_SECONDS * 1000),
            }


def test_a_failed_action_leaves_nothing(sessions: Sessions) -> None:
    def half_done() -> None:
        with sessions.begin() as session:
            session.add(Meta(key="half", value="done"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()
    with sessions.read() as session:
        assert session.get(Meta, "half") is None


def test_a_reader_does_not_wait_for_a_writer(sessions: Sessions) -> None:
    with sessions.begin() as writer:
        writer.add(Meta(key="half", value="done"))
        writer.flush()
        with sessions.read() as reader:
            assert reader.get(Meta, "half") is None


def begins_one(owner: ast.expr) -> bool:
    """Whether what `begin` is called on holds transactions, by its name."""
    return ast.unparse(owner).endswith(("sessions", "session", "engine", "connection"))


def test_only_services_end_transactions() -> None:
    """`Sessions.begin` ends them; a call of commit or rollback anywhere else is a half action."""
    found = []
    rooms = ("kansli_tui", "screens", "db", "reports")
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    assert len(files) > 50
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("commit", "rollback", "begin_nested"):
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
            outside = path.parent != ROOT / "kansli_tui" / "service" and path not in BELOW_SERVICES
            began = isinstance(node, ast.Attribute) and node.attr == "begin" and begins_one(node.value)
            if outside and began:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []
