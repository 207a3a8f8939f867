"""The address in the window: which lines, and how large so that they fit. Refuses rather than clips.

Only the address is here: no number, no type of letter, no sender ever stands in the window.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from kansli_tui.errors import LetterError
from kansli_tui.rows.letters import Recipient
from reports.page import Box
from reports.text import clean, format_postcode

MM = 72 / 25.4
SIZES = ((11.0, 13.2), (10.5, 12.4), (10.0, 11.2))
"""Type size and line distance in points, tried from the largest; envelopes are sorted by machines that want 10-12 pt."""
SWEDEN = frozenset({"", "sverige", "sweden", "se"})

_PERSONAL_NUMBER = re.compile(r"(?<![0-9])(?:[0-9]{2})?[0-9]{6}[-+]?[0-9]{4}(?![0-9])")


@dataclass(frozen=True, slots=True)
class FittedAddress:
    """Address lines that fit their box at this type size and line distance (points)."""

    lines: tuple[str, ...]
    size: float
    leading: float


def address_lines(recipient: Recipient) -> tuple[str, ...]:
    """The lines as they are printed: no blank ones, "553 33  JÖNKÖPING" or the country in capitals last.

    Raises:
        LetterError: the name, the lines, the Swedish postcode or the city is missing or wrong.
    """
    name, city = clean(recipient.name), clean(recipient.city)
    country = clean(recipient.country)
    street = [line for line in map(clean, recipient.lines) if line]
    if not name:
        raise LetterError("The recipient has no name. Correct it in the register before the letter is printed.")
    if country.casefold() in SWEDEN:
        if not city:
            raise LetterError("The address has no city. Correct it in the register before the letter is printed.")
        # Two spaces between postcode and city, and capitals: the form Swedish post asks for.
        last = [f"{format_postcode(recipient.postcode)}  {city.upper()}"]
    else:
        local = " ".join(part for part in (clean(recipient.postcode), city) if part)
        if not street and not local:
            raise LetterError(
                "The foreign address has no lines. Correct it in the register or send the letter by hand."
            )
        last = [*([local] if local else []), country.upper()]
    lines = (name, *street, *last)
    if any(_PERSONAL_NUMBER.search(line) for line in lines):
        raise LetterError("The address holds what looks like a personal identity number. Correct it in the register.")
    return lines


def fit_address(lines: tuple[str, ...], box: Box, width: Callable[[str, float], float]) -> FittedAddress:
    """The address at the largest size at which it fits, long lines broken at a space or hyphen.

    Args:
        lines: from `address_lines`; the last is never broken.
        box: where they must fit, in millimetres.
        width: the width in points of a text at a type size.

    Raises:
        LetterError: it does not fit even at the smallest size.
    """
    across, down = box.width * MM, box.height * MM
    for size, leading in SIZES:
        broken = [_break(line, size, across, width) for line in lines[:-1]]
        fitted = tuple(part for parts in broken for part in parts) + lines[-1:]
        if len(fitted) * leading <= down and all(width(line, size) <= across for line in fitted):
            return FittedAddress(fitted, size, leading)
    raise LetterError(
        "The address does not fit the envelope window: {count} lines. Shorten it in the register or send the letter by hand.",
        count=len(lines),
    )


def _break(line: str, size: float, across: float, width: Callable[[str, float], float]) -> list[str]:
    """The line in parts that each fit, where a space or a hyphen allows it; a part that cannot be broken stays long."""
    if width(line, size) <= across:
        return [line]
    parts = [""]
    for word in re.findall(r"[^ -]*-|[^ -]+ ?| ", line):
        if parts[-1] and width((parts[-1] + word).rstrip(), size) > across:
            parts.append("")
        parts[-1] += word
    return [part.strip() for part in parts if part.strip()]
