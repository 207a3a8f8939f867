"""The people of a waiting list, the longest wait first, a page at a time. Showing them is logged."""

from datetime import date
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from kansli_tui.i18n import _, day, n_, number
from kansli_tui.labels import label
from kansli_tui.pathway.availability import BY_NAME
from kansli_tui.rows.availability import WaitingPerson
from kansli_tui.rows.office import REGION_SHORT
from kansli_tui.rows.watch import DeviationCause
from screens.base import KansliScreen, keys
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right

_PAGE = 50


class WaitingPeopleScreen(KansliScreen):
    """Pages by key; Enter opens the case."""

    AREA = "Availability"
    HELP = (
        "Those who wait on this list on the day, the longest wait first; who has waited longer than the target is marked. "
        "Enter opens the case. A cause is noted in the watch (F12)."
    )
    BINDINGS: ClassVar[list[BindingType]] = keys("list.open", "list.page_next", "list.page_previous")

    class PeopleRead(Message):
        """A page of those who wait; `pages` are the cursors of this page and those before."""

        def __init__(self, pages: list[tuple[date, int] | None], people: tuple[WaitingPerson, ...]) -> None:
            super().__init__()
            self.pages = pages
            self.people = people

    def __init__(self, name: str, regions: tuple[str, ...], as_of: date) -> None:
        super().__init__()
        self._list, self._regions, self._as_of = name, regions, as_of
        self._pages: list[tuple[date, int] | None] = [None]
        self._people: dict[str, WaitingPerson] = {}

    def compose_body(self) -> ComposeResult:
        """The list."""
        yield KansliTable(id="people")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one(KansliTable).columns_are(
            (right(_("days")), 6), (_("since"), 11), (_("Number"), 13), (_("Name"), 0), ("", 3), (_("Unit or cause"), 0)
        )

    def reload(self) -> None:
        """Read the page again."""
        self._read(self._pages)

    def _read(self, pages: list[tuple[date, int] | None]) -> None:
        work = partial(
            self.office.availability.people,
            self.actor,
            self._list,
            self._regions,
            self._as_of,
            after=pages[-1],
            limit=_PAGE,
        )
        self.read(work, partial(self.PeopleRead, pages))

    @on(PeopleRead)
    def draw(self, fact: PeopleRead) -> None:
        """Draw the page."""
        self._pages = fact.pages
        self._people = {str(one.person_id): one for one in fact.people}
        self.query_one(KansliTable).fill((key, self._cells(one)) for key, one in self._people.items())
        whole = len(fact.pages) == 1 and len(fact.people) < _PAGE
        count = n_("{count} person", "{count} people", len(fact.people))
        place = count if whole else _("page {number}", number=len(fact.pages))
        where = " ".join(REGION_SHORT[code] for code in self._regions)
        self.title_is(f"{_(BY_NAME[self._list].label)} · {where} · {place}")
        self.refresh_bindings()

    def _cells(self, one: WaitingPerson) -> list[Text]:
        style = "bold" if one.past else ""
        name = _("now in another region") if one.elsewhere else one.name
        cause = label(DeviationCause(one.cause)) if one.cause else ""
        return [
            right(f"{number(one.days)}{' !' if one.past else '  '}", style),
            plain(day(one.since, self._as_of), style),
            plain("" if one.masked else one.number),
            plain(name),
            plain(REGION_SHORT[one.region]),
            plain(" · ".join(filter(None, (one.unit, cause)))),
        ]

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Pages where there are any; nobody is opened who is in a region that is not one's own."""
        if action == "open" and (self._marked is None or self._marked.elsewhere):
            return None
        if action == "page_next" and len(self._people) < _PAGE:
            return None
        if action == "page_previous" and len(self._pages) < 2:
            return None
        return super().check_action(action, parameters)

    @property
    def _marked(self) -> WaitingPerson | None:
        return self._people.get(self.query_one(KansliTable).current or "") if self.is_mounted else None

    @on(KansliTable.RowHighlighted)
    def _marked_another(self) -> None:
        self.refresh_bindings()

    def action_open(self) -> None:
        """The case."""
        marked = self._marked
        if marked is not None and not marked.elsewhere:
            self.desk.open_case(marked.person_id)

    def action_page_next(self) -> None:
        """What comes after the last one."""
        last = list(self._people.values())[-1]
        self._read([*self._pages, (last.since, last.person_id)])

    def action_page_previous(self) -> None:
        """Back the way one came."""
        self._read(self._pages[:-1])
