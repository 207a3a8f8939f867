"""The people behind a figure, a page at a time. Showing them is logged; whoever is protected stays masked."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, day, n_, number
from kansli_tui.rows.statistics import StatsPerson
from screens.base import KansliScreen, keys
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right
from screens.widgets.words import shown_place

PAGE = 50
Cursor = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Behind:
    """Whose people are shown: the figure, which of them and the filter in words (translated), and what reads a page.

    `page` takes the cursor `after` and a `limit`. `days` is what the days of a lead time are, '' where there are none.
    """

    figure: str
    part: str
    filter: str
    page: Callable[..., tuple[StatsPerson, ...]]
    days: str = ""


class StatsPeopleScreen(KansliScreen):
    """Pages by key; Enter opens the case, but not of somebody who is in another region now."""

    AREA = "The people behind"
    HELP = (
        "The people whom the figure counts. Enter opens a case, plus and minus go to other pages, Esc back to the figure. "
        "Whoever is protected is masked, and whoever has moved to another region is not opened."
    )
    CSS_PATH = "stats_people.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("list.open", "list.page_next", "list.page_previous")

    class PeopleRead(Message):
        """A page of people, and the cursors of the pages up to it."""

        def __init__(self, pages: list[Cursor], people: tuple[StatsPerson, ...]) -> None:
            super().__init__()
            self.pages = pages
            self.people = people

    def __init__(self, behind: Behind) -> None:
        super().__init__()
        self._behind = behind
        self._pages: list[Cursor] = [(0, 0)]
        self._people: dict[str, StatsPerson] = {}

    def compose_body(self) -> ComposeResult:
        """Which figure, the list."""
        yield Static(id="says")
        yield KansliTable(id="people")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        last = (right(self._behind.days), 10) if self._behind.days else (_("Round"), 6)
        self.query_one(KansliTable).columns_are(
            (_("Number"), 13), (_("Name"), 0), (_("Region"), 6), (_("Born"), 4), (_("Offered"), 12), last
        )
        behind = self._behind
        says = plain(behind.figure, "bold").append_text(plain(f" · {behind.part}\n{behind.filter}", lines=True))
        self.query_one("#says", Static).update(says)

    def reload(self) -> None:
        """Read the page again."""
        self._read(self._pages)

    def _read(self, pages: list[Cursor]) -> None:
        self.notice.working(_("The people are looked up…"))
        self.read(partial(self._behind.page, after=pages[-1], limit=PAGE), partial(self.PeopleRead, pages))

    @on(PeopleRead)
    def draw(self, fact: PeopleRead) -> None:
        """Draw the page."""
        self.notice.clear()
        self._pages = fact.pages
        self._people = {f"{one.person_id}:{one.round_number}": one for one in fact.people}
        timed = bool(self._behind.days)
        self.query_one(KansliTable).fill((key, _cells(one, timed=timed)) for key, one in self._people.items())
        whole = len(fact.pages) == 1 and len(fact.people) < PAGE
        shown = n_("{count} line", "{count} lines", len(fact.people))
        self.title_is(shown if whole else _("page {number}", number=len(fact.pages)))
        if not fact.people:
            self.notice.done(_("Nobody is behind this figure any more."))
        self.refresh_bindings()

    @on(KansliTable.RowHighlighted)
    def _marked_changes(self) -> None:
        self.refresh_bindings()

    # Keys

    @property
    def _marked(self) -> StatsPerson | None:
        return self._people.get(self.query_one(KansliTable).current or "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Pages where there are any; no case of another region."""
        if action == "open" and self.is_mounted and (self._marked is None or self._marked.elsewhere):
            return None
        if action == "page_next" and len(self._people) < PAGE:
            return None
        if action == "page_previous" and len(self._pages) < 2:
            return None
        return super().check_action(action, parameters)

    def action_open(self) -> None:
        """The case."""
        if self._marked is not None:
            self.desk.open_case(self._marked.person_id)

    def action_page_next(self) -> None:
        """What comes after the last one."""
        last = list(self._people.values())[-1]
        self._read([*self._pages, (last.person_id, last.round_number)])

    def action_page_previous(self) -> None:
        """Back the way one came."""
        self._read(self._pages[:-1])


def _cells(one: StatsPerson, *, timed: bool) -> list[Text]:
    offered = "–" if one.offered_on is None else day(one.offered_on) + f" {one.offered_on.year}"
    name = _("in another region") if one.elsewhere else one.name
    last = right("–" if one.days is None else number(one.days)) if timed else plain(one.round_number or "–")
    return [
        plain(one.number or "–"),
        plain(name),
        plain(shown_place(one.region)),
        plain(one.born),
        plain(offered),
        last,
    ]
