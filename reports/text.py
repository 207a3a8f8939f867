"""Text on its way to paper: normalised, escaped, checked against the font, and values written as people read them.

Text from outside is data: nothing in it is ever read as markup or as a placeholder. This module loads no font itself.
"""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal

from kansli_tui.errors import LetterError

NO_BREAK = "\N{NO-BREAK SPACE}"
WEEKDAYS = {
    "sv": ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS = {
    # As they are written after a day: small letters in Swedish.
    "sv": [
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
_SPACES = re.compile(r"[ \t\r\n\f\v\u00a0\u2007\u2009\u202f]+")


def clean(text: str) -> str:
    """Text from outside as one line: composed characters (NFC), runs of white space as one space, none at the ends.

    Control characters stay, so that `lacking` can refuse them instead of something vanishing from a name.
    """
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def para(text: str) -> str:
    """The text for a reportlab paragraph: NFC, and every character that would be markup escaped."""
    text = unicodedata.normalize("NFC", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def visible(text: str) -> str:
    """The text with every control or invisible character written out as its code, for previews: `‹U+001B›`."""
    return "".join(c if c.isprintable() or c == NO_BREAK else f"‹U+{ord(c):04X}›" for c in text)


def lacking(text: str, glyphs: frozenset[int] | set[int]) -> str:
    """The code ("U+1F642") of the first character that would print as nothing or as an empty box; "" when there is none.

    `glyphs` are the code points the font has. Whoever asks refuses the text with this code, never with the text itself.
    """
    text = unicodedata.normalize("NFC", text)
    if text.replace(NO_BREAK, "").isprintable() and glyphs.issuperset(map(ord, text)):
        return ""
    wrong = next(c for c in text if ord(c) not in glyphs or not (c.isprintable() or c == NO_BREAK))
    return f"U+{ord(wrong):04X}"


def keep_together(text: str) -> str:
    """The text with spaces that no line is broken at: numbers with their units, phone numbers, dates."""
    return text.replace(" ", NO_BREAK)


def format_date(day: date, language: str) -> str:
    """The day as "14 mars 2026" or "14 March 2026", kept on one line."""
    return keep_together(f"{day.day} {MONTHS[language.partition('-')[0]][day.month - 1]} {day.year}")


def format_appointment(at: datetime, language: str) -> str:
    """A local time as "tisdag 24 november 2026 kl. 10.00" or "Tuesday 24 November 2026 at 10:00"."""
    tongue = language.partition("-")[0]
    day = f"{WEEKDAYS[tongue][at.weekday()]} {format_date(at, tongue).replace(NO_BREAK, ' ')}"
    return f"{day} at {at:%H:%M}" if tongue == "en" else f"{day} kl. {at:%H.%M}"


def format_decimal(number: Decimal, language: str) -> str:
    """The number with all its decimals, with a decimal comma in Swedish."""
    plain = f"{number:f}"
    return plain.replace(".", ",") if language.startswith("sv") else plain


def format_postcode(postcode: str) -> str:
    """Five digits as "553 33"; LetterError when it is not five ASCII digits."""
    digits = postcode.replace(" ", "").replace(NO_BREAK, "")
    if not re.fullmatch(r"[0-9]{5}", digits):
        raise LetterError("The postcode is not five digits. Correct the address, or give the country if it is abroad.")
    return f"{digits[:3]} {digits[3:]}"


def enclosed_paragraphs(text: str) -> list[str]:
    """The paragraphs of a hand-written text: parted by blank lines, each on one line. None when there is nothing in it."""
    return [clean(part) for part in re.split(r"\n[ \t\r]*\n", text) if clean(part)]
