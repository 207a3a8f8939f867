"""What the register's fields mean, whichever format they come in, and what happens to a record that has something wrong with it.

A flaw holds the whole record for a person to look at, with one exception: a death, an emigration, an unclear deregistration or a
protection mark is never held back by a flaw elsewhere in the record. Such a record passes with only its sound fields.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from kansli_tui.errors import InvalidIdentityError
from kansli_tui.exchange.register_text import UNREADABLE
from kansli_tui.pathway.identity import Identity, IdentityKind, parse_identity
from kansli_tui.pathway.register_codes import DeregistrationEffect
from kansli_tui.rows.population import (
    ALL_FIELDS,
    Addresses,
    Protection,
    RegisterLine,
    RegisterPerson,
    RegisterProblem,
    Remark,
)

UNREADABLE_CHARACTER: Final = "The line holds a character that cannot be read: compare it with the register and have the file sent again, or correct the line."
INVISIBLE_REMOVED: Final = "Invisible characters were removed from the line: check the names and the address."

_DATE: Final = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
_YES: Final = frozenset({"J", "JA"})
_NO: Final = frozenset({"", "N", "NEJ"})


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong with a record: which fields of the person it spoils, and the message id that says what to do."""

    spoils: frozenset[str]
    reason: str
    values: Mapping[str, object] = field(default_factory=dict)


def flaw(reason: str, *spoils: str, **values: object) -> Flaw:
    """A flaw of the named fields; `values` fill the placeholders of the reason."""
    return Flaw(frozenset(spoils), reason, values)


def register_identity(text: str) -> Identity:
    """A number from the register: personnummer or samordningsnummer.

    Raises:
        InvalidIdentityError: anything else.
    """
    identity = parse_identity(text, from_register=True)
    if identity.kind not in (IdentityKind.PERSONNUMMER, IdentityKind.SAMORDNINGSNUMMER):
        raise InvalidIdentityError("The population register has no reserve numbers: check the number with the sender.")
    return identity


def register_date(text: str) -> str | None:
    """ISO text of a date from the register, with 00 for an unknown month or day; "" for none and None for no date at all."""
    if not text or text.strip("0-") == "":
        return ""
    matched = _DATE.fullmatch(text)
    if not matched:
        return None
    year, month, day = matched.groups()
    try:
        # An unknown month or day is checked as if it were the first.
        date(int(year), int(month) or 1, int(day) or 1)
    except ValueError:
        return None
    return f"{year}-{month}-{day}"


def register_flag(text: str) -> bool | None:
    """Whether a mark is set; an empty field is no mark, and None means that the text says neither yes nor no."""
    mark = text.upper()
    if mark in _YES:
        return True
    return False if mark in _NO else None


def settle(
    line: int,
    raw_text: str,
    person: RegisterPerson,
    given: frozenset[str],
    *,
    flaws: list[Flaw],
    remarks: list[Remark],
) -> RegisterLine:
    """The record as it goes on: whole, held as a problem, or, when it must not wait, with its sound fields only."""
    if flaws and not _must_not_wait(person, flaws):
        first = flaws[0]
        held = RegisterProblem(line, person.number, first.reason, first.values)
        return RegisterLine(line, raw_text, problem=held, remarks=tuple(remarks))
    if person.protection is Protection.PROTECTED_REGISTRATION:
        person = _without_true_address(person, remarks)
    sound = given.difference(*(each.spoils for each in flaws))
    return RegisterLine(
        line,
        raw_text,
        person=person,
        change_only=None if sound == ALL_FIELDS else sound,
        remarks=(*remarks, *(Remark(each.reason, each.values) for each in flaws)),
    )


def problem(line: int, raw_text: str, number: str | None, reason: str, **values: object) -> RegisterLine:
    """A record that cannot be read to a person at all."""
    return RegisterLine(line, raw_text, problem=RegisterProblem(line, number, reason, values))


def settle_repeated(lines: list[RegisterLine]) -> tuple[RegisterLine, ...]:
    """The same records, with those of one and the same number settled.

    A literal repetition is a problem that can be ignored: the first record stands. Records that differ are problems all of them, the
    first one too: which of them is right is for a person to say. Only what must not wait passes: a death or a protection mark in one
    of them.
    """
    places: dict[str, list[int]] = {}
    for place, each in enumerate(lines):
        number = each.person.number if each.person else each.problem and each.problem.number
        if number:
            places.setdefault(number, []).append(place)
    settled = list(lines)
    for several in places.values():
        if len(several) == 1:
            continue
        first = lines[several[0]]
        differ = any(lines[place].raw_text != first.raw_text for place in several)
        where = ", ".join(str(lines[place].line) for place in several)
        for place in several if differ else several[1:]:
            settled[place] = _one_of_differing(lines[place], where) if differ else _repetition(lines[place], first.line)
    return tuple(settled)


def _repetition(each: RegisterLine, first: int) -> RegisterLine:
    if not each.person:
        return each
    reason = "The line repeats line {first} word for word: nothing needs to be done."
    return problem(each.line, each.raw_text, each.person.number, reason, first=first)


def _one_of_differing(each: RegisterLine, where: str) -> RegisterLine:
    person = each.person
    if not person:
        return each
    reason = (
        "The number stands on the lines {lines}, which differ: find out which is right and have the file corrected."
    )
    urgent: set[str] = set()
    if _is_gone(person):
        urgent |= {"deregistered_code", "deregistered_on"}
    if person.protection is not Protection.NONE:
        urgent.add("protection")
    urgent &= ALL_FIELDS if each.change_only is None else each.change_only
    if not urgent:
        return problem(each.line, each.raw_text, person.number, reason, lines=where)
    remark = Remark(reason, {"lines": where})
    return replace(each, change_only=frozenset({"number", "birth_date"} | urgent), remarks=(*each.remarks, remark))


def has_unreadable(text: str) -> bool:
    """Whether a character was lost on the way."""
    return UNREADABLE in text


def _must_not_wait(person: RegisterPerson, flaws: list[Flaw]) -> bool:
    spoilt = frozenset[str]().union(*(each.spoils for each in flaws))
    protected = person.protection is not Protection.NONE
    return (_is_gone(person) and "deregistered_code" not in spoilt) or (protected and "protection" not in spoilt)


def _is_gone(person: RegisterPerson) -> bool:
    return person.deregistration not in (None, DeregistrationEffect.NUMBER_CHANGED)


def _without_true_address(person: RegisterPerson, remarks: list[Remark]) -> RegisterPerson:
    kept = Addresses(special=person.addresses.special)
    if kept == person.addresses:
        return person
    remarks.append(
        Remark("The file gives an address for a person with protected registration: it is not stored. Tell the sender.")
    )
    return replace(person, addresses=kept)
