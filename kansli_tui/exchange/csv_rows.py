"""Lines of a CSV file (`;`) to cells by heading, for every CSV of answers and events. What an event or a value means is not its business.

A row is one line: a quotation mark out of place costs its own row and no other. UTF-8 (with or without BOM) or Latin-1; the
columns may stand in any order, and columns with other headings are not looked at. So that a row kept alone still says what its
columns are, its `raw` is a file of its own: the headings and that one line, byte for byte.
"""

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypedDict

from kansli_tui.errors import UnreadableFileError
from kansli_tui.exchange.lab_values import visible
from kansli_tui.rows.lab import PatientId, Problem, Unreadable
from kansli_tui.rows.lab_reasons import Reason

_BOM: Final = b"\xef\xbb\xbf"
_BREAK: Final = re.compile(rb"\r\n|\r|\n")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row: its cells by heading, without spaces around them, and its bytes as for `Unreadable`. `line` counts from 1."""

    line: int
    raw: bytes
    sha256: str
    cells: Mapping[str, str]

    def held(self, reason: Reason) -> Unreadable:
        """The row as one that cannot be used."""
        return Unreadable(self.line, self.raw, self.sha256, reason, {"line": self.line})


class RowHead(TypedDict):
    """What every row of a unit says about itself and whose it is, as `FromUnit` takes it."""

    format: Literal["csv"]
    control_id: None
    sender: str
    message_type: str
    raw: bytes
    sha256: str
    position: int
    order_number: str | None
    unit_number: None
    identities: tuple[PatientId, ...]
    birth_date: None


def row_head(row: CsvRow) -> RowHead:
    """The head of a row with the columns `order` and `pnr`."""
    return RowHead(
        format="csv",
        control_id=None,
        sender="",
        message_type="CSV",
        raw=row.raw,
        sha256=row.sha256,
        position=row.line,
        order_number=visible(row.cells["order"]) or None,
        unit_number=None,
        identities=(PatientId(visible(row.cells["pnr"]), ""),),
        birth_date=None,
    )


def first_headings(raw: bytes) -> frozenset[str]:
    """The cells of the first line that is not empty, in lower case."""
    first = next((line for line in _BREAK.split(raw.removeprefix(_BOM)) if line.strip()), b"")
    return frozenset(_headings(first))


def csv_rows(raw: bytes, expected: Sequence[str]) -> Iterator[CsvRow | Unreadable]:
    """Every row under the headings. Empty lines are no rows.

    Raises:
        UnreadableFileError: one of the expected headings is missing or stands twice.
    """
    lines = [
        (number, line) for number, line in enumerate(_BREAK.split(raw.removeprefix(_BOM)), start=1) if line.strip()
    ]
    headings = _headings(lines[0][1]) if lines else []
    for heading in expected:
        if headings.count(heading) != 1:
            raise UnreadableFileError(
                "The heading {heading} is missing or stands twice. The first line must be: {headings}",
                heading=heading,
                headings=";".join(expected),
            )
    codec = "utf-8" if raw.startswith(_BOM) else _codec([line for _, line in lines])
    for number, line in lines[1:]:
        alone = _alone(lines[0][1], line, codec)
        sha256 = hashlib.sha256(alone).hexdigest()
        cells = _cells(line, number, len(headings), codec)
        if isinstance(cells, Problem):
            yield Unreadable(number, alone, sha256, cells.reason, cells.values)
        else:
            yield CsvRow(number, alone, sha256, dict(zip(headings, cells, strict=True)))


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
