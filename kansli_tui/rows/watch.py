"""The watch: named checks, who has the duty, and what they have found."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class DeviationCause(StrEnum):
    """Why something is late, as the regions' availability reports count it."""

    PATIENT_CHOICE = "patient_choice"
    MEDICAL = "medical"
    CAPACITY = "capacity"
    WRONG_UNIT = "wrong_unit"
    LOST = "lost"
    OFFICE = "office"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check has found: of whom, what is wrong and since when. `what` is a message id with `values`.

    A protected person's number and name are masked; `person_id` opens the case. What concerns no person has neither.
    """

    check: str
    person_id: int | None
    region: str
    number: str
    what: str
    values: dict[str, str]
    since: date | None
    subject: str
    """What a deviation cause is noted on: 'referral:12', 'person:5', 'letter:3'."""
    cause: str | None
    """The newest cause noted on it, as its value."""
    name: str = ""
    masked: bool = False


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check on the board: whose duty it is today, when it was last run and by whom, and whether it is late.

    `label` and `fix` are message ids. `on_duty` is the owner, or the deputy on days the owner is away; '' is everybody: nobody is
    appointed, or both are away. `last_run` is None until every region of whoever asks has been covered by a run.
    """

    check: str
    label: str
    fix: str
    owner: str
    deputy: str
    on_duty: str
    every_hours: int
    last_run: datetime | None
    last_by: str
    found: int
    late: bool


@dataclass(frozen=True, slots=True)
class WatchReport:
    """One run of all checks."""

    at: datetime
    checks: tuple[CheckRow, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """Somebody is away, first and last day included."""

    absence_id: int
    username: str
    first: date
    last: date
