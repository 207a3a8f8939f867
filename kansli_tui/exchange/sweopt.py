"""The file for the national quality register of organised testing: one row per round, checked, with a manifest that defines it.

The register has published no file format, so this one is the office's own (decision 15): CSV with semicolons, UTF-8 without a mark,
ISO days and decimal points, and beside it what every column means, how many rows there are and the file's hash.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from io import StringIO
from typing import Any, Final

from kansli_tui.pathway.decide import PsaValue, density
from kansli_tui.pathway.indicators import percent
from kansli_tui.pathway.municipalities import MUNICIPALITIES, REGIONS
from kansli_tui.pathway.steps import ClosedReason
from kansli_tui.rows.quality_register import Finding, LeftOut, MriResult, RegisterRound
from kansli_tui.rows.referral_messages import Treatment

SCHEMA: Final = "kansli-sweopt-1"
COLUMNS: Final[dict[str, str]] = {
    "pnr": "personnummer eller samordningsnummer, tolv siffror",
    "region": "länskod för den region som gjorde erbjudandet",
    "born": "födelseår enligt folkbokföringen",
    "municipality": "kommunkod när omgången började",
    "round": "omgångens nummer för personen, från 1",
    "preletter_on": "förbrev postat",
    "offered_on": "erbjudande postat",
    "valid_until": "sista dag för provet",
    "sampled_on": "provtagningsdag för det svar som gäller",
    "answered_on": "första slutliga svar på provet",
    "psa": "PSA i µg/l enligt det svar som gäller",
    "psa_comparator": "tomt, < eller >: hör till värdet",
    "unanalysable": "1 om provet inte gick att analysera, annars 0",
    "letter_on": "svarsbrev postat",
    "mri_referred_on": "remissen till MR skickad",
    "mri_done_on": "dag för MR",
    "mri_answered_on": "första MR-svar",
    "mri_outcome": "done, nondiagnostic eller not_done",
    "pirads": "högsta PI-RADS som en person har bekräftat, 1–5",
    "volume_ml": "prostatavolym i ml",
    "psa_density": "PSA delat med volymen, µg/l per ml, tre decimaler, halva uppåt",
    "biopsy_indicated": "1 om omgången har lett till urolog, annars 0",
    "urology_referred_on": "urologremiss skickad",
    "urology_visit_on": "första besök hos urolog",
    "biopsied_on": "biopsi tagen",
    "pathology_on": "PAD-svar utfärdat",
    "isup": "högsta ISUP-grad, 0 = benignt, 1–5",
    "treatment": "surgery, radiotherapy, surveillance eller other",
    "closed_on": "personen har lämnat programmet under omgången",
    "closed_reason": "varför",
}
"""The columns and what they say, in Swedish: the manifest goes to Swedish readers."""

_DAYS: Final = {
    "preletter_on": "pre_letter_on",
    "offered_on": "offered_on",
    "sampled_on": "sampled_on",
    "answered_on": "answered_on",
    "letter_on": "letter_on",
    "mri_referred_on": "mri_referred_on",
    "mri_done_on": "mri_done_on",
    "mri_answered_on": "mri_answered_on",
    "urology_referred_on": "urology_referred_on",
    "urology_visit_on": "visited_on",
    "biopsied_on": "biopsied_on",
    "pathology_on": "pathology_on",
    "closed_on": "closed_on",
}
_NOT_BEFORE: Final = (
    ("offered_on", "preletter_on"),
    ("sampled_on", "offered_on"),
    ("answered_on", "sampled_on"),
    ("letter_on", "sampled_on"),
    ("mri_referred_on", "sampled_on"),
    ("mri_done_on", "mri_referred_on"),
    ("mri_answered_on", "mri_done_on"),
    ("urology_referred_on", "sampled_on"),
    ("urology_visit_on", "urology_referred_on"),
    ("biopsied_on", "urology_visit_on"),
    ("pathology_on", "biopsied_on"),
    ("closed_on", "offered_on"),
)
"""(later, earlier): the first may be the same day as the second or after it."""
_NEEDS: Final = (
    ("psa", "sampled_on"),
    ("unanalysable", "sampled_on"),
    ("sampled_on", "answered_on"),
    ("pirads", "mri_answered_on"),
    ("volume_ml", "mri_answered_on"),
    ("isup", "pathology_on"),
    ("pathology_on", "biopsied_on"),
    ("treatment", "isup"),
    ("closed_on", "closed_reason"),
    ("closed_reason", "closed_on"),
)
"""(stated, needed): the first cannot be told without the second."""
_FIRST_YEAR: Final = 1900
_THOUSANDTH: Final = Decimal("0.001")
_MOST_PSA, _LEAST_VOLUME, _MOST_VOLUME = Decimal(50_000), Decimal(5), Decimal(1000)
"""Beyond these a value is a slip of the pen and not a finding; the office's own limits."""


