"""MRI and outcomes as CSV: one row, one event; a bad row costs itself only and says what to do."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kansli_tui.errors import UnreadableFileError
from kansli_tui.rows.incoming import IncomingItem
from kansli_tui.rows.lab import PatientId, Unreadable
from kansli_tui.rows.lab_reasons import Reason, Remark
from kansli_tui.rows.referral_messages import (
    BookingEvent,
    BookingMessage,
    Lesion,
    MriReport,
    OutcomeEvent,
    OutcomeLine,
    Treatment,
)
from tests.exchange.messages import items, only

MRI = "order;pnr;event;at;unit;pirads;volume_ml;text"
OUTCOMES = "order;pnr;event;at;isup;treatment"
WHO = "OPTMR-1;197001239297;"
AT = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)


def mri(row: str, head: str = MRI) -> IncomingItem:
    return only(f"{head}\n{row}\n".encode())


def outcome(row: str) -> IncomingItem:
    return only(f"{OUTCOMES}\n{row}\n".encode())


@pytest.mark.parametrize("event", BookingEvent)
def test_every_event_of_a_booking(event: BookingEvent) -> None:
    read = mri(f"{WHO}{event};2026-11-20 08:30;MR Linköping;;;ny tid")
    assert isinstance(read, BookingMessage)
    assert (read.event, read.starts_at, read.unit, read.why) == (event, AT, "MR Linköping", "ny tid")
    assert (read.order_number, read.identities) == ("OPTMR-1", (PatientId("197001239297", ""),))
    assert (read.format, read.control_id, read.message_type, read.position) == ("csv", None, "CSV", 2)
    assert (read.warnings, read.sent_at) == ((), None)


def test_a_day_alone_is_a_day() -> None:
    booked, done = mri(WHO + "booked;2026-11-20;;;;"), mri(WHO + "done;2026-11-20;;;;")
    assert isinstance(booked, BookingMessage)
    assert isinstance(done, BookingMessage)
    assert booked.starts_at == done.starts_at == datetime(2026, 11, 19, 23, 0, tzinfo=UTC)
    assert (booked.warnings, done.warnings) == ((Remark.NO_TIME_OF_DAY.value,), ())


def test_only_appointments_need_a_time() -> None:
    for event in ("cancelled", "noshow", "done", "returned"):
        read = mri(f"{WHO}{event};;;;;")
        assert isinstance(read, BookingMessage)
        assert read.starts_at is None


@pytest.mark.parametrize(
    ("pirads", "volume", "lesions", "volume_ml"),
    [
        ("4", "38", (Lesion("1", 4),), Decimal(38)),
        ("4,2", "38,5", (Lesion("1", 4), Lesion("2", 2)), Decimal("38.5")),
        ("4 , 2", "38.5", (Lesion("1", 4), Lesion("2", 2)), Decimal("38.5")),
        ("", "30", (), Decimal(30)),
        ("3", "", (Lesion("1", 3),), None),
    ],
)
def test_an_answer(pirads: str, volume: str, lesions: tuple[Lesion, ...], volume_ml: Decimal | None) -> None:
    read = mri(f"{WHO}Answered;2026-11-21;MR Linköping;{pirads};{volume};")
    assert isinstance(read, MriReport)
    assert (read.lesions, read.volume_ml, read.volume_raw) == (lesions, volume_ml, volume)
    assert (read.status, read.completed, read.unit, read.examined_at) == ("F", True, "MR Linköping", None)
    assert read.reported_at == datetime(2026, 11, 20, 23, 0, tzinfo=UTC)


def test_an_answer_in_words_is_a_suggestion() -> None:
    read = mri(WHO + 'answered;;;;;"Volym 38 ml; PI-RADS 4 (tidigare 3)"')
    assert isinstance(read, MriReport)
    assert (read.lesions, read.volume_ml, read.reported_at) == ((), None, None)
    assert [(found.score, found.sentence) for found in read.prose_scores] == [
        (4, "Volym 38 ml; PI-RADS 4 (tidigare 3)")
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("OPTMR-1;;booked;2026-11-20;;;;", Reason.ROW_NO_NUMBER),
        (WHO + "bokad;2026-11-20;;;;", Reason.ROW_MRI_EVENT),
        (WHO + ";2026-11-20;;;;", Reason.ROW_MRI_EVENT),
        (WHO + "visit;2026-11-20;;;;", Reason.ROW_MRI_EVENT),
        (WHO + "booked;;;;;", Reason.ROW_TIME),
        (WHO + "moved;;;;;", Reason.ROW_TIME),
        (WHO + "booked;20/11;;;;", Reason.ROW_TIME),
        (WHO + "done;2026-13-01;;;;", Reason.ROW_TIME),
        (WHO + "answered;igår;;4;38;", Reason.ROW_TIME),
        (WHO + "done;2026-11-20;;4;;", Reason.ROW_MISPLACED),
        (WHO + "booked;2026-11-20;;;38;", Reason.ROW_MISPLACED),
        (WHO + "answered;2026-11-20;;;;", Reason.ROW_EMPTY_ANSWER),
        (WHO + "answered;2026-11-20;;6;38;", Reason.ROW_PIRADS),
        (WHO + "answered;2026-11-20;;0;38;", Reason.ROW_PIRADS),
        (WHO + "answered;2026-11-20;;4.0;38;", Reason.ROW_PIRADS),
        (WHO + "answered;2026-11-20;;3-4;38;", Reason.ROW_PIRADS),
        (WHO + "answered;2026-11-20;;4,;38;", Reason.ROW_PIRADS),
        (WHO + "answered;2026-11-20;;4;ca 38;", Reason.ROW_VOLUME),
        (WHO + "answered;2026-11-20;;4;0;", Reason.ROW_VOLUME),
        (WHO + "answered;2026-11-20;;4;>100;", Reason.ROW_VOLUME),
        (WHO + "answered;2026-11-20;;4;1.234;", Reason.ROW_VOLUME),
        (WHO + "answered;2026-11-20;;4;38 ml;", Reason.ROW_VOLUME),
        (WHO + "booked", Reason.ROW_COLUMNS),
        (WHO + 'booked;2026-11-20;;;;"x', Reason.ROW_QUOTES),
        (WHO + "booked;2026-11-20;;;;\x1b[2J", Reason.ROW_ENCODING),
    ],
)
def test_a_bad_mri_row_is_held_alone_with_its_line(row: str, reason: Reason) -> None:
    good = WHO + "booked;2026-11-20 08:30;;;;"
    before, bad, after = items(f"{MRI}\n{good}\n{row}\n{good}\n".encode())
    assert isinstance(before, BookingMessage)
    assert isinstance(after, BookingMessage)
    _is_held(bad, reason, row)


def _is_held(bad: IncomingItem, reason: Reason, row: str) -> None:
    assert isinstance(bad, Unreadable)
    assert (bad.reason, bad.position, bad.values["line"]) == (reason, 3, 3)
    assert str(bad.reason).format(**bad.values)
    assert bad.fix
    assert bad.raw.endswith(b"\n" + row.encode())
    again = only(bad.raw)
    assert isinstance(again, Unreadable)
    assert (again.reason, again.sha256) == (reason, bad.sha256)


@pytest.mark.parametrize(
    ("row", "event", "isup", "treatment"),
    [
        ("visit;2026-12-01;;", OutcomeEvent.VISIT, None, None),
        ("biopsy;2026-12-01 23:30;;", OutcomeEvent.BIOPSY, None, None),
        ("pathology;2026-12-01;0;", OutcomeEvent.PATHOLOGY, 0, None),
        ("PATHOLOGY;2026-12-01;5;", OutcomeEvent.PATHOLOGY, 5, None),
        ("treatment;2026-12-01;;surveillance", OutcomeEvent.TREATMENT, None, Treatment.SURVEILLANCE),
        ("declined;2026-12-01;;", OutcomeEvent.DECLINED, None, None),
    ],
)
def test_outcomes(row: str, event: OutcomeEvent, isup: int | None, treatment: Treatment | None) -> None:
    read = outcome(WHO + row)
    assert isinstance(read, OutcomeLine)
    assert (read.event, read.on, read.isup, read.treatment) == (event, date(2026, 12, 1), isup, treatment)
    assert read.order_number == "OPTMR-1"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("OPTUR-1;;visit;2026-12-01;;", Reason.ROW_NO_NUMBER),
        (WHO + "booked;2026-12-01;;", Reason.ROW_OUTCOME_EVENT),
        (WHO + "visit;;;", Reason.ROW_TIME),
        (WHO + "visit;1 december;;", Reason.ROW_TIME),
        (WHO + "visit;2026-12-01;1;", Reason.ROW_MISPLACED),
        (WHO + "pathology;2026-12-01;1;surgery", Reason.ROW_MISPLACED),
        (WHO + "treatment;2026-12-01;1;surgery", Reason.ROW_MISPLACED),
        (WHO + "pathology;2026-12-01;;", Reason.ROW_ISUP),
        (WHO + "pathology;2026-12-01;6;", Reason.ROW_ISUP),
        (WHO + "pathology;2026-12-01;3+4;", Reason.ROW_ISUP),
        (WHO + "treatment;2026-12-01;;", Reason.ROW_TREATMENT),
        (WHO + "treatment;2026-12-01;;operation", Reason.ROW_TREATMENT),
    ],
)
def test_a_bad_outcome_is_held_alone_with_its_line(row: str, reason: Reason) -> None:
    good = WHO + "visit;2026-12-01;;"
    before, bad, after = items(f"{OUTCOMES}\n{good}\n{row}\n{good}\n".encode())
    assert isinstance(before, OutcomeLine)
    assert isinstance(after, OutcomeLine)
    _is_held(bad, reason, row)


@pytest.mark.parametrize(
    ("head", "whole"),
    [
        (MRI.replace(";volume_ml", ""), MRI),
        (OUTCOMES.replace(";isup", ""), OUTCOMES),
        (OUTCOMES + ";order", OUTCOMES),
        ("order;pnr;event;at;unit", MRI),
    ],
)
def test_a_missing_heading_names_the_line_that_fits_best(head: str, whole: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        items(f"{head}\n{WHO}\n".encode())
    assert str(caught.value).endswith(whole)


def test_columns_in_another_order_with_more_of_them() -> None:
    read = mri(
        "x;4;answered;OPTMR-1;38;2026-11-20;197001239297;;", "Extra;PIRADS;event;order;volume_ml;at;pnr;unit;text"
    )
    assert isinstance(read, MriReport)
    assert (read.order_number, read.lesions, read.volume_ml) == ("OPTMR-1", (Lesion("1", 4),), Decimal(38))


@given(st.sampled_from([MRI, OUTCOMES]), st.binary(max_size=200))
def test_any_bytes_under_the_headings_give_items_with_lines(head: str, body: bytes) -> None:
    for item in items(head.encode() + b"\n" + body):
        assert item.raw.partition(b"\n")[2] in body
        assert item.position >= 2


CELLS = st.sampled_from(
    [
        "OPTMR-1",
        "197001239297",
        "booked",
        "answered",
        "done",
        "2026-11-20",
        "4",
        "4,2",
        "38",
        "",
        "visit",
        "pathology",
        "0",
    ]
)


@given(st.lists(CELLS, min_size=8, max_size=8))
def test_what_is_taken_is_what_the_cells_say(cells: list[str]) -> None:
    read = mri(";".join(cells))
    if isinstance(read, MriReport):
        assert [str(found.score) for found in read.lesions] == [part for part in cells[5].split(",") if part]
        assert str(read.volume_ml or "") == cells[6].replace(",", ".")
    elif isinstance(read, BookingMessage):
        assert (read.event.value, cells[5], cells[6]) == (cells[2], "", "")
    else:
        assert isinstance(read, Unreadable)
