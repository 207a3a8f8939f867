"""What the statistics are counted from: facts of each round and person as they are known now, and their sums.

Nothing here is a source: everything is made from the facts in the other tables, by `service.summaries`. Triggers (migration
0005) write down in `stats_dirty` whose rows have changed. On PostgreSQL that is a plain list without a unique key: a mark that is left out because an
older one stands there would be lost with that one. SQLite has one writer at a time, and marks nobody twice.
"""

from sqlalchemy import Column, Date, Index, Integer, SmallInteger, String, Table, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Key
from kansli_tui.pathway.indicators import MEASURES, Fact
from kansli_tui.pathway.lead_times import Day, UnitOf


class StatsDirty(Base):
    """A person about whom something has changed since the facts were made."""

    __tablename__ = "stats_dirty"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(Key, index=True)


round_fact = Table(
    "round_fact",
    Base.metadata,
    Column("person_id", Key, primary_key=True, autoincrement=False),
    Column("round_number", Integer, primary_key=True, autoincrement=False),
    Column("region", String(2), nullable=False),
    Column("born", SmallInteger, nullable=False),
    Column("municipality", String(4), nullable=False),
    Column("later", SmallInteger, nullable=False),
    Column("month", Date, nullable=False),
    Column("open", SmallInteger, nullable=False),
    Column("changes_on", Date),
    *(Column(unit.value, Integer) for unit in UnitOf),
    *(Column(day.value, Date, nullable=day is not Day.OFFERED_ON) for day in Day),
    *(Column(fact.value, SmallInteger, nullable=False) for fact in Fact),
    Index("ix_round_fact_cell", "region", "born", "municipality", "person_id"),
    Index("ix_round_fact_offered", "offered_on", "person_id"),
    Index(
        "ix_round_fact_followed",
        "region",
        "born",
        "person_id",
        sqlite_where=text("followed = 1"),
        postgresql_where=text("followed = 1"),
    ),
    Index(
        "ix_round_fact_open",
        "region",
        "person_id",
        sqlite_where=text("open = 1"),
        postgresql_where=text("open = 1"),
    ),
    Index(
        "ix_round_fact_changes",
        "changes_on",
        sqlite_where=text("changes_on IS NOT NULL"),
        postgresql_where=text("changes_on IS NOT NULL"),
    ),
)
"""One row for every offered round: the days, the units, and 0 or 1 for each fact.

`later` is 0 for a person's first round, `month` the first day of the offer's month, `open` 1 while the round goes on, `changes_on`
the next day on which time alone changes a fact.
"""

round_count = Table(
    "round_count",
    Base.metadata,
    Column("region", String(2), primary_key=True),
    Column("born", SmallInteger, primary_key=True, autoincrement=False),
    Column("municipality", String(4), primary_key=True),
    Column("later", SmallInteger, primary_key=True, autoincrement=False),
    Column("month", Date, primary_key=True),
    *(Column(measure.name, Integer, nullable=False) for measure in MEASURES),
    sqlite_with_rowid=False,
)
"""The sums of `round_fact` by group: one column for each measure."""

lead_count = Table(
    "lead_count",
    Base.metadata,
    # In the order in which the days are asked for, so that they are added up as they are read.
    Column("lead", String(40), primary_key=True),
    Column("region", String(2), primary_key=True),
    Column("unit", Integer, primary_key=True, autoincrement=False),
    Column("days", Integer, primary_key=True, autoincrement=False),
    Column("born", SmallInteger, primary_key=True, autoincrement=False),
    Column("later", SmallInteger, primary_key=True, autoincrement=False),
    Column("month", Date, primary_key=True),
    Column("rounds", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""How many rounds took how many days, by lead time and group. `unit` 0 where no unit has the time."""

person_fact = Table(
    "person_fact",
    Base.metadata,
    Column("person_id", Key, primary_key=True, autoincrement=False),
    Column("region", String(2), nullable=False),
    Column("born", SmallInteger, nullable=False),
    Column("municipality", String(4), nullable=False),
    Column("status", String(60), nullable=False),
    Column("opted_out", SmallInteger, nullable=False),
    Index("ix_person_fact_status", "region", "status", "born", "person_id"),
)
"""Where everybody in the register stands towards the offer: offered, or why not."""

person_count = Table(
    "person_count",
    Base.metadata,
    Column("region", String(2), primary_key=True),
    Column("born", SmallInteger, primary_key=True, autoincrement=False),
    Column("municipality", String(4), primary_key=True),
    Column("status", String(60), primary_key=True),
    Column("people", Integer, nullable=False),
    Column("opted_out", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""The sums of `person_fact`."""
