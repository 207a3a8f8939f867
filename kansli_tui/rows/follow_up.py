"""Targets and the follow-up plan, as screens and reports show them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kansli_tui.pathway.follow_up import Limits, PlanMeasure, Result, Status

JOINT = ""
"""The region of a common target, and of a plan that counts the three regions together."""


class ChangeWhat(StrEnum):
    """What happened to a line of the plan."""

    ADDED = "added"
    CARRIED = "carried"
    EDITED = "edited"
    OVERRIDDEN = "overridden"
    OVERRIDE_ENDED = "override_ended"
    REMOVED = "removed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target as it was set. Without `limits` it says that the one before ends that day: a region then follows the common one.

    `region` is a county code, or '' for the common target.
    """

    target_id: int
    measure: str
    region: str
    limits: Limits | None
    valid_from: date
    set_by: str
    set_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class TargetsRow:
    """One measure with the targets that hold on a day: the common one under '', each region's own under its code."""

    measure: PlanMeasure
    own: dict[str, TargetRow]


@dataclass(frozen=True, slots=True)
class Override:
    """A status that a supervisor has set instead of the computed one, and why."""

    status: Status
    comment: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Before:
    """How the same line stood in the quarter that it was carried over from."""

    quarter: str
    status: Status
    result: Result | None


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """One line of a plan: what is followed, its target, what came out, and what is done about it.

    `computed` is the colour of the result against the target; `status` is what stands on the line, which a person may have set.
    """

    line_id: int
    version: int
    area: str
    measure: PlanMeasure
    limits: Limits | None
    target_from: date | None
    """From when the target holds."""
    result: Result | None
    computed: Status
    override: Override | None
    results: str
    challenges: str
    activity: str
    responsible: str
    due: date | None
    before: Before | None
    hidden: bool = False
    """Whether result and colour may not leave the office; both are taken out then."""

    @property
    def status(self) -> Status:
        """What stands on the line."""
        return self.override.status if self.override is not None else self.computed


@dataclass(frozen=True, slots=True)
class FollowUpQuarter:
    """The plan of one quarter and region ('' for the three together), as counted at the end of `as_of`.

    `as_of` is None before the quarter has begun. A closed quarter is what the supervisor signed and never changes.
    `earlier` is the quarter whose open lines can be taken over, '' where there is none; `stamp` stands for all that is shown.
    """

    quarter: str
    region: str
    since: date
    until: date
    as_of: date | None
    rows: tuple[FollowUpRow, ...]
    closed_at: datetime | None
    closed_by: str
    earlier: str
    stamp: str

    @property
    def is_closed(self) -> bool:
        """Whether it is signed and read-only."""
        return self.closed_at is not None


@dataclass(frozen=True, slots=True)
class FollowUpChangeRow:
    """One change of a line: `field` from `before` to `after` where something was written, and why where somebody said so."""

    at: datetime
    by: str
    what: ChangeWhat
    field: str
    before: str
    after: str
    why: str
