"""One person's one earlier round as a predecessor system tells it: values only. What it leads to, the rules say at import."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kansli_tui.pathway.decide import PsaValue
from kansli_tui.pathway.steps import ClosedReason, Step
from kansli_tui.rows.referral_messages import Treatment


class HistoryAnswer(StrEnum):
    """What the person said to the offer."""

    ACCEPTED = "accepted"
    DECLINED = "declined"


class MriOutcome(StrEnum):
    """What became of the MRI examination."""

    DONE = "done"
    DECLINED = "declined"
    CONTRAINDICATED = "contraindicated"
    NOT_DIAGNOSTIC = "nondiagnostic"
    NO_SHOW = "noshow"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One line of the history CSV; None is what did not happen. The attributes are the columns, in their order.

    Attributes:
        line: in the file, from 1, the headings being the first.
        number: the person's number as stored, checked for itself but not looked up.
        region: county code.
        psa: value with its comparator, µg/L; None when there was no answer or it was unanalysable.
        psa_unanalysable: there was an answer, and it held no value.
        volume_ml: exact, above zero.
        pirads: the highest score, 1 to 5.
        isup: 0 (benign) to 5.
    """

    line: int
    number: str
    region: str
    round: int
    preletter_on: date | None = None
    offered_on: date | None = None
    answer: HistoryAnswer | None = None
    psa_ordered_on: date | None = None
    sampled_on: date | None = None
    psa_answered_on: date | None = None
    psa: PsaValue | None = None
    psa_unanalysable: bool = False
    psa_letter_on: date | None = None
    mri_referred_on: date | None = None
    mri_booked_for: date | None = None
    mri_done_on: date | None = None
    mri_outcome: MriOutcome | None = None
    mri_answered_on: date | None = None
    pirads: int | None = None
    volume_ml: Decimal | None = None
    mri_letter_on: date | None = None
    urology_referred_on: date | None = None
    urology_visit_on: date | None = None
    biopsied_on: date | None = None
    pathology_on: date | None = None
    isup: int | None = None
    treatment: Treatment | None = None
    closed_on: date | None = None
    closed_reason: ClosedReason | None = None


@dataclass(frozen=True, slots=True)
class HistoryProblem:
    """A line that was not applied. `reason` and `fix` are message ids; `values` are numbers, columns and codes, never personal data."""

    line: int
    reason: str
    fix: str
    values: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class HistoryImport:
    """What became of a file: `rows` = `applied` + `known` + problems. With `dry_run` it is what would become of it.

    Attributes:
        people: different people among the lines that could be read.
        applied: lines that became rounds, and of how many people (`applied_people`).
        known: lines that were in the register already, word for word.
        stands: where the people of applied and known lines stand afterwards.
    """

    file_name: str
    sha256: str
    dry_run: bool
    rows: int
    people: int
    applied: int
    applied_people: int
    known: int
    problems: tuple[HistoryProblem, ...]
    stands: dict[Step, int]

    @property
    def needs_person(self) -> bool:
        """Whether any line was not applied."""
        return bool(self.problems)
