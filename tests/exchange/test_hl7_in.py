"""One message: what is taken, what is noted, and what is held."""

import logging

import pytest

from kansli_tui.exchange.lab_values import psa
from kansli_tui.exchange.profile import Profile, PsaAlias, default_profile
from kansli_tui.rows.lab import Observation, OtherMessage, PatientId, Problem
from kansli_tui.rows.lab_reasons import Reason, Remark
from kansli_tui.rows.referral_messages import MriReport
from tests.exchange.messages import MSH, OBR, OBX, ORC, PID, answer, message, only, result, unreadable


def psa_of(raw: bytes, profile: Profile | None = None) -> Observation:
    row = psa(answer(raw, profile), profile or default_profile())
    assert isinstance(row, Observation)
    return row


@pytest.mark.parametrize(
    ("type_", "written", "value", "comparator"),
    [
        ("NM", "2.4", "2.4", None),
        ("NM", "1.234", "1.234", None),
        ("NM", "2,4", "2.4", None),
        ("NM", "> 100", "100", ">"),
        ("SN", "<^0.1", "0.1", "<"),
        ("SN", "^2.4", "2.4", None),
        ("ST", "<0,10", "0.10", "<"),
        ("TX", "2,4", "2.4", None),
        ("FT", ">100", "100", ">"),
    ],
)
def test_number_forms(type_: str, written: str, value: str, comparator: str | None) -> None:
    row = psa_of(message(MSH, PID, ORC, OBR, result(written, type_)))
    assert (str(row.value), row.comparator, row.text, row.raw_value) == (value, comparator, None, written)


@pytest.mark.parametrize(
    ("type_", "written", "text"),
    [
        ("NM", "-1", "-1"),
        ("NM", "２.４", "２.４"),
        ("NM", "2.4~2.5", "2.4\n2.5"),
        ("NM", "2.4^x", "2.4^x"),
        ("NM", "\\X32\\.4", "2.4"),
        ("SN", "^1^:^2", "^1^:^2"),
        ("ST", "1.234", "1.234"),
        ("ST", "1 234", "1 234"),
        ("ST", "2,4 hemolys", "2,4 hemolys"),
        ("TX", "rad ett~rad två", "rad ett\nrad två"),
        ("CE", "2.4^två", "2.4^två"),
        ("", "2.4", "2.4"),
    ],
)
def test_what_is_no_number_is_text(type_: str, written: str, text: str) -> None:
    row = psa_of(message(MSH, PID, ORC, OBR, result(written, type_)))
    assert (row.value, row.comparator, row.text) == (None, None, text)


def test_units() -> None:
    assert psa_of(message(MSH, PID, OBR, result("2.4", unit="ng/mL"))).unit == "ug/L"
    for unit in ("ng/L", "", "ug/L~ng/L", "^ug/L"):
        assert psa_of(message(MSH, PID, OBR, result("2.4", unit=unit))).unit is None


def test_missing_status_is_empty_and_never_final() -> None:
    assert psa_of(message(MSH, PID, OBR, result("2.4", status=""))).status == ""


def test_psa_by_alias() -> None:
    raw = message(MSH, PID, OBR, result("2.4", code="PSA^S-PSA^99LAB"))
    assert psa(answer(raw), default_profile()) == Problem(Reason.NO_PSA)
    assert psa_of(raw, Profile(psa_aliases=(PsaAlias("PSA", "99LAB"),))).code == "PSA"
    assert psa(answer(raw), Profile(psa_aliases=(PsaAlias("PSA", "L"),))) == Problem(Reason.NO_PSA)


def test_several_psa_rows() -> None:
    same = message(MSH, PID, OBR, OBX, OBX)
    assert psa_of(same).raw_value == "2.4"
    differing = psa(answer(message(MSH, PID, OBR, OBX, result("2.5"))), default_profile())
    assert differing == Problem(Reason.SEVERAL_PSA)
    assert isinstance(differing, Problem)
    assert differing.fix


