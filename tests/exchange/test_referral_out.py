"""Referrals out: the shape of the sample, field by field, and nothing that a unit would read otherwise."""

import csv
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import hl7
import pytest
from hl7types.hl7.v2_5_1.messages import OMG_O19
from hypothesis import given
from hypothesis import strategies as st

from kansli_tui.errors import RefusedError
from kansli_tui.exchange.hl7_syntax import Message, split_message
from kansli_tui.exchange.profile import IDENTITY_OIDS, Profile, load_profile, radiology_profile
from kansli_tui.exchange.referral_out import cancel_referral_message, referral_message
from kansli_tui.exchange.worklist import REFERRAL_COLUMNS, Receipt, read_receipts, referral_worklist_csv
from kansli_tui.pathway.identity import IdentityKind
from kansli_tui.rows.lab_reasons import Reason
from kansli_tui.rows.referral_messages import ReferralOut
from tests.exchange.messages import only, sample

REFERRAL = ReferralOut(
    kind="mri",
    number="OPTMR-2026-000045",
    region="05",
    unit_name="MR Linköping",
    unit_hsa_id="SE2321000040-RIS1",
    identity_number="197001239297",
    identity_oid=IDENTITY_OIDS[IdentityKind.PERSONNUMMER],
    family="Testsson",
    given="Åke",
    birth_date=date(1970, 1, 23),
    sex="M",
    street="Storgatan 1",
    postcode="582 22",
    city="LINKÖPING",
    made_at=datetime(2026, 11, 3, 9, 15, tzinfo=UTC),
    psa_value="3.4",
    psa_comparator="",
    sampled_at=datetime(2026, 10, 30, 7, 15, tzinfo=UTC),
    question="OPT. PSA 3,4 µg/l.",
    answers=(("Kontraindikationer enligt enkät?", "nej"),),
    exam_code="{LOKAL-KOD}",
    exam_text="MR prostata OPT",
)
AT = datetime(2026, 11, 1, 9, 30, 15, tzinfo=UTC)
RIS = radiology_profile()


def sent(referral: ReferralOut, profile: Profile = RIS) -> bytes:
    return referral_message(referral, profile, control_id="R0001", at=AT)


def parsed(referral: ReferralOut) -> Message:
    read = split_message(sent(referral), RIS)
    assert isinstance(read, Message)
    return read


def test_a_referral_is_the_sample_field_by_field_but_for_the_flag() -> None:
    ours, theirs = hl7.parse(sent(REFERRAL).decode()), hl7.parse(sample("omg_o19_mri_order.hl7").decode())
    assert [str(segment[0]) for segment in ours] == [str(segment[0]) for segment in theirs]
    for our_segment, their_segment in zip(ours, theirs, strict=True):
        fields = [str(field) for field in their_segment]
        if fields[0] == "OBX":
            # The laboratory's own flag: the office neither decides on it nor passes it on.
            assert fields[8] == "H"
            fields[8] = ""
        assert [str(field) for field in our_segment] == fields


def test_another_library_reads_the_referral() -> None:
    read = OMG_O19.model_validate_er7(sent(REFERRAL).decode())
    assert read.PATIENT is not None
    assert read.PATIENT.PID.pid_3[0].cx_1 == REFERRAL.identity_number
    assert read.ORDER[0].ORC.orc_1 == "NW"
    assert read.ORDER[0].OBR.obr_2 is not None
    assert read.ORDER[0].OBR.obr_2.ei_1 == REFERRAL.number
    assert read.ORDER[0].OBR.obr_4.ce_1 == "719178004"
    assert read.ORDER[0].OBR.obr_4.ce_4 == "{LOKAL-KOD}"


def test_a_cancellation_is_that_of_the_orders_with_the_examination() -> None:
    raw = cancel_referral_message(REFERRAL, RIS, control_id="R0002", at=AT)
    read = split_message(raw, RIS)
    assert isinstance(read, Message)
    assert [segment.name for segment in read.segments] == ["MSH", "PID", "ORC", "OBR"]
    header, _, order, request = read.segments
    assert [header.raw(9), header.raw(12), header.raw(6)] == ["ORM^O01^ORM_O01", "2.3.1", "SE2321000040-RIS1"]
    assert [order.part(1), order.part(2), request.part(2), request.part(4)] == [
        "CA",
        REFERRAL.number,
        REFERRAL.number,
        "719178004",
    ]


@pytest.mark.parametrize("comparator", [">", "<", ">=", "<="])
def test_a_comparator_is_part_of_the_value(comparator: str) -> None:
    (row,) = parsed(replace(REFERRAL, psa_value="100", psa_comparator=comparator)).named("OBX")
    assert [row.part(2), row.part(5, 1), row.part(5, 2), row.part(6), row.part(11)] == [
        "SN",
        comparator,
        "100",
        "ug/L",
        "F",
    ]


def test_what_is_not_known_is_not_written() -> None:
    read = parsed(
        replace(REFERRAL, psa_value="", question="", answers=(), exam_code="", exam_text="x", sampled_at=None)
    )
    assert [segment.name for segment in read.segments] == ["MSH", "PID", "ORC", "TQ1", "OBR"]
    assert read.named("OBR")[0].raw(4) == "719178004^MR prostata^SCT"
    (row,) = parsed(replace(REFERRAL, sampled_at=None)).named("OBX")
    assert row.raw(14) == ""


