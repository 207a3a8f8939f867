"""What a letter is refused for, before anything is printed."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from kansli_tui.errors import LetterError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letters import VALUE_RULES, Recipient
from reports.letters import check, plain_text, render_batch
from tests.reports.letter_factory import CREATED, ON, RECIPIENT, REGION, SAMPLE_VALUES, letter

REQUIRED = [(letter_type, name) for letter_type in LetterType for name in sorted(VALUE_RULES[letter_type].required)]


def test_every_type_is_right_as_the_factory_makes_it():
    for letter_type in LetterType:
        check(letter(letter_type))


@pytest.mark.parametrize(("letter_type", "name"), REQUIRED)
def test_a_missing_value_refuses(letter_type, name):
    values = {key: value for key, value in letter(letter_type).values.items() if key != name}
    with pytest.raises(LetterError, match=f"lacks values: {name}"):
        check(letter(letter_type, values=values))


@pytest.mark.parametrize("letter_type", list(LetterType))
def test_an_unknown_value_refuses(letter_type):
    values = dict(letter(letter_type).values) | {"phone": "112"}
    with pytest.raises(LetterError, match="does not know: phone"):
        check(letter(letter_type, values=values))


def test_the_last_year_of_offers_may_have_passed_when_the_answer_comes():
    """Sampled at 74 in December, answered in January: his letter says that the offer ended with last year."""
    values = {name: value for name, value in letter().values.items() if name != "next_year"}
    for year in (2025, 2026):
        check(letter(values=values | {"last_year": year}))
    with pytest.raises(LetterError, match="value last_year must be"):
        check(letter(values=values | {"last_year": 2019}))


@pytest.mark.parametrize("letter_type", [kind for kind, rules in VALUE_RULES.items() if rules.one_of])
def test_exactly_one_of_the_years(letter_type):
    both = dict(letter(letter_type).values) | {"last_year": 2027}
    neither = {key: value for key, value in both.items() if not key.endswith("_year")}
    for values in (both, neither):
        with pytest.raises(LetterError, match="exactly one of the values: last_year, next_year"):
            check(letter(letter_type, values=values))


@pytest.mark.parametrize("value", ["", "None", "3.4", "3,4 µg/l", "<3", "3,4\n4", Decimal("NaN"), Decimal(-1), 3, None])
def test_a_psa_value_that_is_not_a_number_refuses(value):
    with pytest.raises(LetterError, match="value psa must be"):
        check(letter(values=dict(letter().values) | {"psa": value}))


@pytest.mark.parametrize("value", ["3,4", "mindre än 0,1", "över 100", Decimal("0.10"), "0"])
def test_psa_values_as_laboratories_answer(value):
    check(letter(values=dict(letter().values) | {"psa": value}))


def test_trailing_zeros_are_the_laboratorys_and_stay():
    assert "0,10 µg/l" in plain_text(letter(values=dict(letter().values) | {"psa": Decimal("0.10")}))
    assert "0.10 µg/l" in plain_text(letter(language="en", values=dict(letter().values) | {"psa": Decimal("0.10")}))


@pytest.mark.parametrize("value", ["2026-04-11", datetime(2026, 4, 11), 20260411, ON - timedelta(days=1)])
def test_a_day_that_is_no_coming_day_refuses(value):
    values = dict(letter(LetterType.PSA_RAISED).values) | {"next_on": value}
    with pytest.raises(LetterError, match="value next_on must be"):
        check(letter(LetterType.PSA_RAISED, values=values))


def test_a_sample_after_the_letter_refuses():
    with pytest.raises(LetterError, match="value sampled_on must be"):
        check(letter(values=dict(letter().values) | {"sampled_on": ON + timedelta(days=1)}))


@pytest.mark.parametrize("value", [2025, 2100, True, "2028"])
def test_a_year_that_cannot_be_refuses(value):
    with pytest.raises(LetterError, match="value next_year must be"):
        check(letter(values=dict(letter().values) | {"next_year": value}))


@pytest.mark.parametrize("value", ["", " ", "x" * 121, 7])
def test_a_unit_that_is_no_name_refuses(value):
    values = dict(letter(LetterType.PSA_RAISED).values) | {"mri_unit": value}
    with pytest.raises(LetterError, match="value mri_unit must be"):
        check(letter(LetterType.PSA_RAISED, values=values))


def test_a_control_character_in_a_value_refuses():
    values = dict(letter(LetterType.PSA_RAISED).values) | {"mri_unit": "Röntgen\x1b[2J"}
    with pytest.raises(LetterError, match=r"The letter's text has the character U\+001B"):
        check(letter(LetterType.PSA_RAISED, values=values))


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize(
    ("letter_type", "name"),
    [
        (LetterType.PSA_RAISED, "mri_unit"),
        (LetterType.MRI_CALL, "mri_unit"),
        (LetterType.MRI_UROLOGY, "urology_unit"),
    ],
)
def test_the_longest_unit_still_gives_one_page(letter_type, name, language):
    values = dict(letter(letter_type).values) | {name: "Röntgenkliniken " * 5}
    assert render_batch([letter(letter_type, language, values=values)], created=CREATED).pages[0].pages == 1


@pytest.mark.parametrize("name", ["psa_before", "psa_now"])
@pytest.mark.parametrize("value", ["", "9.0", "PSA", Decimal(-1)])
def test_a_corrected_value_that_is_not_a_number_refuses(name, value):
    values = dict(letter(LetterType.CORRECTION).values) | {name: value}
    with pytest.raises(LetterError, match=f"value {name} must be"):
        check(letter(LetterType.CORRECTION, values=values))


@pytest.mark.parametrize(
    ("letter_type", "name"),
    [
        (LetterType.MRI_NO_BIOPSY, "examined_on"),
        (LetterType.BIOPSY_BENIGN, "biopsied_on"),
        (LetterType.CORRECTION, "sent_on"),
    ],
)
def test_what_has_happened_is_not_after_the_letter(letter_type, name):
    values = dict(letter(letter_type).values) | {name: ON + timedelta(days=1)}
    with pytest.raises(LetterError, match=f"value {name} must be a day not after"):
        check(letter(letter_type, values=values))


@pytest.mark.parametrize(
    ("recipient", "message"),
    [
        (replace(RECIPIENT, name=" "), "no name"),
        (replace(RECIPIENT, name="Bo \x1b[2J"), r"Address line 1 has the character U\+001B"),
        (replace(RECIPIENT, name="Bo \u202eEk"), r"U\+202E"),
        (replace(RECIPIENT, name="Bo 🙂"), r"U\+1F642"),
        (replace(RECIPIENT, name="Bo x\u0301"), r"U\+0301"),  # no such letter is composed
        (replace(RECIPIENT, name="محمد"), r"U\+0645"),
        (replace(RECIPIENT, postcode="5533"), "five digits"),
        (replace(RECIPIENT, postcode="５５３３３"), "five digits"),
        (replace(RECIPIENT, postcode=""), "five digits"),
        (replace(RECIPIENT, city=""), "no city"),
        (replace(RECIPIENT, lines=("19760101-2391",)), "personal identity number"),
        (replace(RECIPIENT, lines=("Gata 1",) * 6), "does not fit the envelope window"),
        (replace(RECIPIENT, name="X" * 60), "does not fit the envelope window"),
        (Recipient("Bo Ek", (), "", "", "Norge"), "no lines"),
    ],
)
def test_an_address_that_cannot_be_printed_right_refuses(recipient, message):
    with pytest.raises(LetterError, match=message) as caught:
        check(letter(recipient=recipient))
    assert not recipient.name.strip() or recipient.name not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"letter_id": "=1+1"}, "letter's id"),
        ({"letter_id": ""}, "letter's id"),
        ({"language": "fi"}, "no letters in the language"),
        ({"text": "Ingen rubrik"}, "begin with one title"),
        ({"region": replace(REGION, window="C4")}, "envelope window"),
        ({"region": replace(REGION, phone="")}, "region's phone is empty"),
        ({"region": replace(REGION, web="\x00")}, "The region's settings have the character U"),
        ({"region": replace(REGION, return_address="Box 1, " * 60)}, "too long for the letterhead"),
    ],
)
def test_a_letter_prepared_wrong_refuses(changes, message):
    with pytest.raises(LetterError, match=message):
        check(letter(**changes))


def test_a_batch_with_one_wrong_letter_is_not_set_and_names_it():
    wrong = letter(letter_id="B-2", recipient=replace(RECIPIENT, city=""))
    with pytest.raises(LetterError, match="Letter B-2: The address has no city"):
        render_batch([letter(letter_id="B-1"), wrong], created=CREATED)


def test_no_letter_and_the_same_letter_twice_refuse():
    with pytest.raises(LetterError, match="no letter"):
        render_batch([], created=CREATED)
    with pytest.raises(LetterError, match="B-1 is twice"):
        render_batch([letter(letter_id="B-1")] * 2, created=CREATED)


def test_every_sample_value_has_a_type_that_uses_it():
    used = frozenset().union(*(rules.known for rules in VALUE_RULES.values()))
    assert used == SAMPLE_VALUES.keys() | {"psa"}
    assert isinstance(SAMPLE_VALUES["next_on"], date)
