"""The rules on a PSA value: both sides of every boundary, unrounded, with comparators, at every age."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kansli_tui.pathway.decide import (
    CONFIRMATION,
    RULE_UNDECIDABLE,
    Decision,
    PsaValue,
    decide_psa,
    queue_of,
    retracted,
    unanalysable,
)
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.ruleset import Outcome, PsaRule, RuleSet
from kansli_tui.pathway.steps import Queue
from kansli_tui.service.rule_book import delivered_rule_set, parse_rule_set

RULES = parse_rule_set(delivered_rule_set())
BORN, SAMPLED = date(1976, 5, 2), date(2026, 10, 30)
BOUNDARIES = (Decimal(1), Decimal(3), Decimal(100))


def decide(text: str, *, rules: RuleSet = RULES, born: date = BORN, sampled: date = SAMPLED) -> Decision:
    comparator = next((sign for sign in ("<=", ">=", "<", ">") if text.startswith(sign)), None)
    value = Decimal(text.removeprefix(comparator or ""))
    return decide_psa(PsaValue(value, comparator), birth_date=born, sampled_on=sampled, rules=rules)


@pytest.mark.parametrize(
    ("psa", "rule"),
    [
        ("0", 10),
        ("0.99", 10),
        ("0.9999999999999999999999", 10),
        ("1", 11),
        ("1.0", 11),
        ("2.95", 11),
        ("2.99", 11),
        ("2.9999999999999999999999", 11),
        ("3", 12),
        ("3.00", 12),
        ("99.99", 12),
        ("100", 13),
        ("100.0", 13),
        ("4000", 13),
        ("<0.1", 10),
        ("<1", 10),
        ("<=0.99", 10),
        ("<=1", RULE_UNDECIDABLE),
        ("<1.01", RULE_UNDECIDABLE),
        ("<3", RULE_UNDECIDABLE),
        ("<=3", RULE_UNDECIDABLE),
        ("<5", RULE_UNDECIDABLE),
        ("<100", RULE_UNDECIDABLE),
        (">0.5", RULE_UNDECIDABLE),
        (">1", RULE_UNDECIDABLE),
        (">3", RULE_UNDECIDABLE),
        (">99", RULE_UNDECIDABLE),
        (">=99.99", RULE_UNDECIDABLE),
        (">=100", 13),
        (">100", 13),
        (">=3000", 13),
    ],
)
def test_each_rule_on_both_sides_of_its_boundaries(psa: str, rule: int) -> None:
    decision = decide(psa)
    assert decision.rule_number == rule
    assert (decision.outcome is Outcome.PERSON) == (rule == RULE_UNDECIDABLE)


def test_outcomes_letters_and_dates_of_the_delivered_rules() -> None:
    found = {
        psa: (made.outcome, made.letter, made.years, made.new_offer_on)
        for psa in ("0.5", "2", "3", "100", "<5")
        for made in [decide(psa)]
    }
    assert found == {
        "0.5": (Outcome.NEW_OFFER, LetterType.PSA_LOW, 6, date(2032, 10, 30)),
        "2": (Outcome.NEW_OFFER, LetterType.PSA_TWO_YEARS, 2, date(2028, 10, 30)),
        "3": (Outcome.MRI, LetterType.PSA_RAISED, None, None),
        "100": (Outcome.UROLOGY, LetterType.PSA_VERY_HIGH, None, None),
        "<5": (Outcome.PERSON, None, None, None),
    }


def test_a_sample_of_the_leap_day_counts_to_the_last_of_february() -> None:
    assert decide("2", sampled=date(2028, 2, 29)).new_offer_on == date(2030, 2, 28)


def test_the_decision_stores_its_inputs_and_says_why() -> None:
    made = decide("2.95")
    assert made.inputs == {"psa": "2.95", "age": "50", "sampled_on": "2026-10-30"}
    assert made.rule_set == "SÖSR 2026:2"
    assert made.reason.startswith("PSA 2,95 µg/l är lika med eller över 1 och under 3 vid 50 år")
    assert decide("<0.1").inputs["psa"] == "<0.1"
    assert "mindre än 0,1" in decide("<0.1").reason


def test_a_rule_without_limits_is_said_in_words_too() -> None:
    open_ended = PsaRule(10, "alla värden", Decimal(0), None, Outcome.MRI, LetterType.PSA_RAISED)
    rules = RuleSet("X", "1", date(2020, 1, 1), (open_ended,), (), {})
    assert "None" not in decide("3", rules=rules).reason


numbers = st.decimals(min_value=0, max_value=100_000, allow_nan=False, allow_infinity=False, places=4)
near = st.builds(
    lambda edge, step: edge + step,
    st.sampled_from(BOUNDARIES),
    st.decimals(min_value="-0.01", max_value="0.01", places=9, allow_nan=False),
)
values = st.one_of(numbers, near, st.sampled_from((*BOUNDARIES, Decimal(0))))


def possible(value: Decimal, comparator: str | None, low: Decimal, high: Decimal | None) -> bool:
    """Whether some number the answer can mean lies in [low, high)."""
    match comparator:
        case None:
            return low <= value and (high is None or value < high)
        case "<":
            return value > low
        case "<=":
            return value >= low
        case ">":
            return high is None or value < high
        case _:
            return high is None or value < high


@given(value=values, comparator=st.sampled_from((None, "<", "<=", ">", ">=")), age=st.integers(0, 200))
def test_there_is_always_exactly_one_outcome_and_a_person_decides_only_when_a_comparator_straddles(
    value: Decimal, comparator: str | None, age: int
) -> None:
    made = decide_psa(PsaValue(value, comparator), birth_date=date(2026 - age, 12, 31), sampled_on=SAMPLED, rules=RULES)
    bands = [rule for rule in RULES.psa if possible(value, comparator, rule.at_least, rule.below)]
    # "< 0" means no number at all: it is in no band, and a person looks.
    if len(bands) == 1:
        assert made.rule_number == bands[0].number
        assert made.outcome is bands[0].outcome
    else:
        assert comparator is not None
        assert made.outcome is Outcome.PERSON
    queue_of(made)


@given(low=values, high=values)
def test_a_higher_value_never_leads_to_less(low: Decimal, high: Decimal) -> None:
    order = (Outcome.NEW_OFFER, Outcome.MRI, Outcome.UROLOGY)
    low, high = sorted((low, high))
    first, second = (
        decide_psa(PsaValue(value), birth_date=BORN, sampled_on=SAMPLED, rules=RULES) for value in (low, high)
    )
    assert order.index(first.outcome) <= order.index(second.outcome)
    if first.new_offer_on and second.new_offer_on:
        assert first.new_offer_on >= second.new_offer_on


def test_limits_may_differ_by_age_and_age_is_the_one_reached_in_the_year_of_the_sample() -> None:
    younger = PsaRule(1, "yngre", Decimal(0), None, Outcome.MRI, LetterType.PSA_RAISED, age_to=49)
    older = PsaRule(2, "äldre", Decimal(0), None, Outcome.UROLOGY, LetterType.PSA_VERY_HIGH, age_from=50)
    rules = RuleSet("X", "1", date(2020, 1, 1), (younger, older), (), {})
    assert decide("5", rules=rules, born=date(1976, 12, 31), sampled=date(2026, 1, 1)).rule_number == 2
    assert decide("5", rules=rules, born=date(1977, 1, 1), sampled=date(2026, 12, 31)).rule_number == 1


def test_an_age_that_no_rule_covers_goes_to_a_person() -> None:
    only = PsaRule(1, "bara femtio", Decimal(0), None, Outcome.MRI, LetterType.PSA_RAISED, age_from=50, age_to=50)
    rules = RuleSet("X", "1", date(2020, 1, 1), (only,), (), {})
    assert decide("5", rules=rules, born=date(1960, 1, 1)).outcome is Outcome.PERSON


def test_what_cannot_be_analysed_or_is_taken_back_leads_to_a_new_sample() -> None:
    for made in (unanalysable(RULES), retracted(RULES)):
        assert made.outcome is Outcome.REPEAT
        assert made.letter is LetterType.REPEAT_SAMPLE
        assert made.new_offer_on is None


def test_every_outcome_but_a_persons_has_its_confirmation_and_every_outcome_its_queue() -> None:
    assert set(CONFIRMATION) == set(Outcome) - {Outcome.PERSON}
    queues = {
        outcome: queue_of(Decision(outcome=outcome, rule_number=1, rule_set="", reason="")) for outcome in Outcome
    }
    assert queues == {
        Outcome.NEW_OFFER: Queue.NORMAL,
        Outcome.MRI: Queue.RAISED,
        Outcome.UROLOGY: Queue.URGENT,
        Outcome.REPEAT: Queue.REPEAT,
        Outcome.CARE: Queue.PATHOLOGY,
        Outcome.PERSON: Queue.UNDECIDED,
    }
