"""Home: what waits, in the order it should be done, per region and with the age of the oldest, all without a key pressed."""

from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, ago, number
from kansli_tui.keys import KEYS, QUEUE_KEYS
from kansli_tui.labels import label
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.cases import Home, QueueCount, WaitingCount
from kansli_tui.rows.office import NO_REGION, REGION_SHORT
from screens.base import KansliScreen, keys
from screens.home_beside import beside_text
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right
from screens.widgets.words import day_report

if TYPE_CHECKING:
    from kansli_tui.service.daily import DailyReport

_QUEUE = KEYS["home.queue"]
_QUEUE_BINDINGS: list[BindingType] = [
    Binding(f"{sign.lower()},{sign}" if sign.isalpha() else sign, f"queue('{sign}')", _QUEUE.label, id=_QUEUE.id)
    for sign, _queue in zip(QUEUE_KEYS, Queue, strict=False)
]
_COUNT, _AGE = 6, 9
"""Widths in cells."""
_AGAIN = 60
"""Seconds between counts while the screen is looked at."""
_URGENT = (Queue.URGENT, Queue.UROLOGY_REFERRAL)

BATCH_AREAS = {
    "Offers to release": "offers",
    "Letters to print": "letters",
    "Letters to post": "letters",
    "Orders to send": "orders",
    "Referrals to send": "orders",
    "Cancellations to send": "orders",
}
"""Which area does the work of a batch line, by the line's label."""


