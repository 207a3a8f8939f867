"""A rule set: the numbers and bands of medicine and law that a region works by, as frozen values.

A rule set is data (a TOML file, validated by `service.rules`); this module only gives it a shape and finds what applies.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kansli_tui.pathway.letter_types import LetterType


class Outcome(StrEnum):
    """What a rule proposes."""

    NEW_OFFER = "new_offer"
    MRI = "mri"
    UROLOGY = "urology"
    REPEAT = "repeat"
    CARE = "care"
    """Cancer: leaves the programme for clinical care."""
    PERSON = "person"


class PreLetter(StrEnum):
    """Which rounds begin with a pre-letter."""

    FIRST_ROUND = "first_round"
    ALWAYS = "always"
    NEVER = "never"


class OrderTime(StrEnum):
    """When the PSA order is made: with the offer, or when the person accepts."""

    WITH_OFFER = "with_offer"
    AT_ACCEPTANCE = "at_acceptance"


@dataclass(frozen=True, slots=True)
class PsaRule:
    """One band of PSA, µg/L, `at_least` ≤ value < `below`, for ages `age_from`–`age_to` (age reached in the calendar year)."""

    number: int
    meaning: str
    at_least: Decimal
    below: Decimal | None
    outcome: Outcome
    letter: LetterType
    years: int | None = None
    age_from: int = 0
    age_to: int = 200


@dataclass(frozen=True, slots=True)
class MriRule:
    """PI-RADS `pirads_from`–`pirads_to`, and PSA density (µg/L per ml) `density_at_least` ≤ density < `density_below`.

    Without both densities the rule holds for every density, also where no volume is known.
    """

    number: int
    meaning: str
    pirads_from: int
    pirads_to: int
    outcome: Outcome
    letter: LetterType
    years: int | None = None
    density_at_least: Decimal | None = None
    density_below: Decimal | None = None

    @property
    def needs_density(self) -> bool:
        """Whether the rule looks at the density at all."""
        return self.density_at_least is not None or self.density_below is not None


@dataclass(frozen=True, slots=True)
class RegionRules:
    """A region's choices. Days and years count from the date named in the field."""

    first_age: int
    last_age: int
    pre_letter: PreLetter
    pre_letter_days: int
    psa_order: OrderTime
    sample_window_days: int
    no_sample_years: int
    preliminary_alarm_days: int
    referral_reminder_days: int
    automatic_low: bool
    batch_low: bool
    send_days: int
    rebook_days: int
    resolve_days: int
    mri_answer_days: int
    urology_visit_days: int
    biopsy_days: int
    pathology_days: int
    not_done_years: int
    benign_years: int


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A versioned set of rules. `regions` holds each region's choices by county code."""

    name: str
    version: str
    valid_from: date
    psa: tuple[PsaRule, ...]
    mri: tuple[MriRule, ...]
    regions: Mapping[str, RegionRules]

    @property
    def title(self) -> str:
        """How the rule set is named to people."""
        return f"{self.name} {self.version}"

    def for_region(self, code: str) -> RegionRules:
        """The choices of region `code`; KeyError when the set does not cover it."""
        return self.regions[code]


def in_force(rule_sets: tuple[RuleSet, ...], region: str, on: date) -> RuleSet | None:
    """The rule set that holds in `region` on a date: the latest valid-from that has come; of the same day, the last in order."""
    valid = [rules for rules in rule_sets if region in rules.regions and rules.valid_from <= on]
    return max(reversed(valid), key=lambda rules: rules.valid_from, default=None)


def add_years(on: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 28 February where the year has none."""
    try:
        return on.replace(year=on.year + years)
    except ValueError:
        return on.replace(year=on.year + years, day=28)


def age_in_year(birth_date: date, on: date) -> int:
    """Age reached in the calendar year of `on` (the programme's meaning of age)."""
    return on.year - birth_date.year


def with_region(rules: RuleSet, code: str, **changes: object) -> RuleSet:
    """A copy in which region `code` chooses otherwise; for previews and tests."""
    return replace(rules, regions={**rules.regions, code: replace(rules.regions[code], **changes)})  # type: ignore[arg-type]