@pytest.mark.parametrize(
    ("segments", "reason"),
    [
        ((MSH, OBR, OBX), Reason.NO_PATIENT),
        ((MSH, PID, PID, OBR, OBX), Reason.SEVERAL_PATIENTS),
        ((MSH, PID, OBX), Reason.NO_REQUEST),
        ((MSH, PID, OBR), Reason.NO_RESULT),
        ((MSH, PID, OBR, OBX, "OBY|1|NM"), Reason.BROKEN_SEGMENT),
        ((MSH, PID, OBR, OBX, "rad utan namn"), Reason.BROKEN_SEGMENT),
        ((MSH, PID, OBR, "OBX|1|NM|NPU08669^P-PSA^NPU||2"), Reason.CUT_OFF),
        ((MSH, PID, OBR, OBX, OBR.replace("OPT-1^", "OPT-2^"), OBX), Reason.SEVERAL_ORDERS),
        ((MSH, PID, ORC.replace("OPT-1", "OPT-2"), OBR, OBX), Reason.ORDER_CONTRADICTION),
        ((MSH, PID.replace("19700123|M", "1970x123|M"), OBR, OBX), Reason.BIRTH_DATE),
        ((MSH, PID, OBR.replace("20261030081500", "2026-10-30"), OBX), Reason.SAMPLE_TIME),
        ((MSH.replace("UNICODE UTF-8", "UNICODE UTF-16"), PID, OBR, OBX), Reason.UNKNOWN_CHARSET),
        ((MSH.replace("UNICODE UTF-8", "8859/1"), PID, OBR, OBX), Reason.CHARSET_MISMATCH),
        ((MSH.replace("UNICODE UTF-8", "ASCII"), PID, OBR, OBX), Reason.CHARSET_MISMATCH),
        ((MSH.replace("ORU^R01", "XXX^R01"), PID, OBR, OBX), Reason.UNKNOWN_TYPE),
        ((MSH.replace("ORU^R01^ORU_R01", ""), PID, OBR, OBX), Reason.UNKNOWN_TYPE),
        ((MSH.replace("|^~\\&|", "|^~\\%|"), PID, OBR, OBX), Reason.SEPARATORS),
        ((MSH.replace("|", "#"), PID, OBR, OBX), Reason.SEPARATORS),
        ((MSH, PID.replace("Åke", "Å\x08ke"), OBR, OBX), Reason.CONTROL_CHARACTER),
        ((MSH, PID.replace("Åke", "Å\x1bke"), OBR, OBX), Reason.CONTROL_CHARACTER),
    ],
)
def test_held_messages(segments: tuple[str, ...], reason: Reason) -> None:
    raw = message(*segments)
    held = unreadable(raw)
    assert held.reason is reason
    assert held.raw == raw.rstrip(b"\r")
    assert str(held.reason).format(**held.values)
    assert held.fix


def test_test_messages_are_held_in_production_only() -> None:
    raw = message(MSH, PID, OBR, OBX)
    assert unreadable(raw, Profile(processing_id="P")).reason is Reason.TEST_MESSAGE
    assert (
        answer(message(MSH.replace("|M1|T|", "|M1|P|"), PID, OBR, OBX), Profile(processing_id="P")).control_id == "M1"
    )
    assert answer(message(MSH.replace("|M1|T|", "|M1|P|"), PID, OBR, OBX)).control_id == "M1"


def test_declared_latin_1_with_windows_controls_is_held() -> None:
    raw = message(MSH.replace("UNICODE UTF-8", "8859/1"), PID.replace("Åke", "A"), OBR, OBX).replace(
        b"Testsson", b"Te\x80tsson"
    )
    assert unreadable(raw).reason is Reason.CHARSET_MISMATCH


def test_without_a_stated_character_set_the_profile_decides_and_it_is_noted() -> None:
    header = MSH.replace("UNICODE UTF-8", "")
    assert Remark.NO_CHARSET.value in answer(message(header, PID, OBR, OBX)).warnings
    latin = message(header, PID, OBR, OBX).decode().encode("iso8859-1")
    assert unreadable(latin).reason is Reason.CHARSET_MISMATCH
    assert answer(latin, Profile(charset="8859/1")).given == "Åke"


