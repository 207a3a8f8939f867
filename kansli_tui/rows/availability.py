"""The availability report as the screens, files and reports show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ALL_REGIONS = "all"
NO_CAUSE = ""
"""The key of those for whom nobody has noted a cause."""


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One waiting list in one region ("all" for the total of the regions asked for) as of the day.

    `past` are those who have waited longer than the target, `share` they in per cent of `waiting`; both None without a target.
    `per_10_000` is per 10,000 of `population`. Waits are in whole days. `causes` by the value of `DeviationCause`, those without
    one under "", and together they are `waiting`. Decimals have one place, rounded half up. In what leaves the office `waiting`,
    `past` (with a target) and single causes are None where they are hidden.
    """

    name: str
    region: str
    waiting: int | None
    target_days: int | None
    past: int | None
    share: Decimal | None
    median_days: Decimal | None
    longest_days: int | None
    population: int
    per_10_000: Decimal | None
    causes: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class WaitingPoint:
    """The same list and region on an earlier day."""

    name: str
    region: str
    on: date
    waiting: int | None
    past: int | None
    share: Decimal | None
    population: int
    per_10_000: Decimal | None


@dataclass(frozen=True, slots=True)
class AvailabilityReport:
    """Who waits as of the end of a day. `rows` in the order of the lists, the total before the regions.

    `over_time` has the last twelve month ends before the day, the oldest first, and the day itself.
    """

    as_of: date
    regions: tuple[str, ...]
    rows: tuple[WaitingRow, ...]
    over_time: tuple[WaitingPoint, ...]


@dataclass(frozen=True, slots=True)
class WaitingPerson:
    """One who waits, the longest wait first; the cursor for the next page is (`since`, `person_id`).

    `region` is where he waited then. A protected person is masked, and so is one who is in a region now that is not the actor's:
    then `person_id` opens nothing.
    """

    person_id: int
    region: str
    number: str
    name: str
    since: date
    days: int
    past: bool
    cause: str
    unit: str
    masked: bool
    elsewhere: bool = False
