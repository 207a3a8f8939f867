"""A rule set in a list."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class RuleSetInfo:
    """Which rule set, from when, by whom; it holds once it is signed."""

    name: str
    version: str
    valid_from: date
    loaded_by: str
    signed_by: str | None
    signed_at: datetime | None
