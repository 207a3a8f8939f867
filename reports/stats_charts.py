"""Drawings of a report that stand in or beside its tables: bars, whiskers, boxes, marks and the flow. Loads reportlab.

No meaning is in colour alone: lightness, marker, dash and a label say the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

from reportlab.graphics.shapes import Circle, Drawing, Line, Polygon, PolyLine, Rect, String
from reportlab.lib.colors import Color, HexColor

from reports import styles
from reports.stats_words import decimal

DARK, MIDDLE, LIGHT = styles.ACCENT, HexColor("#C4573A"), HexColor("#D9A441")
"""Three colours that differ in lightness too (L* about 30, 50 and 70): read apart in grey and by the colour-blind."""
GRID, SHADE = HexColor("#D5DDDF"), HexColor("#9DB8BF")
ROW = 14.4
"""The height of a drawing in a row of a table, in points."""
_EDGE = 10.0
"""Room at both ends of an axis, so that a mark at its end is whole."""


@dataclass(frozen=True, slots=True)
class Series:
    """How a region is told apart: its colour, dash (None for a whole line) and marker."""

    colour: Color
    dash: tuple[float, ...] | None
    marker: str


SERIES = (
    Series(DARK, None, "circle"),
    Series(MIDDLE, (5, 2), "square"),
    Series(LIGHT, (1.4, 1.8), "triangle"),
    Series(styles.QUIET, (7, 2, 1.5, 2), "diamond"),
)


def series(names: Sequence[str]) -> dict[str, Series]:
    """A look for each name, the same each time."""
    return {name: SERIES[place % len(SERIES)] for place, name in enumerate(names)}


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from `low` to `high` over a drawing's width, with a step between its ticks."""

    low: float
    high: float
    step: float
    width: float
    unit: str = ""

    def at(self, value: float) -> float:
        """Where a value stands, in points from the left; at the end when it lies beyond."""
        value = min(max(value, self.low), self.high)
        return _EDGE + (value - self.low) / (self.high - self.low) * (self.width - 2 * _EDGE)

    def ticks(self) -> list[float]:
        """The values with a line."""
        number = round((self.high - self.low) / self.step)
        return [self.low + self.step * place for place in range(number + 1)]


def axis(
    values: Sequence[float], width: float, *, zero: bool = False, unit: str = "", top: float | None = None
) -> Axis:
    """A scale of round numbers that holds the values; `zero`: begins at nought. `top`: ends there at the latest."""
    low, high = (0.0 if zero else min(values, default=0.0)), max(values, default=1.0)
    if high - low < 1e-9:
        low, high = max(0.0, low - 0.5), high + 0.5
    step = _step((high - low) / 4)
    low, high = step * floor(low / step + 1e-9), step * ceil(high / step - 1e-9)
    return Axis(low, high if top is None else max(min(high, top), low + step), step, width, unit)


def _step(rough: float) -> float:
    power = 10.0 ** floor(log10(rough))
    return next(power * part for part in (1, 2, 5, 10) if power * part >= rough - 1e-9)


def tick_text(value: float, step: float) -> str:
    """A value on an axis, with as many decimals as its steps need."""
    return decimal(value, 0 if step >= 1 else min(4, ceil(-log10(step) - 1e-9)))


def drawing(width: float, height: float) -> Any:
    """An empty drawing in the report's own font, so that no other is named in the file."""
    return Drawing(width, height, initialFontName=styles.REGULAR)


def words(x: float, y: float, said: str, size: float = 7.4, **more: Any) -> Any:
    """Text in a drawing; `anchor` start, middle or end; `bold`; `colour`."""
    font = styles.BOLD if more.get("bold") else styles.REGULAR
    colour, anchor = more.get("colour", styles.INK), more.get("anchor", "start")
    return String(x, y, said, fontName=font, fontSize=size, fillColor=colour, textAnchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, colour: Color, width: float = 0.6, dash: Any = None) -> Any:
    """A straight line."""
    return Line(x1, y1, x2, y2, strokeColor=colour, strokeWidth=width, strokeDashArray=list(dash) if dash else None)


def rule(points: Sequence[tuple[float, float]], look: Series, width: float = 1.2) -> Any:
    """A line through points, in a region's colour and dash."""
    flat = [part for point in points for part in point]
    dash = list(look.dash) if look.dash else None
    return PolyLine(flat, strokeColor=look.colour, strokeWidth=width, strokeDashArray=dash)


def marker(kind: str, x: float, y: float, size: float, colour: Color, *, hollow: bool = False) -> Any:
    """A mark `size` points across: circle, square, triangle, diamond."""
    half = size / 2
    ink = {"fillColor": HexColor("#FFFFFF") if hollow else colour, "strokeColor": colour, "strokeWidth": 0.9}
    if kind == "circle":
        return Circle(x, y, half, **ink)
    if kind == "square":
        return Rect(x - half * 0.9, y - half * 0.9, size * 0.9, size * 0.9, **ink)
    if kind == "triangle":
        return Polygon([x - half, y - half * 0.8, x + half, y - half * 0.8, x, y + half], **ink)
    return Polygon([x - half, y, x, y - half, x + half, y, x, y + half], **ink)


def scale(along: Axis, *, used: bool = True) -> Any:
    """The head of a column of drawings: what the places mean; nothing where nothing is drawn."""
    if not used:
        return ""
    made = drawing(along.width, 10)
    ticks = along.ticks()
    # Every other number where all would touch.
    every = 2 if len(ticks) > 6 else 1
    for place, value in enumerate(ticks):
        made.add(line(along.at(value), 0, along.at(value), 2.4, styles.QUIET, 0.5))
        if place % every == 0:
            said = tick_text(value, along.step) + (along.unit if place == 0 else "")
            made.add(words(along.at(value), 3.8, said, 6.6, anchor="middle", colour=styles.QUIET))
    return made


