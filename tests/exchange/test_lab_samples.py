"""Every laboratory sample says what expected.json says it does; the list of cases is that file."""

import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kansli_tui.exchange.incoming_file import read_incoming_file
from kansli_tui.exchange.lab_values import psa
from kansli_tui.exchange.profile import default_profile
from kansli_tui.rows.lab import LabAnswer, Observation, OtherMessage, PatientId
from kansli_tui.rows.lab_reasons import Reason, Remark
from tests.exchange.messages import SAMPLES, answer, items, sample

EXPECTED = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
LAB = sorted(name for name in EXPECTED if name.startswith("oru_") and not name.startswith("oru_mri"))
OURS = sorted(name for name in EXPECTED if name.startswith(("om", "or")) and not name.startswith("oru"))


def test_the_file_of_expectations_covers_the_samples() -> None:
    assert {f"{name}.hl7" for name in EXPECTED} == {path.name for path in SAMPLES.glob("*.hl7")}
    assert len(LAB) == 20


@pytest.mark.parametrize("name", LAB)
def test_sample(name: str) -> None:
    expected = EXPECTED[name]
    raw = sample(f"{name}.hl7")
    file = read_incoming_file(raw, name, default_profile())
    assert file.sha256 == hashlib.sha256(raw).hexdigest()
    assert len(file.items) == expected.get("messages", 1)
    assert [item.position for item in file.items] == list(range(1, len(file.items) + 1))
    rows = []
    for item in file.items:
        assert isinstance(item, LabAnswer)
        assert item.raw in raw
        assert item.sha256 == hashlib.sha256(item.raw).hexdigest()
        row = psa(item, default_profile())
        assert isinstance(row, Observation)
        rows.append(row)
    values = expected["values"] if "values" in expected else [expected["value"]]
    assert [None if row.value is None else str(row.value) for row in rows] == values
    assert all(row.comparator == expected.get("comparator") for row in rows)
    if "status" in expected:
        assert rows[0].status == expected["status"]
    if "unit" in expected:
        assert (rows[0].unit or rows[0].unit_raw) == expected["unit"]


@pytest.mark.parametrize("name", OURS)
def test_our_own_orders_coming_back_are_recognised(name: str) -> None:
    (item,) = items(sample(f"{name}.hl7"))
    assert isinstance(item, OtherMessage)
    assert item.reason is Reason.OTHER_TYPE
    assert item.fix


def test_everything_a_plain_answer_says() -> None:
    read = answer(sample("oru_01_normal_final.hl7"))
    assert (read.format, read.control_id, read.sender, read.message_type) == (
        "hl7",
        "M0001",
        "SE2321000040-LAB1",
        "ORU^R01",
    )
    assert (read.order_number, read.lab_number) == ("OPT-2026-000123", "L26-556677")
    assert read.identities == (PatientId("197001239297", "1.2.752.129.2.1.3.1"),)
    assert (read.birth_date, read.family, read.given) == (date(1970, 1, 23), "Testsson", "Åke")
    assert read.sampled_at == datetime(2026, 10, 30, 7, 15, tzinfo=UTC)
    assert read.reported_at == datetime(2026, 10, 30, 13, 15, tzinfo=UTC)
    (row,) = read.observations
    assert row.analysed_at == datetime(2026, 10, 30, 12, 59, tzinfo=UTC)
    assert (row.code, row.code_text, row.code_system, row.value_type) == ("NPU08669", "P-PSA", "NPU", "NM")
    assert (row.raw_value, row.value, row.unit_raw, row.unit, row.flag, row.text) == (
        "2.4",
        Decimal("2.4"),
        "ug/L",
        "ug/L",
        "N",
        None,
    )
    assert read.comment == ""
    assert read.warnings == ()


def test_comparator_in_a_plain_number_is_noted() -> None:
    assert answer(sample("oru_04_above_limit_NM_illegal.hl7")).warnings == (Remark.NOT_A_PLAIN_NUMBER.value,)


def test_null_is_kept_apart_from_empty() -> None:
    (deleted,) = answer(sample("oru_09_delete.hl7")).observations
    (pending,) = answer(sample("oru_18_partial_no_psa_yet.hl7")).observations
    assert (deleted.raw_value, deleted.value, deleted.text) == ('""', None, None)
    assert (pending.raw_value, pending.value, pending.text) == ("", None, None)


def test_the_other_rows_are_context() -> None:
    read = answer(sample("oru_10_total_and_free_psa.hl7"))
    assert [(row.code, str(row.value)) for row in read.observations] == [
        ("NPU08669", "3.4"),
        ("NPU12534", "0.61"),
        ("NPU09226", "18"),
    ]


def test_latin_1_by_msh_18() -> None:
    read = answer(sample("oru_13_latin1.hl7"))
    assert (read.family, read.given, read.observations[0].unit_raw) == ("Öhman", "Göran", "µg/L")


def test_repeated_pid_3_keeps_both_numbers() -> None:
    read = answer(sample("oru_14_repeated_pid3_snr_to_pnr.hl7"))
    assert read.identities == (
        PatientId("197001239297", "1.2.752.129.2.1.3.1"),
        PatientId("197001782395", "1.2.752.129.2.1.3.3"),
    )


def test_duplicate_has_the_same_hash_and_changed_content_another() -> None:
    first, again, other = (
        answer(sample(name))
        for name in ("oru_01_normal_final.hl7", "oru_15_duplicate_of_01.hl7", "oru_16_same_id_other_content.hl7")
    )
    assert first.control_id == again.control_id == other.control_id
    assert first.sha256 == again.sha256 != other.sha256


def test_line_feeds_and_escapes() -> None:
    assert answer(sample("oru_17_escape_and_lf.hl7")).comment == "Metod bytt\n1 & 2: kvot 10^3; se A|B"


def test_message_of_a_batch_read_alone_again_is_the_same() -> None:
    for item in items(sample("oru_20_two_patients_batch.hl7")):
        again = answer(item.raw)
        assert again.sha256 == item.sha256
        assert isinstance(item, LabAnswer)
        assert again.observations == item.observations
