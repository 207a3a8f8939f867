"""What a single value in a laboratory message means: numbers, units, times, text. Exact decimals only; nothing is guessed.

What is not certainly one number is text, and a person reads it: a held answer costs a phone call, a wrong value a life.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from kansli_tui.exchange.profile import Profile
from kansli_tui.rows.lab import LabAnswer, Observation, Problem
from kansli_tui.rows.lab_reasons import Reason

HL7_NULL: Final = '""'
"""HL7's "delete what you have": a statement, where an empty field states nothing."""

_NUMBER: Final = re.compile(r"(<=|>=|<|>|≤|≥)? *([0-9]{1,9}(?:[.,][0-9]{1,6})?)", re.ASCII)
_SAME_COMPARATOR: Final = {"≤": "<=", "≥": ">="}
_MAYBE_THOUSANDS: Final = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}", re.ASCII)
_MICROGRAMS_PER_LITRE: Final = frozenset({"ug/L", "ug/l", "ng/mL", "ng/ml"})
_MILLILITRES: Final = frozenset({"mL", "ml", "cm3", "cm³"})
_DTM: Final = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:([0-9]{2})(?:\.[0-9]{1,4})?)?)?)?([+-][0-9]{4})?",
    re.ASCII,
)
_PARTIAL_DATE: Final = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])?", re.ASCII)
_ISO_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.]+(?:Z|[+-][0-9:]+)?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Number:
    """An exact number with its comparator, and whether it was written as plainly as the NM type asks for."""

    value: Decimal
    comparator: str | None
    plain: bool


def read_number(written: str, *, dot_is_decimal: bool) -> Number | None:
    """One number such as '2.4', '2,4', '<0,10' or '> 100'; None for anything else, signs and prose included.

    '1,234' is a decimal comma to some and a thousands separator to others, so it is no number here; neither is '1.234'
    unless the type of the value lays down a decimal point (`dot_is_decimal`, HL7 NM and SN).
    """
    match = _NUMBER.fullmatch(written.strip(" "))
    if match is None:
        return None
    comparator, digits = match.groups()
    if _MAYBE_THOUSANDS.fullmatch(digits) and not ("." in digits and dot_is_decimal):
        return None
    return Number(
        value=Decimal(digits.replace(",", ".")),
        comparator=_SAME_COMPARATOR.get(comparator, comparator),
        plain=comparator is None and "," not in digits,
    )


def read_structured_number(parts: Sequence[str]) -> Number | None:
    """An SN value from its components: comparator, number, separator, second number. Ratios and ranges are no number."""
    comparator, number, *rest = [*parts, "", ""] if len(parts) < 2 else parts
    if any(rest):
        return None
    if not number:
        return read_number(comparator, dot_is_decimal=True)
    if comparator not in ("", "=", "<", ">", "<=", ">="):
        return None
    read = read_number(number, dot_is_decimal=True)
    if read is None or read.comparator is not None:
        return None
    return Number(value=read.value, comparator=comparator if comparator not in ("", "=") else None, plain=read.plain)


def canonical_unit(written: str) -> str | None:
    """'ug/L' for micrograms per litre in the spellings in use (u, U+00B5, U+03BC; ng/mL is the same), else None."""
    plain = written.strip(" ").replace("\u00b5", "u").replace("\u03bc", "u")
    return "ug/L" if plain in _MICROGRAMS_PER_LITRE else None


def is_millilitres(written: str) -> bool:
    """Whether a unit is millilitres or the same by another name. No other unit is ever converted to it."""
    return written.strip(" ") in _MILLILITRES


def read_hl7_time(written: str) -> datetime | None:
    """An HL7 time of at least a whole day as an aware time; without an offset it is Europe/Stockholm. None if it is none."""
    match = _DTM.fullmatch(written.strip(" "))
    if match is None:
        return None
    *numbers, offset = match.groups()
    year, month, day, hour, minute, second = (int(number or 0) for number in numbers)
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=_zone(offset))
        # The edges of the calendar (year 1, offsets past them) must not fail later, when somebody asks for UTC.
        local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return local


def read_iso_time(written: str) -> datetime | None:
    """An ISO 8601 time or date, as spreadsheets write them; without an offset it is Europe/Stockholm. None if it is none."""
    text = written.strip(" ")
    if not _ISO_TIME.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=stockholm())
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment


def read_birth_date(written: str) -> date | None:
    """The day in PID-7 (a time after it is ignored). None for a year or month alone.

    Raises:
        ValueError: what is written is no date at all.
    """
    text = written.strip(" ")
    if _PARTIAL_DATE.fullmatch(text):
        return None
    moment = read_hl7_time(text)
    if moment is None:
        raise ValueError("no date")
    return moment.date()


def stockholm() -> ZoneInfo:
    """The zone of every time that does not say its own."""
    return ZoneInfo("Europe/Stockholm")


def _zone(offset: str | None) -> timezone | ZoneInfo:
    if offset is None:
        return stockholm()
    minutes = int(offset[1:3]) * 60 + int(offset[3:5])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))


def visible(text: str) -> str:
    """Text from outside with control, direction and line-separator characters shown as U+FFFD, so none reaches a terminal. Keeps line feeds."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        " "
        if char == "\t"
        else char
        if char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
        else "\ufffd"
        for char in unicodedata.normalize("NFC", text)
    )


def is_psa(observation: Observation, profile: Profile) -> bool:
    """Whether the row is total PSA by the profile's codes. The laboratory's words for it are not looked at."""
    if observation.code in profile.psa_codes:
        return True
    return any(
        observation.code == alias.code and alias.system in ("", observation.code_system)
        for alias in profile.psa_aliases
    )


def psa(answer: LabAnswer, profile: Profile) -> Observation | Problem:
    """The one PSA result of an answer. None at all, or several that differ, is a problem for a person and never a pick."""
    rows = [row for row in answer.observations if is_psa(row, profile)]
    if not rows:
        return Problem(Reason.NO_PSA)
    if any(row != rows[0] for row in rows):
        return Problem(Reason.SEVERAL_PSA)
    return rows[0]
