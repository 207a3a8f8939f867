"""MRI answers: every sample as expected.json says, what is coded, what is only suggested, and what is held."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kansli_tui.exchange.profile import radiology_profile
from kansli_tui.rows.lab import LabAnswer, PatientId, Unreadable
from kansli_tui.rows.lab_reasons import Reason, Remark
from kansli_tui.rows.referral_messages import Lesion, MriReport
from tests.exchange.messages import PID, SAMPLES, items, message, only, sample

EXPECTED = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
MSH = "MSH|^~\\&|RIS|SE2321000040-RIS1|OPT|SE2321000040-OPT1|20261121150000+0100||ORU^R01^ORU_R01|R1|T|2.5.1|||AL|NE|SE|UNICODE UTF-8"
ORC = "ORC|RE|OPTMR-1^SE2321000040-OPT1|RIS-7^RIS||CM"
OBR = "OBR|1|OPTMR-1^SE2321000040-OPT1|RIS-7^RIS|719178004^MR prostata^SCT|||20261120083000|||||||||||||||20261121145500||RAD|F"
REPORT = "OBX|1|FT|18748-4^Utlåtande^LN||Utan anmärkning.||||||F"


def volume(value: str = "38", unit: str = "mL", type_: str = "NM", status: str = "F") -> str:
    return f"OBX|2|{type_}|15315-5^Prostatavolym^LN||{value}|{unit}|||||{status}"


def lesion(score: str, number: str = "1", type_: str = "NM", status: str = "F") -> str:
    return f"OBX|3|{type_}|1345044005^PI-RADS^SCT|{number}|{score}||||||{status}"


def report(*segments: str) -> MriReport:
    item = only(message(*segments), radiology_profile())
    assert isinstance(item, MriReport), item
    return item


def of_rows(*rows: str) -> MriReport:
    return report(MSH, PID, ORC, OBR, *rows)


def held(*segments: str) -> Reason:
    item = only(message(*segments), radiology_profile())
    assert isinstance(item, Unreadable), item
    assert str(item.reason).format(**item.values)
    assert item.fix
    return item.reason


@pytest.mark.parametrize("name", ["oru_mri_report", "oru_mri_not_completed"])
def test_sample(name: str) -> None:
    expected = EXPECTED[name]
    (item,) = items(sample(f"{name}.hl7"), radiology_profile())
    assert isinstance(item, MriReport)
    assert (item.order_number, item.unit_number) == ("OPTMR-2026-000045", "RIS-777")
    assert item.identities == (PatientId("197001239297", "1.2.752.129.2.1.3.1"),)
    assert (item.birth_date, item.warnings) == (date(1970, 1, 23), ())
    assert [found.score for found in item.lesions] == expected.get("lesions", [])
    assert max((found.score for found in item.lesions), default=None) == expected["overall_pirads"]
    assert item.volume_ml == (Decimal(expected["volume_ml"]) if "volume_ml" in expected else None)


def test_everything_a_report_says() -> None:
    (item,) = items(sample("oru_mri_report.hl7"))
    assert isinstance(item, MriReport)
    assert (item.format, item.control_id, item.sender, item.message_type) == (
        "hl7",
        "R0100",
        "SE2321000040-RIS1",
        "ORU^R01",
    )
    assert (item.status, item.completed) == ("F", True)
    assert item.sent_at == datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
    assert item.examined_at == datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
    assert item.reported_at == datetime(2026, 11, 21, 13, 55, tzinfo=UTC)
    assert item.lesions == (Lesion("1", 4), Lesion("2", 2))
    assert (str(item.volume_ml), item.volume_raw) == ("38", "38 mL")
    assert item.text.splitlines()[0] == "MR prostata, biparametrisk."
    assert len(item.text.splitlines()) == 5
    assert [found.score for found in item.prose_scores] == [4, 2, 4]
    assert item.prose_scores[-1].sentence == "Bedömning: PI-RADS 4 (tidigare PI-RADS 3, 2024)."


def test_not_completed_says_so_and_why() -> None:
    (item,) = items(sample("oru_mri_not_completed.hl7"))
    assert isinstance(item, MriReport)
    assert (item.completed, item.status, item.volume_ml, item.lesions, item.prose_scores) == (False, "X", None, (), ())
    assert item.text == "Undersökningen avbröts (klaustrofobi). Ej bedömbar."


@pytest.mark.parametrize("unit", ["mL", "ml", "cm3", "cm³", "mL^^UCUM"])
def test_units_that_are_millilitres(unit: str) -> None:
    read = of_rows(REPORT, volume("38.5", unit))
    assert (read.volume_ml, read.warnings) == (Decimal("38.5"), ())


@pytest.mark.parametrize(
    ("value", "unit", "type_"),
    [
        ("38", "", "NM"),
        ("0.038", "L", "NM"),
        ("3.8", "dL", "NM"),
        ("38", "g", "NM"),
        ("38", "cc", "NM"),
        ("38", "mL~L", "NM"),
        ("38000", "mm3", "NM"),
        ("0", "mL", "NM"),
        ("-38", "mL", "NM"),
        ("ca 38", "mL", "ST"),
        ("38~40", "mL", "NM"),
        (">^100", "mL", "SN"),
        ("30-40", "mL", "ST"),
        ("1.234", "mL", "ST"),
    ],
)
def test_any_other_volume_is_left_out_and_shown_as_written(value: str, unit: str, type_: str) -> None:
    read = of_rows(REPORT, volume(value, unit, type_))
    assert read.volume_ml is None
    assert Remark.VOLUME.value in read.warnings
    assert read.volume_raw == f"{value} {unit.split('~', maxsplit=1)[0]}".strip()


def test_several_volumes_count_only_when_they_agree() -> None:
    assert of_rows(REPORT, volume("38"), volume("38.0")).volume_ml == Decimal(38)
    assert of_rows(REPORT, volume("38"), volume("39")).volume_ml is None
    assert of_rows(REPORT, volume("38"), volume("38", "L")).volume_ml is None


def test_a_volume_in_the_text_is_text_and_no_warning() -> None:
    read = of_rows(REPORT.replace("Utan anmärkning.", "Prostatavolym 38 ml."))
    assert (read.volume_ml, read.volume_raw, read.warnings) == (None, "", ())


@pytest.mark.parametrize("score", ["0", "6", "", '""', "4.0", "04", "3-4", "IV", "4~5", "4^x", "PI-RADS 4", ">3", "X"])
def test_a_coded_score_that_is_none_of_the_five_stops_the_answer(score: str) -> None:
    assert held(MSH, PID, ORC, OBR, REPORT, lesion("2"), lesion(score)) is Reason.PIRADS


def test_coded_scores_in_other_types_and_none_where_nothing_was_done() -> None:
    assert of_rows(REPORT, lesion("5", "A", "ST"), lesion("", "B", status="X")).lesions == (Lesion("A", 5),)
    assert held(MSH, PID, ORC, OBR, REPORT, lesion("4^fyra^L", type_="CWE")) is Reason.PIRADS


def test_a_score_with_a_unit_may_be_the_number_of_the_lesion() -> None:
    shifted = lesion("4", "1").replace("1345044005^", "1345044005|")
    assert held(MSH, PID, ORC, OBR, REPORT, shifted) is Reason.PIRADS
    assert of_rows(REPORT, lesion("4").replace("|4||", "|4|{score}|")).lesions == (Lesion("1", 4),)


def test_the_alternative_code_counts_too() -> None:
    read = of_rows(REPORT, lesion("4").replace("1345044005^PI-RADS^SCT", "PR^PI-RADS^99L^1345044005^PI-RADS^SCT"))
    assert read.lesions == (Lesion("1", 4),)


def test_a_score_under_a_local_code_is_text_and_a_suggestion() -> None:
    read = of_rows(REPORT, "OBX|2|NM|PR^PI-RADS^99L||4||||||F", "NTE|1||Demonstrerad på rond.")
    assert (read.lesions, read.text) == ((), "Utan anmärkning.\nPI-RADS: 4\nDemonstrerad på rond.")
    assert [found.score for found in read.prose_scores] == [4]


@pytest.mark.parametrize(
    ("request_", "rows", "status", "completed"),
    [
        ("F", ("F", "F"), "F", True),
        ("C", ("C", "F"), "C", True),
        ("P", ("P", "P"), "P", True),
        ("A", ("F", "F"), "P", True),
        ("F", ("F", "P"), "P", True),
        ("F", ("W", "W"), "W", True),
        ("C", ("D", "D"), "D", True),
        ("X", ("F", "F"), "X", False),
        ("F", ("X", "X"), "F", False),
        ("X", ("X", "X"), "X", False),
        ("", ("F", "F"), "F", True),
        ("", ("F", "C"), "", True),
        ("", ("F", ""), "", True),
        ("", ("", ""), "", True),
    ],
)
def test_status(request_: str, rows: tuple[str, str], status: str, completed: bool) -> None:
    first, second = rows
    read = report(
        MSH, PID, ORC, OBR.removesuffix("F") + request_, REPORT.removesuffix("F") + first, volume(status=second)
    )
    assert (read.status, read.completed) == (status, completed)


def test_withdrawn_rows_are_left_out() -> None:
    read = of_rows(REPORT, volume("99", status="W"), volume("38"), lesion("5", status="D"), lesion("2"))
    assert (read.status, read.volume_ml, read.lesions) == ("F", Decimal(38), (Lesion("1", 2),))
    assert Remark.ROWS_TAKEN_BACK.value in read.warnings


@pytest.mark.parametrize(
    ("segments", "reason"),
    [
        ((MSH, ORC, OBR, REPORT), Reason.NO_PATIENT),
        ((MSH, PID, PID, OBR, REPORT), Reason.SEVERAL_PATIENTS),
        ((MSH, PID, OBR), Reason.NO_RESULT),
        ((MSH, PID, OBR, REPORT.rsplit("|", 1)[0]), Reason.CUT_OFF),
        ((MSH, PID, ORC.replace("OPTMR-1", "OPTMR-2"), OBR, REPORT), Reason.ORDER_CONTRADICTION),
        ((MSH, PID, OBR, REPORT, OBR.replace("OPTMR-1", "OPTMR-2"), REPORT), Reason.SEVERAL_ORDERS),
        ((MSH, PID, OBR, REPORT, OBR.removesuffix("F") + "X", REPORT), Reason.SEVERAL_STATUSES),
        ((MSH, PID.replace("19700123|M", "1970x123|M"), OBR, REPORT), Reason.BIRTH_DATE),
    ],
)
def test_held(segments: tuple[str, ...], reason: Reason) -> None:
    assert held(*segments) is reason


def test_departures_are_noted() -> None:
    read = report(
        MSH.replace("|R1|", "||").replace("OPT1|2026", "OPT9|2026"),
        PID,
        OBR.replace("719178004^MR prostata^SCT", "MRX^MR^99L")
        .replace("20261120083000", "igår")
        .replace("OPT1", "OPT2"),
        REPORT.replace("Utan", "\\Zx\\"),
    )
    assert set(read.warnings) == {
        Remark.NO_CONTROL_ID.value,
        Remark.OTHER_RECEIVER.value,
        Remark.OTHER_ORDER_ISSUER.value,
        Remark.OTHER_EXAM.value,
        Remark.TIME.value,
        Remark.ESCAPE.value,
    }


def test_control_characters_never_come_through() -> None:
    read = of_rows(REPORT.replace("Utan", "\\X1B\\[2J"), volume("38", "\\X1B\\"))
    assert "\x1b" not in read.text + read.volume_raw + "".join(found.sentence for found in read.prose_scores)


def test_a_laboratory_answer_stays_one() -> None:
    assert isinstance(only(sample("oru_01_normal_final.hl7"), radiology_profile()), LabAnswer)
