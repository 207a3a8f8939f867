from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from kansli_tui.errors import InvalidIdentityError
from kansli_tui.pathway.identity import (
    IdentityKind,
    check_digit,
    format_identity,
    is_test_serial,
    local_reserve,
    mask,
    parse_identity,
)


def number(birth: str, serial: str) -> str:
    return f"{birth}{serial}{check_digit(birth[2:] + serial)}"


days = st.dates(min_value=date(1890, 1, 1), max_value=date(2029, 12, 31))
serials = st.integers(1, 999).map("{:03}".format)
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}


@given(st.integers(0, 10**9 - 1).map("{:09}".format))
def test_check_digit_agrees_with_the_luhn_oracle(nine: str) -> None:
    assert check_digit(nine) == int(luhn.calc_check_digit(nine))


@given(days, serials)
def test_every_well_formed_personnummer_is_read(born: date, serial: str) -> None:
    written = number(f"{born:%Y%m%d}", serial)
    identity = parse_identity(written)
    assert identity == parse_identity(f"  {format_identity(written)} ")
    assert identity.kind is IdentityKind.PERSONNUMMER
    assert (identity.number, identity.birth_date, identity.sex_digit) == (written, born, int(serial[2]))
    assert not identity.impossible_date


@given(days, serials)
def test_samordningsnummer_says_the_day_minus_sixty(born: date, serial: str) -> None:
    identity = parse_identity(number(f"{born:%Y%m}{born.day + 60}", serial))
    assert (identity.kind, identity.birth_date) == (IdentityKind.SAMORDNINGSNUMMER, born)


@given(days, serials, st.integers(0, 9))
def test_a_wrong_check_digit_is_refused(born: date, serial: str, digit: int) -> None:
    right = number(f"{born:%Y%m%d}", serial)
    wrong = right[:11] + str((int(right[11]) + 1 + digit % 9) % 10)
    with pytest.raises(InvalidIdentityError, match="check digit"):
        parse_identity(wrong)


@pytest.mark.parametrize("birth", ["19700060", "19700072", "19700560", "19700091"])
def test_unknown_month_and_day_are_legal_and_give_no_birth_date(birth: str) -> None:
    identity = parse_identity(number(birth, "123"))
    assert identity.kind is IdentityKind.SAMORDNINGSNUMMER
    assert identity.birth_date is None
    assert not identity.impossible_date


@pytest.mark.parametrize("birth", ["19700291", "19710289", "19700491", "19700192", "19700099"])
def test_impossible_days_come_only_from_the_register_and_are_flagged(birth: str) -> None:
    written = number(birth, "123")
    with pytest.raises(InvalidIdentityError, match="population register"):
        parse_identity(written)
    identity = parse_identity(written, from_register=True)
    assert identity.impossible_date
    assert identity.birth_date is None


@pytest.mark.parametrize(
    "birth",
    ["19700001", "19700100", "19700132", "19700159", "19700230", "19701301", "19701361", "16700101", "21700101"],
)
@pytest.mark.parametrize("from_register", [False, True])
def test_dates_that_no_kind_allows_are_always_refused(birth: str, from_register: bool) -> None:
    with pytest.raises(InvalidIdentityError):
        parse_identity(number(birth, "123"), from_register=from_register)


GOOD = "197601012391"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "missing"),
        ("   ", "missing"),
        (GOOD + "\n", "invisible"),
        ("\t" + GOOD, "invisible"),
        ("\u200b" + GOOD, "invisible"),
        ("\u00a0" + GOOD, "invisible"),
        (GOOD.translate(ARABIC), "0-9"),
        (GOOD.translate(FULL_WIDTH), "0-9"),
        ("19760101\u20132391", "0-9"),
        ("7601012391", "century"),
        ("760101-2391", "century"),
        ("19760101+2391", "plus"),
        ("760101+2391", "plus"),
        ("1976 0101 2391", "twelve digits"),
        ("1976-01-01-2391", "twelve digits"),
        ("19760101-239", "twelve digits"),
        ("1976010123911", "twelve digits"),
        ("19760101239l", "capital"),
    ],
)
def test_what_people_and_files_get_wrong_is_refused_with_the_remedy(text: str, says: str) -> None:
    with pytest.raises(InvalidIdentityError, match=says) as refused:
        parse_identity(text)
    assert not text.strip() or text.strip() not in str(refused.value)


@given(st.text(max_size=16))
def test_any_text_is_read_to_twelve_plain_characters_or_refused(text: str) -> None:
    try:
        identity = parse_identity(text)
    except InvalidIdentityError:
        return
    assert len(identity.number) == 12
    assert identity.number.isascii()
    assert identity.number.isalnum()


def test_national_reserve_number_has_twelve_capitals_and_digits() -> None:
    identity = parse_identity("22AB19701234")
    assert (identity.kind, identity.number, identity.birth_date) == (
        IdentityKind.NATIONAL_RESERVE,
        "22AB19701234",
        None,
    )
    with pytest.raises(InvalidIdentityError):
        parse_identity("22AB1970123Å")


def test_local_reserve_number_is_opaque() -> None:
    identity = local_reserve(" 99-1234/X ")
    assert (identity.kind, identity.number, identity.sex_digit) == (IdentityKind.LOCAL_RESERVE, "99-1234/X", None)
    for text in ("", " ", "x" * 33, "12\n3", GOOD):
        with pytest.raises(InvalidIdentityError):
            local_reserve(text)


@pytest.mark.parametrize(
    "official",
    ["189001019802", "190001019801", "197001239297", "198001139297", "197001782395", "201701012393"],
)
def test_official_test_numbers_are_recognised(official: str) -> None:
    assert parse_identity(official).is_test


@pytest.mark.parametrize("sample", ["197601012391", "197601022390", "197601092393", "197002129273"])
def test_numbers_of_the_samples_are_recognised_as_test(sample: str) -> None:
    assert parse_identity(sample).is_test


@given(st.dates(min_value=date(1940, 1, 1), max_value=date(1989, 12, 31)), st.integers(1, 999))
def test_few_ordinary_men_are_suspected(born: date, serial: int) -> None:
    ordinary = serial not in (238, 239) and not 917 <= serial <= 929 and serial < 988
    assert not (ordinary and is_test_serial(IdentityKind.PERSONNUMMER, born.year, serial))


def test_foreign_born_men_with_the_old_extra_series_are_not_suspected() -> None:
    born = date(1952, 1, 1)
    while born < date(1977, 1, 1):
        assert not parse_identity(number(f"{born:%Y%m%d}", "981")).is_test
        born += timedelta(days=97)


def test_formats_for_people_and_for_protected_people() -> None:
    assert format_identity(GOOD) == "19760101-2391"
    assert format_identity("22AB19701234") == "22AB19701234"
    assert mask(GOOD) == "1976****-****"
    assert "22AB" not in mask("22AB19701234")
