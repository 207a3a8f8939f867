"""Fills a database with people who have lived through rounds since 2020, by SQL alone: offers, answers, MRI, pathology, letters, moves.

The shares are near the published ones (a third to a half take part, 2–4 % of the values are raised), and everything that would
come after today has not come yet, so that some are under way at every step. About 11 million facts for two million people.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, text

from benchmarks.lives_facts import facts
from benchmarks.lives_sql import COLUMNS_TYPED, EPOCH, NOW, ROUNDS, TABLES, Dialect, lives
from db.models import OfferPlan
from kansli_tui.rows.offers import PlanState
from kansli_tui.rows.office import REGIONS
from kansli_tui.service.office import Office

_PIECE = 200_000


def now() -> datetime:
    """The clock of the benchmark."""
    return NOW


def fill(opened: Office, people: int) -> int:
    """Put everything in without the triggers that follow changes; the sums are to be made afterwards. Returns how many facts."""
    engine = opened.context.sessions.engine
    sql = Dialect(postgres=engine.dialect.name == "postgresql")
    with opened.context.sessions.begin() as session:
        for region in sorted(REGIONS):
            session.add(_plan(region))
    with engine.begin() as connection:
        units = _units(connection)
        triggers = sql.drop_triggers(connection)
        connection.execute(text(f"CREATE TABLE bench_life ({COLUMNS_TYPED})"))
    for first in range(1, people + 1, _PIECE):
        last = min(first + _PIECE - 1, people)
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM bench_life"))
            for number in range(1, ROUNDS + 1):
                connection.execute(text(lives(sql, units, number, first, last)))
                if number == 1:
                    connection.execute(text(sql.index_lives))
            for statement in facts(sql, first, last):
                connection.execute(text(statement))
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE bench_life"))
        sql.restore_triggers(connection, triggers)
        for table in TABLES if sql.postgres else ():
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
            )
        connection.execute(text("ANALYZE"))
        return sum(
            connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0 for table in TABLES if table != "person"
        )


def _plan(region: str) -> OfferPlan:
    return OfferPlan(
        region=region,
        birth_years=list(range(1955, 1975)),
        per_week=1000,
        no_send_weeks=[],
        starts_on=EPOCH,
        state=PlanState.APPROVED,
        author="bench",
        created_at=datetime(2020, 11, 1, tzinfo=UTC),
        approved_by="bench",
        approved_at=datetime(2020, 11, 2, tzinfo=UTC),
    )


def _units(connection: Connection) -> dict[tuple[str, str], list[int]]:
    units: dict[tuple[str, str], list[int]] = {}
    for identity, region, kind in connection.execute(text("SELECT id, region, kind FROM unit ORDER BY id")):
        units.setdefault((region, kind), []).append(identity)
    return units
