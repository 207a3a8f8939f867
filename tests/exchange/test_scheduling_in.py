"""Appointments: every sample as expected.json says, whose time counts, and what is held."""

import json
from datetime import UTC, date, datetime

import pytest

from kansli_tui.exchange.profile import radiology_profile
from kansli_tui.rows.lab import PatientId, Unreadable
from kansli_tui.rows.lab_reasons import Reason, Remark
from kansli_tui.rows.referral_messages import BookingEvent, BookingMessage
from tests.exchange.messages import PID, SAMPLES, items, message, only, sample

EXPECTED = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
WORDS = {
    BookingEvent.BOOKED: "booked",
    BookingEvent.MOVED: "moved, supersedes S12 by SCH-1/2",
    BookingEvent.CANCELLED: "cancelled -> queue rebook",
    BookingEvent.NO_SHOW: "no-show -> queue contact",
}
AT, LATER = datetime(2026, 11, 20, 7, 30, tzinfo=UTC), datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MSH = "MSH|^~\\&|RIS|SE2321000040-RIS1|OPT|SE2321000040-OPT1|20261101103015+0100||SIU^S12^SIU_S12|B1|T|2.5.1|||AL|NE|SE|UNICODE UTF-8"
SCH = "SCH|OPTMR-1^SE2321000040-OPT1|RIS-7^RIS||||ROUTINE^ny tid^L|NORMAL||15|min|^^15^20261120083000^20261120084500|||||||||||||| Booked"
RGS = "RGS|1|A"
AIS = "AIS|1|A|719178004^MR prostata^SCT|20261120083000|||20|min"
AIL = "AIL|1|A|MR1^^^SE2321000040-RIS1"


def booking(*segments: str) -> BookingMessage:
    item = only(message(*segments), radiology_profile())
    assert isinstance(item, BookingMessage), item
    return item


def held(*segments: str) -> Reason:
    item = only(message(*segments), radiology_profile())
    assert isinstance(item, Unreadable), item
    assert item.fix
    return item.reason


@pytest.mark.parametrize(
    ("name", "event", "starts_at", "why"),
    [
        ("siu_s12_mri", BookingEvent.BOOKED, AT, "ny tid"),
        ("siu_s13_mri", BookingEvent.MOVED, LATER, "ombokad"),
        ("siu_s15_mri", BookingEvent.CANCELLED, AT, "avbokad"),
        ("siu_s26_mri", BookingEvent.NO_SHOW, AT, "uteblev"),
    ],
)
def test_sample(name: str, event: BookingEvent, starts_at: datetime, why: str) -> None:
    assert EXPECTED[name]["action"] == WORDS[event]
    (item,) = items(sample(f"{name}.hl7"), radiology_profile())
    assert isinstance(item, BookingMessage)
    assert (item.event, item.starts_at, item.minutes, item.why) == (event, starts_at, 15, why)
    assert (item.order_number, item.unit_number, item.unit) == ("OPTMR-2026-000045", "RIS-777", "SE2321000040-RIS1")
    assert item.identities == (PatientId("197001239297", "1.2.752.129.2.1.3.1"),)
    assert (item.birth_date, item.sender, item.format) == (date(1970, 1, 23), "SE2321000040-RIS1", "hl7")
    assert item.sent_at == datetime(2026, 11, 1, 9, 30, 15, tzinfo=UTC)
    moved = (Remark.APPOINTMENT_TIMES.value,)
    assert item.warnings == (moved if event is BookingEvent.MOVED else ())


def test_the_resource_tells_the_time_only_where_the_schedule_is_silent() -> None:
    silent = SCH.replace("^^15^20261120083000^20261120084500", "")
    read = booking(MSH, silent, PID, RGS, AIS, AIL)
    assert (read.starts_at, read.warnings) == (AT, ())
    assert held(MSH, silent, PID, RGS, AIS, AIS.replace("0830", "0900")) is Reason.APPOINTMENT_TIME
    taken_away = AIS.replace("|A|", "|D|").replace("0830", "0900")
    assert booking(MSH, silent, PID, RGS, taken_away, AIS).starts_at == AT


@pytest.mark.parametrize(
    "written",
    [
        "",
        "^^15",
        "20261120083000",
        "^^^20261120",
        "^^^2026112008",
        "^^^2026-11-20 08:30",
        "^^^20261320083000",
        "^^^10261120083000",
    ],
)
def test_a_booking_without_a_time_of_day_is_held(written: str) -> None:
    schedule = SCH.replace("^^15^20261120083000^20261120084500", written)
    assert held(MSH, schedule, PID, RGS, AIS.replace("20261120083000", ""), AIL) is Reason.APPOINTMENT_TIME


