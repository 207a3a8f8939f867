"""Earlier rounds from a predecessor system as CSV, one person and round a line. It checks each line for itself and looks nobody up.

An empty cell did not happen. A line that contradicts itself is held with what is wrong: nothing in it is corrected or guessed.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final, TypeVar

from kansli_tui.errors import InvalidIdentityError
from kansli_tui.exchange.csv_rows import CsvRow, csv_rows
from kansli_tui.exchange.lab_values import read_number
from kansli_tui.pathway.decide import PsaValue
from kansli_tui.pathway.identity import parse_identity
from kansli_tui.pathway.municipalities import REGIONS
from kansli_tui.pathway.steps import ClosedReason
from kansli_tui.rows.history import HistoryAnswer, HistoryLine, MriOutcome
from kansli_tui.rows.lab import Problem, Unreadable, Value
from kansli_tui.rows.lab_reasons import Reason
from kansli_tui.rows.referral_messages import Treatment

HEADINGS: Final = (
    "pnr",
    "region",
    "round",
    "preletter_on",
    "offered_on",
    "answer",
    "psa_ordered_on",
    "sampled_on",
    "psa_answered_on",
    "psa",
    "psa_letter_on",
    "mri_referred_on",
    "mri_booked_for",
    "mri_done_on",
    "mri_outcome",
    "mri_answered_on",
    "pirads",
    "volume_ml",
    "mri_letter_on",
    "urology_referred_on",
    "urology_visit_on",
    "biopsied_on",
    "pathology_on",
    "isup",
    "treatment",
    "closed_on",
    "closed_reason",
)

_DATES: Final = tuple(heading for heading in HEADINGS if heading.endswith(("_on", "_for")))
_UNANALYSABLE: Final = "unanalysable"
_FIRST_YEAR: Final = 1990
_ROUND: Final = re.compile("[1-9][0-9]?", re.ASCII)

_NOT_BEFORE: Final = (
    ("offered_on", "preletter_on"),
    ("psa_ordered_on", "preletter_on"),
    ("sampled_on", "offered_on"),
    ("sampled_on", "psa_ordered_on"),
    ("psa_answered_on", "sampled_on"),
    ("psa_letter_on", "psa_answered_on"),
    ("mri_referred_on", "psa_answered_on"),
    ("mri_booked_for", "mri_referred_on"),
    ("mri_done_on", "mri_referred_on"),
    ("mri_answered_on", "mri_done_on"),
    ("mri_letter_on", "mri_referred_on"),
    ("mri_letter_on", "mri_answered_on"),
    ("urology_referred_on", "psa_answered_on"),
    ("urology_referred_on", "mri_answered_on"),
    ("urology_visit_on", "urology_referred_on"),
    ("biopsied_on", "urology_referred_on"),
    ("biopsied_on", "urology_visit_on"),
    ("pathology_on", "biopsied_on"),
    ("closed_on", "offered_on"),
    ("closed_on", "sampled_on"),
)
"""(later, earlier): the first may be the same day as the second or after it."""

_NEEDS: Final = (
    ("psa", "psa_answered_on"),
    ("psa_answered_on", "psa"),
    ("psa_answered_on", "sampled_on"),
    ("psa_letter_on", "psa_answered_on"),
    ("mri_referred_on", "psa_answered_on"),
    ("mri_booked_for", "mri_referred_on"),
    ("mri_done_on", "mri_referred_on"),
    ("mri_outcome", "mri_referred_on"),
    ("mri_answered_on", "mri_done_on"),
    ("pirads", "mri_answered_on"),
    ("volume_ml", "mri_answered_on"),
    ("mri_letter_on", "mri_referred_on"),
    ("urology_referred_on", "psa_answered_on"),
    ("urology_visit_on", "urology_referred_on"),
    ("biopsied_on", "urology_referred_on"),
    ("pathology_on", "biopsied_on"),
    ("pathology_on", "isup"),
    ("isup", "pathology_on"),
    ("treatment", "isup"),
    ("closed_on", "closed_reason"),
    ("closed_reason", "closed_on"),
)
"""(stated, needed): the first cannot have happened without the second."""

_Member = TypeVar("_Member", bound=StrEnum)


def read_history_csv(raw: bytes) -> Iterator[HistoryLine | Unreadable]:
    """Read every line, one at a time and in the order of the file; `position` of what is held is the line number.

    Raises:
        UnreadableFileError: a heading is missing or stands twice.
    """
    for row in csv_rows(raw, HEADINGS):
        read = _line(row) if isinstance(row, CsvRow) else row
        if isinstance(read, Problem):
            assert isinstance(row, CsvRow)
            read = Unreadable(row.line, row.raw, row.sha256, read.reason, {"line": row.line, **read.values})
        yield read


class _Flaw(Exception):  # noqa: N818 - it never leaves this module and is no error of the program
    """The first thing that is wrong with a line."""

    def __init__(self, reason: Reason, **values: Value) -> None:
        super().__init__(reason)
        self.problem = Problem(reason, values)


def _line(row: CsvRow) -> HistoryLine | Problem:
    try:
        return _checked(row.line, row.cells)
    except _Flaw as flaw:
        return flaw.problem


def _checked(line: int, cells: Mapping[str, str]) -> HistoryLine:
    number = _number(cells["pnr"])
    if cells["region"] not in REGIONS:
        raise _Flaw(Reason.HISTORY_REGION)
    if not _ROUND.fullmatch(cells["round"]):
        raise _Flaw(Reason.HISTORY_VALUE, column="round", allowed="1–99")
    dates = {column: _date(column, cells[column]) if cells[column] else None for column in _DATES}
    for later, earlier in _NOT_BEFORE:
        after, before = dates[later], dates[earlier]
        if after is not None and before is not None and after < before:
            raise _Flaw(Reason.HISTORY_ORDER, column=later, other=earlier)
    for column, needed in _NEEDS:
        if cells[column] and not cells[needed]:
            raise _Flaw(Reason.HISTORY_NEEDS, column=column, other=needed)
    history = HistoryLine(
        line=line,
        number=number,
        region=cells["region"],
        round=int(cells["round"]),
        answer=_member(HistoryAnswer, "answer", cells),
        psa=_psa(cells["psa"]),
        psa_unanalysable=cells["psa"].lower() == _UNANALYSABLE,
        mri_outcome=_member(MriOutcome, "mri_outcome", cells),
        pirads=_grade("12345", "pirads", cells),
        volume_ml=_volume(cells["volume_ml"]),
        isup=_grade("012345", "isup", cells),
        treatment=_member(Treatment, "treatment", cells),
        closed_reason=_member(ClosedReason, "closed_reason", cells),
        **dates,
    )
    _require_sense(history)
    return history


def _require_sense(history: HistoryLine) -> None:
    """What no two cells may say of each other, beyond dates and what needs what."""
    examined = history.mri_outcome in (MriOutcome.DONE, MriOutcome.NOT_DIAGNOSTIC)
    if examined and history.mri_done_on is None:
        raise _Flaw(Reason.HISTORY_NEEDS, column="mri_outcome", other="mri_done_on")
    contradictions = (
        ("answer", "sampled_on", history.answer is HistoryAnswer.DECLINED and history.sampled_on is not None),
        ("mri_referred_on", "psa", history.psa_unanalysable and history.mri_referred_on is not None),
        (
            "mri_outcome",
            "mri_done_on",
            history.mri_outcome is not None and not examined and history.mri_done_on is not None,
        ),
        ("treatment", "isup", history.treatment is not None and history.isup == 0),
    )
    for column, other, found in contradictions:
        if found:
            raise _Flaw(Reason.HISTORY_CONTRADICTION, column=column, other=other)


def _number(written: str) -> str:
    if not written:
        raise _Flaw(Reason.ROW_NO_NUMBER)
    try:
        return parse_identity(written, from_register=True).number
    except InvalidIdentityError as error:
        raise _Flaw(Reason.HISTORY_NUMBER) from error


def _date(column: str, written: str) -> date:
    """A day as YYYY-MM-DD; an appointment may have its time of day after it, which is not kept."""
    read = _day(written[:10] if column.endswith("_for") and written[10:11] in (" ", "T") else written)
    if read is None:
        raise _Flaw(Reason.HISTORY_DATE, column=column)
    return read


@lru_cache(maxsize=10_000)
def _day(written: str) -> date | None:
    """The same few thousand days stand in a hundred thousand lines."""
    try:
        # Without the hyphens in place the library would take weeks and ordinal days for dates.
        read = date.fromisoformat(written) if written[4:5] == written[7:8] == "-" else None
    except ValueError:
        return None
    return read if read is not None and read.year >= _FIRST_YEAR else None


def _member(members: type[_Member], column: str, cells: Mapping[str, str]) -> _Member | None:
    written = cells[column].lower()
    if not written:
        return None
    try:
        return members(written)
    except ValueError as error:
        raise _Flaw(Reason.HISTORY_VALUE, column=column, allowed=", ".join(members)) from error


def _grade(allowed: str, column: str, cells: Mapping[str, str]) -> int | None:
    """One digit out of `allowed`."""
    if not cells[column]:
        return None
    if len(cells[column]) > 1 or cells[column] not in allowed:
        raise _Flaw(Reason.HISTORY_VALUE, column=column, allowed=f"{allowed[0]}–{allowed[-1]}")
    return int(cells[column])


def _psa(written: str) -> PsaValue | None:
    """The value with its comparator. Zero is no value: no assay measures it, and empty cells have been read as it."""
    if not written or written.lower() == _UNANALYSABLE:
        return None
    number = read_number(written, dot_is_decimal=False)
    if number is None or number.value == 0:
        raise _Flaw(Reason.HISTORY_AMOUNT, column="psa")
    return PsaValue(number.value, number.comparator)


def _volume(written: str) -> Decimal | None:
    if not written:
        return None
    number = read_number(written, dot_is_decimal=False)
    if number is None or number.comparator is not None or number.value == 0:
        raise _Flaw(Reason.HISTORY_AMOUNT, column="volume_ml")
    return number.value
