"""What a written value is: a number only when it is certainly one."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kansli_tui.exchange.lab_values import (
    Number,
    canonical_unit,
    read_birth_date,
    read_hl7_time,
    read_iso_time,
    read_number,
    read_structured_number,
    visible,
)


@pytest.mark.parametrize(
    ("written", "value", "comparator", "plain"),
    [
        ("2.4", "2.4", None, True),
        ("2,4", "2.4", None, False),
        ("<0,10", "0.10", "<", False),
        ("< 0.1", "0.1", "<", False),
        ("> 100", "100", ">", False),
        (">=3", "3", ">=", False),
        ("≤0,1", "0.1", "<=", False),
        ("≥ 100", "100", ">=", False),
        ("0", "0", None, True),
        (" 3.0 ", "3.0", None, True),
        ("0,123", "0.123", None, False),
        ("2.95", "2.95", None, True),
    ],
)
def test_numbers(written: str, value: str, comparator: str | None, plain: bool) -> None:
    read = read_number(written, dot_is_decimal=False)
    assert read == Number(Decimal(value), comparator, plain)
    assert str(read.value) == value


@pytest.mark.parametrize(
    "written",
    [
        "",
        '""',
        "-1",
        "−1",
        "+2.4",
        "2.4 hemolys",
        "2,4 hemolys",
        "2.4 ug/L",
        "1 234",
        "1.234,5",
        "1,234.5",
        "1,234",
        "1.234",
        "12,345",
        ".5",
        "5.",
        "1e3",
        "NaN",
        "Infinity",
        "２.４",
        "٢",
        "2.4\n",
        "2\u200b.4",
        "2\xa0",
        "<",
        "<<1",
        "=<1",
        "<>1",
        "1-2",
        "2..4",
        "2.4.1",
        "0x10",
        "1_000",
        "2*",
        "12345678901234567890",
        "0.1234567",
    ],
)
def test_anything_else_is_no_number(written: str) -> None:
    assert read_number(written, dot_is_decimal=False) is None


def test_a_type_with_a_decimal_point_settles_the_point_but_not_the_comma() -> None:
    assert read_number("1.234", dot_is_decimal=True) == Number(Decimal("1.234"), None, plain=True)
    assert read_number("1,234", dot_is_decimal=True) is None


@given(
    st.decimals(min_value=0, max_value=99999, places=2),
    st.sampled_from([None, "<", ">", "<=", ">="]),
    st.sampled_from(".,"),
)
def test_every_written_decimal_reads_back_exactly(value: Decimal, comparator: str | None, point: str) -> None:
    written = f"{comparator or ''}{value:f}".replace(".", point)
    assert read_number(written, dot_is_decimal=False) == Number(
        value, comparator, plain=comparator is None and point == "."
    )


@pytest.mark.parametrize(
    ("parts", "value", "comparator"),
    [
        (["<", "0.1"], "0.1", "<"),
        (["", "2.4"], "2.4", None),
        (["=", "2.4"], "2.4", None),
        ([">=", "100", ""], "100", ">="),
        (["<0.1"], "0.1", "<"),
        (["2.4"], "2.4", None),
    ],
)
def test_structured_numbers(parts: list[str], value: str, comparator: str | None) -> None:
    read = read_structured_number(parts)
    assert read is not None
    assert (read.value, read.comparator) == (Decimal(value), comparator)


@pytest.mark.parametrize(
    "parts",
    [
        ["", "1", ":", "2"],
        ["", "1", "-", "5"],
        ["<", "<0.1"],
        ["<>", "1"],
        ["<", ""],
        ["<", "x"],
        [""],
        ["", "", "", "4"],
        ["2.4", "5"],
    ],
)
def test_ratios_ranges_and_nonsense_are_no_number(parts: list[str]) -> None:
    assert read_structured_number(parts) is None


@pytest.mark.parametrize("written", ["ug/L", "ug/l", "\u00b5g/L", "\u03bcg/l", "ng/mL", "ng/ml", " µg/L "])
def test_micrograms_per_litre(written: str) -> None:
    assert canonical_unit(written) == "ug/L"


@pytest.mark.parametrize(
    "written", ["", " ", "ng/L", "mg/L", "UG/L", "Mg/L", "Âµg/L", "g/L", "pg/mL", "%", "ug", "µg/dL", "㎍/L", '""']
)
def test_any_other_unit_is_no_unit(written: str) -> None:
    assert canonical_unit(written) is None


def test_times_without_offset_are_swedish_summer_and_winter() -> None:
    assert read_hl7_time("202607010800") == datetime(2026, 7, 1, 6, 0, tzinfo=UTC)
    assert read_hl7_time("20261030081500") == datetime(2026, 10, 30, 7, 15, tzinfo=UTC)
    assert read_hl7_time("20261030081500.1234+0000") == datetime(2026, 10, 30, 8, 15, tzinfo=UTC)
    assert read_hl7_time("20261030-0130") == datetime(2026, 10, 30, 1, 30, tzinfo=UTC)
    assert read_iso_time("2026-10-30 08:15") == datetime(2026, 10, 30, 7, 15, tzinfo=UTC)
    assert read_iso_time("2026-10-30T08:15:00Z") == datetime(2026, 10, 30, 8, 15, tzinfo=UTC)
    assert read_iso_time("2026-10-30") == datetime(2026, 10, 29, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "2026",
        "202610",
        "20261301",
        "20260230",
        "2026103008156",
        "20261030246000",
        "20261030x",
        "２０２６1030",
        "20261030+9900",
        "00010101",
    ],
)
def test_no_hl7_time(written: str) -> None:
    assert read_hl7_time(written) is None


@pytest.mark.parametrize(
    "written",
    ["", "20261030", "2026-13-01", "30/10/2026", "2026-10-30x08:15", "2026-10-30 25:00", "0001-01-01", "i går"],
)
def test_no_iso_time(written: str) -> None:
    assert read_iso_time(written) is None


def test_birth_dates() -> None:
    assert read_birth_date("19700123") == date(1970, 1, 23)
    assert read_birth_date("197001230000") == date(1970, 1, 23)
    assert read_birth_date("1970") is None
    assert read_birth_date("197001") is None
    for written in ("19701323", "1970x123", "700123", ""):
        with pytest.raises(ValueError, match="no date"):
            read_birth_date(written)


def test_control_and_direction_characters_are_made_visible() -> None:
    assert visible("a\x1b[31mb\x00c\u202ed\te\nf") == "a\ufffd[31mb\ufffdc\ufffdd e\nf"
    assert visible("A\u030a") == "Å"
