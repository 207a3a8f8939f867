"""Plots of a report with two axes: how many waited over time, and the funnel plot of equal care. Loads reportlab."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log10
from typing import Any

from reportlab.graphics.shapes import Rect

from kansli_tui.pathway.indicators import funnel_limits
from reports import styles
from reports.stats_charts import DARK, GRID, MIDDLE, SHADE, Series, axis, drawing, line, marker, rule, tick_text, words
from reports.stats_words import count, decimal

_MONTHS = ("jan", "feb", "mars", "apr", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec")
_Z_WIDE = 3.090232306167813
"""The normal quantile of a two-sided 99.8 % limit."""


def over_time(
    title: str,
    lines: Mapping[str, Sequence[tuple[date, float | None]]],
    looks: Mapping[str, Series],
    width: float,
    height: float,
) -> Any:
    """One small plot: values by day, a line for each name; a day without a value parts the line."""
    made = drawing(width, height)
    made.add(words(0, height - 8, title, 8, bold=True))
    left, foot, right, top = 22.0, 14.0, width - 8, height - 16
    known = sorted({day for points in lines.values() for day, _value in points})
    values = [value for points in lines.values() for _day, value in points if value is not None]
    if not known or not values:
        made.add(words(left, (foot + top) / 2, "inget att visa", 7.6, colour=styles.QUIET))
        return made
    if not any(values):
        nobody = all(value is not None for points in lines.values() for _day, value in points)
        said = "ingen väntade" if nobody else "ingen väntade, eller dolt*"
        made.add(words(left, (foot + top) / 2, said, 7.6, colour=styles.QUIET))
        return made
    up = axis(values, 1.0, zero=True)
    first, span = known[0], max((known[-1] - known[0]).days, 1)

    def place(day: date, value: float) -> tuple[float, float]:
        return left + (day - first).days / span * (right - left), foot + (value - up.low) / (up.high - up.low) * (
            top - foot
        )

    for tick in up.ticks():
        level = place(first, tick)[1]
        made.add(line(left, level, right, level, GRID, 0.4))
        made.add(words(left - 3, level - 2.3, tick_text(tick, up.step), 6.6, anchor="end", colour=styles.QUIET))
    for day, anchor in ((first, "start"), (known[-1], "end")):
        made.add(
            words(place(day, 0)[0], 4, f"{_MONTHS[day.month - 1]} {day.year}", 6.6, anchor=anchor, colour=styles.QUIET)
        )
    for name, points in lines.items():
        look, run = looks[name], list[tuple[float, float]]()
        for day, value in [*points, (first, None)]:
            if value is not None:
                run.append(place(day, value))
                made.add(marker(look.marker, *run[-1], 3.4, look.colour))
            else:
                if len(run) > 1:
                    made.add(rule(run, look))
                run = []
    return made


def legend(looks: Mapping[str, Series], names: Mapping[str, str], width: float) -> Any:
    """What each line and mark stands for."""
    made, x, y = drawing(width, 12), 0.0, 5.0
    for name, look in looks.items():
        made.add(rule([(x, y), (x + 26, y)], look))
        made.add(marker(look.marker, x + 13, y, 4.4, look.colour))
        made.add(words(x + 31, y - 2.8, names[name], 8.2))
        x += 31 + styles.width(names[name], 8.2) + 18
    return made


@dataclass(frozen=True, slots=True)
class Point:
    """One unit of a funnel plot: a region (`big`) or a municipality, with its region's look."""

    name: str
    part: int
    whole: int
    look: Series
    big: bool = False
    label: str = ""
    """What stands beside its mark; '' for the name."""

    def outside(self, share: float, *, wide: bool = True) -> bool:
        """Whether it lies outside what chance gives around the common share: 99.8 % (`wide`) or 95 %."""
        low, high = funnel_limits(share, self.whole, _Z_WIDE) if wide else funnel_limits(share, self.whole)
        return not low <= self.part / self.whole <= high


_LABEL = 7.4
Box = tuple[float, float, float, float]
"""Left, foot, right and top, in points."""


