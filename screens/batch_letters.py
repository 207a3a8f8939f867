"""The letters of one batch, in the order of the envelopes, and each letter's text to read."""

from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, n_
from kansli_tui.labels import label
from kansli_tui.rows.letter_states import BatchRow, LetterRow
from screens.base import KansliScreen, keys
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right

_PAGE = 50


class BatchLettersScreen(KansliScreen):
    """A page of the batch's letters at a time."""

    AREA = "Batch"
    HELP = "The letters stand in the order of the envelopes. Enter opens the case, V shows the text of the letter as it was printed."
    BINDINGS: ClassVar[list[BindingType]] = keys("list.open", "letters.preview", "list.page_next", "list.page_previous")

    class LettersRead(Message):
        """The letters."""

        def __init__(self, letters: tuple[LetterRow, ...]) -> None:
            super().__init__()
            self.letters = letters

    class TextRead(Message):
        """What a letter says."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, batch: BatchRow) -> None:
        super().__init__()
        self._batch = batch
        self._letters: tuple[LetterRow, ...] = ()
        self._from = 0

    def compose_body(self) -> ComposeResult:
        """The list."""
        yield KansliTable(id="letters")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one(KansliTable).columns_are(
            (right("#"), 6), (_("Mark"), 9), (_("Number"), 13), (_("Name"), 0), (_("State"), 22)
        )

    def reload(self) -> None:
        """Read the letters (logged)."""
        self.read(partial(self.office.letters.letters, self.actor, self._batch.batch_id), self.LettersRead)

    @on(LettersRead)
    def draw(self, fact: LettersRead) -> None:
        """Draw the page."""
        self._letters = fact.letters
        count = n_("{count} letter", "{count} letters", len(fact.letters))
        self.title_is(f"{self._batch.number} · {label(self._batch.type)} · {count}")
        self._draw_page(min(self._from, max(0, len(fact.letters) - 1)))

    def _draw_page(self, start: int) -> None:
        self._from = start
        page = self._letters[start : start + _PAGE]
        self.query_one(KansliTable).fill(
            (str(row.letter_id), _cells(start + at, row)) for at, row in enumerate(page, start=1)
        )
        self.refresh_bindings()

    @property
    def _marked(self) -> LetterRow | None:
        key = self.query_one(KansliTable).current
        return next((row for row in self._letters if str(row.letter_id) == key), None)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing to open or read in an empty list."""
        if action in ("open", "preview") and not (self.is_mounted and self._marked):
            return None
        if action == "page_next" and self._from + _PAGE >= len(self._letters):
            return None
        if action == "page_previous" and self._from == 0:
            return None
        return super().check_action(action, parameters)

    def action_page_next(self) -> None:
        """The next letters."""
        self._draw_page(self._from + _PAGE)

    def action_page_previous(self) -> None:
        """The letters before."""
        self._draw_page(max(0, self._from - _PAGE))

    def action_open(self) -> None:
        """The case."""
        if self._marked is not None:
            self.desk.open_case(self._marked.person_id)

    def action_preview(self) -> None:
        """Read the letter."""
        if self._marked is not None:
            self.read(
                partial(self.office.letters.preview, self.actor, self._marked.letter_id), self.TextRead, group="text"
            )

    @on(TextRead)
    def _show_text(self, fact: TextRead) -> None:
        self.app.push_screen(LetterTextScreen(fact.text))


class LetterTextScreen(KansliScreen):
    """The text of one letter; it scrolls."""

    AREA = "Letter"
    HELP = "The text of the letter. The arrows, PgUp and PgDn scroll."

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose_body(self) -> ComposeResult:
        """The text."""
        with VerticalScroll():
            yield Static(plain(self._text, lines=True))

    def on_mount(self) -> None:
        """The arrows scroll."""
        self.query_one(VerticalScroll).focus()


def _cells(place: int, row: LetterRow) -> list[Text]:
    state = label(row.state)
    if row.stop_reason:
        state += f": {_(row.stop_reason)}"
    return [right(place), plain(f"B-{row.letter_id:06d}"), plain(row.number), plain(row.name), plain(state)]
