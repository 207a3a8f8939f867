"""Plans, dry runs and releases as frozen rows."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class PlanState(StrEnum):
    """A plan is drafted by one, approved by another, and can be ended."""

    DRAFT = "draft"
    APPROVED = "approved"
    ENDED = "ended"


class RoundKind(StrEnum):
    """Why a round began; chooses the offer letter."""

    FIRST = "first"
    AFTER_NO_SAMPLE = "after_no_sample"
    AFTER_INTERVAL = "after_interval"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan with what it still has to do. `due` are the people a dry run would list today."""

    plan_id: int
    region: str
    birth_years: tuple[int, ...]
    per_week: int
    no_send_weeks: tuple[str, ...]
    starts_on: date
    state: PlanState
    author: str
    approved_by: str | None
    due: int
    next_week: str | None
    weeks_left: int | None
    version: int


@dataclass(frozen=True, slots=True)
class DuePerson:
    """Somebody in the dry run."""

    person_id: int
    number: str
    name: str
    birth_date: date
    municipality: str
    round_number: int
    kind: RoundKind


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why people of the plan's birth years are not offered: a rule, how many, and the first of them."""

    rule: str
    people: int
    first: tuple[DuePerson, ...]


@dataclass(frozen=True, slots=True)
class DryRun:
    """Who would be offered in the next release, in order, and who not, by rule. Sums to `in_birth_years`."""

    plan_id: int
    week: str
    sends_now: bool
    why_not_now: str
    due: tuple[DuePerson, ...]
    later: int
    left_out: tuple[LeftOut, ...]
    in_birth_years: int


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A release that has been made."""

    release_id: int
    plan_id: int
    region: str
    week: str
    people: int
    released_by: str
    released_at: datetime


@dataclass(frozen=True, slots=True)
class AheadRow:
    """Those of a region whose waiting ends in a quarter: `offers` are due then, `leaving` leave for age instead.

    Quarter 0 is of those whose day has come already; year 0 stands with it.
    """

    region: str
    year: int
    quarter: int
    offers: int
    leaving: int
