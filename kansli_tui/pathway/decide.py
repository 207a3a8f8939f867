"""What the rules say about an answer (PSA, MRI, pathology): values in, a frozen decision with its reason out.

Compared as exact decimals, never rounded (2.95 is below 3.0). A comparator is part of the value: `<5` against a limit
of 3 cannot be decided by rules and goes to a person. The laboratory's own flag is never used.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, Decimal

from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.ruleset import MriRule, Outcome, PsaRule, RegionRules, RuleSet, add_years, age_in_year
from kansli_tui.pathway.steps import Event, Queue

RULE_UNDECIDABLE = 90
RULE_UNANALYSABLE = 91
RULE_RETRACTED = 92
RULE_MRI_UNDECIDABLE = 93
RULE_VOLUME_MISSING = 94
RULE_MRI_NOT_DONE = 95
RULE_BENIGN = 30
RULE_CANCER = 31
RULE_NOT_DONE = 32


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


def density(psa: PsaValue, volume_ml: Decimal) -> Decimal:
    """PSA density, µg/L per ml. For showing: the rules compare PSA with limit × volume, which rounds nothing."""
    return psa.value / volume_ml


def decide_mri(pirads: int, volume_ml: Decimal | None, psa: PsaValue, *, sampled_on: date, rules: RuleSet) -> Decision:
    """The rule for the highest PI-RADS (1–5) and, where it looks at density, the volume in ml (cm³ is the same).

    Without a volume that the rule needs nothing is decided: the unit is asked. A new offer counts from the day of the sample.
    """
    if pirads not in range(1, 6):
        raise ValueError(f"PI-RADS {pirads} is no score")
    if volume_ml is not None and volume_ml <= 0:
        raise ValueError("a volume is above zero")
    shown = f"PI-RADS {pirads}"
    inputs = {
        "pirads": str(pirads),
        "psa": f"{psa.comparator or ''}{psa.value:f}",
        "sampled_on": sampled_on.isoformat(),
    }
    if volume_ml is not None:
        inputs |= {"volume_ml": f"{volume_ml:f}", "density": f"{density(psa, volume_ml):f}"}
    fitting = [rule for rule in rules.mri if rule.pirads_from <= pirads <= rule.pirads_to]
    if any(rule.needs_density for rule in fitting):
        if volume_ml is None:
            return _person(
                RULE_VOLUME_MISSING,
                rules,
                f"{shown} kan inte bedömas utan prostatavolym. Fråga enheten efter den.",
                inputs,
            )
        shown += f", PSA-densitet {_density_words(psa, volume_ml)} ({psa.swedish()} µg/l och {_comma(volume_ml)} ml)"
    for rule in fitting:
        if volume_ml is None or not rule.needs_density or _dense(psa, volume_ml, rule):
            return Decision(
                outcome=rule.outcome,
                rule_number=rule.number,
                rule_set=rules.title,
                reason=f"{shown}{_density_band(rule)}: {rule.meaning}.",
                letter=rule.letter,
                years=rule.years,
                new_offer_on=add_years(sampled_on, rule.years) if rule.years is not None else None,
                inputs=inputs,
            )
    return _person(RULE_MRI_UNDECIDABLE, rules, f"{shown}: regelverket avgör det inte. En människa avgör.", inputs)


def mri_not_done(rules: RuleSet, why: str) -> Decision:
    """The MRI did not come about or could not be read: a person settles what happens instead. `why` is in Swedish."""
    return _person(
        RULE_MRI_NOT_DONE, rules, f"MR är inte gjord eller går inte att bedöma: {why}. En människa avgör.", {}
    )


def decide_pathology(isup: int, *, biopsied_on: date, region: RegionRules, rules: RuleSet) -> Decision:
    """ISUP 0 is benign and stays in the programme; 1–5 is cancer and leaves it for clinical care."""
    if isup not in range(6):
        raise ValueError(f"ISUP {isup} is no grade")
    inputs = {"isup": str(isup), "biopsied_on": biopsied_on.isoformat()}
    if isup == 0:
        return Decision(
            outcome=Outcome.NEW_OFFER,
            rule_number=RULE_BENIGN,
            rule_set=rules.title,
            reason=f"Biopsin visar ingen cancer: nytt erbjudande efter {region.benign_years} år.",
            letter=LetterType.BIOPSY_BENIGN,
            years=region.benign_years,
            new_offer_on=add_years(biopsied_on, region.benign_years),
            inputs=inputs,
        )
    return Decision(
        outcome=Outcome.CARE,
        rule_number=RULE_CANCER,
        rule_set=rules.title,
        reason=f"Biopsin visar cancer, ISUP {isup}: lämnar programmet för klinisk vård.",
        inputs=inputs,
    )


def not_done(*, since: date, region: RegionRules, rules: RuleSet, reason: str) -> Decision:
    """MRI or biopsy will not come about: a new offer after the region's years from `since`. A person chooses this, with a reason."""
    return Decision(
        outcome=Outcome.NEW_OFFER,
        rule_number=RULE_NOT_DONE,
        rule_set=rules.title,
        reason=reason,
        letter=LetterType.MRI_NOT_DONE,
        years=region.not_done_years,
        new_offer_on=add_years(since, region.not_done_years),
        inputs={"since": since.isoformat()},
    )