def _grid(along: Axis) -> Any:
    made = drawing(along.width, ROW)
    for value in along.ticks():
        made.add(line(along.at(value), 0, along.at(value), ROW, GRID, 0.4))
    return made


def whisker(
    along: Axis, low: float, value: float, high: float, look: Series = SERIES[0], common: float | None = None
) -> Any:
    """A share with its interval; `common` is the total's share as a dashed line."""
    made, middle = _grid(along), ROW / 2
    if common is not None:
        made.add(line(along.at(common), 0, along.at(common), ROW, styles.QUIET, 0.6, (2, 1.6)))
    made.add(line(along.at(low), middle, along.at(high), middle, look.colour, 1.3))
    for end in (low, high):
        made.add(line(along.at(end), middle - 2.2, along.at(end), middle + 2.2, look.colour, 0.9))
    made.add(marker(look.marker, along.at(value), middle, 5.2, look.colour))
    return made


def bar(along: Axis, value: float) -> Any:
    """A bar from the left."""
    made = _grid(along)
    width = along.at(value) - along.at(along.low)
    if value > 0:
        made.add(Rect(along.at(along.low), 3.4, max(width, 0.4), ROW - 6.8, fillColor=DARK, strokeColor=None))
    return made


def box(along: Axis, first: float, median: float, third: float, target: float | None) -> Any:
    """Quartiles as a thick line, the median as a mark on it, the target as a line across."""
    made, middle = _grid(along), ROW / 2
    if target is not None:
        made.add(line(along.at(target), 1, along.at(target), ROW - 1, MIDDLE, 1.1, (2.4, 1.4)))
    made.add(line(along.at(first), middle, along.at(third), middle, SHADE, 4.6))
    made.add(marker("diamond", along.at(median), middle, 6.4, DARK))
    return made


def change(along: Axis, value: float, *, sure: bool) -> Any:
    """A bar from nought to a difference: filled when it is `sure`, else hollow."""
    made, zero, end = _grid(along), along.at(0), along.at(value)
    made.add(line(zero, 0, zero, ROW, styles.QUIET, 0.7))
    ink = {"fillColor": DARK if sure else HexColor("#FFFFFF"), "strokeColor": DARK, "strokeWidth": 0.7}
    if value:
        made.add(Rect(min(zero, end), 4, abs(end - zero), ROW - 8, **ink))
    return made


def sign(kind: str) -> Any:
    """The mark of a status in the plan: shape and lightness tell it apart, colour helps."""
    made = drawing(9, 8)
    looks: dict[str, Callable[[], Any]] = {
        "green": lambda: marker("circle", 4.2, 4, 6.4, HexColor("#2E7D5B")),
        "yellow": lambda: marker("triangle", 4.2, 3.6, 7, LIGHT),
        "red": lambda: marker("square", 4.2, 4, 6.8, HexColor("#9C2B1F")),
        "closed": lambda: PolyLine([1, 4, 3.4, 1.4, 7.4, 6.8], strokeColor=styles.INK, strokeWidth=1.2),
        "too_few": lambda: marker("circle", 4.2, 4, 6.0, styles.QUIET, hollow=True),
    }
    looks["too_early"] = looks["too_few"]
    made.add(looks.get(kind, lambda: line(1.4, 4, 7, 4, styles.QUIET, 1))())
    return made


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the flow: its name, how many, and what is said beside its bar."""

    name: str
    number: int
    said: str


def flow(wide: Sequence[Step], close: Sequence[Step], width: float, high: float = 17.0) -> Any:
    """The flow in two scales: `wide` against its largest step, `close` against its own, which is the last of `wide` when all is shown.

    A line from that step's bar to the lower scale shows what has been made larger. Either part may be empty.
    """
    linked = bool(wide and close) and wide[-1] == close[0]
    rows, gap = len(wide) + len(close), 26.0 if wide and close else 0.0
    made = drawing(width, rows * high + gap)
    left, room = 96.0, width - 96 - 150
    top = rows * high + gap
    edges = [_bars(made, wide, (left, top, room), high, SHADE)]
    lower = top - len(wide) * high - gap
    edges.append(_bars(made, close, (left, lower, room), high, DARK))
    if wide and close and not linked:
        made.add(words(left + 5, lower + 1.5, "större skala", 7, colour=styles.QUIET))
    if linked and edges[0] and edges[1]:
        upper = top - len(wide) * high + 2
        for start, end in ((left, left), (left + edges[0], left + room)):
            made.add(line(start, upper, end, lower - 2, styles.QUIET, 0.5, (1.5, 1.5)))
        made.add(words(left + 5, lower + 1.5, "samma antal, större skala", 7, colour=styles.QUIET))
    return made


def _bars(made: Any, steps: Sequence[Step], place: tuple[float, float, float], high: float, colour: Color) -> float:
    """Bars under each other from the place's left and top; gives the width of the last of them."""
    left, top, room = place
    most, wide = max((one.number for one in steps), default=0), 0.0
    for number, one in enumerate(steps, start=1):
        foot = top - number * high
        wide = one.number / most * room if most else 0.0
        made.add(words(left - 6, foot + high / 2 - 3, one.name, 8.4, anchor="end"))
        made.add(line(left, foot + 1.6, left, foot + high - 1.6, styles.QUIET, 0.6))
        if one.number:
            made.add(Rect(left, foot + 2.2, max(wide, 0.6), high - 4.4, fillColor=colour, strokeColor=None))
        made.add(words(left + wide + 5, foot + high / 2 - 3, one.said, 8.4, bold=number == 1))
    return wide