def cells_of(row: RegisterRound) -> dict[str, str]:
    """A round as the file has it, by column."""
    days = {column: getattr(row, name) for column, name in _DAYS.items()}
    dense = row.psa is not None and row.volume_ml and not row.comparator
    said: dict[str, Any] = {
        "pnr": row.number,
        "region": row.region,
        "born": row.born,
        "municipality": row.municipality,
        "round": row.round,
        "valid_until": row.valid_until,
        **days,
        "psa": row.psa,
        "psa_comparator": row.comparator,
        "unanalysable": int(row.unanalysable),
        "mri_outcome": row.mri_result,
        "pirads": row.pirads,
        "volume_ml": row.volume_ml,
        "psa_density": _density(row) if dense else None,
        "biopsy_indicated": int(row.indicated),
        "isup": row.isup,
        "treatment": row.treatment,
        "closed_reason": row.closed_reason,
    }
    return {column: _cell(said[column]) for column in COLUMNS}


def findings(rows: Sequence[RegisterRound], today: date) -> Iterator[Finding]:
    """What cannot be right, every row by the same rules; then what two rows say together."""
    for row in rows:
        yield from (Finding(row.case, row.round, message, values) for message, values in _faults(row, today))
    often = Counter((row.number, row.round) for row in rows)
    for row in rows:
        if often[row.number, row.round] > 1:
            yield Finding(
                row.case, row.round, "The same person and round stand twice: two cases may be one person.", {}
            )


def _faults(row: RegisterRound, today: date) -> Iterator[tuple[str, dict[str, str]]]:
    cells = cells_of(row)
    told = {column for column, cell in cells.items() if cell} - {
        column for column in ("unanalysable", "biopsy_indicated") if cells[column] == "0"
    }
    for later, earlier in _NOT_BEFORE:
        if cells[later] and cells[earlier] and cells[later] < cells[earlier]:
            yield (
                "Wrong order: {column} is before {other}. Correct the day that is wrong.",
                {"column": later, "other": earlier},
            )
    for column, needed in _NEEDS:
        if column in told and needed not in told:
            yield (
                "Incomplete: {column} is there but not {other}. Add what is missing.",
                {"column": column, "other": needed},
            )
    for column in _DAYS:
        if cells[column] > today.isoformat():
            yield "Not possible: {column} is a day to come. Correct it.", {"column": column}
    for column, fine in _within(row).items():
        if not fine:
            yield "Not possible: {column} has a value that cannot be. Correct it.", {"column": column}
    if row.unanalysable and row.psa is not None:
        yield "The sample has a value and is unanalysable at once: correct the answer.", {}
    is_raised = row.psa is not None and row.psa >= 3
    if is_raised is not row.raised or row.isup != row.found_isup:
        yield "The row says something else than the statistics count: report it to whoever looks after the program.", {}


def _within(row: RegisterRound) -> dict[str, bool]:
    """Whether each value is one that there can be."""
    home = MUNICIPALITIES.get(row.municipality)
    return {
        "pnr": len(row.number) == 12 and row.number.isascii() and row.number.isdecimal(),
        "region": row.region in REGIONS,
        "born": row.born >= _FIRST_YEAR,
        "municipality": not row.municipality or home is not None,
        "round": row.round >= 1,
        "offered_on": row.offered_on is not None,
        "psa": row.psa is None or 0 < row.psa <= _MOST_PSA,
        "psa_comparator": row.comparator in ("", "<", ">") and (not row.comparator or row.psa is not None),
        "mri_outcome": row.mri_result is None or row.mri_result in MriResult,
        "pirads": row.pirads is None or 1 <= row.pirads <= 5,
        "volume_ml": row.volume_ml is None or _LEAST_VOLUME <= row.volume_ml <= _MOST_VOLUME,
        "isup": row.isup is None or 0 <= row.isup <= 5,
        "treatment": not row.treatment or row.treatment in tuple(Treatment),
        "closed_reason": not row.closed_reason or row.closed_reason in tuple(ClosedReason),
    }


def sweopt_csv(rows: Iterable[RegisterRound]) -> bytes:
    """The file. Nothing in it is free text, so no cell can act as a formula."""
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(cells_of(row).values() for row in rows)
    return out.getvalue().encode()


def manifest(
    file_name: str, data: bytes, rows: Sequence[RegisterRound], left_out: dict[LeftOut, int], **told: str | int | None
) -> bytes:
    """What the receiver needs to read and check the file; `told` is what the version says of itself."""
    raised = sum(row.raised for row in rows)
    sampled = sum(row.sampled_on is not None for row in rows)
    share = percent(raised, sampled)
    said = {
        "format": SCHEMA,
        "file": file_name,
        **told,
        "sha256": sha256(data).hexdigest(),
        "bytes": len(data),
        "rows": len(rows),
        "left_out": {reason.value: left_out.get(reason, 0) for reason in LeftOut},
        "counts": {
            "sampled": sampled,
            "psa_raised": raised,
            "psa_raised_percent_of_sampled": None if share is None else f"{share:f}",
            "mri_done": sum(row.mri_result is MriResult.DONE for row in rows),
            "biopsied": sum(row.isup is not None for row in rows),
            "isup_2_or_more": sum((row.isup or 0) >= 2 for row in rows),
        },
        "encoding": "UTF-8, ;, CRLF, ISO-datum, decimalpunkt; tomt = har inte hänt eller är inte känt",
        "columns": COLUMNS,
    }
    return (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()


def _density(row: RegisterRound) -> str:
    assert row.psa is not None
    assert row.volume_ml is not None
    return f"{density(PsaValue(row.psa, None), row.volume_ml).quantize(_THOUSANDTH, ROUND_HALF_UP):f}"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)
