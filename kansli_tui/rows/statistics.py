"""Counts as the screens, files and reports show them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class RoundsWanted(StrEnum):
    """Which rounds of a person are counted."""

    ALL = "all"
    FIRST = "first"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class StatsFilter:
    """What is counted: rounds offered from `since` to `until` (both days count), as known at the end of `as_of`.

    `regions` are county codes. `born` are birth years, () for all. `municipality` is the four-digit code of where people lived
    when they were offered, '' for all; protected people are in no municipality.
    """

    regions: tuple[str, ...]
    as_of: date
    since: date | None = None
    until: date | None = None
    born: tuple[int, ...] = ()
    municipality: str = ""
    rounds: RoundsWanted = RoundsWanted.ALL


@dataclass(frozen=True, slots=True)
class StatsRow:
    """One indicator for one region and birth year; "all" for the total. `percent` has one decimal, rounded half up.

    `low` and `high` are the 95 % interval in per cent. A suppressed row has no counts: it may not leave the office.
    """

    indicator: str
    region: str
    born: str
    numerator: int | None
    denominator: int | None
    percent: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Statistics:
    """Every indicator for every group, totals first."""

    filter: StatsFilter
    rows: tuple[StatsRow, ...]


@dataclass(frozen=True, slots=True)
class StatsGroup:
    """The indicators of one group of a breakdown: a region, birth year, municipality, round or age; "all" for the total."""

    name: str
    rows: tuple[StatsRow, ...]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Every indicator by one dimension (`by`), the total first. Protected people are in the municipality ''."""

    filter: StatsFilter
    by: str
    groups: tuple[StatsGroup, ...]


@dataclass(frozen=True, slots=True)
class LeadRow:
    """One lead time of a region ("all" for the total) or unit: quartiles in days of the `rounds` where it has ended.

    `within` of them within `target` days, `percent` their share; None where there is no target. `waiting` have not come to the
    end yet and are in none of the quartiles; `waiting_over` have waited longer than the target, `longest_waiting` is in days.
    In what leaves the office `rounds`, `waiting`, and with a target `within` and `waiting_over`, are None where they are hidden.
    """

    lead: str
    region: str
    unit: str
    unit_id: int
    rounds: int | None
    first_quartile: float | None
    median: float | None
    third_quartile: float | None
    target: int | None
    within: int | None
    percent: Decimal | None
    waiting: int | None
    waiting_over: int | None
    longest_waiting: int | None


class Part(StrEnum):
    """Which of the people behind a figure are asked for."""

    NUMERATOR = "numerator"
    REST = "rest"
    """In the denominator and not in the numerator."""
    DENOMINATOR = "denominator"


class LeadPart(StrEnum):
    """Which of the rounds behind a lead time are asked for."""

    DONE = "done"
    LATE = "late"
    """Ended, and took longer than the target."""
    WAITING = "waiting"
    WAITING_OVER = "waiting_over"
    """Wait still, and longer than the target."""


@dataclass(frozen=True, slots=True)
class StatsPerson:
    """One of the people behind a figure. `round_number` is 0 where people and not rounds are counted.

    `days` is what a lead time took, or how long somebody has waited. A protected person is masked, and so is whoever is in a
    region now that is not the actor's (`elsewhere`: then the case cannot be opened).
    """

    person_id: int
    round_number: int
    region: str
    number: str
    name: str
    born: int
    offered_on: date | None
    days: int | None
    masked: bool
    elsewhere: bool
