"""What the rules say about a PSA answer: a value in, a frozen decision with its reason out.

Compared as exact decimals, never rounded (2.95 is below 3.0). A comparator is part of the value: `<5` against a limit
of 3 cannot be decided by rules and goes to a person. The laboratory's own flag is never used.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.ruleset import Outcome, PsaRule, RuleSet, add_years, age_in_year
from kansli_tui.pathway.steps import Event, Queue

RULE_UNDECIDABLE = 90
RULE_UNANALYSABLE = 91
RULE_RETRACTED = 92


@dataclass(frozen=True, slots=True)
class PsaValue:
    """A PSA value in µg/L with its comparator (None, '<', '<=', '>', '>='), which is part of the value."""

    value: Decimal
    comparator: str | None = None

    def swedish(self) -> str:
        """The value as a letter and a screen say it: '3,4', 'mindre än 0,1'."""
        words = {None: "", "<": "mindre än ", "<=": "högst ", ">": "mer än ", ">=": "minst "}[self.comparator]
        return words + f"{self.value:f}".replace(".", ",")


@dataclass(frozen=True, slots=True)
class Decision:
    """A proposal with its reason. `new_offer_on` is the date of the next offer where the outcome has one."""

    outcome: Outcome
    rule_number: int
    rule_set: str
    reason: str
    letter: LetterType | None = None
    years: int | None = None
    new_offer_on: date | None = None
    inputs: dict[str, str] = field(default_factory=dict)


def decide_psa(psa: PsaValue, *, birth_date: date, sampled_on: date, rules: RuleSet) -> Decision:
    """The rule that the whole value falls within, at the age reached in the year of sampling; otherwise a person decides.

    A new offer counts from the day of the sample (the interval clock does not restart at the answer).
    """
    age = age_in_year(birth_date, sampled_on)
    inputs = {"psa": f"{psa.comparator or ''}{psa.value:f}", "age": str(age), "sampled_on": sampled_on.isoformat()}
    shown = psa.swedish()
    for rule in rules.psa:
        if rule.age_from <= age <= rule.age_to and _within(psa, rule):
            return Decision(
                outcome=rule.outcome,
                rule_number=rule.number,
                rule_set=rules.title,
                reason=f"PSA {shown} µg/l {_band_in_words(rule)} vid {age} år: {rule.meaning}.",
                letter=rule.letter,
                years=rule.years,
                new_offer_on=add_years(sampled_on, rule.years) if rule.years is not None else None,
                inputs=inputs,
            )
    return Decision(
        outcome=Outcome.PERSON,
        rule_number=RULE_UNDECIDABLE,
        rule_set=rules.title,
        reason=f"PSA {shown} µg/l vid {age} år kan falla på båda sidor om en gräns. En människa avgör.",
        inputs=inputs,
    )


def unanalysable(rules: RuleSet) -> Decision:
    """A sample that could not be analysed: a repeat sample is offered (status X)."""
    return Decision(
        outcome=Outcome.REPEAT,
        rule_number=RULE_UNANALYSABLE,
        rule_set=rules.title,
        reason="Provet gick inte att analysera. Ett omprov erbjuds; tiden till nästa erbjudande räknas inte om.",
        letter=LetterType.REPEAT_SAMPLE,
    )


def retracted(rules: RuleSet) -> Decision:
    """The laboratory has taken its answer back (status D or W): a new sample is proposed, a person decides."""
    return Decision(
        outcome=Outcome.REPEAT,
        rule_number=RULE_RETRACTED,
        rule_set=rules.title,
        reason="Laboratoriet har dragit tillbaka svaret. Inget värde gäller längre. Omprov föreslås.",
        letter=LetterType.REPEAT_SAMPLE,
    )


def queue_of(decision: Decision) -> Queue:
    """The queue where a person confirms the decision."""
    return {
        Outcome.NEW_OFFER: Queue.NORMAL,
        Outcome.MRI: Queue.RAISED,
        Outcome.UROLOGY: Queue.URGENT,
        Outcome.REPEAT: Queue.REPEAT,
        Outcome.PERSON: Queue.UNDECIDED,
    }[decision.outcome]


CONFIRMATION = {
    Outcome.NEW_OFFER: Event.CONFIRMED_NEW_OFFER,
    Outcome.MRI: Event.CONFIRMED_MRI,
    Outcome.UROLOGY: Event.CONFIRMED_UROLOGY,
    Outcome.REPEAT: Event.CONFIRMED_REPEAT,
}
"""The event that confirming an outcome is. `Outcome.PERSON` has none: a person first chooses another outcome."""


def _within(psa: PsaValue, rule: PsaRule) -> bool:
    """Whether every number that the answer can mean lies in the rule's band."""
    lowest = Decimal(0) if psa.comparator in ("<", "<=") else psa.value
    nothing = psa.comparator == "<" and psa.value <= 0
    if lowest < rule.at_least or nothing:
        return False
    if rule.below is None:
        return True
    if psa.comparator in (">", ">="):
        return False
    return psa.value < rule.below or (psa.comparator == "<" and psa.value == rule.below)


def _band_in_words(rule: PsaRule) -> str:
    bottom, top = _comma(rule.at_least), None if rule.below is None else _comma(rule.below)
    if top is None:
        return f"är lika med eller över {bottom}"
    if rule.at_least == 0:
        return f"är under {top}"
    return f"är lika med eller över {bottom} och under {top}"


def _comma(number: Decimal) -> str:
    return f"{number:f}".replace(".", ",")
