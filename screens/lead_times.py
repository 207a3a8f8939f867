"""Ledtider: how long each stretch of the way took, how many came within the target, and who still waits."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, later
from kansli_tui.pathway.lead_times import BY_NAME
from kansli_tui.rows.statistics import LeadPart, LeadRow, StatsPerson
from kansli_tui.service.statistics import ALL
from kansli_tui.stats_labels import lead_words
from screens import lead_times_view as view
from screens.base import keys
from screens.dialogs import Show
from screens.stats_figure import Counted
from screens.stats_people import Behind, StatsPeopleScreen
from screens.stats_words import room
from screens.widgets.table import KansliTable
from screens.widgets.text import plain

_PARTS = {
    "open": LeadPart.WAITING,
    "waiting_over": LeadPart.WAITING_OVER,
    "done": LeadPart.DONE,
    "late": LeadPart.LATE,
}
_DIVIDED = ("total", "region", "unit")
_KEY_WORDS = {"total": later("by region"), "region": later("by unit"), "unit": later("in total")}


class LeadTimesScreen(Counted):
    """First the totals; U shows the regions, then the units."""

    AREA = "Lead times"
    HELP = (
        "Days from one step to another. Median and quartiles are of those who have come to the end; those who still wait are counted "
        "beside, so that a long queue does not look like short times. Enter opens those who wait, V those of them who have waited "
        "longer than the target, K those done, S those done too late. U shows the regions, then the units, then the totals again. "
        "A wide window draws the middle half of the times as a line, with median and target."
    )
    CSS_PATH = "lead_times.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys(
        "list.open", "stats.divide", "stats.waiting_over", "stats.done", "stats.late", "stats.define"
    )

    class LeadsRead(Message):
        """Every lead time."""

        def __init__(self, divided: str, rows: tuple[LeadRow, ...]) -> None:
            super().__init__()
            self.divided, self.rows = divided, rows

    def __init__(self) -> None:
        super().__init__()
        self._divided = _DIVIDED[0]
        self._lines: dict[str, view.LeadLine] = {}
        self._wide, self._picture = 0, 0

    def compose_body(self) -> ComposeResult:
        """What is counted, the lead times, the marked one in words."""
        yield Static(id="says")
        yield KansliTable(id="leads", cell_padding=0)
        with VerticalScroll(id="about", can_focus=False):
            yield Static()

    @property
    def _table(self) -> KansliTable:
        return self.query_one("#leads", KansliTable)

    def on_mount(self) -> None:
        """The marked line has the keys."""
        self._table.focus()

    def on_resize(self, _event: events.Resize) -> None:
        """A wide window has room for the picture."""
        self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        self._wide = room(self._table)
        columns, self._picture = view.columns(self._wide)
        self._table.columns_are(*columns)
        self._draw_lines()

    # Reading

    def count(self) -> None:
        """The lead times, divided as chosen."""
        self.query_one("#says", Static).update(plain(self.filter_words(), "bold"))
        read = partial(self.office.statistics.lead_times, self.actor, self.wanted, by_unit=self._divided == "unit")
        self.read(read, partial(self.LeadsRead, self._divided))

    @on(LeadsRead)
    def draw(self, fact: LeadsRead) -> None:
        """Draw the lines."""
        rows = [row for row in fact.rows if fact.divided != "total" or row.region == ALL]
        self._lines = {line.key: line for line in view.lines(rows)}
        self._draw_lines()
        self.drawn()
        if not any(row.rounds or row.waiting for row in rows):
            self.notice.done(_("No offer has been sent in what is chosen. F changes what is counted."))

    def _draw_lines(self) -> None:
        if self._wide:  # else the columns are not there yet: what has been read is drawn with them
            self._table.fill((key, view.cells(line, self._picture)) for key, line in self._lines.items())
        self._explain()

    @on(KansliTable.RowHighlighted)
    def _explain(self) -> None:
        row = self._marked
        self.query_one("#about Static", Static).update(view.about(row) if row is not None else "")
        self.refresh_bindings()

    # Keys

    @property
    def _marked(self) -> LeadRow | None:
        line = self._lines.get(self._table.current or "")
        return None if line is None else line.row

    @property
    def key_labels(self) -> dict[str, str]:
        """U says what comes next, Enter whom it opens."""
        return {"stats.divide": _KEY_WORDS[self._divided], "list.open": later("who waits")}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """People where there are any; those of no unit have no list of their own."""
        if self.is_mounted and (action in _PARTS or action == "define"):
            row = self._marked
            if row is None:
                return None
            if action in _PARTS and (not view.behind(row, _PARTS[action]) or self._of_no_unit(row)):
                return None
        return super().check_action(action, parameters)

    def _of_no_unit(self, row: LeadRow) -> bool:
        return self._divided == "unit" and row.region != ALL and row.unit_id == 0

    def action_divide(self) -> None:
        """In total, by region, by unit."""
        self._divided = _DIVIDED[(_DIVIDED.index(self._divided) + 1) % len(_DIVIDED)]
        self.title_is("" if self._divided == "total" else _(_KEY_WORDS[_DIVIDED[_DIVIDED.index(self._divided) - 1]]))
        self.recount()

    def action_open(self) -> None:
        """Those who wait."""
        self._show(LeadPart.WAITING)

    def action_waiting_over(self) -> None:
        """Those who have waited longer than the target."""
        self._show(LeadPart.WAITING_OVER)

    def action_done(self) -> None:
        """Those for whom the time has ended."""
        self._show(LeadPart.DONE)

    def action_late(self) -> None:
        """Those for whom it ended after the target."""
        self._show(LeadPart.LATE)

    def _show(self, part: LeadPart) -> None:
        row = self._marked
        if row is None or not view.behind(row, part) or self._of_no_unit(row):
            return
        wanted = self.wanted if row.region == ALL else replace(self.wanted, regions=(row.region,))
        page: Callable[..., tuple[StatsPerson, ...]] = partial(
            self.office.stats_people.of_lead, self.actor, wanted, row.lead, part, unit_id=row.unit_id or None
        )
        named = " · ".join(filter(None, (lead_words(row.lead), view.place(row))))
        waits = part in (LeadPart.WAITING, LeadPart.WAITING_OVER)
        days = _("has waited") if waits else _("took days")
        self.app.push_screen(
            StatsPeopleScreen(Behind(named, view.part_words(row, part), self.filter_words(), page, days))
        )

    def action_define(self) -> None:
        """The definition in full."""
        row = self._marked
        if row is not None:
            target = BY_NAME[row.lead].target
            ours = (
                _("The target of {days} days is the office's own.", days=target)
                if target
                else _("The office has set no target.")
            )
            title, _break, rest = view.about(row).plain.partition("\n")
            self.ask(Show(title, (*rest.split("\n"), ours)), lambda _answer: None)
