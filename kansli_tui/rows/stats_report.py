"""A report as it is set on paper: everything it says, counted and frozen. What may not leave the office is hidden in it already."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kansli_tui.rows.availability import AvailabilityReport
from kansli_tui.rows.follow_up import FollowUpQuarter
from kansli_tui.rows.statistics import Breakdown, LeadRow, Statistics, StatsFilter


class ReportKind(StrEnum):
    """How much a report says."""

    YEAR = "year"
    QUARTER = "quarter"
    SUMMARY = "summary"
    """One page."""


@dataclass(frozen=True, slots=True)
class QualityNote:
    """Something about the data that whoever reads the figures must know: a message id with values, and how many it concerns (None: hidden)."""

    message: str
    count: int | None
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """Of one region how many are in the register, and how many of them nothing holds (0 when it adds up; None: hidden)."""

    region: str
    registered: int | None
    unaccounted: int | None


@dataclass(frozen=True, slots=True)
class StatsReport:
    """One report. `period` is '2025', '2025K3' or two days; `made_by` is a name. `recipient` and `purpose` stand on its cover.

    `earlier` are the same indicators of the period before, for comparison. With `exact` nothing is hidden: for the office only.
    """

    kind: ReportKind
    period: str
    filter: StatsFilter
    made_at: datetime
    made_by: str
    recipient: str
    purpose: str
    exact: bool
    invented: bool
    statistics: Statistics
    earlier: Statistics
    by_region: Breakdown
    by_municipality: Breakdown
    by_age: Breakdown
    by_round: Breakdown
    leads: tuple[LeadRow, ...]
    leads_by_unit: tuple[LeadRow, ...]
    availability: AvailabilityReport
    follow_up: FollowUpQuarter | None
    balance: tuple[BalanceLine, ...]
    notes: tuple[QualityNote, ...]