def queue_of(decision: Decision) -> Queue:
    """The queue where a person confirms the decision on a PSA answer."""
    return {
        Outcome.NEW_OFFER: Queue.NORMAL,
        Outcome.MRI: Queue.RAISED,
        Outcome.UROLOGY: Queue.URGENT,
        Outcome.REPEAT: Queue.REPEAT,
        Outcome.CARE: Queue.PATHOLOGY,
        Outcome.PERSON: Queue.UNDECIDED,
    }[decision.outcome]


CONFIRMATION = {
    Outcome.NEW_OFFER: Event.CONFIRMED_NEW_OFFER,
    Outcome.MRI: Event.CONFIRMED_MRI,
    Outcome.UROLOGY: Event.CONFIRMED_UROLOGY,
    Outcome.REPEAT: Event.CONFIRMED_REPEAT,
    Outcome.CARE: Event.CLOSED,
}
"""The event that confirming an outcome is. `Outcome.PERSON` has none: a person first chooses another outcome."""


def _within(psa: PsaValue, rule: PsaRule) -> bool:
    return _inside(psa, rule.at_least, rule.below)


def _dense(psa: PsaValue, volume_ml: Decimal, rule: MriRule) -> bool:
    low = rule.density_at_least or Decimal(0)
    return _inside(psa, low * volume_ml, None if rule.density_below is None else rule.density_below * volume_ml)


def _inside(psa: PsaValue, at_least: Decimal, below: Decimal | None) -> bool:
    """Whether every number that the answer can mean lies in the band."""
    lowest = Decimal(0) if psa.comparator in ("<", "<=") else psa.value
    nothing = psa.comparator == "<" and psa.value <= 0
    if lowest < at_least or nothing:
        return False
    if below is None:
        return True
    if psa.comparator in (">", ">="):
        return False
    return psa.value < below or (psa.comparator == "<" and psa.value == below)


def _person(number: int, rules: RuleSet, reason: str, inputs: dict[str, str]) -> Decision:
    return Decision(outcome=Outcome.PERSON, rule_number=number, rule_set=rules.title, reason=reason, inputs=inputs)


def _density_words(psa: PsaValue, volume_ml: Decimal) -> str:
    """Three decimals, cut and not rounded: 0.1499 must not be read as 0.15."""
    prefix = {None: "", "<": "under ", "<=": "högst ", ">": "över ", ">=": "minst "}[psa.comparator]
    return prefix + _comma(density(psa, volume_ml).quantize(Decimal("0.001"), rounding=ROUND_DOWN))


def _density_band(rule: MriRule) -> str:
    if rule.density_at_least is not None:
        return f" är lika med eller över {_comma(rule.density_at_least)}"
    return f" är under {_comma(rule.density_below)}" if rule.density_below is not None else ""


def _band_in_words(rule: PsaRule) -> str:
    bottom, top = _comma(rule.at_least), None if rule.below is None else _comma(rule.below)
    if top is None:
        return f"är lika med eller över {bottom}"
    if rule.at_least == 0:
        return f"är under {top}"
    return f"är lika med eller över {bottom} och under {top}"


def _comma(number: Decimal) -> str:
    return f"{number:f}".replace(".", ",")
