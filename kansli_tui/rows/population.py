"""A person as the population register hands him over, a register file line by line, and the address he can be reached at.

Values are clean: no invisible characters, numbers checked, codes as the register writes them. What a code does to the pathway is
decided elsewhere, see `pathway.register_codes`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Final

from kansli_tui.pathway.register_codes import DeregistrationEffect, deregistration_effect


class Protection(StrEnum):
    """How a person's data are protected; the value is stored.

    Source: the tax agency's two marks. With sekretessmarkering (confidentiality) all data are there, with a warning; with
    skyddad folkbokföring (protected registration) the true address is never there and the registered place may be wrong on purpose.
    """

    NONE = "none"
    CONFIDENTIALITY = "confidentiality"
    PROTECTED_REGISTRATION = "protected_registration"


@dataclass(frozen=True, slots=True)
class Address:
    """A Swedish address as registered. The street usually stands in `line_2`; `postcode` has five digits, or is as the file wrote it."""

    co: str = ""
    line_1: str = ""
    line_2: str = ""
    postcode: str = ""
    city: str = ""

    @property
    def is_given(self) -> bool:
        """Whether the register says anything at all here."""
        return self != _NO_ADDRESS


@dataclass(frozen=True, slots=True)
class ForeignAddress:
    """An address abroad as registered."""

    line_1: str = ""
    line_2: str = ""
    line_3: str = ""
    country: str = ""


_NO_ADDRESS: Final = Address()
_NOT_ABROAD: Final = ForeignAddress()


@dataclass(frozen=True, slots=True)
class Addresses:
    """Everything the register says of where a person gets mail."""

    registered: Address = _NO_ADDRESS
    special: Address = _NO_ADDRESS
    foreign: ForeignAddress = _NOT_ABROAD

    @classmethod
    def from_fields(cls, given: Mapping[str, str]) -> "Addresses":
        """From the register's own column names (co, adr1, … sp_ort, utl1, land); what is missing is empty."""
        take = given.get
        home = (take("co", ""), take("adr1", ""), take("adr2", ""), take("postnr", ""), take("ort", ""))
        special = (
            take("sp_co", ""),
            take("sp_adr1", ""),
            take("sp_adr2", ""),
            take("sp_postnr", ""),
            take("sp_ort", ""),
        )
        abroad = (take("utl1", ""), take("utl2", ""), take("utl3", ""), take("land", ""))
        # The empty ones are shared: a file of a hundred thousand people has few special addresses.
        return cls(
            Address(*home) if any(home) else _NO_ADDRESS,
            Address(*special) if any(special) else _NO_ADDRESS,
            ForeignAddress(*abroad) if any(abroad) else _NOT_ABROAD,
        )

    def to_fields(self) -> dict[str, str]:
        """The fields that say something, by the register's own column names: the reverse of `from_fields`."""
        home, special, abroad = self.registered, self.special, self.foreign
        named = {
            "co": home.co,
            "adr1": home.line_1,
            "adr2": home.line_2,
            "postnr": home.postcode,
            "ort": home.city,
            "sp_co": special.co,
            "sp_adr1": special.line_1,
            "sp_adr2": special.line_2,
            "sp_postnr": special.postcode,
            "sp_ort": special.city,
            "utl1": abroad.line_1,
            "utl2": abroad.line_2,
            "utl3": abroad.line_3,
            "land": abroad.country,
        }
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class RegisterPerson:
    """What the register says of one person.

    Attributes:
        number: twelve digits, personnummer or samordningsnummer.
        birth_date: None when the number leaves month or day unknown.
        sex: "M", "K" or "" when the file does not say. By the register, not by the number.
        deregistered_code: as the register writes it, known here or not; None for a person who is registered.
        deregistered_on: ISO text, "00" for an unknown month or day (2026-00-00); "" when not given.
        reference_number: the number that replaces this one, or "".
        preferred_mark: which of the given names he goes by, see `preferred_name`.
        notification_name: the register's own shortened name for long names, or "".
        county: two digits, or "".
        municipality: four digits with the county, or "".
        registered_since: ISO text, "00" for what is unknown, or "".
    """

    number: str
    birth_date: date | None
    sex: str = ""
    protection: Protection = Protection.NONE
    deregistered_code: str | None = None
    deregistered_on: str = ""
    reference_number: str = ""
    given_names: str = ""
    preferred_mark: str = ""
    middle_name: str = ""
    family_name: str = ""
    notification_name: str = ""
    addresses: Addresses = field(default_factory=Addresses)
    county: str = ""
    municipality: str = ""
    district: str = ""
    registered_since: str = ""

    @property
    def deregistration(self) -> DeregistrationEffect | None:
        """What the deregistration does; None for a person who is registered."""
        return deregistration_effect(self.deregistered_code) if self.deregistered_code else None

    @property
    def deregistered_date(self) -> date | None:
        """The whole day of deregistration; None when not given or partly unknown."""
        return whole_date(self.deregistered_on)

    @property
    def full_name(self) -> str:
        """The name he goes by, middle and family name, as on a letter."""
        names = (preferred_name(self.given_names, self.preferred_mark), self.middle_name, self.family_name)
        return " ".join(name for name in names if name)


