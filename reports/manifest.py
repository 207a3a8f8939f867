"""What is in a printed batch, for the one who stuffs the envelopes: ids, pages, postcodes. No names, no addresses."""

import csv
import json
from dataclasses import asdict
from io import StringIO

from reports.letters import RenderedBatch

COLUMNS = ("letter_id", "first_page", "pages", "postcode")


def manifest_csv(batch: RenderedBatch) -> str:
    """One line per letter (`;` between columns), each with the file's SHA-256, as the office's spreadsheet opens it."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow((*COLUMNS, "sha256"))
    for letter in batch.pages:
        writer.writerow((letter.letter_id, letter.first_page, letter.pages, letter.postcode, batch.sha256))
    return out.getvalue()


def manifest_json(batch: RenderedBatch) -> str:
    """`{sha256, letters, pages, items: [{letter_id, first_page, pages, postcode}]}`."""
    return json.dumps(
        {
            "sha256": batch.sha256,
            "letters": len(batch.pages),
            "pages": sum(letter.pages for letter in batch.pages),
            "items": [asdict(letter) for letter in batch.pages],
        },
        ensure_ascii=False,
        indent=2,
    )
