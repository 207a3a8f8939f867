"""A rule set file: what does not hold together is refused with its place; which one holds where and when."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kansli_tui.errors import RuleSetError
from kansli_tui.pathway.ruleset import (
    OrderTime,
    Outcome,
    PreLetter,
    RuleSet,
    add_years,
    age_in_year,
    in_force,
    with_region,
)
from kansli_tui.service.rule_book import delivered_rule_set, parse_rule_set

DELIVERED = delivered_rule_set()
RULES = parse_rule_set(DELIVERED)


def changed(old: str, new: str, count: int = 1) -> str:
    assert old in DELIVERED
    return DELIVERED.replace(old, new, count)


def test_the_delivered_set_covers_every_region_with_its_own_choices() -> None:
    assert set(RULES.regions) == {"05", "06", "08"}
    assert {code: region.psa_order for code, region in RULES.regions.items()} == {
        "05": OrderTime.WITH_OFFER,
        "06": OrderTime.AT_ACCEPTANCE,
        "08": OrderTime.WITH_OFFER,
    }
    for code in RULES.regions:
        region = RULES.for_region(code)
        assert (region.first_age, region.last_age) == (50, 74)
        assert region.automatic_low is False
        assert region.pre_letter is PreLetter.FIRST_ROUND


BROKEN = {
    "not TOML": ("name = [", "TOML"),
    "nothing": ("", "name"),
    "a gap": (changed('at_least = "3"', 'at_least = "3.1"'), "3.1"),
    "an overlap": (changed('at_least = "3"', 'at_least = "2.9"'), "2.9"),
    "no start at zero": (changed('at_least = "0"', 'at_least = "0.1"'), "0.1"),
    "no end": (changed('at_least = "100"\n', 'at_least = "100"\nbelow = "1000"\n'), "1000"),
    "two of a number": (changed("number = 11", "number = 10"), "number"),
    "below under at_least": (changed('below = "1"', 'below = "0"'), "below"),
    "a negative limit": (changed('at_least = "0"', 'at_least = "-1"'), "at_least"),
    "a limit in words": (changed('below = "3"', 'below = "tre"'), "below"),
    "a limit that is no number": (changed('below = "3"', 'below = "nan"'), "below"),
    "an endless limit": (changed('below = "3"', 'below = "inf"'), "below"),
    "a limit that is true": (changed('below = "3"', "below = true"), "below"),
    "years without an offer": (changed('outcome = "mri"', 'outcome = "mri"\nyears = 2'), "years"),
    "an offer without years": (changed("years = 6\n", ""), "years"),
    "years as text": (changed("years = 6", 'years = "6"'), "years"),
    "half a year": (changed("years = 6", "years = 0.5"), "years"),
    "a person as outcome": (changed('outcome = "mri"', 'outcome = "person"'), "person"),
    "an unknown outcome": (changed('outcome = "mri"', 'outcome = "ct"'), "outcome"),
    "an unknown letter": (changed('letter = "psa_raised"', 'letter = "psa_hight"'), "letter"),
    "a low letter for a raised value": (changed('letter = "psa_raised"', 'letter = "psa_low"'), "letter"),
    "a raised letter for a low value": (changed('letter = "psa_low"', 'letter = "psa_raised"'), "letter"),
    "an offer letter for an answer": (changed('letter = "psa_two_years"', 'letter = "offer"'), "letter"),
    "no meaning": (changed('meaning = "nytt erbjudande efter 2 år"', 'meaning = ""'), "meaning"),
    "an unknown key in a rule": (changed("number = 12", "number = 12\nunits = 'ng/L'"), "units"),
    "an unknown key in defaults": (
        changed("first_age = 50", "first_age = 50\nautomatic_hihg = true"),
        "automatic_hihg",
    ),
    "an unknown key": ("colour = 'red'\n" + DELIVERED, "colour"),
    "an unknown region": (changed("[regions.08]", "[regions.01]"), "01"),
    "no regions": (re.sub(r"(?s)\[regions\.05\].*?(?=\[\[psa\]\])", "", DELIVERED), "regions"),
    "an age as text": (changed("first_age = 50", 'first_age = "50"'), "first_age"),
    "a first age above the last": (changed("first_age = 50", "first_age = 75"), "first_age"),
    "yes in words": (changed("automatic_low = false", 'automatic_low = "no"'), "automatic_low"),
    "yes as a number": (changed("automatic_low = false", "automatic_low = 1"), "automatic_low"),
    "no window": (changed("sample_window_days = 90", "sample_window_days = 0"), "sample_window_days"),
    "days as text": (changed("sample_window_days = 90", 'sample_window_days = "90"'), "sample_window_days"),
    "days that are true": (changed("sample_window_days = 90", "sample_window_days = true"), "sample_window_days"),
    "a missing choice": (changed("no_sample_years = 2", "# no_sample_years = 2"), "no_sample_years"),
    "a date as text that is none": (changed("valid_from = 2020-01-01", 'valid_from = "i dag"'), "valid_from"),
    "ages the wrong way": (changed("number = 12", "number = 12\nage_from = 70\nage_to = 60"), "age"),
    "a gap at some ages": (changed("number = 12", "number = 12\nage_from = 51"), "49"),
    "no rules": (re.sub(r"(?s)\[\[psa\]\].*", "", DELIVERED), "psa"),
    "a rule number of ours": (changed("number = 12", "number = 90"), "number"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_does_not_hold_together_is_refused_with_the_place(name: str) -> None:
    text, place = BROKEN[name]
    with pytest.raises(RuleSetError) as refused:
        parse_rule_set(text)
    assert place in str(refused.value)


def test_limits_are_exact_whichever_way_they_are_written() -> None:
    text = changed('below = "3"', "below = 2.950000000000000001")
    text = text.replace('at_least = "3"', "at_least = 2.950000000000000001")
    assert parse_rule_set(text).psa[1].below == Decimal("2.950000000000000001")


def test_limits_may_differ_by_age() -> None:
    younger = DELIVERED.replace('at_least = "3"', 'at_least = "2"\nage_to = 59').replace(
        'below = "3"', 'below = "2"\nage_to = 59'
    )
    older = """
