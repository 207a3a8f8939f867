"""The rows that one person's earlier rounds become, collected before anything is written. Knows no session.

Rows are dicts by column name with their keys given beforehand (`Keys`), so that seventy thousand of them are written in a few
statements. What is collected of a person whose lines turn out to be impossible is thrown away whole.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

from db.base import Base
from kansli_tui.pathway.referrals import ReferralKind
from kansli_tui.pathway.ruleset import RegionRules, RuleSet, add_years
from kansli_tui.pathway.steps import ClosedReason, ExclusionReason, Step
from kansli_tui.rows.history import HistoryLine
from kansli_tui.service.context import STOCKHOLM

Row = dict[str, Any]
Keys = Callable[[type[Base]], int]
"""Gives the key of the next row of a table."""

BY = "historik"
"""Who did what the predecessor system tells: nobody of this office. Who imported it stands in the log."""


class HistoryFlawError(Exception):
    """Why a person's lines cannot be applied: line, message id and values. It never leaves the import."""

    def __init__(self, line: int, reason: str, **values: str | int) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason
        self.values = values


@dataclass(frozen=True, slots=True)
class HistoryTerms:
    """What rounds of one region are replayed by: the rules in force today, the time of the import, who imports, and the usual units."""

    region: str
    rule_set: RuleSet
    rules: RegionRules
    now: datetime
    today: date
    importer: str
    units: dict[ReferralKind, int]


@dataclass(slots=True)
class Standing:
    """Where the person stands while his rounds are replayed; begins as the register has him."""

    person_id: int
    birth_date: date
    municipality: str
    step: Step
    since: datetime
    next_on: date | None
    round_number: int = 0
    last_result: str | None = None
    """What his latest round with an offer ended with; None before the first."""
    closed_reason: ClosedReason | None = None
    exclusion_reason: ExclusionReason | None = None

    def offer_or_age_exit(self, on: date, rules: RegionRules) -> date:
        """The date of the next offer, or of the age exit where he would be too old for it."""
        return min(on, date(self.birth_date.year + rules.last_age + 1, 1, 1))

    def after_no_sample(self, since: date, rules: RegionRules) -> date:
        """When somebody who gave no sample is offered again."""
        return self.offer_or_age_exit(add_years(since, rules.no_sample_years), rules)


@dataclass(slots=True)
class Facts:
    """Rows by table, in the order they came about."""

    rows: dict[type[Base], list[Row]] = field(default_factory=dict)

    def add(self, table: type[Base], row: Row) -> Row:
        """Remember a row; it may still be changed."""
        self.rows.setdefault(table, []).append(row)
        return row

    def of(self, table: type[Base]) -> list[Row]:
        """The rows of a table so far."""
        return self.rows.get(table, [])

    def take_over(self, other: "Facts") -> None:
        """Everything of the other after everything of this."""
        for table, rows in other.rows.items():
            self.rows.setdefault(table, []).extend(rows)


@lru_cache(maxsize=20_000)
def noon(on: date) -> datetime:
    """A day of which no time is known: its noon in Sweden, which is the same day everywhere it is read."""
    return datetime.combine(on, time(12), STOCKHOLM).astimezone(UTC)


def begins(line: HistoryLine) -> date:
    """The first day that the line tells of."""
    return min(day for _column, day in _dates(line))


def latest(line: HistoryLine) -> tuple[str, date]:
    """The column and day of the last thing that the line tells of, but for an appointment."""
    return max(_dates(line), key=lambda pair: pair[1])


def _dates(line: HistoryLine) -> list[tuple[str, date]]:
    found = [(column, getattr(line, column)) for column in DATED]
    return [(column, day) for column, day in found if day is not None]


DATED = tuple(name for name in HistoryLine.__slots__ if name.endswith("_on"))
"""The columns of things that have happened; an appointment (`mri_booked_for`) may lie ahead."""
