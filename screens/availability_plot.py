"""How a waiting list has been over a year, drawn in cells: a line of dots for one region, a letter each where they are compared.

Loaded only when the view is opened. Letters and dots say it without colour.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from textual_plotext import PlotextPlot

from kansli_tui.i18n import _, day, number
from kansli_tui.rows.availability import ALL_REGIONS, WaitingPoint
from kansli_tui.rows.office import REGION_SHORT

_NARROW = 100
"""Cells from which on every month is named."""


class WaitingPlot(PlotextPlot):
    """One figure over time: per 10,000 people, or with `share` the share past the target."""

    can_focus = False

    def __init__(self, *, share: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._share = share
        self._points: Sequence[WaitingPoint] = ()

    def show(self, points: Sequence[WaitingPoint]) -> None:
        """Draw the points of one list: one region, the total, or several regions side by side."""
        self._points = points
        self._draw()

    def on_resize(self) -> None:
        """Names of months as there is room for."""
        self._draw()

    def _draw(self) -> None:
        plot = self.plt
        plot.clear_figure()
        days = sorted({point.on for point in self._points})
        if not days:
            self.refresh()
            return
        regions = sorted({point.region for point in self._points})
        for region in regions:
            of = {point.on: self._value(point) for point in self._points if point.region == region}
            known = [(place, value) for place, on in enumerate(days) if (value := of.get(on)) is not None]
            places, values = [place for place, _value in known], [float(value) for _place, value in known]
            if known and len(regions) == 1:
                plot.plot(places, values, marker="braille")
            if known:
                plot.scatter(places, values, marker="●" if len(regions) == 1 else letter(region))
        self._scales(days)
        plot.title(_("Waited longer than the target, %") if self._share else _("Waiting per 10,000 people"))
        self.refresh()

    def _value(self, point: WaitingPoint) -> Decimal | None:
        return point.share if self._share else point.per_10_000

    def _scales(self, days: Sequence[date]) -> None:
        every = 1 if self.size.width >= _NARROW else 3
        # The day itself is named, and the month ends before it as there is room.
        places = list(range(len(days) - 1, -1, -every))[::-1]
        self.plt.xticks([float(place) for place in places], [day(days[place]) for place in places])
        values = [value for point in self._points if (value := self._value(point)) is not None]
        highest = Decimal(100) if self._share else max([Decimal(1), *values])
        marks = [Decimal(0), highest / 2, highest]
        self.plt.ylim(0, float(highest))
        self.plt.yticks([float(mark) for mark in marks], [number(mark.quantize(Decimal("0.1"))) for mark in marks])
        self.plt.xlim(-0.5, len(days) - 0.5)


def letter(region: str) -> str:
    """A region's letter in the plot: Ö, J or K."""
    return REGION_SHORT.get(region, region)[1:2]


def legend(regions: Sequence[str], names: Mapping[str, str]) -> str:
    """'Ö Östergötland · J Jönköpings län' for several regions; the name alone of one."""
    shown = [region for region in regions if region != ALL_REGIONS]
    if len(shown) == 1:
        return names[shown[0]]
    return " · ".join(f"{letter(region)} {names[region]}" for region in shown)
