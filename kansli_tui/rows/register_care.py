"""Register care as frozen rows: findings about data that cannot be right, what is written by hand, and cases that are one person."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from kansli_tui.pathway.steps import Step


class HandField(StrEnum):
    """What of a person may be written by hand, and is settled as one thing; the value is stored.

    An address is one thing: a street from one source with a postcode from another is nobody's address. Who the person is by number
    is never written by hand, and a birth date only where the register does not know it.
    """

    GIVEN = "given"
    MIDDLE = "middle"
    FAMILY = "family"
    ADDRESS = "address"
    SPECIAL = "special"
    ABROAD = "abroad"
    MUNICIPALITY = "municipality"
    BIRTH_DATE = "birth_date"


PARTS: Final[dict[HandField, tuple[str, ...]]] = {
    HandField.GIVEN: ("given_names", "preferred_mark"),
    HandField.MIDDLE: ("middle_name",),
    HandField.FAMILY: ("family_name",),
    HandField.ADDRESS: ("co", "adr1", "adr2", "postnr", "ort"),
    HandField.SPECIAL: ("sp_co", "sp_adr1", "sp_adr2", "sp_postnr", "sp_ort"),
    HandField.ABROAD: ("utl1", "utl2", "utl3", "land"),
    HandField.MUNICIPALITY: ("municipality",),
    HandField.BIRTH_DATE: ("birth_date",),
}
"""The register's own names of what each consists of; the addresses' stand within `Person.address`."""
ADDRESSES: Final = frozenset({HandField.ADDRESS, HandField.SPECIAL, HandField.ABROAD})


@dataclass(frozen=True, slots=True)
class HandValue:
    """One thing on the form: what holds now, what the register says, and who wrote it by hand, when and why ('' where nobody has).

    `differs` is what the register has come to say since, where nobody has settled it yet. Empty parts are left out of all three.
    """

    field: HandField
    value: dict[str, str]
    register_value: dict[str, str]
    differs: dict[str, str] | None
    edit_id: int | None
    by: str
    at: datetime | None
    why: str


@dataclass(frozen=True, slots=True)
class HandForm:
    """What may be written by hand about one person, as the case is now."""

    person_id: int
    number: str
    name: str
    region: str
    version: int
    values: tuple[HandValue, ...]


@dataclass(frozen=True, slots=True)
class MergeSide:
    """One of two cases that may be one person. `hinders` says, as ready sentences, why this one cannot be the one that goes."""

    person_id: int
    number: str
    name: str
    masked: bool
    birth_date: date
    birth_date_known: bool
    region: str
    municipality: str
    address: tuple[str, ...]
    step: Step
    step_label: str
    next_on: date | None
    rounds: int
    latest: str
    """The newest line of the history."""
    held: tuple[str, ...]
    hinders: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True)
class MergePreview:
    """Two cases side by side. `refused` says why they are not merged whichever of them is kept ('' when nothing does)."""

    one: MergeSide
    other: MergeSide
    refused: str
    same: tuple[str, ...]
    """What the two have in common, as ready words."""


@dataclass(frozen=True, slots=True)
class MergeRow:
    """A merge: which case is kept, which went into it, by whom, when and why."""

    merge_id: int
    kept_id: int
    kept_number: str
    merged_id: int
    merged_number: str
    took_number: bool
    at: datetime
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class CareCheckRow:
    """A check and how much it found last, per region (by code); `counted_at` is None until it has been counted.

    `label`, `meaning` and `fix` are message ids.
    """

    check: str
    label: str
    meaning: str
    fix: str
    by_region: dict[str, int]
    counted_at: datetime | None
    settleable: bool
    slow: bool

    @property
    def total(self) -> int:
        """All regions together."""
        return sum(self.by_region.values())


@dataclass(frozen=True, slots=True)
class CareFinding:
    """One thing a check has found. `what` is a message id with `values`; a protected person is masked.

    The cursor for the next page is `key`. `other_id` is the second person of a possible duplicate, `edit_id` a difference to settle.
    """

    check: str
    key: tuple[int, int]
    subject: str
    fingerprint: str
    region: str
    person_id: int | None
    number: str
    name: str
    masked: bool
    what: str
    values: dict[str, str]
    other_id: int | None = None
    edit_id: int | None = None
