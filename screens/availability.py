"""Tillgänglighet: who waits for what, relative to the population, how long, and why; and the same over the last year."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, day_full, n_, number
from kansli_tui.labels import label
from kansli_tui.pathway.availability import BY_NAME
from kansli_tui.rows.availability import ALL_REGIONS, NO_CAUSE, AvailabilityReport, WaitingPoint, WaitingRow
from kansli_tui.rows.office import REGION_SHORT, REGIONS
from kansli_tui.rows.watch import DeviationCause
from screens.availability_people import WaitingPeopleScreen
from screens.availability_plot import WaitingPlot
from screens.availability_trend import TrendScreen
from screens.base import keys
from screens.stats_screen import StatsScreen
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right


class AvailabilityScreen(StatsScreen):
    """One line a waiting list, for all regions together or one of them; causes and regions of the marked list below."""

    AREA = "Availability"
    HELP = (
        "Each line is a waiting list: how many wait, per 10,000 people in the register of the region who have not left the programme, how "
        "many of them longer than the office's own target, and the median and longest wait in days. A person may stand on two lists, so they "
        "are not added up. R goes from all regions to one and to the next, T shows the marked list over the last year, Enter the "
        "people who wait. Of the filter the regions and the day count here."
    )
    CSS_PATH = "availability.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("list.open", "stats.region", "stats.trend")

    class ReportRead(Message):
        """The report as it was asked for."""

        def __init__(self, report: AvailabilityReport) -> None:
            super().__init__()
            self.report = report

    def __init__(self) -> None:
        super().__init__()
        self._report: AvailabilityReport | None = None
        self._region = ALL_REGIONS
        self._columns: tuple[str, ...] | None = None

    def compose_body(self) -> ComposeResult:
        """The lists; below them the marked one's regions, causes and year."""
        yield Static(id="says")
        yield KansliTable(id="lists", cell_padding=0)
        with Horizontal(id="below"):
            with Vertical(id="about"):
                yield Static(id="about-text")
            yield WaitingPlot(id="plot")

    def on_resize(self) -> None:
        """In a wide window each region has a column of its own beside the total."""
        self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        beside = tuple(sorted(self.actor.regions)) if self.has_class("-wide") else ()
        if beside == self._columns:
            return
        self._columns = beside
        self.query_one(KansliTable).columns_are(
            (_("Waiting list"), 0),
            (right(_("wait")), 7),
            (right(_("/10,000")), 8),
            (right(_("goal")), 5),
            (right(_("over")), 6),
            (right(_("share")), 8),
            (right(_("median")), 8),
            (right(_("longest")), 8),
            *((right(f"{REGION_SHORT[code]} {_('/10,000')}"), 13) for code in beside),
        )
        self._draw()

    # Reading

    def reload(self) -> None:
        """Count as of the filter's day."""
        wanted = self.wanted
        self.notice.working(_("Everyone who waits is counted…"))
        self.read(partial(self.office.availability.report, self.actor, wanted.regions, wanted.as_of), self.ReportRead)

    @on(ReportRead)
    def draw(self, fact: ReportRead) -> None:
        """Draw the lists of the region chosen."""
        self.notice.clear()
        self._report = fact.report
        if self._region not in (ALL_REGIONS, *fact.report.regions):
            self._region = ALL_REGIONS
        self._draw()

    def _draw(self) -> None:
        report = self._report
        if report is None or self._columns is None:
            return
        beside = {(row.name, row.region): row for row in report.rows}
        self.query_one(KansliTable).fill(
            (row.name, [*_cells(row), *(_region_cell(beside.get((row.name, code))) for code in self._columns)])
            for row in report.rows
            if row.region == self._region
        )
        people = next(row.population for row in report.rows if row.region == self._region)
        self.query_one("#says", Static).update(
            plain(_place(self._region, report.regions), "bold")
            .append(f" · {n_('{count} person in the register', '{count} people in the register', people)}", "not bold")
            .append(f" · {_('as of {day}', day=day_full(report.as_of))}", "not bold")
            .append(
                f"\n{_('regions and day alone are filtered here')}" if self.filter_says_more else "", "dim not bold"
            )
        )
        self._show_about()

    @on(KansliTable.RowHighlighted)
    def _show_about(self) -> None:
        marked = self._marked
        if marked is not None:
            self.query_one("#about-text", Static).update(_about(marked, self._beside))
            self.query_one(WaitingPlot).show(self._points(marked.name))
        self.refresh_bindings()

    @property
    def _marked(self) -> WaitingRow | None:
        name = self.query_one(KansliTable).current
        rows = self._report.rows if self._report is not None else ()
        return next((row for row in rows if (row.name, row.region) == (name, self._region)), None)

    @property
    def _beside(self) -> Sequence[WaitingRow]:
        """The marked list in each region."""
        name = self.query_one(KansliTable).current
        rows = self._report.rows if self._report is not None else ()
        return [row for row in rows if row.name == name and row.region != ALL_REGIONS]

    def _points(self, name: str) -> list[WaitingPoint]:
        """The year of a list: of the region chosen, or of every region side by side."""
        points = self._report.over_time if self._report is not None else ()
        regions = {self._region}
        if self._report is not None and self._region == ALL_REGIONS:
            regions = set(self._report.regions)
        return [point for point in points if point.name == name and point.region in regions]

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is asked of a list needs one, and people need somebody who waits."""
        if action in ("open", "trend") and self.is_mounted:
            marked = self._marked
            if marked is None or (action == "open" and not marked.waiting):
                return None
        if action == "region" and len(self.wanted.regions) < 2:
            return None
        return super().check_action(action, parameters)

    def action_region(self) -> None:
        """All regions, then one after the other."""
        places = [ALL_REGIONS, *(self._report.regions if self._report is not None else ())]
        self._region = places[(places.index(self._region) + 1) % len(places)]
        self._draw()

    def action_trend(self) -> None:
        """The marked list over the last year, in a window of its own."""
        marked = self._marked
        if marked is not None:
            self.app.push_screen(TrendScreen(marked, self._points(marked.name)))

    def action_open(self) -> None:
        """The people who wait."""
        marked, report = self._marked, self._report
        if marked is not None and report is not None and marked.waiting:
            regions = report.regions if self._region == ALL_REGIONS else (self._region,)
            self.app.push_screen(WaitingPeopleScreen(marked.name, regions, report.as_of))


def _place(region: str, regions: Sequence[str]) -> str:
    """What is shown together, by name: one region, some of them, or all that there are."""
    if region == ALL_REGIONS and set(regions) == set(REGIONS):
        return _("all regions")
    return ", ".join(REGIONS[code] for code in (regions if region == ALL_REGIONS else (region,)))


def _cells(row: WaitingRow) -> list[Text]:
    style = "" if row.waiting else "dim"
    late = bool(row.past)
    return [
        plain(_(BY_NAME[row.name].label), style),
        right(number(row.waiting) if row.waiting else "–", style),
        right(number(row.per_10_000) if row.per_10_000 is not None else "–", style),
        right(number(row.target_days) if row.target_days is not None else "–", style),
        right(number(row.past) if row.past is not None else "–", "bold" if late else style),
        right(_("{share} %", share=number(row.share)) if row.share is not None else "–", "bold" if late else style),
        right(number(row.median_days) if row.median_days is not None else "–", style),
        right(number(row.longest_days) if row.longest_days is not None else "–", style),
    ]


def _region_cell(row: WaitingRow | None) -> Text:
    """'9  329,2': how many wait in a region, and relative to its population."""
    if row is None or not row.waiting:
        return right("–", "dim")
    relative = number(row.per_10_000) if row.per_10_000 is not None else "–"
    return right(f"{number(row.waiting)} {relative:>7}", "bold" if row.past else "")


def _about(row: WaitingRow, regions: Sequence[WaitingRow]) -> Text:
    """What the list is, each region relative to its population, and why those wait who wait."""
    text = plain(_(BY_NAME[row.name].meaning) + ".", "dim")
    if len(regions) > 1:
        text.append("\n" + _("Per 10,000: "), "bold not dim")
        text.append(" · ".join(_relative(one) for one in regions), "not dim")
    if row.waiting:
        text.append("\n" + _("Causes: "), "bold not dim").append(" · ".join(_causes(row)), "not dim")
    return text


def _relative(row: WaitingRow) -> str:
    value = number(row.per_10_000) if row.per_10_000 is not None else "–"
    return f"{REGION_SHORT[row.region]} {value}"


def _causes(row: WaitingRow) -> list[str]:
    """'Kapacitetsbrist 3', the most frequent first and those without a cause last."""
    noted = sorted(((count or 0, cause) for cause, count in row.causes.items() if cause != NO_CAUSE), reverse=True)
    words = [f"{label(DeviationCause(cause))} {number(count)}" for count, cause in noted]
    unknown = row.causes.get(NO_CAUSE) or 0
    return [*words, _("no cause stated {count}", count=number(unknown))] if unknown else words