ALL_FIELDS: Final = frozenset(column.name for column in fields(RegisterPerson))
"""The names that `RegisterLine.change_only` is made of."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to know about a line that was read all the same: message id and its values."""

    reason: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RegisterProblem:
    """Why a line is held. `reason` is a message id that says what to do; never with personal data in `values`."""

    line: int
    number: str | None
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One record of a file: a person, or a problem.

    `line` is the number of its first line, from 1, and `raw_text` the record as it stood (untrusted text: show it only cleaned).
    `change_only` names the fields of `person` that the record gives; None for a complete record. Exactly one of `person` and
    `problem` is set. A partial record that gives CONFIDENTIALITY says nothing of protected registration and never lifts it.
    """

    line: int
    raw_text: str
    person: RegisterPerson | None = None
    problem: RegisterProblem | None = None
    change_only: frozenset[str] | None = None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """A whole hand-over: its name, the SHA-256 of its bytes (hex), "csv" or "navet", and every record in order."""

    name: str
    sha256: str
    format: str
    lines: tuple[RegisterLine, ...]


class AddressSource(StrEnum):
    """Which of the register's addresses a letter goes to."""

    SPECIAL = "special"
    REGISTERED = "registered"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """An address that can be written on a letter: c/o and street lines, then postcode and city, or a country."""

    source: AddressSource
    lines: tuple[str, ...]
    postcode: str = ""
    city: str = ""
    country: str = ""


_NAME_PARTS: Final = re.compile(r"([ -]+)")
_POSTCODE: Final = re.compile(r"[0-9]{5}")


def preferred_name(given_names: str, mark: str) -> str:
    """The name or names a person goes by.

    The register's mark has two digits, each the place of a given name, 0 for none: 20 is the second, 12 the first and second. Names
    joined by a hyphen count as two. Without a usable mark the register has none marked, and all given names stand.
    Source: SPAR, the explanation of the code for tilltalsnamn.
    """
    if not (len(mark) == 2 and mark.isascii() and mark.isdecimal()):
        return given_names
    pieces = _NAME_PARTS.split(given_names)
    names, joints = pieces[::2], pieces[1::2]
    places = [int(digit) - 1 for digit in mark if digit != "0"]
    if not places or max(places) >= len(names):
        return given_names
    chosen = names[places[0]]
    for before, place in pairwise(places):
        chosen += (joints[before] if place == before + 1 else " ") + names[place]
    return chosen


def postal_address(person: RegisterPerson) -> PostalAddress | None:
    """Where a letter to this person goes; None when a person has to find out."""
    return usable_address(person.addresses, person.protection)


def usable_address(addresses: Addresses, protection: Protection) -> PostalAddress | None:
    """The special postal address before the registered one, and that before the one abroad.

    A special address that is incomplete is not passed over: he has asked for his mail there, so a person has to look. With
    protected registration only the special address counts, which is the tax agency's forwarding address.
    """
    if addresses.special.is_given:
        return _swedish(AddressSource.SPECIAL, addresses.special)
    if protection is Protection.PROTECTED_REGISTRATION:
        return None
    return _swedish(AddressSource.REGISTERED, addresses.registered) or _foreign(addresses.foreign)


def whole_date(text: str) -> date | None:
    """The day that the register's ISO text names; None when empty or partly unknown."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _swedish(source: AddressSource, address: Address) -> PostalAddress | None:
    streets = tuple(line for line in (address.line_1, address.line_2) if line)
    if not (streets and address.city and _POSTCODE.fullmatch(address.postcode)):
        return None
    co = address.co
    if co and not co.lower().startswith(("c/o", "co ")):
        co = f"c/o {co}"
    return PostalAddress(source, (co, *streets) if co else streets, address.postcode, address.city)


def _foreign(address: ForeignAddress) -> PostalAddress | None:
    lines = tuple(line for line in (address.line_1, address.line_2, address.line_3) if line)
    if not (lines and address.country):
        return None
    return PostalAddress(AddressSource.FOREIGN, lines, country=address.country)
