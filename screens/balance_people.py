"""The people of one line of the balance, a page at a time. Showing them is logged."""

from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from kansli_tui.i18n import _, n_
from kansli_tui.labels import label
from kansli_tui.rows.cases import PersonHit
from kansli_tui.service.balance import line_words
from screens.base import KansliScreen, keys
from screens.widgets.table import KansliTable
from screens.widgets.text import plain
from screens.widgets.words import shown_place

_PAGE = 50


class BalancePeopleScreen(KansliScreen):
    """Pages by key; Enter opens the case."""

    AREA = "Balance"
    HELP = "The people who stand on this line of the balance. Enter opens a case."
    BINDINGS: ClassVar[list[BindingType]] = keys("list.open", "list.page_next", "list.page_previous")

    class PeopleRead(Message):
        """A page of people."""

        def __init__(self, pages: list[int], people: tuple[PersonHit, ...]) -> None:
            super().__init__()
            self.pages = pages
            self.people = people

    def __init__(self, region: str, born: int, line: str) -> None:
        super().__init__()
        self._region, self._born, self._line = region, born, line
        self._pages = [0]
        self._people: dict[str, PersonHit] = {}

    def compose_body(self) -> ComposeResult:
        """The list."""
        yield KansliTable(id="people")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one(KansliTable).columns_are(
            (_("Number"), 13), (_("Name"), 0), (_("Lives in"), 18), (_("Stands at"), 0)
        )

    def reload(self) -> None:
        """Read the page again."""
        self._read(self._pages)

    def _read(self, pages: list[int]) -> None:
        people = self.office.balance.people
        work = partial(
            people, self.actor, region=self._region, born=self._born, line=self._line, after=pages[-1], limit=_PAGE
        )
        self.read(work, partial(self.PeopleRead, pages))

    @on(PeopleRead)
    def draw(self, fact: PeopleRead) -> None:
        """Draw the page."""
        self._pages = fact.pages
        self._people = {str(hit.person_id): hit for hit in fact.people}
        self.query_one(KansliTable).fill((key, _cells(hit)) for key, hit in self._people.items())
        whole = len(fact.pages) == 1 and len(fact.people) < _PAGE
        count = n_("{count} person", "{count} people", len(fact.people))
        place = count if whole else _("page {number}", number=len(fact.pages))
        self.title_is(f"{shown_place(self._region)} {self._born} · {line_words(self._line)} · {place}")
        self.refresh_bindings()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Pages where there are any."""
        if action == "open" and not self._people:
            return None
        if action == "page_next" and len(self._people) < _PAGE:
            return None
        if action == "page_previous" and len(self._pages) < 2:
            return None
        return super().check_action(action, parameters)

    def action_open(self) -> None:
        """The case."""
        hit = self._people.get(self.query_one(KansliTable).current or "")
        if hit is not None:
            self.desk.open_case(hit.person_id)

    def action_page_next(self) -> None:
        """What comes after the last one."""
        self._read([*self._pages, list(self._people.values())[-1].person_id])

    def action_page_previous(self) -> None:
        """Back the way one came."""
        self._read(self._pages[:-1])


def _cells(hit: PersonHit) -> list[Text]:
    stands = plain(_("BLOCKED") + " ", "bold") if hit.blocked else Text()
    place = shown_place(hit.region, hit.municipality)
    return [plain(hit.number), plain(hit.name), plain(place), stands.append_text(plain(label(hit.step)))]