class HomeScreen(KansliScreen):
    """The first screen of the day; it lets the day's own work be done once (due offers, expired windows) and says what it did."""

    AREA = "Home"
    HELP = (
        "What stands first should be done first. The numbers are open tasks per region, with the age of the oldest. "
        "Type the digit or letter beside a queue to work it, or S to begin with the most urgent."
    )
    CSS_PATH = "home.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*keys("home.start"), *_QUEUE_BINDINGS, *keys("list.open")]

    class HomeRead(Message):
        """Everything the screen says."""

        def __init__(self, home: Home) -> None:
            super().__init__()
            self.home = home

    class DayRun(Message):
        """The day's own work is done; `report` counts what it did."""

        def __init__(self, report: "DailyReport") -> None:
            super().__init__()
            self.report = report

    def __init__(self) -> None:
        super().__init__()
        self._home: Home | None = None
        self._day_tried = self._day_running = False

    def compose_body(self) -> ComposeResult:
        """Queues at the left, what waits by itself and the balance at the right."""
        with Horizontal():
            yield KansliTable(id="queues", cell_padding=0)
            with VerticalScroll(id="beside", can_focus=False):
                yield Static(id="beside-text")

    def on_mount(self) -> None:
        """The columns are those of the actor's regions."""
        self.query_one(KansliTable).columns_are(
            (f"    {_('To do now')}", 0),
            *((right(REGION_SHORT[code]), _COUNT) for code in self._regions),
            (right(_("oldest")), _AGE),
        )
        self.set_interval(_AGAIN, self._again)

    def _again(self) -> None:
        if self.is_current and not self.busy:
            self.reload()

    @property
    def _regions(self) -> list[str]:
        return sorted(self.actor.regions)

    # Reading

    def reload(self) -> None:
        """Read the counts; first of all, once a day, let the day's own work be done."""
        if not self._day_tried and not self.busy and self.desk.daily_on != self.today:
            self._day_tried = self._day_running = True
            work = partial(self.office.daily.run, self.actor)
            self.write(work, self.DayRun, saying=_("The day's own work is being done…"))
        else:
            self.read(partial(self.office.queues.home, self.actor), self.HomeRead)

    def failed(self, error: BaseException) -> None:
        """Show it, and the counts all the same when it was the day's own work that failed."""
        super().failed(error)
        if self._day_running:
            self._day_running = False
            self.read(partial(self.office.queues.home, self.actor), self.HomeRead)

    @on(DayRun)
    def _day_done(self, fact: DayRun) -> None:
        self.desk.daily_on, self._day_running = self.today, False
        self.notice.done(day_report(fact.report))

    # Drawing

    @on(HomeRead)
    def draw(self, fact: HomeRead) -> None:
        """Draw the counts; the cursor stays with its line."""
        self._home = fact.home
        self._draw()

    def _draw(self) -> None:
        home, table = self._home, self.query_one(KansliTable)
        if home is None:
            return
        lines = [(f"queue:{count.queue}", self._queue_line(at, count)) for at, count in enumerate(home.queues)]
        batches = [(f"batch:{count.label}", self._batch_line(count)) for count in home.batches]
        if len(lines) + 1 + len(batches) >= table.size.height:
            # What is empty folds into one line; its keys work all the same.
            empty = ranges([at for at, count in enumerate(home.queues) if not count.total])
            lines = [line for line, count in zip(lines, home.queues, strict=True) if count.total]
            batches = [line for line, count in zip(batches, home.batches, strict=True) if any(count.by_region.values())]
            if empty:
                lines.append(("empty", [plain("    " + _("empty: {keys}", keys=empty), "dim"), *self._nothing]))
        gap = [("gap", [plain(""), *self._nothing])] if batches else []
        table.fill([*lines, *gap, *batches])
        self._draw_beside()

    @property
    def _nothing(self) -> list[Text]:
        """Empty cells for counts and age."""
        return [plain("") for _column in range(len(self._regions) + 1)]

    def on_resize(self) -> None:
        """What folds depends on the height, and the texts beside are set for their width."""
        self.call_after_refresh(self._draw)

    def _draw_beside(self) -> None:
        if self._home is not None:
            beside = self.query_one("#beside-text", Static)
            width, short = max(16, beside.size.width), self.has_class("-short")
            beside.update(beside_text(self._home, self._regions, width, self.desk.now(), short=short))

    def _queue_line(self, at: int, count: QueueCount) -> list[Text]:
        urgent = count.total > 0 and count.queue in _URGENT
        style = "" if count.total else "dim"
        unknown = count.by_region.get(NO_REGION, 0)
        name = plain(f"{QUEUE_KEYS[at]} {'!' if urgent else ' '} {label(count.queue)}", "bold" if urgent else style)
        if unknown:
            name.append(_(" +{count} unknown", count=unknown), "bold")
        return [name, *self._counts(count.by_region, style), self._age(count.oldest, style)]

    def _batch_line(self, count: WaitingCount) -> list[Text]:
        style = "" if any(count.by_region.values()) else "dim"
        name = plain(f"    {_(count.label)}", style)
        return [name, *self._counts(count.by_region, style), self._age(count.oldest, style)]

    def _counts(self, by_region: dict[str, int], style: str) -> list[Text]:
        counts = [by_region.get(code, 0) for code in self._regions]
        return [right(number(count) if count else "–", style) for count in counts]

    def _age(self, oldest: date | datetime | None, style: str) -> Text:
        return right(ago(oldest, self.desk.now()) if oldest else "", style)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is nothing behind the first screen."""
        return False if action == "back" else super().check_action(action, parameters)

    def action_queue(self, sign: str) -> None:
        """Open the queue with this digit or letter."""
        self.desk.open_queue(tuple(Queue)[QUEUE_KEYS.index(sign)])

    def action_start(self) -> None:
        """Open the first queue where anything waits."""
        waits = [count.queue for count in self._home.queues if count.total] if self._home else []
        if waits:
            self.desk.open_queue(waits[0])
        else:
            self.notice.done(_("Nothing waits in any queue."))

    def action_open(self) -> None:
        """Open the marked line."""
        kind, _colon, name = (self.query_one(KansliTable).current or "").partition(":")
        if kind == "queue":
            self.desk.open_queue(Queue(name))
        elif kind == "batch" and name in BATCH_AREAS:
            self.desk.open_area(BATCH_AREAS[name])


def ranges(places: list[int]) -> str:
    """The keys of queues with neighbours drawn together: '1 3–5 B'."""
    parts: list[list[int]] = []
    for place in places:
        if parts and place == parts[-1][-1] + 1:
            parts[-1].append(place)
        else:
            parts.append([place])
    return " ".join(
        QUEUE_KEYS[part[0]] if len(part) == 1 else f"{QUEUE_KEYS[part[0]]}–{QUEUE_KEYS[part[-1]]}" for part in parts
    )
