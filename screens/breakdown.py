"""One indicator by region, birth year, municipality, round or age: a line a group, with its interval and its people."""

from dataclasses import replace
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, later, n_
from kansli_tui.pathway.indicators import percent
from kansli_tui.pathway.municipalities import MUNICIPALITIES
from kansli_tui.rows.statistics import Breakdown, RoundsWanted, StatsFilter, StatsRow
from kansli_tui.service.counting import Dimension
from kansli_tui.service.statistics import ALL
from kansli_tui.stats_definitions import definition
from kansli_tui.stats_labels import group_words, indicator_words
from screens.base import keys
from screens.stats_figure import Figure, FigureScreen
from screens.stats_words import count, defined, eighths, in_numbers, interval, of_people, room, share
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right

_WORDS = {
    Dimension.REGION: later("by region"),
    Dimension.BORN: later("by birth year"),
    Dimension.MUNICIPALITY: later("by municipality"),
    Dimension.ROUND: later("by round"),
    Dimension.AGE: later("by age"),
}


class BreakdownScreen(FigureScreen):
    """Left and right go from one way of dividing to the next."""

    AREA = "Broken down"
    HELP = (
        "The figure in total and for each group. Left and right divide it by region, birth year, municipality, round or age. Enter opens "
        "the people counted in the marked group, O the others, A all. A small group has a wide interval: that two shares differ says "
        "little where their intervals overlap."
    )
    CSS_PATH = "flow.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("stats.dimension_before", "stats.dimension")

    class BreakdownRead(Message):
        """Every indicator by one dimension."""

        def __init__(self, found: Breakdown) -> None:
            super().__init__()
            self.found = found

    def __init__(self, indicator: str, by: Dimension = Dimension.REGION) -> None:
        super().__init__()
        self._indicator, self._by = indicator, by
        self._rows: dict[str, StatsRow] = {}
        self._bar = 0

    def compose_body(self) -> ComposeResult:
        """What is counted, the groups, the marked one in words."""
        yield Static(id="says")
        yield KansliTable(id="groups")
        with VerticalScroll(id="about", can_focus=False):
            yield Static()

    @property
    def _table(self) -> KansliTable:
        return self.query_one("#groups", KansliTable)

    def on_mount(self) -> None:
        """The marked group has the keys."""
        self._table.focus()

    def on_resize(self, _event: events.Resize) -> None:
        """Bars take what is left of the width."""
        self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        self._bar = max(4, room(self._table) - 1 - 20 - 9 - 9 - 8 - 13 - 6 * 2)
        self._table.columns_are(
            (_("Group"), 20),
            (right(_("count")), 9),
            (right(_("of")), 9),
            ("", self._bar),
            (right(_("share")), 8),
            (_("95 %"), 13),
        )
        self._draw_groups()

    # Reading

    def count(self) -> None:
        """Every indicator by the dimension."""
        says = plain(f"{indicator_words(self._indicator)} · {_(_WORDS[self._by])}", "bold")
        self.query_one("#says", Static).update(says.append_text(plain(f"\n{self.filter_words()}", lines=True)))
        breakdown = partial(self.office.statistics.breakdown, self.actor, self.wanted, self._by)
        self.read(breakdown, self.BreakdownRead)

    @on(BreakdownRead)
    def draw(self, fact: BreakdownRead) -> None:
        """Draw the groups."""
        if fact.found.by != self._by:
            return
        self._rows = rows_of(fact.found, self._indicator)
        self._draw_groups()
        self.drawn()
        if not self._rows and self._by is Dimension.ROUND and of_people(self._indicator):
            self.notice.done(
                _("This counts people, who are not of one round: choose another division with left and right.")
            )
        elif not self._rows:
            self.notice.done(_("Nobody is in what is chosen. F changes what is counted."))

    def _draw_groups(self) -> None:
        if self._bar:  # else the columns are not there yet: what has been read is drawn with them
            self._table.fill((name, self._cells(name, row)) for name, row in self._rows.items())
        self._explain()

    def _cells(self, name: str, row: StatsRow) -> list[Text]:
        if self._indicator == "rounds":  # a group's part of all offers
            every = self._rows[ALL].numerator or 0
            row = replace(row, denominator=every, percent=percent(row.numerator or 0, every), low=None, high=None)
        style = "bold" if name == ALL else ""
        return [
            plain(self._called(name), style),
            right(count(row.numerator), style),
            right(count(row.denominator), style),
            plain(eighths(row.numerator or 0, row.denominator or 0, self._bar)),
            right(share(row), style),
            plain(interval(row)),
        ]

    def _called(self, name: str) -> str:
        """The group in words; a municipality outside the three regions by its code."""
        outside = self._by is Dimension.MUNICIPALITY and name not in (ALL, "", *MUNICIPALITIES)
        return _("municipality {code}", code=name) if outside else group_words(self._by, name)

    @on(KansliTable.RowHighlighted)
    def _explain(self) -> None:
        figure = self.figure
        if figure is not None:
            text = defined(definition(self._indicator), in_numbers(figure.row), title=figure.of or _("all"))
            self.query_one("#about Static", Static).update(text)
        self.title_is(n_("{count} group", "{count} groups", max(0, len(self._rows) - 1)))
        self.refresh_bindings()

    # Keys

    @property
    def figure(self) -> Figure | None:
        """The marked group."""
        name = self._table.current or ""
        row = self._rows.get(name) if self._table.current is not None else None
        if row is None:
            return None
        of = "" if name == ALL else self._called(name)
        return Figure(row, narrowed(self.wanted, self._by, name), of)

    def action_dimension(self) -> None:
        """The next way to divide."""
        self._divide(1)

    def action_dimension_before(self) -> None:
        """The way before."""
        self._divide(-1)

    def _divide(self, step: int) -> None:
        ways = list(Dimension)
        self._by = ways[(ways.index(self._by) + step) % len(ways)]
        self._rows = {}
        self.recount()


def rows_of(found: Breakdown, indicator: str) -> dict[str, StatsRow]:
    """The indicator's row of each group; a reason for not offering that nobody of a group has is none of its people."""
    rows: dict[str, StatsRow] = {}
    for group in found.groups:
        known = {row.indicator: row for row in group.rows}
        if indicator in known:
            rows[group.name] = known[indicator]
        elif indicator.startswith("not_offered_") and "offered" in known:
            rows[group.name] = replace(
                known["offered"], indicator=indicator, numerator=0, percent=None, low=None, high=None
            )
    return rows


def narrowed(wanted: StatsFilter, by: Dimension, name: str) -> StatsFilter | None:
    """The filter that counts one group alone; None where a filter cannot say it (an age, and no municipality)."""
    if name == ALL:
        return wanted
    if by is Dimension.REGION:
        return replace(wanted, regions=(name,))
    if by is Dimension.BORN:
        return replace(wanted, born=(int(name),))
    if by is Dimension.MUNICIPALITY and name:
        return replace(wanted, municipality=name)
    if by is Dimension.ROUND:
        return replace(wanted, rounds=RoundsWanted(name))
    return None
