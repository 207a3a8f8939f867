"""Flöde: from the offer down to cancer, every step with its share and interval, and below it every other indicator in groups."""

from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from kansli_tui.rows.statistics import Statistics
from screens import flow_view as view
from screens.base import keys
from screens.breakdown import BreakdownScreen
from screens.stats_figure import Figure, FigureScreen
from screens.stats_words import room
from screens.widgets.table import KansliTable
from screens.widgets.text import plain


class FlowScreen(FigureScreen):
    """One table; the marked line is explained below it, in a wide window beside it."""

    AREA = "Flow"
    HELP = (
        "Each line is a step with how many, a bar, the share and its 95 % interval. In the funnel the bars are parts of all offers, "
        "further down parts of each line's own whole. What the marked line counts, and of what, stands beside it; D shows it in full. "
        "Enter opens the people counted, O the others, A all. B breaks the line down. F chooses what is counted; it stays on all "
        "views, which the digits go between."
    )
    CSS_PATH = "flow.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("stats.break_down")

    class FlowRead(Message):
        """Every indicator."""

        def __init__(self, counted: Statistics) -> None:
            super().__init__()
            self.counted = counted

    def __init__(self) -> None:
        super().__init__()
        self._lines: dict[str, view.FlowLine] = {}
        self._bar = 0

    def compose_body(self) -> ComposeResult:
        """What is counted, the lines, the marked one in words."""
        yield Static(id="says")
        with Container(id="flow"):
            yield KansliTable(id="lines")
            with VerticalScroll(id="about", can_focus=False):
                yield Static()

    @property
    def _table(self) -> KansliTable:
        return self.query_one("#lines", KansliTable)

    def on_mount(self) -> None:
        """The marked line has the keys."""
        self._table.focus()

    def on_resize(self, _event: events.Resize) -> None:
        """Bars take what is left of the width."""
        self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        columns, self._bar = view.columns(room(self._table))
        self._table.columns_are(*columns)
        self._draw_lines()

    # Reading

    def count(self) -> None:
        """Every indicator."""
        self.query_one("#says", Static).update(plain(self.filter_words(), "bold"))
        self.read(partial(self.office.statistics.make, self.actor, self.wanted), self.FlowRead)

    @on(FlowRead)
    def draw(self, fact: FlowRead) -> None:
        """Draw the lines."""
        rows = view.totals(fact.counted)
        self._lines = {line.key: line for line in view.lines(rows)}
        self._nothing = view.nothing_words(rows.values())
        self._draw_lines()
        self.drawn()
        if self._nothing:
            self.notice.done(self._nothing)

    def _draw_lines(self) -> None:
        if self._bar:  # else the columns are not there yet: what has been read is drawn with them
            self._table.fill((key, view.cells(line, self._bar)) for key, line in self._lines.items())
        self._explain()

    @on(KansliTable.RowHighlighted)
    def _explain(self) -> None:
        line = self._lines.get(self._table.current or "")
        if line is not None:
            self.query_one("#about Static", Static).update(view.about(line))
            self.query_one("#about", VerticalScroll).scroll_home(animate=False)
        self.refresh_bindings()

    # Keys

    @property
    def figure(self) -> Figure | None:
        """The marked line."""
        line = self._lines.get(self._table.current or "")
        return None if line is None or line.row is None else Figure(line.row, self.wanted)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A heading is not broken down."""
        if action == "break_down" and self.is_mounted and self.figure is None:
            return None
        return super().check_action(action, parameters)

    def action_break_down(self) -> None:
        """The marked line by region, birth year, municipality, round and age."""
        if self.figure is not None:
            self.app.push_screen(BreakdownScreen(self.figure.row.indicator))
