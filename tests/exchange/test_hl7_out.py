"""Orders out: the shape of the samples, field by field, and nothing that a laboratory would read otherwise."""

import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime

import hl7
import pytest
from hl7types.hl7.v2_5_1.messages import OML_O21
from hypothesis import given
from hypothesis import strategies as st

from kansli_tui.errors import RefusedError
from kansli_tui.exchange.hl7_out import cancel_message, order_message
from kansli_tui.exchange.hl7_syntax import Message, split_message
from kansli_tui.exchange.profile import IDENTITY_OIDS, Profile, default_profile
from kansli_tui.pathway.identity import IdentityKind
from kansli_tui.rows.lab import OrderOut
from tests.exchange.messages import sample

ORDER = OrderOut(
    order_number="OPT-2026-000123",
    identity_number="197001239297",
    identity_oid=IDENTITY_OIDS[IdentityKind.PERSONNUMMER],
    family="Testsson",
    given="Åke",
    birth_date=date(1970, 1, 23),
    street="Storgatan 1",
    city="LINKÖPING",
    postcode="582 22",
    ordered_at=datetime(2026, 10, 15, 6, 0, tzinfo=UTC),
    valid_until=date(2027, 1, 15),
    region="05",
)
AT = datetime(2026, 11, 1, 9, 30, 15, tzinfo=UTC)


def test_an_order_is_the_sample_field_by_field() -> None:
    ours = hl7.parse(order_message(ORDER, default_profile(), control_id="O0001", at=AT).decode())
    theirs = hl7.parse(sample("oml_o21_new_order.hl7").decode())
    assert [str(segment[0]) for segment in ours] == [str(segment[0]) for segment in theirs]
    for our_segment, their_segment in zip(ours, theirs, strict=True):
        assert [str(field) for field in our_segment] == [str(field) for field in their_segment]


def test_bytes_are_those_of_the_samples() -> None:
    assert order_message(ORDER, default_profile(), control_id="O0001", at=AT) == sample("oml_o21_new_order.hl7")
    assert cancel_message(ORDER, default_profile(), control_id="O0002", at=AT) == sample("orm_o01_cancel_order.hl7")


def test_another_library_reads_the_order() -> None:
    read = OML_O21.model_validate_er7(order_message(ORDER, default_profile(), control_id="O0001", at=AT).decode())
    assert read.PATIENT.PID.pid_3[0].cx_1 == ORDER.identity_number
    assert read.ORDER[0].ORC.orc_2.ei_1 == ORDER.order_number
    assert read.ORDER[0].OBSERVATION_REQUEST.OBR.obr_4.ce_1 == "NPU08669"


def parsed(order: OrderOut, profile: Profile | None = None) -> Message:
    profile = profile or default_profile()
    read = split_message(order_message(order, profile, control_id="O1", at=AT), profile)
    assert isinstance(read, Message)
    return read


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=40)


@given(family=PRINTABLE, given_=PRINTABLE, street=PRINTABLE, order_number=PRINTABLE)
def test_any_text_comes_back_as_it_was(family: str, given_: str, street: str, order_number: str) -> None:
    order = replace(ORDER, family=family, given=given_, street=street, order_number=order_number)
    read = parsed(order)
    pid, obr = read.named("PID")[0], read.named("OBR")[0]
    sent = [unicodedata.normalize("NFC", text) for text in (family, given_, street, order_number)]
    assert [pid.part(5, 1), pid.part(5, 2), pid.part(11, 1), obr.part(2)] == sent
    assert [segment.name for segment in read.segments] == ["MSH", "PID", "PV1", "ORC", "OBR"]


def test_latin_1_for_a_laboratory_that_wants_it() -> None:
    raw = order_message(ORDER, Profile(charset="8859/1"), control_id="O1", at=AT)
    assert raw.endswith(b"\r")
    assert "Åke".encode("iso8859-1") in raw
    assert raw.split(b"\r")[0].endswith(b"|8859/1")


def test_decomposed_letters_are_composed_first() -> None:
    raw = order_message(replace(ORDER, given="A\u030ake"), Profile(charset="8859/1"), control_id="O1", at=AT)
    assert "Åke".encode("iso8859-1") in raw


@pytest.mark.parametrize("family", ["Nguyễn", "Łukasz", "Te\x00st", "Te\x1bst", "Te\x85st"])
def test_a_character_that_cannot_be_sent_is_named_and_the_name_is_not(family: str) -> None:
    with pytest.raises(RefusedError, match=r"OPT-2026-000123.*U\+") as caught:
        order_message(replace(ORDER, family=family), Profile(charset="8859/1"), control_id="O1", at=AT)
    assert family not in str(caught.value)


def test_a_line_break_cannot_start_a_segment() -> None:
    read = parsed(replace(ORDER, street="Box 1\rOBX|1|NM|NPU08669||9"))
    assert [segment.name for segment in read.segments] == ["MSH", "PID", "PV1", "ORC", "OBR"]


def test_no_address_is_an_empty_field() -> None:
    assert parsed(replace(ORDER, street="", city="", postcode="")).named("PID")[0].raw(11) == ""


def test_summer_time_and_naive_times() -> None:
    raw = order_message(ORDER, default_profile(), control_id="O1", at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    assert b"|20260702003000+0200|" in raw
    with pytest.raises(ValueError, match="time zone"):
        order_message(ORDER, default_profile(), control_id="O1", at=datetime(2026, 7, 1, 12, 0))
