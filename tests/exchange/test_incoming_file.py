"""A whole file: framing, batches, damage, and which kind of file it is."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kansli_tui.errors import UnreadableFileError
from kansli_tui.exchange.incoming_file import read_incoming_file
from kansli_tui.exchange.lab_values import psa
from kansli_tui.exchange.profile import default_profile
from kansli_tui.rows.incoming import IncomingItem
from kansli_tui.rows.lab import LabAnswer, Observation, OtherMessage, Unreadable
from kansli_tui.rows.lab_reasons import FIXES, Reason, Remark
from kansli_tui.rows.referral_messages import BookingEvent, BookingMessage, FromUnit, MriReport
from tests.exchange.messages import MSH, OBR, OBX, PID, SAMPLE_NAMES, answer, items, message, only, sample, unreadable

ONE = message(MSH, PID, OBR, OBX)
TWO = ONE.replace(b"|M1|", b"|M2|").replace(b"OPT-1^", b"OPT-2^").replace(b"2.4", b"5.1")
BATCH = sample("oru_20_two_patients_batch.hl7")


def orders(read: tuple[IncomingItem, ...]) -> list[str | None]:
    return [item.order_number if isinstance(item, LabAnswer) else None for item in read]


def held(read: tuple[IncomingItem, ...]) -> list[Reason]:
    return [item.reason for item in read if isinstance(item, Unreadable)]


def test_every_reason_can_be_stored_and_has_a_fix() -> None:
    assert set(FIXES) == set(Reason)
    assert max(len(reason.value) for reason in Reason) <= 60
    assert all(fix.endswith(".") for fix in FIXES.values())
    assert len({remark.value for remark in Remark}) == len(Remark)


@pytest.mark.parametrize("raw", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\x0b\x1c\r"])
def test_an_empty_file_says_so(raw: bytes) -> None:
    with pytest.raises(UnreadableFileError, match="empty"):
        read_incoming_file(raw, "tom", default_profile())


@pytest.mark.parametrize("raw", [b"hej", b"%PDF-1.7\n", "MSH|^~\\&|".encode("utf-16"), b"a;b;c\n1;2;3\n", b"\x00" * 40])
def test_another_kind_of_file_is_held_whole(raw: bytes) -> None:
    assert unreadable(raw).reason is Reason.UNKNOWN_FILE
    assert unreadable(raw).raw == raw


@pytest.mark.parametrize(
    "raw",
    [
        ONE + TWO,
        (ONE + TWO).replace(b"\r", b"\n"),
        (ONE + TWO).replace(b"\r", b"\r\n"),
        ONE + b"\r\r" + TWO + b"\r\n\r\n",
        b"\xef\xbb\xbf" + ONE + TWO,
        b"\xef\xbb\xbf" + ONE + b"\xef\xbb\xbf" + TWO,
        b"\x0b" + ONE + b"\x1c\r\x0b" + TWO + b"\x1c\r",
        b"\x0b" + ONE.rstrip(b"\r") + b"\x1c\r\x0b" + TWO.rstrip(b"\r") + b"\x1c\r",
        b"\x0b" + ONE + b"\x1c\x0b" + TWO + b"\x1c",
        ONE + TWO.rstrip(b"\r"),
        b"BHS|^~\\&|LAB\r" + ONE + TWO + b"BTS|2\r",
        b"BHS|^~\\&|LAB\r" + ONE + b"BTS|1\rBHS|^~\\&|LAB\r" + TWO + b"BTS|01\r",
        b"FHS|^~\\&|LAB\rBHS|^~\\&|LAB\r" + ONE + TWO + b"BTS\rFTS\r",
        b"FHS|^~\\&|LAB\r" + ONE + TWO + b"FTS|1\r",
    ],
)
def test_two_messages_however_they_are_packed(raw: bytes) -> None:
    read = items(raw)
    assert orders(read) == ["OPT-1", "OPT-2"]
    assert [item.position for item in read] == [1, 2]


def test_packing_does_not_change_the_hash() -> None:
    framed, _ = items(b"\x0b" + ONE + b"\x1c\r\x0b" + TWO + b"\x1c\r")
    assert framed.sha256 == answer(ONE).sha256 == answer(ONE.rstrip(b"\r")).sha256


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (BATCH.replace(b"BTS|2", b"BTS|3"), Reason.BATCH_COUNT),
        (BATCH.replace(b"BTS|2", b"BTS|x"), Reason.BATCH_COUNT),
        (BATCH[: BATCH.index(b"BTS")], Reason.BATCH_CUT_OFF),
        (BATCH[: BATCH.index(b"FTS")], Reason.BATCH_CUT_OFF),
        (BATCH.replace(b"FTS|1", b"FTS|2"), Reason.FILE_COUNT),
        (ONE + TWO + b"BTS|2\r", Reason.BATCH_CUT_OFF),
        (b"BHS|^~\\&|LAB\r" + ONE + b"BHS|^~\\&|LAB\r" + TWO, Reason.BATCH_CUT_OFF),
    ],
)
def test_a_batch_that_does_not_add_up_is_held_whole(raw: bytes, reason: Reason) -> None:
    read = items(raw)
    assert held(read) == [reason, reason]
    for item in read:
        assert isinstance(only(item.raw), LabAnswer)


def test_one_bad_batch_does_not_hold_another() -> None:
    read = items(b"BHS|^~\\&|LAB\r" + ONE + b"BTS|2\rBHS|^~\\&|LAB\r" + TWO + b"BTS|1\r")
    assert orders(read) == [None, "OPT-2"]
    assert held(read) == [Reason.BATCH_COUNT]


def test_an_empty_batch_is_nothing_and_no_error() -> None:
    assert items(b"FHS|^~\\&|LAB\rBHS|^~\\&|LAB\rBTS|0\rFTS|1\r") == ()


def test_a_frame_without_its_end_is_cut_off() -> None:
    assert held(items(b"\x0b" + ONE)) == [Reason.CUT_OFF]
    read = items(b"\x0b" + ONE + b"\x0b" + TWO + b"\x1c\r")
    assert (orders(read), held(read)) == ([None, "OPT-2"], [Reason.CUT_OFF])


def test_a_message_that_runs_into_the_next_is_cut_off() -> None:
    broken = ONE[: ONE.index(b"2.4") + 1]
    read = items(broken + TWO)
    assert (orders(read), held(read)) == ([None, "OPT-2"], [Reason.CUT_OFF])


def test_text_around_messages_is_held_not_dropped() -> None:
    read = items(b"Hej, har kommer svaren\r" + ONE)
    assert (orders(read), held(read)) == ([None, "OPT-1"], [Reason.NO_HEADER])
    read = items(b"BHS|^~\\&|LAB\r" + ONE + b"BTS|1\rslut\r")
    assert (orders(read), held(read)) == (["OPT-1", None], [Reason.NO_HEADER])


def test_csv_by_content() -> None:
    assert (
        answer(
            b"order;pnr;code;value;unit;status;sampled_at;reported_at;comment\nOPT-1;1;NPU08669;1;ug/L;F;;;\n"
        ).format
        == "csv"
    )


@pytest.mark.parametrize("name", [name for name in SAMPLE_NAMES if name.startswith("oru_") and "mri" not in name])
def test_a_file_cut_anywhere_never_gives_another_psa(name: str) -> None:
    raw = sample(name)
    whole = [deciding(item) for item in items(raw)]
    for end in range(1, len(raw)):
        for part, full in zip(map(deciding, items(raw[:end])), whole, strict=False):
            assert part in (None, full), end


def deciding(item: IncomingItem) -> tuple[object, ...] | None:
    """What a rule would act on, for an answer with a status; None where a person has to look."""
    row = psa(item, default_profile()) if isinstance(item, LabAnswer) else None
    if not isinstance(item, LabAnswer) or not isinstance(row, Observation) or not row.status:
        return None
    return (item.order_number, item.identities, row.value, row.comparator, row.unit, row.status)


def in_turn(wrong: bytes, position: int) -> bytes:
    """The wrong bytes that a position is tried with: three of them, others at the next; every one of them in `make lives`."""
    if "KANSLI_EVERY_BYTE" in os.environ:
        return wrong
    return bytes(wrong[(3 * position + number) % len(wrong)] for number in range(3))


def test_one_wrong_byte_in_a_message_leaves_the_other_whole() -> None:
    first = b"BHS|^~\\&|LAB\r"
    # The very last line break is what makes BTS a line, so it counts to the envelope.
    for start, length, other in ((len(first), len(ONE), "OPT-2"), (len(first) + len(ONE), len(TWO) - 1, "OPT-1")):
        for position in range(start, start + length):
            for byte in in_turn(b"\x00\r\nxM|^;\x1c\xff", position):
                raw = bytearray(first + ONE + TWO + b"BTS|2\r")
                raw[position] = byte
                assert other in orders(items(bytes(raw))), (position, byte)


def test_one_lost_or_extra_byte_in_a_message_leaves_the_other_whole() -> None:
    for position in range(len(ONE)):
        assert "OPT-2" in orders(items(ONE[:position] + ONE[position + 1 :] + TWO)), position
        assert "OPT-2" in orders(items(ONE[:position] + b"x" + ONE[position:] + TWO)), position


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_words(raw: bytes) -> None:
    try:
        read = read_incoming_file(raw, "x", default_profile())
    except UnreadableFileError:
        assert not raw.strip(b" \t\r\n\x0b\x1c\xef\xbb\xbf")
    else:
        assert all(isinstance(item, (LabAnswer, FromUnit, Unreadable, OtherMessage)) for item in read.items)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_mutation_of_a_sample_is_read_and_keeps_its_bytes(data: st.DataObject) -> None:
    raw = bytearray(sample(data.draw(st.sampled_from(SAMPLE_NAMES))))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    read = read_incoming_file(bytes(raw), "x", default_profile())
    kept = b"".join(item.raw for item in read.items)
    assert len(kept) <= len(raw)
    for item in read.items:
        (again,) = items(item.raw)
        assert again.sha256 == item.sha256
        if isinstance(item, (Unreadable, OtherMessage)):
            assert str(item.reason).format(**item.values)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from([MSH, PID, OBR, OBX, "BHS|^~\\&", "BTS|1", "FHS|^~\\&", "FTS|1", "\x0b", "\x1c", "x", ""]),
        max_size=12,
    )
)
def test_any_order_of_lines_is_read(lines: list[str]) -> None:
    raw = "\r".join(lines).encode()
    if raw.strip(b"\r\x0b\x1c"):
        positions = [item.position for item in items(raw)]
        assert positions == list(range(1, len(positions) + 1))


FROM_UNITS = [name for name in SAMPLE_NAMES if "mri" in name and not name.startswith("omg")]


RESULTS = {
    "oru_mri_report.hl7": (b"|38|mL", b"|1|4|", b"|2|2|"),
    "siu_s12_mri.hl7": (b"20261120083000^",),
    "siu_s13_mri.hl7": (b"20261124100000^",),
    "siu_s15_mri.hl7": (b"20261120083000^",),
    "siu_s26_mri.hl7": (b"20261120083000^",),
}
"""The digits that a rule acts on: nobody can see that one of them should have been another."""


@pytest.mark.parametrize("name", FROM_UNITS)
def test_a_damaged_byte_never_moves_a_result_or_a_man(name: str) -> None:
    raw = sample(name)
    whole = only(raw)
    assert isinstance(whole, FromUnit)
    digits = {raw.index(part) + at for part in RESULTS.get(name, ()) for at in range(len(part))}
    for position in range(len(raw)):
        for byte in in_turn(b"\r|^&~19", position):
            damaged = bytearray(raw)
            damaged[position] = byte
            for item in items(bytes(damaged)):
                if isinstance(item, FromUnit):
                    # The service asks for both to be right, so one wrong byte must not change both.
                    assert item.order_number == whole.order_number or item.identities == whole.identities, position
                    if position not in digits:
                        assert_no_other_result(item, whole, position)


def assert_no_other_result(item: FromUnit, whole: FromUnit, position: int) -> None:
    if isinstance(item, MriReport):
        assert isinstance(whole, MriReport)
        assert item.volume_ml in (None, whole.volume_ml), position
        assert {lesion.score for lesion in item.lesions} <= {lesion.score for lesion in whole.lesions}, position
    else:
        assert isinstance(item, BookingMessage)
        assert isinstance(whole, BookingMessage)
        timed = item.event in (BookingEvent.BOOKED, BookingEvent.MOVED)
        assert item.starts_at == whole.starts_at or (not timed and item.starts_at is None), position
        assert item.event is whole.event or {item.event, whole.event} == {BookingEvent.BOOKED, BookingEvent.MOVED}, (
            position
        )


@pytest.mark.parametrize("name", FROM_UNITS)
def test_a_units_message_cut_anywhere_never_says_something_else(name: str) -> None:
    raw = sample(name)
    whole = only(raw)
    for end in range(1, len(raw)):
        for item in items(raw[:end]):
            if isinstance(item, MriReport):
                assert isinstance(whole, MriReport)
                assert item.volume_ml in (None, whole.volume_ml), end
                assert item.lesions == whole.lesions[: len(item.lesions)], end
                assert item.completed == whole.completed, end
            elif isinstance(item, BookingMessage):
                assert isinstance(whole, BookingMessage)
                assert (item.event, item.starts_at, item.order_number) == (
                    whole.event,
                    whole.starts_at,
                    whole.order_number,
                ), end