@pytest.mark.parametrize(
    "damaged",
    [
        SCH.replace("|NORMAL|", "|NOR|MAL|").replace(" Booked", ""),
        SCH.replace("|NORMAL|", "|NORMAL"),
        SCH.replace("|min|", "|min^"),
        SCH.replace("^^15^", "^^1^^"),
        SCH.replace("^^15^", "^^15&"),
        SCH.replace("^^15^", "^15^"),
        SCH.replace("^^15^", "x^15^"),
        SCH.replace("^^15^", "^^^15^"),
    ],
)
def test_a_time_that_has_moved_out_of_its_place_is_never_replaced_by_another(damaged: str) -> None:
    assert held(MSH, damaged, PID, RGS, AIS, AIL) is Reason.APPOINTMENT_TIME


@pytest.mark.parametrize(
    "timing", ["^^15^20261120083000", "1^^M15^20261120083000^20261120084500^^^^", "^^^20261120083000+0100"]
)
def test_ordinary_timings(timing: str) -> None:
    assert booking(MSH, SCH.replace("^^15^20261120083000^20261120084500", timing), PID).starts_at == AT


def test_a_cancellation_needs_no_time() -> None:
    schedule = SCH.replace("^^15^20261120083000^20261120084500", "").replace("Booked", "")
    read = booking(MSH.replace("S12^", "S15^"), schedule, PID)
    assert (read.event, read.starts_at, read.minutes, read.unit) == (BookingEvent.CANCELLED, None, 15, "")


def test_times_of_two_repetitions_must_agree() -> None:
    two = SCH.replace("^20261120084500", "^20261120084500~^^15^20261121083000")
    assert held(MSH, two, PID) is Reason.APPOINTMENT_TIME


def test_an_offset_is_heeded() -> None:
    assert booking(MSH, SCH.replace("20261120083000^", "20261120073000+0000^"), PID).starts_at == AT


@pytest.mark.parametrize(
    ("length", "unit", "minutes"),
    [
        ("15", "min", 15),
        ("15", "MIN", 15),
        ("1", "h", None),
        ("900", "s", None),
        ("0", "min", None),
        ("x", "min", None),
    ],
)
def test_minutes(length: str, unit: str, minutes: int | None) -> None:
    assert booking(MSH, SCH.replace("|15|min|", f"|{length}|{unit}|"), PID).minutes == minutes
    assert booking(MSH, SCH.replace("|15|min|", f"|{length}|{unit}|"), PID, RGS, AIS).minutes == (minutes or 20)


@pytest.mark.parametrize("status", ["Cancelled", "Noshow", "DELETED", "Pending", "Waitlist", "Complete"])
def test_a_status_that_contradicts_the_type_is_held(status: str) -> None:
    assert held(MSH, SCH.replace("Booked", status), PID) is Reason.APPOINTMENT_STATUS


def test_the_units_own_word_for_a_status_says_nothing() -> None:
    assert booking(MSH, SCH.replace("Booked", "Bokad"), PID).event is BookingEvent.BOOKED


@pytest.mark.parametrize(
    ("segments", "reason"),
    [
        ((MSH, PID), Reason.NO_APPOINTMENT),
        ((MSH, SCH, SCH, PID), Reason.SEVERAL_APPOINTMENTS),
        ((MSH, SCH), Reason.NO_PATIENT),
        ((MSH, SCH, PID, PID), Reason.SEVERAL_PATIENTS),
        ((MSH, SCH + "|OPTMR-2", PID), Reason.APPOINTMENT_NUMBERS),
        ((MSH, SCH, PID, "RXS|1"), Reason.BROKEN_SEGMENT),
        ((MSH, SCH, PID.replace("|19700123|", "|i går|")), Reason.BIRTH_DATE),
    ],
)
def test_held(segments: tuple[str, ...], reason: Reason) -> None:
    assert held(*segments) is reason


def test_the_order_number_may_stand_among_the_orders() -> None:
    assert booking(MSH, SCH.replace("OPTMR-1^SE2321000040-OPT1", "") + "|OPTMR-1", PID).order_number == "OPTMR-1"
    assert booking(MSH, SCH.replace("OPTMR-1^SE2321000040-OPT1", ""), PID).order_number is None


def test_the_units_words_are_kept_once_and_without_control_characters() -> None:
    read = booking(MSH, SCH.replace("^ny tid^", "^ny \\X1B\\tid^"), "NTE|1||Ring mottagningen.", PID)
    assert read.why == "ny \ufffdtid\nRing mottagningen."
    assert booking(MSH, SCH.replace("ROUTINE^ny tid^L", "Flyttad"), PID).why == "Flyttad"
