"""Earlier rounds: what a line says comes out typed, what contradicts itself is held with its line and column, and it is fast."""

import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kansli_tui.errors import UnreadableFileError
from kansli_tui.exchange.history_csv import HEADINGS, read_history_csv
from kansli_tui.exchange.incoming_file import read_incoming_file
from kansli_tui.exchange.profile import default_profile
from kansli_tui.pathway.decide import PsaValue
from kansli_tui.pathway.steps import ClosedReason
from kansli_tui.rows.history import HistoryAnswer, HistoryLine, MriOutcome
from kansli_tui.rows.lab import Unreadable
from kansli_tui.rows.lab_reasons import Reason
from kansli_tui.rows.referral_messages import Treatment

FULL = {
    "pnr": "197001239297",
    "region": "05",
    "round": "1",
    "preletter_on": "2023-01-02",
    "offered_on": "2023-01-16",
    "answer": "accepted",
    "psa_ordered_on": "2023-01-20",
    "sampled_on": "2023-02-01",
    "psa_answered_on": "2023-02-03",
    "psa": "3,4",
    "psa_letter_on": "2023-02-06",
    "mri_referred_on": "2023-02-06",
    "mri_booked_for": "2023-02-20",
    "mri_done_on": "2023-02-20",
    "mri_outcome": "done",
    "mri_answered_on": "2023-02-22",
    "pirads": "4",
    "volume_ml": "38.5",
    "mri_letter_on": "2023-02-23",
    "urology_referred_on": "2023-02-23",
    "urology_visit_on": "2023-03-06",
    "biopsied_on": "2023-03-06",
    "pathology_on": "2023-03-16",
    "isup": "2",
    "treatment": "surveillance",
    "closed_on": "2023-03-20",
    "closed_reason": "cancer_known",
}


def cells(**changes: str) -> dict[str, str]:
    return {**FULL, **changes}


