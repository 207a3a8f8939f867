"""The simulated MRI units and urology clinics, each alone: what they write is what the office's readers read."""

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from kansli_tui.exchange.incoming_file import read_incoming_file
from kansli_tui.exchange.profile import radiology_profile
from kansli_tui.exchange.referral_out import cancel_referral_message, referral_message
from kansli_tui.exchange.worklist import referral_worklist_csv
from kansli_tui.pathway.referrals import ReferralEvent
from kansli_tui.rows.incoming import IncomingItem
from kansli_tui.rows.referral_messages import (
    BookingEvent,
    BookingMessage,
    FromUnit,
    MriReport,
    OutcomeEvent,
    OutcomeLine,
    ReferralOut,
)
from kansli_tui.rows.referrals import BookingState, BookingWay
from kansli_tui.simulation.radiology import Radiology
from kansli_tui.simulation.referred import Referred
from kansli_tui.simulation.ris import Finding
from kansli_tui.simulation.urology import Urology

PROFILE = radiology_profile()
MADE = datetime(2026, 1, 5, 9, tzinfo=UTC)
RECEIVED, END = date(2026, 1, 6), date(2026, 12, 31)
UNIT = "SE2321000040-RIS1"


def a_referral(serial: int, kind: str = "mri") -> ReferralOut:
    return ReferralOut(
        kind="mri" if kind == "mri" else "urology",
        number=f"{'OPTMR' if kind == 'mri' else 'OPTUR'}-2026-{serial:06}",
        region="05",
        unit_name="Röntgenkliniken",
        unit_hsa_id=UNIT if kind == "mri" else "",
        identity_number="197602039293",
        identity_oid="1.2.752.129.2.1.3.1",
        family="Öberg",
        given="Åke",
        birth_date=date(1976, 2, 3),
        sex="M",
        street="Vägen 1",
        postcode="57431",
        city="VETLANDA",
        made_at=MADE,
        psa_value="4.1",
        psa_comparator="",
        sampled_at=MADE,
        question="MR prostata?",
    )


def a_radiology(folder: Path, referrals: int, way: BookingWay = BookingWay.MESSAGES) -> Radiology:
    radiology = Radiology(1, PROFILE, {UNIT: way})
    file = folder / "mr.hl7"
    file.write_bytes(
        b"".join(
            referral_message(a_referral(serial), PROFILE, control_id=f"R{serial}", at=MADE)
            for serial in range(1, referrals + 1)
        )
    )
    radiology.receive([str(file), str(folder / "list.csv")], RECEIVED)
    return radiology


def items(raw: bytes | None, name: str) -> list[IncomingItem]:
    assert raw is not None
    return list(read_incoming_file(raw, name, PROFILE).items)


def numbers(raw: bytes | None, name: str) -> set[str]:
    """The referrals that a file is about."""
    return {item.order_number or "" for item in items(raw, name) if isinstance(item, FromUnit)}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[IncomingItem]:
    """Everything that a unit which books by messages says about two thousand referrals."""
    return items(a_radiology(tmp_path_factory.mktemp("mr"), 2_000).file(END), "mr.hl7")


def test_everything_a_unit_writes_is_read(told: list[IncomingItem]) -> None:
    assert {type(item) for item in told} == {BookingMessage, MriReport}
    events = Counter(item.event for item in told if isinstance(item, BookingMessage))
    assert set(events) == {BookingEvent.BOOKED, BookingEvent.MOVED, BookingEvent.CANCELLED, BookingEvent.NO_SHOW}
    statuses = Counter(item.status for item in told if isinstance(item, MriReport))
    assert set(statuses) == {"F", "P", "C", "X", "W"}
    assert statuses["F"] > 1_500


def test_scores_are_coded_or_in_prose_and_an_earlier_one_is_never_taken_for_the_new(told: list[IncomingItem]) -> None:
    reports = [item for item in told if isinstance(item, MriReport) and item.status == "F" and "PI-RADS" in item.text]
    assert any("tidigare" in report.text for report in reports)
    assert any(not report.lesions for report in reports)
    for report in reports:
        prose = max(found.score for found in report.prose_scores)
        assert not report.lesions or max(lesion.score for lesion in report.lesions) == prose


def test_some_volumes_are_missing_and_some_answers_have_no_score(told: list[IncomingItem]) -> None:
    reports = [item for item in told if isinstance(item, MriReport) and item.status == "F"]
    missing = sum(report.volume_ml is None for report in reports) / len(reports)
    assert 0.02 < missing < 0.12
    assert any(not report.lesions and not report.prose_scores for report in reports)


def test_biopsy_is_indicated_for_about_as_many_as_published(told: list[IncomingItem]) -> None:
    reports = [item for item in told if isinstance(item, MriReport) and item.lesions and item.volume_ml]
    indicated = sum(
        max(lesion.score for lesion in report.lesions) >= 4
        or (report.volume_ml is not None and Decimal("4.4") / report.volume_ml >= Decimal("0.15"))
        for report in reports
    )
    assert 0.36 < indicated / len(reports) < 0.52


