"""Answers as CSV: one row, one answer, and a bad row costs itself only."""

import hashlib
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kansli_tui.errors import UnreadableFileError
from kansli_tui.exchange.incoming_file import read_incoming_file
from kansli_tui.exchange.lab_values import psa
from kansli_tui.exchange.profile import default_profile
from kansli_tui.rows.lab import LabAnswer, Observation, PatientId, Unreadable
from kansli_tui.rows.lab_reasons import Reason, Remark
from tests.exchange.messages import answer, items, unreadable

HEAD = "order;pnr;code;value;unit;status;sampled_at;reported_at;comment"
ROW = "OPT-1;197001239297;NPU08669;2,4;µg/L;F;2026-10-30 08:15;2026-10-30;Bra"


def file(*rows: str, charset: str = "utf-8", line_break: str = "\n") -> bytes:
    return line_break.join((HEAD, *rows, "")).encode(charset)


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "iso8859-1"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_a_row(charset: str, line_break: str) -> None:
    read = answer(file(ROW, charset=charset, line_break=line_break))
    assert (read.format, read.control_id, read.message_type, read.position) == ("csv", None, "CSV", 2)
    assert read.raw.endswith(HEAD.encode() + b"\n" + ROW.encode(charset.removesuffix("-sig")))
    assert read.sha256 == hashlib.sha256(read.raw).hexdigest()
    assert (read.order_number, read.identities, read.comment) == ("OPT-1", (PatientId("197001239297", ""),), "Bra")
    assert read.sampled_at == datetime(2026, 10, 30, 7, 15, tzinfo=UTC)
    row = psa(read, default_profile())
    assert isinstance(row, Observation)
    assert (row.value, row.comparator, row.unit, row.status, row.text) == (Decimal("2.4"), None, "ug/L", "F", None)
    assert read.warnings == ()


def test_columns_in_another_order_with_more_of_them() -> None:
    raw = b"Comment;Extra;reported_at;sampled_at;STATUS;unit;value;code;pnr;order\n;x;;;F;ug/L;<0,1;NPU08669;197001239297;OPT-1\n"
    read = answer(raw)
    assert (read.order_number, str(read.observations[0].value), read.observations[0].comparator) == (
        "OPT-1",
        "0.1",
        "<",
    )


def test_quotes_within_a_line() -> None:
    assert answer(file(ROW.replace("Bra", '"Bra; ""mycket"""'))).comment == 'Bra; "mycket"'


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ROW + ";x", Reason.ROW_COLUMNS),
        ("OPT-1;197001239297", Reason.ROW_COLUMNS),
        (ROW.replace("Bra", '"Bra'), Reason.ROW_QUOTES),
        (ROW.replace("Bra", '"Bra" x'), Reason.ROW_QUOTES),
        (ROW.replace("197001239297", " "), Reason.ROW_NO_NUMBER),
        (ROW.replace("2026-10-30 08:15", "30/10"), Reason.SAMPLE_TIME),
        (ROW.replace("Bra", "\x1b[2J"), Reason.ROW_ENCODING),
    ],
)
def test_a_bad_row_is_held_alone_with_its_line(row: str, reason: Reason) -> None:
    before, bad, after = items(file(ROW, row, ROW.replace("OPT-1", "OPT-2")))
    assert isinstance(before, LabAnswer)
    assert isinstance(after, LabAnswer)
    assert isinstance(bad, Unreadable)
    assert (bad.reason, bad.position, bad.values["line"]) == (reason, 3, 3)
    assert bad.raw.endswith(HEAD.encode() + b"\n" + row.encode())
    again = unreadable(bad.raw)
    assert (again.reason, again.sha256) == (reason, bad.sha256)


def test_a_wrong_byte_in_utf_8_costs_its_own_row() -> None:
    raw = file(ROW, ROW.replace("Bra", "Åäö"), ROW).replace("Åäö".encode(), b"\xc5\xe4\xf6")
    kinds = [type(item) for item in items(raw)]
    assert kinds == [LabAnswer, Unreadable, LabAnswer]


def test_windows_controls_are_not_latin_1() -> None:
    raw = file(ROW.replace("Bra", "EURO"), charset="iso8859-1").replace(b"EURO", b"\x80")
    assert unreadable(raw).reason is Reason.ROW_ENCODING


def test_empty_lines_are_no_rows_but_count_as_lines() -> None:
    assert [item.position for item in items(file("", ROW, "", ROW))] == [3, 5]


def test_no_rows_is_no_error() -> None:
    assert items(file()) == ()


def test_empty_value_is_no_value_and_prose_is_text() -> None:
    empty, null, prose = (
        answer(file(ROW.replace("2,4", value))).observations[0] for value in ("", '""""""', "ej utfört")
    )
    assert (empty.value, empty.text, empty.raw_value) == (None, None, "")
    assert (null.value, null.text, null.raw_value) == (None, None, '""')
    assert (prose.value, prose.text) == (None, "ej utfört")


def test_unreadable_report_time_is_noted() -> None:
    read = answer(file(ROW.replace(";2026-10-30;", ";igår;")))
    assert (read.reported_at, read.warnings) == (None, (Remark.TIME.value,))


@pytest.mark.parametrize("head", [HEAD.replace(";status", ""), HEAD + ";order"])
def test_missing_or_double_heading_says_what_the_first_line_must_be(head: str) -> None:
    with pytest.raises(UnreadableFileError, match=HEAD):
        read_incoming_file((head + "\n" + ROW + "\n").encode(), "svar.csv", default_profile())


def test_a_row_kept_alone_reads_the_same_again() -> None:
    raw = b"pnr;order;code;value;unit;status;sampled_at;reported_at;comment\n197001239297;OPT-1;NPU08669;2,4;\xb5g/L;F;;;\xe5\n"
    for row in (raw, raw.decode("iso8859-1").encode()):
        first = answer(row)
        again = answer(first.raw)
        assert again == first
        assert (first.order_number, first.observations[0].unit, first.comment) == ("OPT-1", "ug/L", "å")


@given(st.binary(max_size=200))
def test_any_bytes_under_the_headings_give_items_with_lines(body: bytes) -> None:
    raw = HEAD.encode() + b"\n" + body
    for item in items(raw):
        line = item.raw.partition(b"\n")[2]
        assert line in body
        assert item.position >= 2
