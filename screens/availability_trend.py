"""One waiting list over the last year: relative to the population, and the share past the target where it has one."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kansli_tui.i18n import _, day, number
from kansli_tui.pathway.availability import BY_NAME
from kansli_tui.rows.availability import WaitingPoint, WaitingRow
from kansli_tui.rows.office import REGIONS
from screens.availability_plot import WaitingPlot, legend
from screens.base import KansliScreen
from screens.widgets.text import plain


class TrendScreen(KansliScreen):
    """The month ends and the day itself; the first and the last number in words above the plots."""

    AREA = "Availability"
    HELP = (
        "How many waited at the end of each month, as it was known then, and at last on the day chosen; with all regions shown, each has its "
        "letter. What has been corrected since changes nothing earlier."
    )
    CSS_PATH = "availability.tcss"
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, row: WaitingRow, points: Sequence[WaitingPoint]) -> None:
        super().__init__()
        self._row, self._points = row, points

    def compose_body(self) -> ComposeResult:
        """One plot, and a second where there is a target."""
        yield Static(id="says")
        yield WaitingPlot(id="waiting")
        if self._row.target_days is not None:
            yield WaitingPlot(share=True, id="share")
        yield Static(id="legend")

    def on_mount(self) -> None:
        """Draw what was read before."""
        self.title_is(_(BY_NAME[self._row.name].label))
        regions = sorted({point.region for point in self._points})
        first, last = min(point.on for point in self._points), max(point.on for point in self._points)
        then, now = (sum(point.waiting or 0 for point in self._points if point.on == on) for on in (first, last))
        self.query_one("#says", Static).update(
            _(
                "Waiting {first}: {then}. Waiting {last}: {now}.",
                first=day(first, last),
                then=number(then),
                last=day(last),
                now=number(now),
            )
        )
        self.query_one("#legend", Static).update(plain(legend(regions, REGIONS)))
        for plot in self.query(WaitingPlot):
            plot.show(self._points)