def test_a_unit_that_calls_the_man_itself_phones_the_office_now_and_then(tmp_path: Path) -> None:
    radiology = a_radiology(tmp_path, 200, BookingWay.CALLS)
    calls = list(radiology.calls(END))
    booked = [call for call in calls if call.event is ReferralEvent.BOOKED]
    assert 80 < len(booked) < 160
    assert all(call.at is not None and call.at.weekday() < 5 for call in booked)
    assert {ReferralEvent.CONTRAINDICATED, ReferralEvent.DECLINED} & {call.event for call in calls}
    assert all(isinstance(item, MriReport) for item in items(radiology.file(END), "mr.hl7"))


def test_a_unit_that_gives_slots_says_nothing_until_the_office_has_booked(tmp_path: Path) -> None:
    radiology = a_radiology(tmp_path, 20, BookingWay.OWN_SLOTS)
    assert radiology.file(END) is None
    for referred in radiology.referrals():
        radiology.booked(referred.number, datetime(2026, 2, 3, 10, tzinfo=UTC))
    outcomes = Counter(radiology.outcome(referred.number) for referred in radiology.referrals())
    assert outcomes[BookingState.DONE] > outcomes[BookingState.NO_SHOW]
    assert len(items(radiology.file(END), "mr.hl7")) >= outcomes[BookingState.DONE] > 0


def test_what_is_silent_is_found_when_the_office_asks(tmp_path: Path) -> None:
    radiology = a_radiology(tmp_path, 300)
    heard = numbers(radiology.file(END), "mr.hl7") | numbers(radiology.list_of(END), "mr.csv")
    heard |= {call.number for call in radiology.calls(END)}
    silent = {referred.number for referred in radiology.referrals()} - heard
    assert silent
    for number in silent:
        radiology.reminded(number, date(2026, 6, 1))
    assert numbers(radiology.file(END), "mr.hl7") >= silent


def test_a_referral_taken_back_is_not_seen_to(tmp_path: Path) -> None:
    radiology = a_radiology(tmp_path, 10)
    file = tmp_path / "cancelled.hl7"
    file.write_bytes(
        b"".join(
            cancel_referral_message(a_referral(serial), PROFILE, control_id=f"X{serial}", at=MADE)
            for serial in range(1, 11)
        )
    )
    radiology.receive([str(file)], RECEIVED)
    assert radiology.referrals() == ()
    assert radiology.file(END) is None


def test_an_answer_can_be_written_for_anybody(tmp_path: Path) -> None:
    radiology = a_radiology(tmp_path, 1)
    found = Finding((4,), Decimal(38), "Bedömning: PI-RADS 4 (tidigare PI-RADS 3, 2024).", coded=False)
    (report,) = items(radiology.write(radiology.referrals()[0], found, examined=MADE, reported=MADE), "mr.hl7")
    assert isinstance(report, MriReport)
    assert [prose.score for prose in report.prose_scores] == [4]
    assert report.volume_ml == 38


def test_outcomes_of_urology_are_as_published(tmp_path: Path) -> None:
    clinic = Urology(1)
    file = tmp_path / "remisser-arbetslista-05.csv"
    file.write_bytes(referral_worklist_csv(a_referral(serial, "urology") for serial in range(1, 2_001)))
    clinic.receive([str(file)], RECEIVED)
    assert len(clinic.referrals()) == 2_000
    lines = items(clinic.list_of(date(2027, 12, 31)), "utfall.csv")
    events = Counter(item.event for item in lines if isinstance(item, OutcomeLine))
    assert set(events) == set(OutcomeEvent)
    assert 0.62 < events[OutcomeEvent.BIOPSY] / 2_000 < 0.78
    grades = Counter(item.isup for item in lines if isinstance(item, OutcomeLine) and item.isup is not None)
    graded = sum(grades.values())
    assert 0.15 < grades[1] / graded < 0.25
    assert 0.36 < sum(grades[isup] for isup in range(2, 6)) / graded < 0.48
    unreadable = [item for item in lines if not isinstance(item, OutcomeLine)]
    assert 0 < len(unreadable) < 60, "now and then the grade is missing"
    assert any(call.event is ReferralEvent.NOT_COMPLETED for call in clinic.calls(date(2027, 12, 31)))


def test_a_urology_referral_taken_back_is_not_seen_to(tmp_path: Path) -> None:
    clinic = Urology(1)
    for name in ("remisser-arbetslista-05.csv", "remisser-avbestallda-05.csv"):
        (tmp_path / name).write_bytes(referral_worklist_csv([a_referral(1, "urology")]))
        clinic.receive([str(tmp_path / name)], RECEIVED)
    assert clinic.referrals() == ()
    assert clinic.list_of(END) is None


def test_a_referral_is_read_as_it_was_written(tmp_path: Path) -> None:
    (found,) = a_radiology(tmp_path, 1).referrals()
    assert found == Referred(
        "OPTMR-2026-000001", "197602039293^^^&1.2.752.129.2.1.3.1&ISO^NI", "Öberg^Åke^^^^^L", "19760203", UNIT
    )
    assert found.patient_number == "197602039293"