def test_the_note_is_whole_sentences() -> None:
    answers = (("Pacemaker?", "nej"), ("Klaustrofobi", "ja, lätt."), ("Vikt:", "92 kg"))
    (note,) = parsed(replace(REFERRAL, question="Cancer?", answers=answers)).named("NTE")
    assert note.text(3) == "Cancer? Pacemaker: nej. Klaustrofobi: ja, lätt. Vikt: 92 kg."


def test_it_goes_to_the_unit_or_else_to_the_profiles_facility() -> None:
    assert parsed(replace(REFERRAL, unit_hsa_id="SE2321000040-RIS2")).header.part(6) == "SE2321000040-RIS2"
    assert parsed(replace(REFERRAL, unit_hsa_id="")).header.part(6) == "SE2321000040-RIS1"


def test_a_protected_address_stays_in_the_house() -> None:
    for raw in (sent(replace(REFERRAL, protected=True)), referral_worklist_csv([replace(REFERRAL, protected=True)])):
        assert "Storgatan" not in raw.decode()
        assert "LINKÖPING" not in raw.decode()
        assert "582" not in raw.decode()


def test_urology_has_no_message() -> None:
    for write in (referral_message, cancel_referral_message):
        with pytest.raises(ValueError, match="MRI"):
            write(replace(REFERRAL, kind="urology"), RIS, control_id="R1", at=AT)


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=40)


@given(family=PRINTABLE, exam=PRINTABLE, question=PRINTABLE, number=PRINTABLE)
def test_any_text_comes_back_as_it_was(family: str, exam: str, question: str, number: str) -> None:
    referral = replace(REFERRAL, family=family, exam_code=exam, question=question, answers=(), number=number)
    read = parsed(referral)
    pid, obr, nte = read.named("PID")[0], read.named("OBR")[0], read.named("NTE")[0]
    texts = [unicodedata.normalize("NFC", text) for text in (family, exam, number)]
    assert [pid.part(5, 1), obr.part(4, 4), obr.part(2)] == texts
    assert nte.part(3).startswith(unicodedata.normalize("NFC", question))


def test_a_character_that_cannot_be_sent_names_the_referral_and_not_the_man() -> None:
    with pytest.raises(RefusedError, match=r"OPTMR-2026-000045.*U\+") as caught:
        sent(replace(REFERRAL, family="Nguyễn"), replace(RIS, charset="8859/1"))
    assert "Nguy" not in str(caught.value)


def test_a_line_break_cannot_start_a_segment() -> None:
    read = parsed(replace(REFERRAL, question="x\rOBX|1|NM|NPU08669||9"))
    assert len(read.named("OBX")) == 1


def test_our_own_referral_coming_back_is_no_answer() -> None:
    assert getattr(only(sent(REFERRAL)), "reason", None) is Reason.OTHER_TYPE


def test_a_profile_for_radiology_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ris.toml"
    file.write_text(
        'name = "RIS"\nour_facility = "A"\ntheir_facility = "B"\nprocessing_id = "P"\ntheir_application = "RIS"\n'
        'exam_code = "1"\nexam_text = "MR"\nexam_system = "L"\nlocal_exam_system = "99X"\n'
    )
    profile = load_profile(file)
    raw = sent(replace(REFERRAL, unit_hsa_id=""), profile).decode()
    assert "|RIS|B|" in raw
    assert "|1^MR^L^{LOKAL-KOD}^MR prostata OPT^99X|" in raw


def rows(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(raw.decode("utf-8-sig").splitlines(), delimiter=";"))


def test_the_work_list() -> None:
    urology = replace(REFERRAL, kind="urology", number="OPTUR-2026-000045", mri=("4", "38", "0,09"), psa_comparator=">")
    raw = referral_worklist_csv([REFERRAL, urology])
    first, second = rows(raw)
    assert tuple(first) == REFERRAL_COLUMNS
    assert first == {
        "order": "OPTMR-2026-000045",
        "kind": "mri",
        "region": "05",
        "unit": "MR Linköping",
        "unit_hsa_id": "SE2321000040-RIS1",
        "pnr": "197001239297",
        "family": "Testsson",
        "given": "Åke",
        "birth_date": "1970-01-23",
        "street": "Storgatan 1",
        "postcode": "582 22",
        "city": "LINKÖPING",
        "made_on": "2026-11-03",
        "psa": "3.4",
        "sampled_on": "2026-10-30",
        "pirads": "",
        "volume_ml": "",
        "density": "",
        "exam_code": "{LOKAL-KOD}",
        "question": "OPT. PSA 3,4 µg/l.",
        "answers": "Kontraindikationer enligt enkät: nej.",
        "receipt": "",
    }
    assert [second[column] for column in ("kind", "psa", "pirads", "volume_ml", "density")] == [
        "urology",
        ">3.4",
        "4",
        "38",
        "0,09",
    ]


def test_receipts_typed_into_the_list_come_back() -> None:
    raw = referral_worklist_csv([REFERRAL])
    typed = raw.decode("utf-8-sig").removesuffix("\r\n") + "RIS-777\r\n"
    assert read_receipts(typed.encode()).receipts == (Receipt(REFERRAL.number, "RIS-777", 2),)


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_no_cell_acts_as_a_formula(text: str) -> None:
    (row,) = rows(referral_worklist_csv([replace(REFERRAL, question="=" + text, family=text)]))
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())
