"""Personal identity numbers: what counts as one, of which kind, and what it says. Pure; never looks a person up and never mends a typing mistake.

The tax agency's rules in short: YYYYMMDD + serial of three (the last odd for men) + a Luhn check digit over the last ten digits but
the check digit itself. A samordningsnummer has 60 added to the day; month 00 and day 60 stand for an unknown month and day.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from kansli_tui.errors import InvalidIdentityError


class IdentityKind(StrEnum):
    """Where a number comes from; the value is stored."""

    PERSONNUMMER = "personnummer"
    SAMORDNINGSNUMMER = "samordningsnummer"
    NATIONAL_RESERVE = "national_reserve"
    LOCAL_RESERVE = "local_reserve"


@dataclass(frozen=True, slots=True)
class Identity:
    """A number that the rules accept.

    Attributes:
        number: as stored: twelve ASCII digits, twelve ASCII capitals and digits (national reserve), or opaque text (local reserve).
        kind: where it comes from.
        birth_date: what the number says; None when it does not say a whole day. The register's own birth date rules over it.
        sex_digit: third digit of the serial, odd for men; None for reserve numbers. Never a filter for who is offered a test.
        impossible_date: a samordningsnummer with a day that no calendar has, as the register has given out.
        is_test: looks like one of the tax agency's test numbers, see `is_test_serial`.
    """

    number: str
    kind: IdentityKind
    birth_date: date | None = None
    sex_digit: int | None = None
    impossible_date: bool = False
    is_test: bool = False


_DIGITS: Final = re.compile(r"[0-9]{12}")
_HYPHENATED: Final = re.compile(r"[0-9]{8}-[0-9]{4}")
_NATIONAL_RESERVE: Final = re.compile(r"(?=.*[A-Z])[0-9A-Z]{12}")
_SHORT: Final = re.compile(r"[0-9]{6}-?[0-9]{4}")
_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_CENTURIES: Final = ("18", "19", "20")
_LONGEST_LOCAL_RESERVE: Final = 32


def parse_identity(text: str, *, from_register: bool = False) -> Identity:
    """Read a number as a person or a file writes it: twelve digits, or YYYYMMDD-NNNN, with plain spaces around.

    Args:
        text: the number; local reserve numbers are opaque and go through `local_reserve` instead.
        from_register: the population register is the source, so a samordningsnummer with an impossible day stands, flagged.

    Raises:
        InvalidIdentityError: the message says what to do and never repeats the number.
    """
    plain = text.strip(" ")
    if _HYPHENATED.fullmatch(plain):
        plain = plain[:8] + plain[9:]
    if _DIGITS.fullmatch(plain):
        return _from_digits(plain, from_register=from_register)
    if _NATIONAL_RESERVE.fullmatch(plain):
        return Identity(plain, IdentityKind.NATIONAL_RESERVE)
    raise InvalidIdentityError(_why_unreadable(plain))


def local_reserve(text: str) -> Identity:
    """A number that one region or hospital has given out: opaque, kept as written.

    Raises:
        InvalidIdentityError: empty, too long, invisible characters, or a number of a national kind.
    """
    plain = text.strip(" ")
    if not plain or len(plain) > _LONGEST_LOCAL_RESERVE:
        raise InvalidIdentityError(
            "A reserve number has between 1 and 32 characters: check it against the document it stands on."
        )
    if not plain.isprintable():
        raise InvalidIdentityError(
            "The number contains a line break or another invisible character: type it again by hand."
        )
    try:
        parse_identity(plain)
    except InvalidIdentityError:
        return Identity(plain, IdentityKind.LOCAL_RESERVE)
    raise InvalidIdentityError("This is a personal identity number, not a local reserve number: enter it as such.")


def check_digit(nine: str) -> int:
    """The Luhn check digit of YYMMDD + serial: nine ASCII digits in, one digit out."""
    total = sum(_DOUBLED[int(digit)] for digit in nine[::2]) + sum(int(digit) for digit in nine[1::2])
    return -total % 10


def is_test_serial(kind: IdentityKind, birth_year: int, serial: int) -> bool:
    """Whether a number looks like one of the tax agency's test numbers.

    The agency publishes a list, not a rule; this is the list's pattern. Every test samordningsnummer, and every test personnummer
    of the years from 1990, has serial 238 or 239. Those of 1890-1919 have 980-999; those of 1965-1989 mostly 917-929 or 988-999
    (1980-1989). Between 1920 and 1964 the list follows no pattern.

    It is a suspicion, not a proof: before 1990 the serial was given by birth county, so a man born in Östergötland may truly have
    239 and one born in Norrbotten 929. Hold such a number for a person to confirm, never drop it.
    """
    if serial in (238, 239):
        return True
    if kind is not IdentityKind.PERSONNUMMER:
        return False
    if birth_year < 1920:
        return serial >= 980
    return (1965 <= birth_year < 1990 and 917 <= serial <= 929) or (1980 <= birth_year < 1990 and serial >= 988)


def format_identity(number: str) -> str:
    """A stored number as people read it: 19760101-2391; reserve numbers as they are."""
    return f"{number[:8]}-{number[8:]}" if _DIGITS.fullmatch(number) else number


def mask(number: str) -> str:
    """A stored number as shown for a protected person: only the year of birth, nothing of a reserve number."""
    return f"{number[:4]}****-****" if _DIGITS.fullmatch(number) else "*" * 12


def _from_digits(number: str, *, from_register: bool) -> Identity:
    if number[:2] not in _CENTURIES:
        raise InvalidIdentityError("The number must begin with the year of birth, 18, 19 or 20 first: YYYYMMDD-NNNN.")
    if check_digit(number[2:11]) != int(number[11]):
        raise InvalidIdentityError("The check digit does not match: compare the number digit by digit with its source.")
    year, month, day, serial = int(number[:4]), int(number[4:6]), int(number[6:8]), int(number[8:11])
    kind = IdentityKind.SAMORDNINGSNUMMER if day >= 60 else IdentityKind.PERSONNUMMER
    day_of_birth = day - 60 if kind is IdentityKind.SAMORDNINGSNUMMER else day
    born = _calendar_day(year, month, day_of_birth)
    impossible = False
    if kind is IdentityKind.PERSONNUMMER:
        if born is None:
            raise InvalidIdentityError("The number holds a date that does not exist: check year, month and day.")
    elif month > 12:
        raise InvalidIdentityError("The number holds a month that does not exist: check year, month and day.")
    else:
        impossible = _is_impossible(year, month, day_of_birth)
        if impossible and not from_register:
            raise InvalidIdentityError(
                "The number holds a day that does not exist. It is accepted only from the population register: check it, or search by name."
            )
    return Identity(
        number=number,
        kind=kind,
        birth_date=born,
        sex_digit=int(number[10]),
        impossible_date=impossible,
        is_test=is_test_serial(kind, year, serial),
    )


def _calendar_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _is_impossible(year: int, month: int, day: int) -> bool:
    # An unknown month or day contradicts nothing by itself; a day above 31 does in any month.
    if day == 0:
        return False
    if month == 0:
        return day > 31
    return _calendar_day(year, month, day) is None


def _why_unreadable(plain: str) -> str:
    if not plain:
        return "The number is missing: write twelve digits, YYYYMMDD-NNNN."
    if not plain.isprintable():
        return "The number contains a line break or another invisible character: type it again by hand."
    if not plain.isascii():
        return "The number contains characters that are not the ordinary digits 0-9: type it again by hand."
    if "+" in plain:
        return "Write the century instead of a plus sign: twelve digits, YYYYMMDD-NNNN."
    if _SHORT.fullmatch(plain):
        return "The century is missing: write twelve digits, YYYYMMDD-NNNN."
    if plain != plain.upper():
        return "A reserve number is written with capital letters; a personal identity number has digits only."
    return "This is not a personal identity number: write twelve digits, YYYYMMDD-NNNN."
