"""The work list and the receipts typed back into it."""

import csv
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kansli_tui.errors import UnreadableFileError
from kansli_tui.exchange.worklist import COLUMNS, Receipt, read_receipts, worklist_csv
from tests.exchange.test_hl7_out import ORDER


def rows(raw: bytes) -> list[list[str]]:
    return list(csv.reader(raw.decode("utf-8-sig").splitlines(), delimiter=";"))


def test_a_list() -> None:
    raw = worklist_csv([ORDER, replace(ORDER, order_number="OPT-2", family="Ek; Ask")])
    assert raw.startswith(b"\xef\xbb\xbforder;region;pnr;")
    head, first, second = rows(raw)
    assert tuple(head) == COLUMNS
    assert dict(zip(head, first, strict=True)) == {
        "order": "OPT-2026-000123",
        "region": "05",
        "pnr": "197001239297",
        "family": "Testsson",
        "given": "Åke",
        "birth_date": "1970-01-23",
        "street": "Storgatan 1",
        "postcode": "582 22",
        "city": "LINKÖPING",
        "ordered_on": "2026-10-15",
        "valid_until": "2027-01-15",
        "receipt": "",
    }
    assert second[head.index("family")] == "Ek; Ask"


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_no_cell_acts_as_a_formula_and_no_text_breaks_a_row(text: str) -> None:
    raw = worklist_csv([replace(ORDER, family=text, street="=" + text)])
    head, row = rows(raw)
    assert len(row) == len(head)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    assert row[head.index("street")].startswith("'=")


def test_receipts_typed_into_the_list_come_back() -> None:
    raw = worklist_csv([ORDER, replace(ORDER, order_number="-2"), replace(ORDER, order_number="OPT-3")])
    lines = raw.decode("utf-8-sig").split("\r\n")
    typed = "\r\n".join([lines[0], lines[1] + "R-77", lines[2] + " R-78 ", lines[3], ""])
    for charset in ("utf-8-sig", "iso8859-1"):
        read = read_receipts(typed.encode(charset))
        assert read.receipts == (Receipt("OPT-2026-000123", "R-77", 2), Receipt("-2", "R-78", 3))
        assert read.problems == ()


def test_problems_name_their_lines_and_leave_the_others() -> None:
    raw = b'order;receipt\nA;1\nB;2\nB;3\n;4\nC\nD;"x\nA;1\n\nE;\x07\nF;' + b"9" * 61 + b"\n"
    read = read_receipts(raw)
    assert read.receipts == (Receipt("A", "1", 2),)
    assert [problem.line for problem in read.problems] == [3, 4, 5, 6, 7, 10, 11]
    assert all("{line}" in problem.reason for problem in read.problems)


@pytest.mark.parametrize("raw", [b"", b"\n", b"order;number\nA;1\n", b"order;receipt;receipt\n"])
def test_empty_or_headless_files_are_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        read_receipts(raw)


@given(st.binary(max_size=100))
def test_any_bytes_under_the_headings_are_read(body: bytes) -> None:
    read = read_receipts(b"order;receipt\n" + body)
    assert all(receipt.line >= 2 for receipt in read.receipts)
