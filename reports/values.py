"""The values of one letter: complete, of the right kind, and written in the letter's language.

A missing or odd value is refused here, before anything is printed: never a blank on paper.
"""

import re
from datetime import date, datetime
from decimal import Decimal

from kansli_tui.errors import LetterError
from kansli_tui.rows.letters import VALUE_RULES, LetterContent, LetterValue
from reports.labels import spoken
from reports.text import NO_BREAK, clean, format_date, format_decimal, keep_together

PAST_DAYS = frozenset({"sampled_on", "examined_on", "biopsied_on", "sent_on"})
COMING_DAYS = frozenset({"offer_on", "valid_until", "next_on"})
YEARS = frozenset({"next_year", "last_year"})
_LAST_YEAR_PAST = 3
"""So many years before the letter the last year of offers may lie."""
PSA_VALUES = frozenset({"psa", "psa_before", "psa_now"})
UNBROKEN = frozenset({"booked_at", "instead_of", "unit_phone"})
"""Texts in which no line is broken beside a figure: a time or a phone number in two halves is easily misread."""
TEXT_LIMIT = 120
"""Characters in a value that is text; a longer one is a mistake, and would push the letter over its pages."""
_BESIDE_FIGURE = re.compile(r"(?<=[0-9]) | (?=[0-9])")
_PSA = {
    "sv": re.compile(r"(?:[a-zåäö]+ ){0,3}[0-9]+(?:,[0-9]+)?"),
    "en": re.compile(r"(?:[a-z]+ ){0,3}[0-9]+(?:\.[0-9]+)?"),
}


def check_names(letter: LetterContent) -> None:
    """The letter has exactly the values its type needs; LetterError names those that lack or are too many."""
    rules, given = VALUE_RULES[letter.type], letter.values.keys()
    missing = rules.required - given
    if missing:
        raise LetterError("The letter lacks values: {names}.", names=", ".join(sorted(missing)))
    unknown = given - rules.known
    if unknown:
        raise LetterError(
            "The letter has values its text does not know: {names}.", names=", ".join(sorted(map(str, unknown)))
        )
    if rules.one_of and len(rules.one_of & given) != 1:
        raise LetterError(
            "The letter must have exactly one of the values: {names}.", names=", ".join(sorted(rules.one_of))
        )


def format_values(letter: LetterContent) -> dict[str, str]:
    """Every value as it will stand in the text.

    Raises:
        LetterError: a name is missing or unknown, or a value is not what its name promises.
    """
    check_names(letter)
    return {name: _format(letter, name, value) for name, value in letter.values.items()}


def _format(letter: LetterContent, name: str, value: LetterValue) -> str:
    if name in PAST_DAYS | COMING_DAYS:
        return _format_day(letter, name, value)
    if name in YEARS:
        # Who was offered in his last year may have his answer the year after it, or later still by way of MRI and biopsy.
        first = letter.on.year - (_LAST_YEAR_PAST if name == "last_year" else 0)
        if type(value) is not int or not first <= value <= letter.on.year + 30:
            raise _wrong(name, "a year from the letter's own and on")
        return str(value)
    if name in PSA_VALUES:
        return _format_psa(name, value, letter.language)
    text = clean(value) if isinstance(value, str) else ""
    if not text or len(text) > TEXT_LIMIT:
        raise _wrong(name, "a text of 1 to 120 characters")
    return _BESIDE_FIGURE.sub(NO_BREAK, text) if name in UNBROKEN else text


def _format_day(letter: LetterContent, name: str, value: LetterValue) -> str:
    # A datetime is a moment, and its day depends on the time zone: the caller decides which day it means.
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _wrong(name, "a date")
    if name in PAST_DAYS and value > letter.on:
        raise _wrong(name, "a day not after the letter's date")
    if name in COMING_DAYS and value < letter.on:
        raise _wrong(name, "a day not before the letter's date")
    return format_date(value, letter.language)


def _format_psa(name: str, value: LetterValue, language: str) -> str:
    if isinstance(value, Decimal) and value.is_finite() and value >= 0:
        return format_decimal(value, language)
    text = clean(value) if isinstance(value, str) else ""
    if not _PSA[spoken(language)].fullmatch(text):
        raise _wrong(name, 'a number such as "3,4" (English "3.4"), with words before it if needed')
    return keep_together(text)


def _wrong(name: str, expected: str) -> LetterError:
    return LetterError("The letter's value {name} must be {expected}.", name=name, expected=expected)