[[psa]]
number = 41
at_least = "1"
below = "4"
age_from = 60
outcome = "new_offer"
years = 2
letter = "psa_two_years"
meaning = "nytt erbjudande efter 2 år"

[[psa]]
number = 42
at_least = "4"
below = "100"
age_from = 60
outcome = "mri"
letter = "psa_raised"
meaning = "förhöjt värde, remiss till MR"
"""
    rules = parse_rule_set(younger + older)
    assert [rule.outcome for rule in rules.psa].count(Outcome.MRI) == 2


def version(name: str, valid_from: str, regions: str = "05 06 08") -> RuleSet:
    rules = parse_rule_set(
        DELIVERED.replace('version = "2026:2"', f'version = "{name}"').replace("2020-01-01", valid_from)
    )
    kept = {code: region for code, region in rules.regions.items() if code in regions.split()}
    return RuleSet(rules.name, rules.version, rules.valid_from, rules.psa, rules.mri, kept)


def test_the_latest_that_has_come_holds_region_by_region() -> None:
    sets = (version("1", "2020-01-01"), version("2", "2027-01-01", "05"), version("3", "2027-06-01"))

    def held(region: str, on: date) -> str | None:
        found = in_force(sets, region, on)
        return None if found is None else found.version

    assert held("05", date(2019, 12, 31)) is None
    assert held("05", date(2020, 1, 1)) == "1"
    assert held("05", date(2026, 12, 31)) == "1"
    assert held("05", date(2027, 1, 1)) == "2"
    assert held("06", date(2027, 1, 1)) == "1"
    assert held("06", date(2027, 6, 1)) == "3"
    assert held("01", date(2027, 6, 1)) is None


def test_of_two_that_hold_from_the_same_day_the_one_loaded_last_does() -> None:
    sets = (version("2026:9", "2026-01-01"), version("2026:10", "2026-01-01"))
    found = in_force(sets, "05", date(2026, 5, 1))
    assert found is not None
    assert found.version == "2026:10"


def test_a_preview_changes_one_region_and_not_the_original() -> None:
    other = with_region(RULES, "06", automatic_low=True)
    assert other.regions["06"].automatic_low
    assert not other.regions["05"].automatic_low
    assert not RULES.regions["06"].automatic_low


@given(on=st.dates(date(1900, 1, 1), date(2100, 1, 1)), years=st.integers(0, 20))
def test_adding_years_never_changes_the_month_nor_fails(on: date, years: int) -> None:
    later = add_years(on, years)
    assert (later.year, later.month) == (on.year + years, on.month)
    assert later.day == on.day or (on.month, on.day, later.day) == (2, 29, 28)


def test_age_is_the_age_reached_in_the_year() -> None:
    assert age_in_year(date(1976, 12, 31), date(2026, 1, 1)) == 50
