"""A funnel plot in cells: shares against how many they are of, with the limits that chance alone gives. Loaded only when it is shown."""

from collections.abc import Sequence
from typing import Literal

from textual_plotext import PlotextPlot

from kansli_tui.i18n import _, number
from kansli_tui.pathway.indicators import funnel_limits
from screens.comparison_view import Z_95, Z_998, Place, Stands, tick

_STEPS = 160
_ALL_NAMED = 5
"""With no more places than this those with too few are named too."""
_WHOLE = 10
"""Per cent between lowest and highest from which on the numbers beside the plot need no decimals."""
_COLOUR = "default"
"""Points and lines are told apart by their characters; the theme gives them its own colour of text."""
_FIRST = (Stands.OUTSIDE_998, Stands.OUTSIDE_95, Stands.WITHIN, Stands.TOO_FEW)
_LABELS, _AXES = 8, 3
"""Cells that the numbers beside the plot take, and rows below and above it."""


class FunnelPlot(PlotextPlot):
    """Places as dots with their short names, those with too few as rings; dots '·' for 95 % and lines '-' for 99.8 %."""

    can_focus = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._places: Sequence[Place] = ()
        self._common = 0.0

    def show(self, places: Sequence[Place], common: float) -> None:
        """Draw the places around the share of all together (0 to 1)."""
        self._places, self._common = sorted(places, key=_order), common
        self._draw()

    def on_resize(self) -> None:
        """Names as there is room for."""
        self._draw()

    def _draw(self) -> None:
        plot = self.plt
        plot.clear_figure()
        if self._places and self.size.width:
            wide = 1.08 * max(place.denominator for place in self._places)
            low, high = self._span()
            self._limits(wide, low, high)
            self._points(wide, low, high)
            plot.xlim(0, wide)
            plot.ylim(low, high)
            ticks = [low, (low + high) / 2, high]
            plot.yticks(ticks, [tick(round(mark) if high - low >= _WHOLE else mark) for mark in ticks])
            across = [0, round(wide / 2), round(wide)]
            plot.xticks([float(mark) for mark in across], [number(mark) for mark in across])
            plot.yaxes(True, False)
            plot.title(_("· 95 %   - 99.8 %   share against how many it is of"))
        self.refresh()

    def _span(self) -> tuple[float, float]:
        """The shares in per cent that are shown: every point and the limits of the smallest that is judged."""
        judged = [place.denominator for place in self._places if place.stands is not Stands.TOO_FEW]
        shares = [100 * place.share for place in self._places if place.stands is not Stands.TOO_FEW or not judged]
        if judged:
            shares += [100 * limit for limit in funnel_limits(self._common, min(judged), Z_998)]
        room = max(1.0, 0.05 * (max(shares) - min(shares)))
        return max(0.0, min(shares) - room), min(100.0, max(shares) + room)

    def _limits(self, wide: float, low: float, high: float) -> None:
        sizes = [max(1.0, wide * step / _STEPS) for step in range(1, _STEPS + 1)]
        for z, marker in ((Z_998, "-"), (Z_95, "·")):
            for side in (0, 1):
                limits = [100 * funnel_limits(self._common, size, z)[side] for size in sizes]
                shown = [(size, limit) for size, limit in zip(sizes, limits, strict=True) if low <= limit <= high]
                if shown:
                    self._scatter([size for size, _limit in shown], [limit for _size, limit in shown], marker)
        self._scatter(sizes, [100 * self._common] * len(sizes), "─")

    def _points(self, wide: float, low: float, high: float) -> None:
        across, up = max(1, self.size.width - _LABELS), max(1, self.size.height - _AXES)
        taken: set[tuple[int, int]] = set()
        for place in self._places:
            share, few = 100 * place.share, place.stands is Stands.TOO_FEW
            if not low <= share <= high:
                continue
            column = int(place.denominator / wide * (across - 1))
            row = int((share - low) / (high - low or 1) * (up - 1))
            fits = column + len(place.short) + 2 < across
            dot = "o" if few else "●"
            name = f"{dot} {place.short}" if fits else f"{place.short} {dot}"
            first = column if fits else column - len(name) + 1
            cells = {(first + step, row) for step in range(len(name))}
            if (not few or len(self._places) <= _ALL_NAMED) and not cells & taken:
                side: Literal["left", "right"] = "left" if fits else "right"
                self.plt.text(name, place.denominator, share, color=_COLOUR, background=_COLOUR, alignment=side)
                taken |= cells
            elif (column, row) not in taken:
                self._scatter([place.denominator], [share], dot)
                taken.add((column, row))

    def _scatter(self, across: Sequence[float], up: Sequence[float], marker: str) -> None:
        self.plt.scatter(list(across), list(up), marker=marker, color=_COLOUR)


def _order(place: Place) -> tuple[int, int]:
    """Those outside first, then the largest: they keep their names where there is no room for all."""
    return _FIRST.index(place.stands), -place.denominator
