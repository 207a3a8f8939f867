"""What goes to the national quality register, what was found wrong with it, and the versions that have gone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class LeftOut(StrEnum):
    """Why a round is not in an export."""

    OBJECTION = "objection"
    """The person does not want to be in the quality register: earlier rounds are left out as well."""
    PROTECTED = "protected"
    """Protected people are in no export."""
    BY_HAND = "by_hand"
    """A supervisor has left a round out that could not be right."""


class MriResult(StrEnum):
    """What came of a referral to MRI."""

    DONE = "done"
    NOT_DIAGNOSTIC = "nondiagnostic"
    NOT_DONE = "not_done"
    """The round has ended without an examination."""


@dataclass(frozen=True, slots=True)
class RegisterRound:
    """One round of one person; None where it has not happened or is not known. `case` is the person's key in the office.

    `psa` is in µg/l with its `comparator` ('', '<' or '>'), `volume_ml` in ml, `isup` 0 is benign. The answers are the newest
    valid ones. `raised` and `found_isup` are what the office's statistics count of the round.
    """

    case: int
    number: str
    region: str
    born: int
    municipality: str
    round: int
    pre_letter_on: date | None
    offered_on: date | None
    valid_until: date | None
    sampled_on: date | None
    answered_on: date | None
    psa: Decimal | None
    comparator: str
    unanalysable: bool
    letter_on: date | None
    mri_referred_on: date | None
    mri_done_on: date | None
    mri_answered_on: date | None
    mri_result: MriResult | None
    pirads: int | None
    volume_ml: Decimal | None
    indicated: bool
    urology_referred_on: date | None
    visited_on: date | None
    biopsied_on: date | None
    pathology_on: date | None
    isup: int | None
    treatment: str
    closed_on: date | None
    closed_reason: str
    raised: bool = False
    found_isup: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a round: `message` is a message id with `values`. The person is named by the case alone."""

    case: int
    round: int
    message: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RegisterCheck:
    """What an export would hold: `rows` rounds, the `left_out` ones by reason, and what stops it."""

    region: str
    since: date | None
    until: date | None
    rows: int
    left_out: Mapping[LeftOut, int]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ExportVersion:
    """One export that has been made. `withdrawn` rounds were in the version before, and their people object now."""

    region: str
    version: int
    made_at: datetime
    made_by: str
    recipient: str
    since: date | None
    until: date | None
    rows: int
    left_out: Mapping[LeftOut, int]
    withdrawn: int
    schema: str
    sha256: str
    file_name: str
