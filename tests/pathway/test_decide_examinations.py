"""What the rules say about MRI and pathology: both sides of every limit, exact decimals, and what cannot be decided."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kansli_tui.pathway.decide import PsaValue, decide_mri, decide_pathology, mri_not_done, not_done
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.service.rule_book import delivered_rule_set, parse_rule_set

RULES = parse_rule_set(delivered_rule_set())
SAMPLED = date(2026, 10, 30)


def mri(pirads: int, volume: str | None, psa: str = "4.5", comparator: str | None = None):
    return decide_mri(
        pirads,
        None if volume is None else Decimal(volume),
        PsaValue(Decimal(psa), comparator),
        sampled_on=SAMPLED,
        rules=RULES,
    )


@pytest.mark.parametrize(
    ("pirads", "volume", "psa", "outcome", "rule"),
    [
        (3, "30", "4.5", Outcome.UROLOGY, 21),
        (3, "30", "4.49", Outcome.NEW_OFFER, 22),
        (1, "30", "4.5", Outcome.UROLOGY, 21),
        (2, "38", "3.4", Outcome.NEW_OFFER, 22),
        (3, "30", "4.4999999999999999999999", Outcome.NEW_OFFER, 22),
        (3, "30.0000000000000000000001", "4.5", Outcome.NEW_OFFER, 22),
        (3, "0.7", "0.105", Outcome.UROLOGY, 21),
        (4, "38", "3.4", Outcome.UROLOGY, 20),
        (5, "200", "3", Outcome.UROLOGY, 20),
        (4, None, "3.4", Outcome.UROLOGY, 20),
        (5, None, "3.4", Outcome.UROLOGY, 20),
        (3, None, "3.4", Outcome.PERSON, 94),
        (1, None, "3.4", Outcome.PERSON, 94),
    ],
)
def test_both_sides_of_every_limit(pirads: int, volume: str | None, psa: str, outcome: Outcome, rule: int) -> None:
    made = mri(pirads, volume, psa)
    assert (made.outcome, made.rule_number) == (outcome, rule)
    assert made.rule_set == RULES.title


def test_a_new_offer_counts_from_the_sample_and_has_its_letter() -> None:
    made = mri(2, "40")
    assert (made.letter, made.new_offer_on) == (LetterType.MRI_NO_BIOPSY, date(2028, 10, 30))
    assert mri(5, "40").letter is LetterType.MRI_UROLOGY
    assert mri(5, "40").new_offer_on is None


def test_a_density_just_below_the_limit_is_never_shown_as_the_limit() -> None:
    assert "0,149" in mri(3, "30", "4.49").reason
    assert "0,150" in mri(3, "30").reason


def test_the_inputs_hold_the_unrounded_density() -> None:
    assert Decimal(mri(3, "30", "4.49").inputs["density"]) == Decimal("4.49") / 30
    assert "density" not in mri(3, None).inputs
    assert "Fråga enheten" in mri(3, None).reason


@pytest.mark.parametrize(
    ("comparator", "psa", "outcome"),
    [
        (">", "4.5", Outcome.UROLOGY),
        (">", "4", Outcome.PERSON),
        ("<", "4.5", Outcome.NEW_OFFER),
        ("<", "5", Outcome.PERSON),
        ("<=", "4.5", Outcome.PERSON),
        (">=", "4.5", Outcome.UROLOGY),
    ],
)
def test_a_comparator_is_part_of_the_value(comparator: str, psa: str, outcome: Outcome) -> None:
    assert mri(3, "30", psa, comparator).outcome is outcome


@pytest.mark.parametrize("pirads", [0, 6, -1])
def test_no_other_score_is_taken(pirads: int) -> None:
    with pytest.raises(ValueError, match="PI-RADS"):
        mri(pirads, "30")


@pytest.mark.parametrize("volume", ["0", "-1"])
def test_an_empty_volume_is_not_zero(volume: str) -> None:
    with pytest.raises(ValueError, match="volume"):
        mri(3, volume)


def test_a_rule_set_that_says_nothing_about_mri_leaves_it_to_a_person() -> None:
    text = delivered_rule_set()
    rules = parse_rule_set(text[: text.index("[[mri]]")])
    made = decide_mri(5, Decimal(30), PsaValue(Decimal(9)), sampled_on=SAMPLED, rules=rules)
    assert made.outcome is Outcome.PERSON


@given(
    pirads=st.integers(1, 5),
    psa=st.decimals("0.01", "99", places=4),
    volume=st.decimals("5", "300", places=3),
)
def test_biopsy_exactly_when_the_domain_says(pirads: int, psa: Decimal, volume: Decimal) -> None:
    made = decide_mri(pirads, volume, PsaValue(psa), sampled_on=SAMPLED, rules=RULES)
    indicated = pirads >= 4 or psa * 100 >= volume * 15
    assert made.outcome is (Outcome.UROLOGY if indicated else Outcome.NEW_OFFER)


@pytest.mark.parametrize("isup", range(6))
def test_pathology(isup: int) -> None:
    made = decide_pathology(isup, biopsied_on=date(2028, 2, 29), region=RULES.for_region("05"), rules=RULES)
    if isup:
        assert (made.outcome, made.letter, made.new_offer_on) == (Outcome.CARE, None, None)
        assert f"ISUP {isup}" in made.reason
    else:
        assert (made.outcome, made.letter) == (Outcome.NEW_OFFER, LetterType.BIOPSY_BENIGN)
        assert made.new_offer_on == date(2030, 2, 28)


@pytest.mark.parametrize("isup", [-1, 6])
def test_no_other_grade_is_taken(isup: int) -> None:
    with pytest.raises(ValueError, match="ISUP"):
        decide_pathology(isup, biopsied_on=SAMPLED, region=RULES.for_region("05"), rules=RULES)


def test_what_did_not_come_about() -> None:
    assert mri_not_done(RULES, "klaustrofobi").outcome is Outcome.PERSON
    made = not_done(since=SAMPLED, region=RULES.for_region("05"), rules=RULES, reason="avböjer")
    assert (made.outcome, made.new_offer_on, made.letter) == (
        Outcome.NEW_OFFER,
        date(2028, 10, 30),
        LetterType.MRI_NOT_DONE,
    )
