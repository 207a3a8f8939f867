"""How a person is shown: name in the register's order, number with a hyphen, protected people masked."""

from db.models import Person
from kansli_tui.labels import label
from kansli_tui.pathway.identity import format_identity
from kansli_tui.pathway.municipalities import MUNICIPALITIES
from kansli_tui.rows.population import Addresses, Protection, preferred_name, usable_address

MASKED_NAME = "Skyddade personuppgifter"


def is_masked(person: Person) -> bool:
    """Whether the person's data are hidden until revealed with role and reason."""
    return person.protection is not Protection.NONE


def shown_name(person: Person, *, reveal: bool = False) -> str:
    """'Lindqvist, Örjan'; the protection's name for a protected person unless revealed."""
    if is_masked(person) and not reveal:
        return MASKED_NAME
    given = preferred_name(person.given_names, person.preferred_mark) or person.given_names
    return ", ".join(part for part in (person.family_name, given) if part)


def shown_number(person: Person) -> str:
    """'19760101-2391'."""
    return format_identity(person.number)


def letter_name(person: Person) -> str:
    """The name as it stands on an envelope: given names first."""
    given = preferred_name(person.given_names, person.preferred_mark) or person.given_names
    return " ".join(part for part in (given, person.middle_name, person.family_name) if part)


def shown_municipality(person: Person) -> str:
    """The municipality's name; nothing for a protected person, whose registered place may be wrong on purpose."""
    known = MUNICIPALITIES.get(person.municipality)
    return "" if is_masked(person) or known is None else known.name


def shown_address(person: Person) -> tuple[str, ...]:
    """The lines of the address that a letter goes to, as they are read; the caller knows whether they may be."""
    address = usable_address(Addresses.from_fields(person.address), person.protection)
    if address is None:
        return ()
    city = f"{address.postcode[:3]} {address.postcode[3:]}  {address.city}" if address.postcode else address.city
    return tuple(line for line in (*address.lines, city, address.country) if line.strip())


def step_words(person: Person) -> str:
    """Where somebody stands, and why he left where he has."""
    reason = person.closed_reason or person.exclusion_reason
    return f"{label(person.step)}: {label(reason)}" if reason is not None else label(person.step)
