"""A file of receipts: CSV `letter_id;outcome;at;note`, or JSON `{"receipts": [{…}]}` with the same names.

No print house and no inbox publishes one format for this, so it is a plain one of our own. What a receipt means to a letter is
not its business.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from kansli_tui.errors import UnreadableFileError
from kansli_tui.exchange.csv_rows import CsvRow, csv_rows
from kansli_tui.exchange.lab_values import stockholm, visible
from kansli_tui.rows.lab import Unreadable
from kansli_tui.rows.letter_states import AttemptOutcome
from kansli_tui.rows.receipts import RECEIPT_OUTCOMES, Receipt, ReceiptProblem

FORMAT: Final = "kansli-receipts-1"
HEADINGS: Final = ("letter_id", "outcome", "at", "note")
_NEEDED: Final = HEADINGS[:3]
_LETTER: Final = re.compile(r"[Bb]-?0*([1-9][0-9]{0,11})")
_LONGEST_NOTE: Final = 200
_EARLIEST: Final = 2020


def read_receipts(raw: bytes) -> Iterator[Receipt | ReceiptProblem]:
    """Every line of the file, in its order.

    Raises:
        UnreadableFileError: it is neither such a CSV nor such JSON. Nothing of it is used then.
    """
    if not raw.strip():
        raise UnreadableFileError("The file is empty. Check that it was saved or sent completely.")
    if raw.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return iter([_receipt(place, cells) for place, cells in enumerate(_items(raw), start=1)])
    return iter([_line(row) for row in csv_rows(raw, _NEEDED)])


def _items(raw: bytes) -> list[object]:
    try:
        data = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        raise UnreadableFileError(
            "The file is not whole JSON. Check that it was saved or sent completely."
        ) from problem
    items = data.get("receipts") if isinstance(data, dict) else data
    if not isinstance(items, list):
        raise UnreadableFileError("The JSON file has no list of receipts.")
    return items


def _line(row: CsvRow | Unreadable) -> Receipt | ReceiptProblem:
    if isinstance(row, Unreadable):
        return ReceiptProblem(row.position, row.reason.value, dict(row.values))
    return _receipt(row.line, row.cells)


def _receipt(place: int, cells: object) -> Receipt | ReceiptProblem:
    if not isinstance(cells, Mapping) or not all(isinstance(cells.get(name), str) for name in _NEEDED):
        return ReceiptProblem(place, "The line lacks a letter, an outcome or a time, or one is no text. Correct it.")
    letter = _LETTER.fullmatch(cells["letter_id"].strip())
    if letter is None:
        return ReceiptProblem(place, "A letter's number looks like B-000123. Correct the line.")
    outcome = cells["outcome"].strip().lower()
    if outcome not in RECEIPT_OUTCOMES:
        allowed = ", ".join(RECEIPT_OUTCOMES)
        return ReceiptProblem(place, "The outcome must be one of {allowed}. Correct the line.", {"allowed": allowed})
    try:
        at: datetime | None = datetime.fromisoformat(cells["at"].strip())
    except ValueError:
        at = None
    if at is None or at.year < _EARLIEST:
        return ReceiptProblem(place, "Write the time as 2026-11-20T08:30. Correct the line.")
    note = visible(str(cells.get("note") or "").strip())[:_LONGEST_NOTE]
    # A time without a zone is Sweden's.
    at = at if at.tzinfo is not None else at.replace(tzinfo=stockholm())
    return Receipt(place, int(letter[1]), AttemptOutcome(outcome), at, note)
