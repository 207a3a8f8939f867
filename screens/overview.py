"""Översikt: what waits and since when, what has been done, whether everybody is accounted for, and the main numbers of the year."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message

from kansli_tui.i18n import _, later, number
from kansli_tui.labels import label
from kansli_tui.pathway.availability import BY_NAME
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.cases import QueueCount, WaitingCount
from kansli_tui.rows.office import NO_REGION, REGION_SHORT
from kansli_tui.rows.overview import Done, Headlines, Overview
from screens.base import keys
from screens.home import BATCH_AREAS
from screens.stats_screen import StatsScreen
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right

_COUNT = 8
_LINES = {
    "participated": later("Gave a sample"),
    "psa_raised": later("PSA 3 or more"),
    "mri_done": later("MRI done"),
}
"""Short words for the main indicators, by name."""
_FLOW, _AVAILABILITY = 2, 4
"""The views that the main numbers are looked into on."""
_MINUTES, _HOURS = 60, 24 * 60

Line = tuple[str, list[Text]]


class OverviewScreen(StatsScreen):
    """What waits at the left, all the rest at the right; each line opens what is behind it."""

    AREA = "Overview"
    HELP = (
        "At the left everything that waits, with the number and the age of the oldest in each region. At the right what has been done today "
        "and since Monday, the balance as it was counted last, the watch, the main numbers of the rounds offered in the last twelve months, "
        "and who waits past a target. Tab goes between them; Enter opens what is behind a line, the digits the other views."
    )
    CSS_PATH = "overview.tcss"
    FILTERS: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = keys("list.open")

    class OverviewRead(Message):
        """What waits and what is done."""

        def __init__(self, overview: Overview) -> None:
            super().__init__()
            self.overview = overview

    class HeadlinesRead(Message):
        """The main numbers."""

        def __init__(self, headlines: Headlines) -> None:
            super().__init__()
            self.headlines = headlines

    def __init__(self) -> None:
        super().__init__()
        self._overview: Overview | None = None
        self._headlines: Headlines | None = None

    def compose_body(self) -> ComposeResult:
        """Two tables side by side."""
        with Horizontal():
            yield KansliTable(id="waits", cell_padding=0)
            yield KansliTable(id="rest", cell_padding=0)

    def on_mount(self) -> None:
        """The columns are those of the actor's regions."""
        self._table("waits").columns_are(
            (_("Waits"), 0), *((right(REGION_SHORT[code]), _COUNT) for code in self._regions)
        )
        self._table("rest").columns_are((_("The office"), 0), (right(_("today")), 7), (right(_("week")), 7))
        self._table("waits").focus()

    @property
    def _regions(self) -> list[str]:
        return sorted(self.actor.regions)

    def _table(self, name: str) -> KansliTable:
        return self.query_one(f"#{name}", KansliTable)

    # Reading

    def reload(self) -> None:
        """What waits at once; the main numbers come when they are counted."""
        chosen = self.desk.stats_filter
        self.title_is(_("not filtered") if chosen is not None else "")
        self.read(partial(self.office.overview.make, self.actor), self.OverviewRead)
        self.read(partial(self.office.overview.headlines, self.actor), self.HeadlinesRead, group="headlines")

    @on(OverviewRead)
    def _draw_overview(self, fact: OverviewRead) -> None:
        self._overview = fact.overview
        home = fact.overview.home
        batches = [(f"batch:{one.label}", self._batch(one)) for one in home.batches if any(one.by_region.values())]
        queues = [(f"queue:{one.queue}", self._queue(one, fact.overview.oldest)) for one in home.queues if one.total]
        lines = [*queues, *([("gap", self._empty)] if queues and batches else []), *batches]
        self._table("waits").fill(lines or [("nothing", [plain(_("Nothing waits.")), *self._empty[1:]])])
        self._draw_rest()

    @on(HeadlinesRead)
    def _draw_headlines(self, fact: HeadlinesRead) -> None:
        self._headlines = fact.headlines
        self._draw_rest()

    def _draw_rest(self) -> None:
        lines: list[Line] = []
        if self._overview is not None:
            lines += _work(self._overview)
            lines += self._balance(self._overview.home.balance)
            lines += _watch(self._overview)
        if self._headlines is not None:
            lines += _year(self._headlines)
            lines += _past(self._headlines)
        else:
            lines.append(("counted", [plain(_("The year is counted…"), "dim"), plain(""), plain("")]))
        self._table("rest").fill(lines)
        self.refresh_bindings()

    # Drawing

    @property
    def _empty(self) -> list[Text]:
        return [plain("") for _column in range(len(self._regions) + 1)]

    def _queue(self, count: QueueCount, oldest: Mapping[tuple[Queue, str], datetime]) -> list[Text]:
        name = plain(label(count.queue))
        unknown = count.by_region.get(NO_REGION, 0)
        if unknown:
            name.append(_(" +{count} unknown", count=unknown), "bold")
        return [name, *(self._aged(count, code, oldest.get((count.queue, code))) for code in self._regions)]

    def _aged(self, count: QueueCount, region: str, oldest: datetime | None) -> Text:
        waiting = count.by_region.get(region, 0)
        if not waiting or oldest is None:
            return right("–", "dim")
        return right(f"{number(waiting)} {_short((self.desk.now() - oldest).total_seconds() / 60):>3}")

    def _batch(self, count: WaitingCount) -> list[Text]:
        """Work that is done many at a time; only offers and letters know how old the oldest is, for all regions together."""
        return [plain(_(count.label)), *(self._counted(count.by_region.get(code, 0)) for code in self._regions)]

    def _counted(self, waiting: int) -> Text:
        return right(f"{number(waiting)}    ") if waiting else right("–", "dim")

    def _balance(self, balance: Mapping[str, tuple[int, int]]) -> Iterable[Line]:
        for code in self._regions:
            if code in balance:
                people, difference = balance[code]
                sign = "✓ 0" if difference == 0 else f"✗ {number(difference)}"
                name = plain(_("Balance {region}", region=REGION_SHORT[code]), "bold" if difference else "")
                yield f"area:balance:{code}", [name, right(number(people)), right(sign, "bold" if difference else "")]
        if not balance:
            yield "area:balance:", [plain(_("Balance")), right(_("not")), right(_("counted"))]

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Some lines have nothing behind them."""
        if action == "open" and self.is_mounted and self._behind is None:
            return None
        return super().check_action(action, parameters)

    @property
    def _behind(self) -> tuple[str, str] | None:
        """(kind, name) of what is behind the marked line; None where nothing is."""
        table = self.focused
        if not isinstance(table, KansliTable) or table.current is None:
            return None
        kind, colon, name = table.current.partition(":")
        return (kind, name) if colon and (kind != "batch" or name in BATCH_AREAS) else None

    @on(KansliTable.RowHighlighted)
    def _marked_another(self) -> None:
        self.refresh_bindings()

    def action_open(self) -> None:
        """The queue, area or view behind the marked line."""
        behind = self._behind
        if behind is None:
            return
        kind, name = behind
        if kind == "queue":
            self.desk.open_queue(Queue(name))
        elif kind == "batch":
            self.desk.open_area(BATCH_AREAS[name])
        elif kind == "view":
            self.action_view(int(name.partition(":")[0]))
        else:
            self.desk.open_area(name.partition(":")[0])


def _work(overview: Overview) -> Iterable[Line]:
    def line(words: str, done: Done) -> list[Text]:
        return [plain(words), right(number(sum(done.today.values()))), right(number(sum(done.week.values())))]

    yield "tasks", line(_("Tasks done"), overview.tasks)
    yield "area:letters:", line(_("Letters posted"), overview.letters)


def _watch(overview: Overview) -> Iterable[Line]:
    late = sum(check.late for check in overview.home.watch)
    found = sum(check.found for check in overview.home.watch)
    style = "bold" if late else ""
    yield "area:watch:late", [plain(_("Checks not run"), style), right(number(late), style), plain("")]
    yield "area:watch:found", [plain(_("Found by the watch")), right(number(found)), plain("")]


def _year(headlines: Headlines) -> Iterable[Line]:
    yield "year", [plain(_("The last year"), "bold"), plain(""), plain("")]
    for row in headlines.indicators:
        share = _("{share} %", share=number(row.percent)) if row.percent is not None else "–"
        of = number(row.denominator) if row.denominator is not None else "–"
        yield (
            f"view:{_FLOW}:{row.indicator}",
            [plain(_(_LINES[row.indicator])), right(share), right(_("of {count}", count=of))],
        )


def _past(headlines: Headlines) -> Iterable[Line]:
    yield "past", [plain(_("Waiting too long"), "bold"), plain(""), plain("")]
    for row in headlines.waiting:
        style = "bold" if row.past else ""
        yield (
            f"view:{_AVAILABILITY}:{row.name}",
            [
                plain(_(BY_NAME[row.name].label), style),
                right(number(row.past or 0), style),
                right(_("of {count}", count=number(row.waiting or 0))),
            ],
        )


def _short(minutes: float) -> str:
    """An age in four cells: '12m', '4h', '8d'."""
    if minutes < _MINUTES:
        return _("{count}m", count=max(0, int(minutes)))
    if minutes < _HOURS:
        return _("{count}h", count=int(minutes // 60))
    return _("{count}d", count=int(minutes // _HOURS))
