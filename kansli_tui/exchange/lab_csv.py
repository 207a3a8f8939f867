"""Laboratory answers as CSV (`;`), one answer a row: order;pnr;code;value;unit;status;sampled_at;reported_at;comment.

A row is one line: a quotation mark out of place costs its own row and no other. UTF-8 (with or without BOM) or Latin-1; the
columns may stand in any order, and columns with other headings are not looked at. So that a row kept alone still says what its
columns are, its `raw` is a file of its own: the headings and that one line, byte for byte.
"""

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Final

from kansli_tui.errors import UnreadableFileError
from kansli_tui.exchange.lab_values import HL7_NULL, canonical_unit, read_iso_time, read_number, visible
from kansli_tui.exchange.profile import Profile
from kansli_tui.rows.lab import LabAnswer, Observation, PatientId, Problem, Unreadable
from kansli_tui.rows.lab_reasons import Reason, Remark

HEADINGS: Final = ("order", "pnr", "code", "value", "unit", "status", "sampled_at", "reported_at", "comment")

_BOM: Final = b"\xef\xbb\xbf"
_BREAK: Final = re.compile(rb"\r\n|\r|\n")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_KNOWN_ENOUGH: Final = 3


def looks_like_lab_csv(raw: bytes) -> bool:
    """Whether the first line that is not empty holds some of the headings between semicolons."""
    first = next((line for line in _BREAK.split(raw.removeprefix(_BOM)) if line.strip()), b"")
    return len(set(_headings(first)) & set(HEADINGS)) >= _KNOWN_ENOUGH


def read_lab_csv(raw: bytes, profile: Profile) -> Iterator[LabAnswer | Unreadable]:
    """Read every row; `position` is the line number in the file. Empty lines are no rows.

    Raises:
        UnreadableFileError: a heading is missing or stands twice.
    """
    lines = [
        (number, line) for number, line in enumerate(_BREAK.split(raw.removeprefix(_BOM)), start=1) if line.strip()
    ]
    headings = _headings(lines[0][1])
    for heading in HEADINGS:
        if headings.count(heading) != 1:
            raise UnreadableFileError(
                "The heading {heading} is missing or stands twice. The first line must be: {headings}",
                heading=heading,
                headings=";".join(HEADINGS),
            )
    codec = "utf-8" if raw.startswith(_BOM) else _codec([line for _, line in lines])
    for number, line in lines[1:]:
        yield _row(_alone(lines[0][1], line, codec), line, number, headings, codec, profile)


def _alone(head: bytes, line: bytes, codec: str) -> bytes:
    """The row as a file of its own, with a BOM where its character set would otherwise be for others to guess."""
    return (_BOM if codec == "utf-8" and not line.isascii() else b"") + head + b"\n" + line


def _headings(line: bytes) -> list[str]:
    return [cell.strip(' "').lower() for cell in line.decode("latin-1").split(";")]


def _codec(lines: list[bytes]) -> str:
    """What most lines with letters outside ASCII are written in, so that one wrong byte does not turn the whole file."""
    telling = [line for line in lines if not line.isascii()]
    utf8 = sum(_decodes(line) for line in telling)
    return "utf-8" if 2 * utf8 >= len(telling) else "iso8859-1"


def _decodes(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _row(
    raw: bytes, line: bytes, number: int, headings: list[str], codec: str, profile: Profile
) -> LabAnswer | Unreadable:
    sha256 = hashlib.sha256(raw).hexdigest()
    cells = _cells(line, number, len(headings), codec)
    if isinstance(cells, Problem):
        return Unreadable(number, raw, sha256, cells.reason, cells.values)
    row = dict(zip(headings, cells, strict=True))
    sampled, reported = read_iso_time(row["sampled_at"]), read_iso_time(row["reported_at"])
    for problem, found in (
        (Problem(Reason.ROW_NO_NUMBER, {"line": number}), not row["pnr"]),
        (Problem(Reason.SAMPLE_TIME, {"line": number}), bool(row["sampled_at"]) and sampled is None),
    ):
        if found:
            return Unreadable(number, raw, sha256, problem.reason, problem.values)
    return LabAnswer(
        format="csv",
        control_id=None,
        sender=profile.their_facility,
        message_type="CSV",
        raw=raw,
        sha256=sha256,
        position=number,
        order_number=visible(row["order"]) or None,
        lab_number=None,
        identities=(PatientId(visible(row["pnr"]), ""),),
        birth_date=None,
        family="",
        given="",
        sampled_at=sampled,
        reported_at=reported,
        observations=(_observation(row),),
        comment=visible(row["comment"]),
        warnings=(Remark.TIME.value,) if row["reported_at"] and reported is None else (),
    )


def _cells(line: bytes, number: int, expected: int, codec: str) -> list[str] | Problem:
    try:
        text = line.decode(codec)
    except UnicodeDecodeError:
        return Problem(Reason.ROW_ENCODING, {"line": number})
    if _CONTROL.search(text):
        return Problem(Reason.ROW_ENCODING, {"line": number})
    try:
        cells = next(csv.reader([text], delimiter=";", strict=True))
    except csv.Error:
        return Problem(Reason.ROW_QUOTES, {"line": number})
    if len(cells) != expected:
        return Problem(Reason.ROW_COLUMNS, {"line": number, "found": len(cells), "expected": expected})
    return [cell.strip(" \t") for cell in cells]


def _observation(row: Mapping[str, str]) -> Observation:
    number = read_number(row["value"], dot_is_decimal=False)
    silent = row["value"] in ("", HL7_NULL)
    return Observation(
        code=visible(row["code"]),
        code_system="",
        code_text="",
        value_type="CSV",
        raw_value=visible(row["value"]),
        value=number.value if number else None,
        comparator=number.comparator if number else None,
        unit_raw=visible(row["unit"]),
        unit=canonical_unit(row["unit"]),
        status=visible(row["status"]),
        flag="",
        analysed_at=None,
        text=None if number or silent else visible(row["value"]),
    )