def label_places(
    named: Sequence[tuple[Point, float, float]], marks: Sequence[Box], frame: Box
) -> list[tuple[float, float]]:
    """Where each label begins: beside its point, moved until it lies on no other label and on none of the large marks.

    Where everything is taken the label stands at its first place all the same.
    """
    taken, found = list(marks), list[tuple[float, float]]()
    left, foot, right, top = frame
    for one, x, y in named:
        width = styles.width(one.label or one.name, _LABEL, styles.BOLD)
        tries = [
            (start, y + lift)
            for lift in (4.0, -10.0, 13.0, -19.0, 22.0, -28.0, 31.0, -37.0)
            for start in (x + 7, x - 7 - width)
            if left <= start <= right - width and foot <= y + lift <= top - _LABEL
        ] or [(min(max(x + 7, left), right - width), min(max(y, foot), top - _LABEL))]
        boxes = [(start, level - 2, start + width, level + 6.5) for start, level in tries]
        free = next((place for place, box in enumerate(boxes) if not any(_meet(box, other) for other in taken)), 0)
        taken.append(boxes[free])
        found.append(tries[free])
    return found


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def funnel_plot(points: Sequence[Point], share: float, width: float, height: float) -> Any:
    """Shares against how many they are of (in powers of ten), with the limits of chance around the common share."""
    made = drawing(width, height)
    left, foot, right, top = 34.0, 26.0, width - 34, height - 8
    sizes = [one.whole for one in points]
    low_size, high_size = log10(max(min(sizes) * 0.8, 1)), log10(max(sizes) * 1.3)
    # The scale holds every point, and both limits for a unit of middling size.
    limits_there = funnel_limits(share, sorted(sizes)[len(sizes) // 2], _Z_WIDE)
    along = axis(
        [*(100 * one.part / one.whole for one in points), *(100 * end for end in limits_there)], 1.0, top=100.0
    )
    low, high = max(along.low, 0.0), min(along.high, 100.0)

    def place(size: float, value: float) -> tuple[float, float]:
        across = (log10(size) - low_size) / max(high_size - low_size, 1e-9)
        value = min(max(value, low), high)
        return left + across * (right - left), foot + (value - low) / (high - low) * (top - foot)

    value = low
    while value <= high + 1e-9:
        level = place(10**low_size, value)[1]
        made.add(line(left, level, right, level, GRID, 0.4))
        made.add(
            words(left - 4, level - 2.5, f"{tick_text(value, along.step)} %", 7, anchor="end", colour=styles.QUIET)
        )
        value += along.step
    for size in (part * 10**power for power in range(8) for part in (1, 2, 5)):
        if 10**low_size <= size <= 10**high_size:
            x = place(size, low)[0]
            made.add(line(x, foot, x, foot - 3, styles.QUIET, 0.5))
            made.add(words(x, foot - 11, count(size), 7, anchor="middle", colour=styles.QUIET))
    made.add(
        words(
            (left + right) / 2, 3, "antal erbjudanden vars provtid är över", 7.4, anchor="middle", colour=styles.QUIET
        )
    )
    made.add(line(left, place(1, 100 * share)[1], right, place(1, 100 * share)[1], styles.INK, 0.9))
    made.add(words(right + 4, place(1, 100 * share)[1] - 2.5, f"{decimal(100 * share)} %", 7.4, bold=True))
    steps = [max(1, round(10 ** (low_size + (high_size - low_size) * part / 60))) for part in range(61)]
    for z, look in ((None, Series(MIDDLE, (4, 2), "")), (_Z_WIDE, Series(DARK, None, ""))):
        for side in (0, 1):
            limits = [funnel_limits(share, size) if z is None else funnel_limits(share, size, z) for size in steps]
            inside = [
                place(size, 100 * limit[side])
                for size, limit in zip(steps, limits, strict=True)
                if low <= 100 * limit[side] <= high
            ]
            if len(inside) > 1:
                made.add(rule(inside, look, 0.8))
    places = [(one, *place(one.whole, 100 * one.part / one.whole)) for one in sorted(points, key=lambda one: one.big)]
    for one, x, y in places:
        made.add(marker(one.look.marker, x, y, 8 if one.big else 4.6, one.look.colour, hollow=not one.big))
    named = [at for at in reversed(places) if at[0].big or at[0].outside(share)]
    marks = [(x - 4, y - 4, x + 4, y + 4) for one, x, y in places if one.big]
    for (one, _x, _y), (x, y) in zip(named, label_places(named, marks, (left, foot, right, top)), strict=True):
        made.add(words(x, y, one.label or one.name, _LABEL, bold=one.big))
    made.add(Rect(left, foot, right - left, top - foot, fillColor=None, strokeColor=SHADE, strokeWidth=0.5))
    return made
