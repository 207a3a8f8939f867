"""Jämförelse: regions, or municipalities, side by side for one figure, and which of them differ more than chance explains."""

from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, later, number
from kansli_tui.rows.statistics import Breakdown, StatsRow
from kansli_tui.service.counting import Dimension
from kansli_tui.service.statistics import ALL
from kansli_tui.stats_labels import group_words, indicator_words
from screens import comparison_view as view
from screens.base import keys
from screens.breakdown import narrowed, rows_of
from screens.dialogs import Choice, Choose
from screens.funnel_plot import FunnelPlot
from screens.stats_figure import Figure, FigureScreen
from screens.stats_words import room, share
from screens.widgets.table import KansliTable
from screens.widgets.text import plain

_FIRST = "participated"


class ComparisonScreen(FigureScreen):
    """One figure at a time; left and right go to the others."""

    AREA = "Comparison"
    HELP = (
        "Each place with its share, its 95 % interval, and all together as the broken line. Below stands a funnel plot: the larger a "
        "place, the less chance alone can move its share, so the limits narrow towards the right. A place outside them differs more than "
        "chance explains; why, the figures do not say. Left and right go to other figures, I lists them, M shows municipalities. Enter opens "
        "the people counted in the marked place, O the others, A all. Protected people are in no municipality."
    )
    CSS_PATH = "comparison.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("stats.before", "stats.next", "stats.choose", "stats.places")

    class ComparisonRead(Message):
        """Every indicator by region or municipality."""

        def __init__(self, found: Breakdown) -> None:
            super().__init__()
            self.found = found

    def __init__(self) -> None:
        super().__init__()
        self._by, self._indicator = Dimension.REGION, _FIRST
        self._found: Breakdown | None = None
        self._rows: dict[str, StatsRow] = {}
        self._whiskers = 10

    def compose_body(self) -> ComposeResult:
        """What is compared, the places, what it means, the plot."""
        yield Static(id="says")
        with Container(id="compared"):
            with Vertical(id="places"):
                yield KansliTable(id="table", cell_padding=0)
                with VerticalScroll(id="meaning", can_focus=False):
                    yield Static()
                yield Static(plain(_(view.LEGEND)), id="legend", classes="quiet")
            yield FunnelPlot(id="plot")

    @property
    def _table(self) -> KansliTable:
        return self.query_one("#table", KansliTable)

    def on_mount(self) -> None:
        """The marked place has the keys."""
        self._table.focus()

    def on_resize(self, _event: events.Resize) -> None:
        """Whiskers take what is left of the width."""
        self.call_after_refresh(self._draw_places)

    # Reading

    def count(self) -> None:
        """Every indicator by place."""
        self._say()
        breakdown = partial(self.office.statistics.breakdown, self.actor, self.wanted, self._by)
        self.read(breakdown, self.ComparisonRead)

    def _say(self) -> None:
        text = plain(indicator_words(self._indicator), "bold")
        names = self._indicators
        if self._indicator in names:
            text.append_text(
                plain(
                    "  " + _("figure {number} of {count}", number=names.index(self._indicator) + 1, count=len(names)),
                    "dim",
                )
            )
        self.query_one("#says", Static).update(text.append("\n").append_text(plain(self.filter_words())))

    @on(ComparisonRead)
    def draw(self, fact: ComparisonRead) -> None:
        """Draw the places."""
        if fact.found.by != self._by:
            return
        self._found = fact.found
        self._draw_places()
        self.drawn()
        if not self._rows:
            self.notice.done(_("Nobody is in what is chosen. F changes what is counted."))

    def _draw_places(self) -> None:
        if self._found is None:
            return
        self._say()
        self._rows = view.order(rows_of(self._found, self._indicator), self._by)
        columns, self._whiskers = view.columns(room(self._table), self._rows)
        self._table.columns_are(*columns)
        found = {place.name: place for place in view.places(self._rows, self._by)}
        self._table.fill(
            (name, view.cells(self._by, name, self._rows, found.get(name), self._whiskers)) for name in self._rows
        )
        shown = list(found.values())
        nobody = not any(row.denominator for row in self._rows.values())
        words = plain(
            _("Nobody is in what is chosen. F changes what is counted.") if nobody else view.says(shown), "bold"
        )
        if len(shown) > 1:
            words.append_text(plain(" " + view.meaning(shown)))
        self.query_one("#meaning Static", Static).update(words)
        whole = self._rows.get(ALL)
        common = (whole.numerator or 0) / whole.denominator if whole is not None and whole.denominator else 0.0
        plot = self.query_one(FunnelPlot)
        plot.display = len(shown) > 1  # else an empty frame
        plot.show(shown, common)
        self.refresh_bindings()

    @on(KansliTable.RowHighlighted)
    def _marked_changes(self) -> None:
        self.refresh_bindings()

    # Keys

    @property
    def figure(self) -> Figure | None:
        """The marked place."""
        name = self._table.current
        if name is None or name not in self._rows:
            return None
        of = "" if name == ALL else group_words(self._by, name)
        return Figure(self._rows[name], narrowed(self.wanted, self._by, name), of)

    @property
    def _indicators(self) -> list[str]:
        """What can be compared: every figure that is a share of anybody."""
        total = self._found.groups[0].rows if self._found is not None and self._found.groups else ()
        return [row.indicator for row in total if row.denominator and row.indicator != "rounds"]

    @property
    def key_labels(self) -> dict[str, str]:
        """M says what comes next."""
        return {"stats.places": later("municipalities") if self._by is Dimension.REGION else later("regions")}

    def action_next(self) -> None:
        """The next figure."""
        self._step(1)

    def action_before(self) -> None:
        """The figure before."""
        self._step(-1)

    def _step(self, step: int) -> None:
        names = self._indicators
        if names:
            place = names.index(self._indicator) if self._indicator in names else -step
            self._compare(names[(place + step) % len(names)])

    def action_choose(self) -> None:
        """Choose the figure from a list."""
        total = {row.indicator: row for row in self._found.groups[0].rows} if self._found and self._found.groups else {}
        choices = tuple(
            Choice(
                name,
                indicator_words(name),
                _("{share} of {count}", share=share(total[name]), count=number(total[name].denominator or 0)),
            )
            for name in self._indicators
        )
        if choices:
            self.ask(Choose(_("What is compared?"), choices), self._compare)

    def _compare(self, name: str) -> None:
        self._indicator = name
        self._draw_places()

    def action_places(self) -> None:
        """Municipalities, or regions again."""
        self._by = Dimension.MUNICIPALITY if self._by is Dimension.REGION else Dimension.REGION
        self._found, self._rows = None, {}
        self.recount()
