"""How somebody who comes into the register begins: where he stands, in which region, born when. Pure; writes nothing."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kansli_tui.pathway.identity import parse_identity
from kansli_tui.pathway.municipalities import REGIONS, region_of
from kansli_tui.pathway.register_codes import DeregistrationEffect
from kansli_tui.pathway.ruleset import RegionRules
from kansli_tui.pathway.steps import ClosedReason, ExclusionReason, Step
from kansli_tui.rows.population import RegisterPerson


class Entry(StrEnum):
    """Where a new person begins; the value stands in the change-set."""

    WAITS = "waits"
    HELD = "held"
    OTHER_SEX = "other_sex"
    TOO_OLD = "too_old"
    DEAD = "entry_dead"
    EMIGRATED = "entry_emigrated"


@dataclass(frozen=True, slots=True)
class Standing:
    """The columns that an entry sets."""

    step: Step
    closed_reason: ClosedReason | None = None
    exclusion_reason: ExclusionReason | None = None


STANDING = {
    Entry.WAITS: Standing(Step.NOT_DUE),
    Entry.HELD: Standing(Step.NOT_DUE),
    Entry.OTHER_SEX: Standing(Step.EXCLUDED, exclusion_reason=ExclusionReason.NOT_IN_TARGET_GROUP),
    Entry.TOO_OLD: Standing(Step.CLOSED, closed_reason=ClosedReason.AGE),
    Entry.DEAD: Standing(Step.CLOSED, closed_reason=ClosedReason.DEAD),
    Entry.EMIGRATED: Standing(Step.CLOSED, closed_reason=ClosedReason.EMIGRATED),
}


def entry(person: RegisterPerson, rules: RegionRules, today: date) -> Entry:
    """The first rule that fits: gone, not a man by the register, older than the last age, held by a code; else he waits."""
    gone = person.deregistration
    if gone is DeregistrationEffect.DEAD:
        return Entry.DEAD
    if gone is DeregistrationEffect.EMIGRATED:
        return Entry.EMIGRATED
    if (person.sex or sex_by_number(person.number)) != "M":
        return Entry.OTHER_SEX
    if today.year - int(person.number[:4]) > rules.last_age:
        return Entry.TOO_OLD
    return Entry.HELD if gone is DeregistrationEffect.HOLD else Entry.WAITS


def first_offer_on(birth_date: date, rules: RegionRules) -> date:
    """The first day of the year in which he reaches the first age."""
    return date(birth_date.year + rules.first_age, 1, 1)


def place_of(person: RegisterPerson) -> tuple[str, str | None]:
    """(municipality or county code as the register gives it, the region it lies in or None). Both empty when it says nothing."""
    if person.municipality:
        return person.municipality, region_of(person.municipality)
    return person.county, person.county if person.county in REGIONS else None


def born(number: str, birth_date: date | None) -> tuple[date, bool]:
    """The birth date, and whether it is known: else the first possible day that the number allows."""
    if birth_date is not None:
        return birth_date, True
    year, month, day = int(number[:4]), int(number[4:6]), int(number[6:8]) % 60
    try:
        return date(year, month or 1, day or 1), False
    except ValueError:
        # The register has given out days that no calendar has.
        return date(year, month or 1, 1), False


def born_by_number(number: str) -> tuple[date, bool]:
    """The same for a number alone, as when somebody's number has been replaced."""
    return born(number, parse_identity(number, from_register=True).birth_date)


def sex_by_number(number: str) -> str:
    """What the number says, where the register says nothing: 'M' for an odd digit."""
    return "M" if int(number[10]) % 2 else "K"
