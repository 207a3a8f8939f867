"""Where things stand on the paper: named boxes in millimetres from the top left corner of an A4 page.

Geometry only: nothing here draws or knows what a letter says.
"""

from dataclasses import dataclass
from functools import cache
from math import isfinite

from kansli_tui.errors import LetterError
from kansli_tui.rows.letters import RegionOffice

WIDTH = 210.0
HEIGHT = 297.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in millimetres, `y` growing downwards from the top edge of the page."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    def grown(self, by: float) -> "Box":
        """The box with `by` more on every side (less, when negative)."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def meets(self, other: "Box") -> bool:
        """Whether the two share any area."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def holds(self, other: "Box") -> bool:
        """Whether the other lies wholly inside this one."""
        inside_across = self.x <= other.x and other.right <= self.right
        return inside_across and self.y <= other.y and other.bottom <= self.bottom


SMALLEST = Box(0, 0, 60, 20)
"""The smallest window: four lines of a usual address."""
GUARD = 4.0
"""A folded letter slides about this much in its envelope: nothing but the address stands so close to the window."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The boxes of the first page for one envelope. Following pages use the `NEXT_` boxes."""

    window: Box
    sender: Box

    @property
    def address(self) -> Box:
        """Where the address lines may stand: inside the window even when the letter slides a little."""
        return Box(self.window.x + 3, self.window.y + 1, self.window.width - 4, self.window.height - 2)

    @property
    def clear(self) -> Box:
        """The area in which only the address may stand."""
        return self.window.grown(GUARD)


SHEETS = {
    "H2": Sheet(window=Box(112, 40, 85, 30), sender=Box(20, 43, 76, 24)),
    "V2": Sheet(window=Box(20, 40, 85, 30), sender=Box(118, 43, 72, 24)),
}
"""H2 is the right-hand window, the default of Swedish post; V2 the left-hand one."""

NOTICE = Box(20, 4.5, 170, 5)
LOGO = Box(20, 12, 110, 13)
NEXT_LOGO = Box(20, 12, 110, 9)
DATELINE = Box(145, 12, 45, 14)
BODY = Box(20, 81, 121, 187)
SIDE = Box(149, 81, 41, 187)
NEXT_BODY = Box(20, 32, 121, 236)
NEXT_SIDE = Box(149, 32, 41, 236)
FOOTER = Box(20, 272, 170, 15)
FOOTER_TEXT = Box(20, 274, 151, 13)


MATRIX = Box(6, 112, 11, 11)
"""The Data Matrix: left of all text, below the window and between the folds of A4 at 99 mm and at half its height."""

_PAGE = Box(0, 0, WIDTH, HEIGHT)
_TAKEN = (NOTICE, LOGO, DATELINE, MATRIX, BODY, SIDE, FOOTER)


def sheet(office: RegionOffice) -> Sheet:
    """The sheet for a region's envelope; LetterError when there is no such window or something else stands there."""
    usual = usual_sheet(office.window)
    return usual if office.window_box is None else sheet_of(Box(*office.window_box))


def usual_sheet(window: str) -> Sheet:
    """The sheet for "H2" or "V2"; LetterError for anything else."""
    try:
        return SHEETS[window]
    except KeyError:
        raise LetterError(
            'The region\'s envelope window "{window}" is unknown. Set it to H2 or V2.', window=window
        ) from None


@cache
def sheet_of(window: Box) -> Sheet:
    """The sheet for a window of its own measures, the sender on the side that has room; LetterError when the letter has no room for it."""
    if not all(map(isfinite, (window.x, window.y, window.width, window.height))) or not _PAGE.holds(window):
        raise LetterError(
            "The envelope window's measures lie outside the page. Measure it again from the page's top left."
        )
    if window.width < SMALLEST.width or window.height < SMALLEST.height:
        raise LetterError(
            "The envelope window is too small for an address: at least {width} × {height} mm.",
            width=f"{SMALLEST.width:g}",
            height=f"{SMALLEST.height:g}",
        )
    for usual in SHEETS.values():
        made = Sheet(window, usual.sender)
        if not any(made.clear.meets(box) for box in (*_TAKEN, made.sender)):
            return made
    raise LetterError(
        "The envelope window lies over the letter's own text. Everything within {guard} mm of it must be free: "
        "between the letterhead and the text, with room for the sender beside it.",
        guard=f"{GUARD:g}",
    )
