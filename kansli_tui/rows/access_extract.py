"""What a person gets to see of what the office holds about them: entries in sections, the same for the paper and the file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

Value = str | int | bool | date | datetime | Decimal | Sequence["Value"] | Mapping[str, "Value"]
"""A member of a stored value's enum is a `str`: the file says its code, the paper its words."""

SECTIONS = (
    "person",
    "wishes",
    "steps",
    "rounds",
    "letters",
    "deliveries",
    "orders",
    "answers",
    "messages",
    "decisions",
    "referrals",
    "referral_changes",
    "bookings",
    "mri_answers",
    "pathology",
    "treatments",
    "contacts",
    "tasks",
    "blocks",
    "handovers",
    "merges",
    "hand_edits",
    "register_care",
    "causes",
    "register",
    "log",
)
"""Every section, in the order of the paper; one without entries is there too."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is held: when it is from, what it is, and its facts by name. None of the facts is empty."""

    at: date | datetime | None
    what: str
    facts: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class AccessExtract:
    """Everything held about one person, taken out at a time by somebody (a name) for a reason. `sections` has every one."""

    at: datetime
    made_by: str
    why: str
    region: str
    number: str
    name: str
    protected: bool
    invented: bool
    sections: Mapping[str, tuple[Entry, ...]]