def test_the_order_of_the_group_that_holds_the_psa() -> None:
    raw = message(
        MSH,
        PID,
        OBR.replace("OPT-1^", "OPT-2^"),
        result("140", code="NPU03429^Natrium^NPU"),
        ORC,
        OBR.replace("OPT-1^", "^"),
        OBX,
    )
    read = answer(raw)
    assert read.order_number == "OPT-1"
    assert [row.code for row in read.observations] == ["NPU03429", "NPU08669"]


def test_missing_and_null_fields_state_nothing() -> None:
    read = answer(message(MSH.replace("|M1|", "||"), 'PID|1||||""^""||""', 'OBR|1|""||NPU08669', OBX))
    assert (read.control_id, read.identities, read.family, read.given, read.birth_date) == (None, (), "", "", None)
    assert (read.order_number, read.lab_number, read.sampled_at, read.reported_at) == (None, None, None, None)
    assert Remark.NO_CONTROL_ID.value in read.warnings


def test_departures_are_noted() -> None:
    header = MSH.replace("LAB1", "LAB2").replace("OPT1|2026", "OPT9|2026")
    read = answer(
        message(
            header,
            PID.replace("|19700123|", "|1970|"),
            OBR.replace("OPT-1^SE2321000040-OPT1", "OPT-1^ANNAN").replace("20261030141500", "igår"),
            OBX,
            "NTE|1|L|Se \\Zxx\\",
        )
    )
    assert read.birth_date is None
    assert read.reported_at is None
    assert set(read.warnings) == {
        Remark.PARTIAL_BIRTH_DATE.value,
        Remark.OTHER_SENDER.value,
        Remark.OTHER_RECEIVER.value,
        Remark.OTHER_ORDER_ISSUER.value,
        Remark.TIME.value,
        Remark.ESCAPE.value,
    }
    assert read.comment == "Se \\Zxx\\"


def test_authority_written_alone_and_the_legal_name_first() -> None:
    pid = "PID|1||197001239297^^^1.2.752.129.2.1.3.1^NI||Smek^Namn^^^^^N~Testsson^Åke^^^^^L||19700123"
    read = answer(message(MSH, pid, OBR, OBX))
    assert read.identities == (PatientId("197001239297", "1.2.752.129.2.1.3.1"),)
    assert (read.family, read.given) == ("Testsson", "Åke")


def test_sample_time_from_the_specimen_when_the_request_has_none() -> None:
    read = answer(message(MSH, PID, OBR.replace("20261030081500", ""), OBX, "SPM|1|||PLAS|||||||||||||20261030081500"))
    assert read.sampled_at is not None
    assert read.sampled_at.isoformat() == "2026-10-30T08:15:00+01:00"


def test_escaped_control_characters_never_come_through() -> None:
    read = answer(
        message(
            MSH, PID.replace("Åke", "\\X1B\\[2J"), OBR.replace("OPT-1^", "OPT\\X00\\-1^"), OBX, "NTE|1||\\X1B\\[31m"
        )
    )
    shown = read.given + read.comment + (read.order_number or "")
    assert "\x1b" not in shown
    assert "\x00" not in shown
    assert read.order_number != "OPT-1"


def test_a_lone_radiology_code_is_radiology_even_without_a_section() -> None:
    obr = "OBR|1|OPTMR-1||719178004^MR prostata^SCT"
    assert isinstance(only(message(MSH, PID, obr, "OBX|1|NM|15315-5||38|mL|||||F")), MriReport)


@pytest.mark.parametrize("type_", ["SIU^S14", "SIU^S17", "ORM^O01", "ACK^R01", "ADT^A08"])
def test_messages_that_are_not_read_here_are_kept_with_what_to_do(type_: str) -> None:
    item = only(message(MSH.replace("ORU^R01^ORU_R01", type_), PID, OBR, OBX))
    assert isinstance(item, OtherMessage)
    assert (item.reason, item.message_type) == (Reason.OTHER_TYPE, type_)
    assert item.fix


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answer(message(MSH, PID, OBR, OBX, "NTE|1|L|\\\\ \\X\\ \\.sp999999999\\ \\C2842\\ \\Q\\ slut\\"))
    assert caplog.records == []