def file(*rows: dict[str, str]) -> bytes:
    lines = [";".join(HEADINGS), *(";".join(row.get(heading, "") for heading in HEADINGS) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def read(row: dict[str, str]) -> HistoryLine | Unreadable:
    (item,) = read_history_csv(file(row))
    return item


def history(row: dict[str, str]) -> HistoryLine:
    item = read(row)
    assert isinstance(item, HistoryLine), item
    return item


def only(*columns: str, **changes: str) -> dict[str, str]:
    """The number, region and round, and of the rest only these columns."""
    return {**{column: FULL[column] for column in ("pnr", "region", "round", *columns)}, **changes}


def test_the_headings_are_those_of_the_contract() -> None:
    assert tuple(FULL) == HEADINGS


def test_everything_a_line_says() -> None:
    assert history(FULL) == HistoryLine(
        line=2,
        number="197001239297",
        region="05",
        round=1,
        preletter_on=date(2023, 1, 2),
        offered_on=date(2023, 1, 16),
        answer=HistoryAnswer.ACCEPTED,
        psa_ordered_on=date(2023, 1, 20),
        sampled_on=date(2023, 2, 1),
        psa_answered_on=date(2023, 2, 3),
        psa=PsaValue(Decimal("3.4")),
        psa_letter_on=date(2023, 2, 6),
        mri_referred_on=date(2023, 2, 6),
        mri_booked_for=date(2023, 2, 20),
        mri_done_on=date(2023, 2, 20),
        mri_outcome=MriOutcome.DONE,
        mri_answered_on=date(2023, 2, 22),
        pirads=4,
        volume_ml=Decimal("38.5"),
        mri_letter_on=date(2023, 2, 23),
        urology_referred_on=date(2023, 2, 23),
        urology_visit_on=date(2023, 3, 6),
        biopsied_on=date(2023, 3, 6),
        pathology_on=date(2023, 3, 16),
        isup=2,
        treatment=Treatment.SURVEILLANCE,
        closed_on=date(2023, 3, 20),
        closed_reason=ClosedReason.CANCER_KNOWN,
    )


@pytest.mark.parametrize(
    "row",
    [
        only(),
        only("offered_on"),
        only("offered_on", answer="declined"),
        only("answer"),
        only("sampled_on", "psa_answered_on", "psa"),
        only("sampled_on", "psa_answered_on", psa="unanalysable"),
        only("sampled_on", "psa_answered_on", "psa", "mri_referred_on", mri_outcome="noshow"),
        only("sampled_on", "psa_answered_on", "psa", "mri_referred_on", "mri_booked_for"),
        only("sampled_on", "psa_answered_on", "psa", "mri_referred_on", "mri_done_on", mri_outcome="nondiagnostic"),
        only("sampled_on", "psa_answered_on", "urology_referred_on", psa=">100"),
        only("closed_on", closed_reason="dead"),
    ],
)
def test_lives_that_ended_earlier(row: dict[str, str]) -> None:
    read_back = history(row)
    stated = {name for name in HEADINGS[3:] if getattr(read_back, name) is not None}
    assert stated == set(row) - {"pnr", "region", "round"} - ({"psa"} if read_back.psa_unanalysable else set())


@pytest.mark.parametrize(
    ("written", "value", "unanalysable"),
    [
        ("3.4", PsaValue(Decimal("3.4")), False),
        ("<0,1", PsaValue(Decimal("0.1"), "<"), False),
        ("> 100", PsaValue(Decimal(100), ">"), False),
        ("Unanalysable", None, True),
    ],
)
def test_psa(written: str, value: PsaValue | None, unanalysable: bool) -> None:
    read_back = history(only("sampled_on", "psa_answered_on", psa=written))
    assert (read_back.psa, read_back.psa_unanalysable) == (value, unanalysable)


@pytest.mark.parametrize(
    ("changes", "reason", "columns"),
    [
        ({"pnr": ""}, Reason.ROW_NO_NUMBER, ()),
        ({"pnr": "197001239298"}, Reason.HISTORY_NUMBER, ()),
        ({"pnr": "7001239297"}, Reason.HISTORY_NUMBER, ()),
        ({"region": "5"}, Reason.HISTORY_REGION, ()),
        ({"region": "01"}, Reason.HISTORY_REGION, ()),
        ({"round": ""}, Reason.HISTORY_VALUE, ("round",)),
        ({"round": "0"}, Reason.HISTORY_VALUE, ("round",)),
        ({"offered_on": "16/1 2023"}, Reason.HISTORY_DATE, ("offered_on",)),
        ({"offered_on": "20230116"}, Reason.HISTORY_DATE, ("offered_on",)),
        ({"offered_on": "2023-W03-1"}, Reason.HISTORY_DATE, ("offered_on",)),
        ({"offered_on": "2023-02-29"}, Reason.HISTORY_DATE, ("offered_on",)),
        ({"offered_on": "0023-01-16"}, Reason.HISTORY_DATE, ("offered_on",)),
        ({"sampled_on": "2023-02-01 08:00"}, Reason.HISTORY_DATE, ("sampled_on",)),
        ({"answer": "ja"}, Reason.HISTORY_VALUE, ("answer",)),
        ({"psa": "0"}, Reason.HISTORY_AMOUNT, ("psa",)),
        ({"psa": "0,0"}, Reason.HISTORY_AMOUNT, ("psa",)),
        ({"psa": "-1"}, Reason.HISTORY_AMOUNT, ("psa",)),
        ({"psa": "ca 3"}, Reason.HISTORY_AMOUNT, ("psa",)),
        ({"psa": "1.234"}, Reason.HISTORY_AMOUNT, ("psa",)),
        ({"pirads": "6"}, Reason.HISTORY_VALUE, ("pirads",)),
        ({"pirads": "4,2"}, Reason.HISTORY_VALUE, ("pirads",)),
        ({"volume_ml": "0"}, Reason.HISTORY_AMOUNT, ("volume_ml",)),
        ({"volume_ml": "<30"}, Reason.HISTORY_AMOUNT, ("volume_ml",)),
        ({"isup": "6"}, Reason.HISTORY_VALUE, ("isup",)),
        ({"mri_outcome": "klar"}, Reason.HISTORY_VALUE, ("mri_outcome",)),
        ({"treatment": "operation"}, Reason.HISTORY_VALUE, ("treatment",)),
        ({"closed_reason": "död"}, Reason.HISTORY_VALUE, ("closed_reason",)),
        ({"psa": ""}, Reason.HISTORY_NEEDS, ("psa_answered_on", "psa")),
        ({"psa_answered_on": ""}, Reason.HISTORY_NEEDS, ("psa", "psa_answered_on")),
        ({"sampled_on": ""}, Reason.HISTORY_NEEDS, ("psa_answered_on", "sampled_on")),
        ({"mri_answered_on": ""}, Reason.HISTORY_NEEDS, ("pirads", "mri_answered_on")),
        (
            {"mri_answered_on": "", "pirads": "", "volume_ml": "", "mri_done_on": ""},
            Reason.HISTORY_NEEDS,
            ("mri_outcome", "mri_done_on"),
        ),
        ({"isup": ""}, Reason.HISTORY_NEEDS, ("pathology_on", "isup")),
        ({"closed_reason": ""}, Reason.HISTORY_NEEDS, ("closed_on", "closed_reason")),
        ({"answer": "declined"}, Reason.HISTORY_CONTRADICTION, ("answer", "sampled_on")),
        ({"psa": "unanalysable"}, Reason.HISTORY_CONTRADICTION, ("mri_referred_on", "psa")),
        ({"mri_outcome": "noshow"}, Reason.HISTORY_CONTRADICTION, ("mri_outcome", "mri_done_on")),
        ({"isup": "0"}, Reason.HISTORY_CONTRADICTION, ("treatment", "isup")),
    ],
)
def test_a_bad_line_is_held_alone_with_its_column(
    changes: dict[str, str], reason: Reason, columns: tuple[str, ...]
) -> None:
    before, bad, after = read_history_csv(file(FULL, cells(**changes), FULL))
    assert isinstance(before, HistoryLine)
    assert isinstance(after, HistoryLine)
    assert isinstance(bad, Unreadable)
    assert (bad.reason, bad.position, bad.values["line"]) == (reason, 3, 3)
    assert tuple(bad.values[name] for name in ("column", "other") if name in bad.values) == columns
    assert str(bad.reason).format(**bad.values)
    assert bad.fix
    (again,) = read_history_csv(bad.raw)
    assert isinstance(again, Unreadable)
    assert again.reason is reason


@pytest.mark.parametrize(
    ("column", "allowed"),
    [
        ("answer", "accepted, declined"),
        ("mri_outcome", "done, declined, contraindicated, nondiagnostic, noshow"),
        ("treatment", "surgery, radiotherapy, surveillance, other"),
        ("pirads", "1–5"),
        ("isup", "0–5"),
    ],
)
def test_the_reason_names_what_is_allowed(column: str, allowed: str) -> None:
    bad = read(cells(**{column: "9"}))
    assert isinstance(bad, Unreadable)
    assert str(bad.reason).format(**bad.values) == f"Line 2: {column} must be one of {allowed}"


DATED = [
    column
    for column in HEADINGS
    if column.endswith(("_on", "_for")) and column not in ("preletter_on", "mri_booked_for")
]


@pytest.mark.parametrize("column", [column for column in DATED if column != "closed_on"])
def test_every_date_that_comes_before_what_led_to_it_is_held(column: str) -> None:
    bad = read(cells(**{column: "2022-12-31"}))
    assert isinstance(bad, Unreadable)
    assert bad.reason is Reason.HISTORY_ORDER


def test_one_day_may_hold_everything() -> None:
    same = {column: "2023-02-01" for column in HEADINGS if column.endswith(("_on", "_for"))}
    assert history(cells(**same)).closed_on == date(2023, 2, 1)


def test_an_appointment_may_have_its_time() -> None:
    assert history(cells(mri_booked_for="2023-02-20 08:30")).mri_booked_for == date(2023, 2, 20)
    assert isinstance(read(cells(mri_booked_for="2023-02-20x")), Unreadable)


def test_spreadsheets_leave_their_own_marks() -> None:
    raw = b"\xef\xbb\xbf" + file(FULL).replace(b"\n", b"\r\n")
    assert [type(item) for item in read_history_csv(raw)] == [HistoryLine]
    quoted = file(FULL).replace(b"3,4", b'"3,4"')
    assert [type(item) for item in read_history_csv(quoted)] == [HistoryLine]


def test_a_missing_heading_refuses_the_file() -> None:
    with pytest.raises(UnreadableFileError, match="volume_ml"):
        list(read_history_csv(file(FULL).replace(b";volume_ml", b"")))
    with pytest.raises(UnreadableFileError):
        list(read_history_csv(b""))


def test_the_reader_of_answers_says_where_such_a_file_belongs() -> None:
    with pytest.raises(UnreadableFileError, match="import history"):
        read_incoming_file(file(FULL), "historik.csv", default_profile())


@given(st.binary(max_size=300))
def test_any_bytes_under_the_headings_give_lines(body: bytes) -> None:
    for item in read_history_csv(";".join(HEADINGS).encode() + b"\n" + body):
        position = item.line if isinstance(item, HistoryLine) else item.position
        assert position >= 2


@given(
    st.dictionaries(
        st.sampled_from(HEADINGS[3:]), st.sampled_from(["", "2023-01-01", "2023-02-01", "4", "0", "done", "x"])
    )
)
def test_what_is_taken_holds_together(changes: dict[str, str]) -> None:
    item = read(cells(**changes))
    if isinstance(item, HistoryLine):
        assert (item.psa is not None or item.psa_unanalysable) == (item.psa_answered_on is not None)
        assert (item.isup is None) == (item.pathology_on is None)
        assert item.sampled_on is None or item.offered_on is None or item.offered_on <= item.sampled_on
        assert item.pirads is None or item.mri_done_on is not None


def test_twenty_thousand_lines_stream_in_a_moment() -> None:
    line = ";".join(FULL.values())
    raw = (";".join(HEADINGS) + "\n" + (line + "\n") * 20_000).encode()
    began = time.perf_counter()
    count = sum(isinstance(item, HistoryLine) for item in read_history_csv(raw))
    assert count == 20_000
    # About a second; a bound with room for a busy machine still catches work that grows with the square of the lines.
    assert time.perf_counter() - began < 10
