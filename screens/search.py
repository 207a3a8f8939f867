"""Find a person by number, earlier number or the beginning of a name: the first thing when the telephone rings."""

from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from kansli_tui.i18n import _, n_
from kansli_tui.labels import label
from kansli_tui.rows.cases import PersonHit
from screens.base import KansliScreen, keys
from screens.request_form import Requested, RequestForm
from screens.widgets.field import SearchField
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, visible
from screens.widgets.words import shown_place

_PAUSE = 0.25
"""Seconds without typing before the register is asked."""
_SHORTEST = 2


class SearchScreen(KansliScreen):
    """Hits belong to the text they were found for: what is found for an earlier text is dropped and never opened."""

    AREA = "Search"
    HELP = (
        "Type a number (with or without hyphen, an earlier number too) or the beginning of a family name; add a comma and "
        "a given name to narrow it. Every hit is logged. Enter opens the case."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys("list.open", "search.add"),
        Binding("down", "into_list", show=False),
        Binding("up", "into_text", show=False),
    ]

    class PersonsFound(Message):
        """The hits for a text."""

        def __init__(self, text: str, hits: tuple[PersonHit, ...]) -> None:
            super().__init__()
            self.text = text
            self.hits = hits

    class PersonAdded(Message):
        """Somebody has been added; his case is opened."""

        def __init__(self, person_id: int) -> None:
            super().__init__()
            self.person_id = person_id

    def __init__(self) -> None:
        super().__init__()
        self._pause: Timer | None = None
        self._found_for = ""
        self._open_single = ""
        self._hits: dict[str, PersonHit] = {}

    def compose_body(self) -> ComposeResult:
        """A field and the hits."""
        yield SearchField(placeholder=_("Number or beginning of name"), id="text", max_length=80)
        yield Static(id="found", classes="quiet")
        yield KansliTable(id="hits")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one(KansliTable).columns_are(
            (_("Number"), 13), (_("Name"), 0), (_("Lives in"), 14), (_("Stands at"), 24)
        )
        self.query_one("#text", Input).focus()

    @property
    def _text(self) -> str:
        return self.query_one("#text", Input).value.strip()

    def reload(self) -> None:
        """Ask again for what is typed."""
        if len(self._text) >= _SHORTEST:
            text = self._text
            self.read(
                partial(self.office.cases.search, self.actor, text), partial(self.PersonsFound, text), group="search"
            )

    @on(Input.Changed, "#text")
    def _typed(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(_PAUSE, self.reload)

    @on(Input.Submitted, "#text")
    def _submitted(self) -> None:
        if self._found_for == self._text:
            self.action_open()
        else:
            self._open_single = self._text
            self.reload()

    @on(PersonsFound)
    def draw(self, fact: PersonsFound) -> None:
        """Show the hits, unless something else has been typed since."""
        if fact.text != self._text:
            return
        self._found_for = fact.text
        self._hits = {str(hit.person_id): hit for hit in fact.hits}
        self.query_one(KansliTable).fill((key, _cells(hit)) for key, hit in self._hits.items())
        found = (
            n_("{count} person", "{count} people", len(fact.hits))
            if fact.hits
            else _("Nobody in your regions matches.")
        )
        self.query_one("#found", Static).update(plain(found))
        if self._open_single == fact.text and len(fact.hits) == 1:
            self._open_single = ""
            self.desk.open_case(fact.hits[0].person_id)

    def action_open(self) -> None:
        """Open the marked case, if the hits are those of the text."""
        hit = self._hits.get(self.query_one(KansliTable).current or "")
        if hit is not None and self._found_for == self._text:
            self.desk.open_case(hit.person_id)

    def action_add(self) -> None:
        """Ask for a person to add; what is typed as a number goes into the form."""
        number = self._text if self._text[:1].isdecimal() else ""
        self.ask(RequestForm(tuple(sorted(self.actor.regions)), number), self._add)

    def _add(self, asked: Requested) -> None:
        add = partial(
            self.office.requests.add,
            self.actor,
            number=asked.number,
            region=asked.region,
            given=asked.given,
            family=asked.family,
            address=asked.address,
            reason=asked.reason,
        )
        self.write(add, self.PersonAdded)

    @on(PersonAdded)
    def open_added(self, fact: PersonAdded) -> None:
        """Show whom one has added."""
        self.desk.open_case(fact.person_id)

    def action_into_list(self) -> None:
        """From the field to the hits."""
        self.query_one(KansliTable).focus()

    def action_into_text(self) -> None:
        """Back to the field."""
        self.query_one("#text", Input).focus()


def _cells(hit: PersonHit) -> list[Text]:
    number, name = plain(hit.number), plain(hit.name)
    if hit.matched_number and hit.matched_number != hit.number:
        number.append("\n" + visible(hit.matched_number), "dim")
        name.append("\n" + _("earlier number"), "dim")
    stands = plain(label(hit.step))
    if hit.blocked:
        stands = plain(_("STOPPED") + " ", "bold").append_text(stands)
    return [number, name, plain(shown_place(hit.region, hit.municipality)), stands]
