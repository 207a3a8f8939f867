"""Escapes, both ways, and what the library and its oracle agree on."""

import pytest
from hl7types.hl7.v2_5_1.messages import ORU_R01
from hypothesis import given
from hypothesis import strategies as st

from kansli_tui.exchange.hl7_syntax import Message, escape, split_message, unescape
from kansli_tui.exchange.profile import default_profile
from tests.exchange.messages import MSH, SAMPLE_NAMES, sample


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("\\F\\\\S\\\\T\\\\R\\\\E\\", "|^&~\\"),
        ("a\\.br\\b", "a\nb"),
        ("a\\.sp2\\b", "a\nb"),
        ("\\H\\viktigt\\N\\", "viktigt"),
        ("\\XC3A5\\", "å"),
        ("\\XE5\\", "\\XE5\\"),
        ("\\XE\\", "\\XE\\"),
        ("\\Zfoo\\", "\\Zfoo\\"),
        ("ensam \\ kvar", "ensam \\ kvar"),
    ],
)
def test_unescape(written: str, text: str) -> None:
    assert unescape(written, "utf-8") == text


def test_hex_is_in_the_character_set_of_the_message() -> None:
    assert unescape("\\XE5\\", "iso8859-1") == "å"


@given(st.text())
def test_what_is_escaped_comes_back(text: str) -> None:
    one_break = text.replace("\r\n", "\n").replace("\r", "\n")
    assert unescape(escape(text), "utf-8") == one_break
    assert not set(escape(text)) & set("|^~&\r\n")


@pytest.mark.parametrize("name", [f"oru_{number}" for number in ("01", "02", "03", "04", "07", "10", "14")])
def test_two_libraries_read_the_same_fields(name: str) -> None:
    path = next(path for path in SAMPLE_NAMES if path.startswith(name))
    raw = sample(path)
    ours = split_message(raw, default_profile())
    assert isinstance(ours, Message)
    theirs = ORU_R01.model_validate_er7(raw.decode())
    group = theirs.PATIENT_RESULT[0]
    pid = ours.named("PID")[0]
    assert [entry.cx_1 for entry in group.PATIENT.PID.pid_3] == [
        pid.part(3, 1, repetition=number) for number in range(1, pid.repetitions(3) + 1)
    ]
    assert group.PATIENT.PID.pid_3[0].cx_4.hd_2 == pid.part(3, 4, subcomponent=2)
    assert group.PATIENT.PID.pid_5[0].xpn_1.fn_1 == pid.part(5, 1)
    observations = group.ORDER_OBSERVATION[0].OBSERVATION
    rows = ours.named("OBX")
    assert [entry.OBX.obx_3.ce_1 for entry in observations] == [row.part(3) for row in rows]
    assert [entry.OBX.obx_11 for entry in observations] == [row.part(11) for row in rows]
    assert theirs.MSH.msh_10 == ours.header.part(10)


def test_every_line_break_splits() -> None:
    for line_break in ("\r", "\n", "\r\n", "\r\r"):
        read = split_message(line_break.join((MSH, "PID|1", "", "OBR|1")).encode(), default_profile())
        assert isinstance(read, Message)
        assert [segment.name for segment in read.segments] == ["MSH", "PID", "OBR"]
