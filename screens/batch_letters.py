"""The letters of one batch, in the order of the envelopes, and each letter's text to read."""

from functools import partial
from pathlib import Path
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
from kansli_tui.rows.letter_states import OPEN_BATCHES, BatchRow, BatchState, Channel, LetterRow, LetterState
from screens.appointment import appointment, appointment_lines
from screens.asking import AskPath
from screens.base import KansliScreen, Written, keys
from screens.dialogs import AskReason, Told
from screens.letter_acts import FOLDER
from screens.letters_view import batch_line, throw_away
from screens.scan_count import ScanCountScreen, set_aside_words
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right

_PAGE = 50


class BatchLettersScreen(KansliScreen):
    """A page of the batch's letters at a time."""

    AREA = "Batch"
    HELP = (
        "The letters stand in the order of the envelopes. Enter opens the case, V shows the text of the letter as it was printed, S "
        "saves its own PDF. A sets a spoiled or missing letter aside: it waits for the next batch. R counts the batch by scanning."
    )
    CSS_PATH = "scanning.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys(
        "list.open",
        "letters.preview",
        "batch.save_one",
        "batch.set_aside",
        "batch.scan",
        "list.page_next",
        "list.page_previous",
    )

    class LettersRead(Message):
        """The batch as it is now, and its letters."""

        def __init__(self, batch: BatchRow, letters: tuple[LetterRow, ...]) -> None:
            super().__init__()
            self.batch = batch
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
        self._folder = FOLDER

    def compose_body(self) -> ComposeResult:
        """The list."""
        yield KansliTable(id="letters")
        yield Static(id="call")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one(KansliTable).columns_are(
            (right("#"), 6), (_("Mark"), 9), (_("Number"), 13), (_("Name"), 0), (_("State"), 22)
        )

    def reload(self) -> None:
        """Read the letters (logged)."""
        self.read(self._read_both, lambda fact: fact)

    def _read_both(self) -> LettersRead:
        letters = self.office.letters
        batch = letters.by_number(self.actor, self._batch.number)
        return self.LettersRead(batch, letters.letters(self.actor, batch.batch_id))

    @on(LettersRead)
    def draw(self, fact: LettersRead) -> None:
        """Draw the page."""
        self._batch, self._letters = fact.batch, fact.letters
        count = n_("{count} letter", "{count} letters", len(fact.letters))
        self.title_is(f"{self._batch.number} · {label(self._batch.type)} · {count}")
        self._draw_page(min(self._from, max(0, len(fact.letters) - 1)))

    def _draw_page(self, start: int) -> None:
        self._from = start
        page = self._letters[start : start + _PAGE]
        if self.query_one(KansliTable).fill(
            (str(row.letter_id), _cells(start + at, row, self._batch.state)) for at, row in enumerate(page, start=1)
        ):
            self.rest()
        self._show_call()

    @on(KansliTable.RowHighlighted)
    def _show_call(self) -> None:
        """The appointment of the marked letter, and whether its person must be rung."""
        row, now = self._marked, self.desk.now()
        at = row.booked_at if row is not None and row.state is not LetterState.STOPPED else None
        left = row is not None and row.state is LetterState.POSTED
        self.query_one("#call", Static).update(plain(appointment(at, now)) if left else appointment_lines(at, now))
        self.refresh_bindings()

    @property
    def _marked(self) -> LetterRow | None:
        key = self.query_one(KansliTable).current
        return next((row for row in self._letters if str(row.letter_id) == key), None)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing to open or read in an empty list."""
        row = self._marked if self.is_mounted else None
        if action in ("open", "preview", "save_one", "set_aside") and row is None:
            return None
        printed = row is not None and row.state is LetterState.PRINTED
        if action == "set_aside" and not (printed and self._batch.state in (BatchState.RENDERED, BatchState.PRINTED)):
            return None
        if action == "save_one" and self._batch.state in (BatchState.PREPARED, BatchState.CANCELLED):
            return None
        # What leaves as files has no envelopes to scan.
        paper = self._batch.channel is Channel.PAPER
        if action == "scan" and (self._batch.state not in OPEN_BATCHES[1:] or not paper):
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

    def action_save_one(self) -> None:
        """Save the letter's own PDF to a folder."""
        row = self._marked
        if row is not None:
            lines = (_("The file holds personal data: choose a folder that only the office can read."),)
            dialog = AskPath(
                _("Save letter {number}", number=_number(row)), lines, text=_("Folder"), given=self._folder, folder=True
            )
            self.ask(dialog, partial(self._save, row))

    def _save(self, row: LetterRow, folder: Path) -> None:
        self._folder = str(folder)
        self.write(
            partial(self.office.mail_rows.save, self.actor, row.letter_id, folder),
            lambda file: _("Saved in {folder}: {files}", folder=folder, files=file.name),
            reads_again=False,
        )

    def action_set_aside(self) -> None:
        """Take the letter out of the batch."""
        row, batch = self._marked, self._batch
        if row is not None:
            lines = (
                f"{_number(row)} · {batch_line(batch)}",
                _("It waits for the next batch."),
                throw_away(batch),
            )
            ask = AskReason(_("Set the letter aside?"), lines, text=_("Reason"))
            self.ask(ask, partial(self._set_aside, row, batch))

    def _set_aside(self, row: LetterRow, batch: BatchRow, told: Told) -> None:
        aside = partial(self.office.mail.set_aside, self.actor, batch.batch_id, version=batch.version)
        work = partial(aside, letters=(_number(row),), reason=told.text)
        self.write(work, lambda left: Written(set_aside_words(1, left)))

    def action_scan(self) -> None:
        """Count the batch letter by letter."""
        self.app.push_screen(ScanCountScreen(self._batch))


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


def _cells(place: int, row: LetterRow, batch: BatchState) -> list[Text]:
    state = state_in_batch(row.state, batch)
    if row.stop_reason:
        state += f": {_(row.stop_reason)}"
    return [right(place), plain(_number(row)), plain(row.number), plain(row.name), plain(state)]


def state_in_batch(state: LetterState, batch: BatchState | None) -> str:
    """A letter's state in words: what nobody has taken out of the program yet is to be printed, not printed."""
    made_only = state is LetterState.PRINTED and batch in (BatchState.PREPARED, BatchState.RENDERED)
    return label(BatchState.RENDERED if made_only else state)


def _number(row: LetterRow) -> str:
    return f"B-{row.letter_id:06d}"
