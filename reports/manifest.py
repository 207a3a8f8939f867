"""What is in a printed batch, for the one who stuffs the envelopes: ids, pages, postcodes, digests. No names, no addresses."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO

from reports.letters import LetterPages, RenderedBatch

FORWARDING = "forwarding"
"""The envelope of a letter that is posted by hand, through the Swedish Tax Agency."""
COLUMNS = (
    "letter_id",
    "first_page",
    "pages",
    "sheets",
    "envelope",
    "postcode",
    "enclosures",
    "letter_sha256",
)
_HARMLESS = "'"
"""Before a cell that a spreadsheet would reckon with: it shows the cell as text."""


@dataclass(frozen=True, slots=True)
class BatchHeader:
    """Which batch it is: its number, the region's code, the type of letter, when it was made (with time zone).

    `by_hand`: its letters go by hand to the forwarding address, so neither a window nor a postcode stands in the manifest.
    """

    number: str
    region: str
    type: str
    made: datetime
    by_hand: bool = False


def manifest_csv(batch: RenderedBatch, header: BatchHeader | None = None) -> str:
    """One line per letter (`;` between columns) as the office's spreadsheet opens it.

    Each line says by itself which file (SHA-256) and batch it belongs to, and how many letters, pages and sheets that has.
    """
    whole = _header(batch, header)
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow((*COLUMNS, "sha256", *(f"batch_{name}" for name in whole)))
    for letter in batch.pages:
        row = _row(letter, header)
        writer.writerow([_cell(value) for value in (*row.values(), batch.sha256, *whole.values())])
    return out.getvalue()


def manifest_json(batch: RenderedBatch, header: BatchHeader | None = None) -> str:
    """`{sha256, letters, pages, sheets, items: [{letter_id, first_page, pages, …}]}`; with a header, what it says too."""
    return json.dumps(
        {
            "sha256": batch.sha256,
            **_header(batch, header),
            "items": [_row(letter, header) for letter in batch.pages],
        },
        ensure_ascii=False,
        indent=2,
    )


def _header(batch: RenderedBatch, header: BatchHeader | None) -> dict[str, str | int]:
    pages = sum(letter.pages for letter in batch.pages)
    # Letters are printed on one side only: two people never share a sheet, and a page is a sheet.
    whole: dict[str, str | int] = {"letters": len(batch.pages), "pages": pages, "sheets": pages}
    if header is None:
        return whole
    made = f"{header.made.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {"number": header.number, "region": header.region, "type": header.type, "made": made, **whole}


def _row(letter: LetterPages, header: BatchHeader | None) -> Mapping[str, str | int]:
    by_hand = header is not None and header.by_hand
    return {
        "letter_id": letter.letter_id,
        "first_page": letter.first_page,
        "pages": letter.pages,
        "sheets": letter.pages,
        "envelope": FORWARDING if by_hand else letter.envelope,
        # Where a protected person lives stands in no list.
        "postcode": "" if by_hand else letter.postcode,
        "enclosures": letter.enclosures,
        "letter_sha256": letter.digest,
    }


def _cell(value: str | int) -> str | int:
    risky = isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}
    return f"{_HARMLESS}{value}" if risky else value
