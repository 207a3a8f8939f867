"""Receipts from outside: whatever the bytes, every line is a receipt or says what is wrong with it, or the file is refused whole."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kansli_tui.errors import UnreadableFileError
from kansli_tui.exchange.receipts_in import HEADINGS, read_receipts
from kansli_tui.rows.letter_states import AttemptOutcome
from kansli_tui.rows.receipts import Receipt, ReceiptProblem

HEAD = (";".join(HEADINGS) + "\n").encode()
LINE = b"B-000012;read;2026-11-20T08:30:00+01:00;hej"


def one(raw: bytes) -> Receipt:
    (found,) = read_receipts(raw)
    assert isinstance(found, Receipt)
    return found


@pytest.mark.parametrize(
    "raw",
    [
        HEAD + LINE,
        b"\xef\xbb\xbf" + HEAD + LINE + b"\r\n\r\n",
        b"at;note;letter_id;outcome\n2026-11-20 08:30;hej;b12;Read",
        json.dumps([{"letter_id": "B-12", "outcome": "read", "at": "2026-11-20T07:30:00Z", "note": "hej"}]).encode(),
    ],
)
def test_the_same_receipt_in_every_form(raw: bytes) -> None:
    found = one(raw)
    assert (found.letter_id, found.outcome, found.note) == (12, AttemptOutcome.READ, "hej")
    assert found.at.timestamp() == 1_795_159_800


def test_a_note_is_short_and_harmless_on_a_screen() -> None:
    note = one(
        json.dumps(
            [{"letter_id": "B-1", "outcome": "read", "at": "2026-11-20", "note": "\x1b[2J" + "å" * 900}]
        ).encode()
    )
    assert "\x1b" not in note.note
    assert len(note.note) == 200


def test_the_note_may_be_left_out_and_days_are_swedish() -> None:
    found = one(b"letter_id;outcome;at\nB-7;failed;2026-06-01")
    assert (found.note, found.at.utcoffset()) == ("", timedelta(hours=2))


@given(st.lists(st.binary(max_size=60).map(lambda cell: cell.replace(b"\n", b" ").replace(b"\r", b" ")), max_size=6))
def test_no_line_of_any_bytes_is_lost_or_stops_the_others(lines: list[bytes]) -> None:
    kept = [line for line in lines if line.strip()]
    found = list(read_receipts(HEAD + b"\n".join([*kept, LINE])))
    assert len(found) == len(kept) + 1
    assert isinstance(found[-1], Receipt)
    for line in found:
        if isinstance(line, ReceiptProblem):
            assert line.message.format(**line.values)


def test_a_nest_without_end_and_a_time_before_time_are_no_receipts() -> None:
    with pytest.raises(UnreadableFileError):
        read_receipts(b"[" * 100_000)
    (wrong,) = read_receipts(b"letter_id;outcome;at\nB-7;failed;0001-01-01T00:00:00+14:00")
    assert isinstance(wrong, ReceiptProblem)


@given(st.binary(max_size=200) | st.text(alphabet='[]{}":,receipts7 ', max_size=60).map(str.encode))
def test_any_file_is_read_or_refused(raw: bytes) -> None:
    try:
        found = list(read_receipts(raw))
    except UnreadableFileError:
        return
    assert all(isinstance(line, Receipt | ReceiptProblem) for line in found)
