"""The list that goes with a printed batch, and what it says of each letter's content."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

from kansli_tui.rows.letters import LetterContent
from reports.digest import letter_digest
from reports.letters import LetterPages, RenderedBatch, render_batch
from reports.manifest import BatchHeader, manifest_csv, manifest_json
from tests.reports.letter_factory import CREATED, REGION, letter

HEADER = BatchHeader("2026-0007", "06", "psa_low", CREATED)


def batch():
    return render_batch(
        [
            letter(letter_id="B-1"),
            letter(letter_id="B-2", enclosure="Hej!\n\nRing oss.", region=replace(REGION, window="V2")),
        ],
        created=CREATED,
    )


def rows(text):
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_each_line_says_where_the_letter_is_and_what_it_needs():
    made = batch()
    first, second = rows(manifest_csv(made, HEADER))
    assert first == {
        "letter_id": "B-1",
        "first_page": "1",
        "pages": "1",
        "sheets": "1",
        "envelope": "H2",
        "postcode": "55333",
        "enclosures": "0",
        "letter_sha256": letter_digest(letter(letter_id="B-1")),
        "sha256": sha256(made.pdf).hexdigest(),
        "batch_number": "2026-0007",
        "batch_region": "06",
        "batch_type": "psa_low",
        "batch_made": "2026-03-14T10:41:00Z",
        "batch_letters": "2",
        "batch_pages": "3",
        "batch_sheets": "3",
    }
    assert (second["first_page"], second["pages"], second["envelope"], second["enclosures"]) == ("2", "2", "V2", "1")


def test_the_document_for_machines_says_the_same():
    made = batch()
    document = json.loads(manifest_json(made, HEADER))
    assert {name: document[name] for name in ("number", "region", "type", "made", "letters", "pages", "sheets")} == {
        "number": "2026-0007",
        "region": "06",
        "type": "psa_low",
        "made": "2026-03-14T10:41:00Z",
        "letters": 2,
        "pages": 3,
        "sheets": 3,
    }
    assert document["sha256"] == made.sha256
    listed = rows(manifest_csv(made, HEADER))
    assert [{name: str(value) for name, value in item.items()} for item in document["items"]] == [
        {name: line[name] for name in item} for item, line in zip(document["items"], listed, strict=True)
    ]


def test_a_window_of_its_own_measures_is_an_envelope_of_its_own():
    sent = letter(region=replace(REGION, window_box=(30.0, 38.0, 80.0, 34.0)))
    assert rows(manifest_csv(render_batch([sent], created=CREATED)))[0]["envelope"] == "own"


def test_no_name_and_no_address_is_in_it():
    made = batch()
    for text in (manifest_csv(made, HEADER), manifest_json(made, HEADER)):
        assert "Lindqvist" not in text
        assert "Storgatan" not in text


def test_letters_by_hand_have_no_postcode():
    made = batch()
    by_hand = replace(HEADER, by_hand=True)
    assert {(line["envelope"], line["postcode"]) for line in rows(manifest_csv(made, by_hand))} == {("forwarding", "")}
    assert "55333" not in manifest_json(made, by_hand)


def test_a_batch_from_before_the_header_was_kept_is_still_listed():
    old = RenderedBatch(b"%PDF", (LetterPages("B-1", 1, 2, "55333"),), "0" * 64)
    document = json.loads(manifest_json(old))
    assert (document["letters"], document["pages"]) == (1, 2)
    assert document["items"][0]["postcode"] == "55333"
    assert rows(manifest_csv(old))[0]["pages"] == "2"


def test_a_spreadsheet_reckons_with_no_cell():
    odd = RenderedBatch(b"", tuple(LetterPages(f"{sign}1", 1, 1, "") for sign in "=+-@"), "")
    assert [line["letter_id"] for line in rows(manifest_csv(odd, HEADER))] == ["'=1", "'+1", "'-1", "'@1"]


class TestDigest:
    def test_it_depends_on_everything_that_stands_in_the_letter(self):
        right = letter()
        changed = {
            "letter_id": "B-9",
            "language": "en",
            "on": date(2026, 3, 15),
            "values": dict(right.values) | {"psa": Decimal("0.620")},
            "invented": False,
            "template_version": "2020-1",
            "text": right.text + " ",
            "enclosure": "Hej",
            "recipient": replace(right.recipient, lines=("Storgatan 2",)),
            "region": replace(REGION, hours="aldrig"),
        }
        digests = {letter_digest(replace(right, **{name: value})) for name, value in changed.items()}
        assert len(digests | {letter_digest(right)}) == len(changed) + 1
        assert changed.keys() | {"type"} == LetterContent.__dataclass_fields__.keys()

    def test_the_order_of_the_values_is_nothing(self):
        right = letter()
        assert letter_digest(replace(right, values=dict(reversed(right.values.items())))) == letter_digest(right)

    def test_it_is_the_same_on_every_computer_and_in_every_year(self):
        fixed = replace(letter(), text="# Brev", template_version="2026-1")
        assert letter_digest(fixed) == "95b59d8f8002b6c7aba65b13b7c36b5e9a3c4765de0de8d4f297e44d6587e7eb"
