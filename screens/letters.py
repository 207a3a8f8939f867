"""Brev: what waits to be printed, the batches that have been, and the counts that confirm a batch as posted.

Protected people's letters stand apart: they are printed one at a time, by hand. Nobody is moved before his letter is posted.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.errors import RefusedError
from kansli_tui.i18n import _, later, n_
from kansli_tui.rows.letter_states import BatchRow, BatchState, Channel, WaitingLetters
from screens.base import Written, in_words, keys
from screens.batch_letters import BatchLettersScreen
from screens.dialogs import Confirm, Show, Told
from screens.letter_acts import (
    BATCH_KEYS,
    FOLDER,
    ask_cancel,
    ask_forwarding,
    ask_make,
    ask_posted,
    ask_reprint,
    ask_save,
    lives,
    show_pdf,
)
from screens.letter_texts import LetterTextsScreen
from screens.letters_view import about_batch, about_waiting, again_words, is_heading, letter_lines, made_words
from screens.long_work import LongWork, StoppedError
from screens.receipts import ReadsReceipts
from screens.returned import ReturnedScreen
from screens.scan_count import ScanCountScreen
from screens.widgets.left_out import counted_words
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right

_SETTING = 2.0
"""Setting letters takes about twice as long as looking at them (measured with a thousand pre-letters)."""
_NOT_MADE = later("Stopped. Nothing is printed, and the letters wait as before.")
_NOT_FINISHED = later("Stopped. The batch is as it was; P finishes it.")

_FILES = {"letters.make": later("export"), "letters.write": later("write files"), "letters.confirm": later("confirm")}
"""What keys are called where letters leave as files, not on paper."""


class LettersScreen(ReadsReceipts):
    """One list: what was interrupted, letters that wait, letters by hand, batches. The keys follow the marked line."""

    AREA = "Letters"
    HELP = (
        "Letters that wait stand first, by region and kind. P makes the marked ones a batch with its PDF; Esc stops that, and then "
        "nothing is printed. S saves the PDF and the list to a folder, O shows the PDF; after that the batch counts as printed. "
        "U saves the papers around a protected person's letter. K asks how many envelopes and sheets were counted: a count that differs blocks and names what to look for, and then every "
        "letter can be scanned. T prints a batch anew with a reason, X cancels it; its letters wait again. "
        "R is for letters that the post has brought back. Enter shows the letters of a batch."
    )
    CSS_PATH = "letters.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys(
        "letters.make",
        "letters.write",
        "letters.open_pdf",
        "letters.confirm",
        "letters.reprint",
        "letters.cancel",
        "letters.forward",
        "letters.returns",
        "letters.receipts",
        "letters.texts",
        "list.open",
    )

    class LettersRead(Message):
        """What waits, and the batches."""

        def __init__(self, waiting: tuple[WaitingLetters, ...], batches: tuple[BatchRow, ...]) -> None:
            super().__init__()
            self.waiting = waiting
            self.batches = batches

    class BatchMade(Written):
        """A batch has been made, finished or printed again."""

        def __init__(self, batch: BatchRow, text: str) -> None:
            super().__init__(text)
            self.batch = batch

    def __init__(self) -> None:
        super().__init__()
        self._waiting: dict[str, WaitingLetters] = {}
        self._batches: dict[str, BatchRow] = {}
        self._folder = FOLDER
        self._go_to = ""
        self._work: LongWork | None = None
        self._counting: BatchRow | None = None

    def compose_body(self) -> ComposeResult:
        """The list, and what is to be done with the marked line."""
        yield KansliTable(id="letters")
        yield Static(id="about")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self._table.columns_are(
            (_("Region"), 6), (_("Letter"), 0), (right(_("Letters")), 6), (_("State"), 18), (_("Batch"), 10)
        )

    @property
    def _table(self) -> KansliTable:
        return self.query_one("#letters", KansliTable)

    # Reading

    def reload(self) -> None:
        """Read what waits and what has been printed."""
        self.read(self._both, lambda fact: fact)

    def _both(self) -> LettersRead:
        letters = self.office.letters
        return self.LettersRead(letters.waiting(self.actor), letters.batches(self.actor))

    @on(LettersRead)
    def draw(self, fact: LettersRead) -> None:
        """Draw the list; the keys rest when another line has come under the cursor."""
        self._waiting = {f"w:{row.region}:{row.type}:{row.by_hand}:{row.channel}": row for row in fact.waiting}
        self._batches = {f"b:{row.batch_id}": row for row in fact.batches}
        lines = letter_lines(self._waiting, self._batches, self.desk.now())
        before = self._table.current
        changed = self._table.fill(lines)
        if changed and not self._go_to:
            self.rest()
        first = next((key for key, _cells in lines if not is_heading(key)), "")
        self._mark(self._go_to or (first if before is None else ""))
        count = sum(row.letters for row in fact.waiting)
        self.title_is(n_("{count} letter waits", "{count} letters wait", count))
        self._show_about()

    def _mark(self, key: str) -> None:
        """Put the cursor on the batch that the user has just made."""
        self._go_to = ""
        if key in self._batches or key in self._waiting:
            self._table.move_cursor(row=self._table.get_row_index(key), animate=False)

    @on(KansliTable.RowHighlighted)
    def _show_about(self) -> None:
        about = self.query_one("#about", Static)
        if self._batch is not None:
            about.update(about_batch(self._batch))
        elif self._letters is not None:
            about.update(about_waiting(self._letters))
        elif not self._waiting and not self._batches:
            about.update(
                plain(_("No letters wait, and none have been printed. Letters come here when offers are released."))
            )
        else:
            about.update("")
        self.refresh_bindings()

    @property
    def _batch(self) -> BatchRow | None:
        return self._batches.get(self._table.current or "")

    @property
    def _letters(self) -> WaitingLetters | None:
        return self._waiting.get(self._table.current or "")

    def failed(self, error: BaseException) -> None:
        """Where nothing could be printed, the reasons in the chosen language too; where a count differs, the way to find out."""
        if isinstance(error, RefusedError) and "reasons" in error.values:
            reasons = str(error.values["reasons"]).split("; ")
            error = RefusedError(error.message, reasons="; ".join(counted_words(why) for why in reasons))
            self.reload()
        counted, self._counting = self._counting, None
        paper = counted is None or counted.channel is Channel.PAPER
        if not paper and isinstance(error, RefusedError) and "expected" in error.values:
            error = RefusedError(
                "{posted} is not the number of letters that should leave: {expected}. Compare with the receipt.",
                **{name: error.values[name] for name in ("posted", "expected")},
            )
        super().failed(error)
        if isinstance(error, StoppedError):
            self.notice.calm(in_words(error))
            self.reload()
        if counted is not None and paper and isinstance(error, RefusedError) and "expected" in error.values:
            lines = (in_words(error), "", _("Scan the code of each letter, or type its number: the missing are named."))
            self.ask(
                Confirm(_("Count by scanning?"), lines), lambda _yes: self.app.push_screen(ScanCountScreen(counted))
            )

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Printing belongs to letters that wait, everything else to batches in certain states; Esc ends long work."""
        if self.is_mounted:
            batch = self._batch
            if action == "back" and self._work is not None:
                return True
            if action == "make" and self._letters is None and (batch is None or batch.state is not BatchState.PREPARED):
                return None if batch is None else False
            if action in BATCH_KEYS and (batch is None or not lives(action, batch)):
                return False if action == "forward" else None
        return super().check_action(action, parameters)

    @property
    def key_labels(self) -> Mapping[str, str]:
        """The keys in the words of the way that the marked letters go."""
        row = (self._letters or self._batch) if self.is_mounted else None
        return {} if row is None or row.channel is Channel.PAPER else _FILES

    def action_back(self) -> None:
        """Stop what is being made, else leave."""
        if self._work is not None:
            self._work.stop()
            self.notice.working(_("Stopping…"))
        else:
            super().action_back()

    def action_make(self) -> None:
        """Print the marked letters, or finish the marked batch."""
        row, batch = self._letters, self._batch
        if batch is not None:
            self._start(partial(self.office.letters.render, self.actor, batch.batch_id), _NOT_FINISHED)
        elif row is not None:
            self.ask(ask_make(row), lambda _yes: self._make(row))

    def _make(self, row: WaitingLetters) -> None:
        make = partial(self.office.letters.make_batch, self.actor, region=row.region, type=row.type)
        self._start(partial(make, by_hand=row.by_hand, channel=row.channel), _NOT_MADE)

    def _start(self, make: "partial[BatchRow]", stopped: str) -> None:
        """Make a batch with a bar and the time left; Esc stops it and leaves what `stopped` says."""
        stages = ((_("Looked at"), 1.0), (_("Set"), _SETTING))
        work = LongWork(self.progress, stages if stopped == _NOT_MADE else stages[1:], stopped=stopped)
        told = partial(make, progress=work)
        if self.write(
            told, lambda batch: self.BatchMade(batch, made_words(batch)), saying=_("The letters are prepared…")
        ):
            self._work = work

    def watch_busy(self, busy: bool) -> None:
        """Long work is over when nothing runs any more."""
        if not busy:
            self._work = None

    @on(BatchMade)
    def _batch_made(self, fact: BatchMade) -> None:
        self._go_to = f"b:{fact.batch.batch_id}"
        self.notice.done(fact.text)
        if fact.batch.left_out:
            lines = (
                fact.text,
                "",
                _("Left out, each with a task:"),
                *(counted_words(why) for why in fact.batch.left_out),
            )
            self.ask(Show(_("Batch {number}", number=fact.batch.number), lines), lambda _answer: None)

    def action_write(self) -> None:
        """Save PDF and lists to a folder."""
        if self._batch is not None:
            ask_save(self, self._batch, self._folder, self._remember)

    def _remember(self, folder: Path) -> None:
        self._folder = str(folder)

    def action_forward(self) -> None:
        """The papers around a protected person's letter."""
        if self._batch is not None:
            ask_forwarding(self, self._batch, self._folder, self._remember)

    def action_open_pdf(self) -> None:
        """Show the PDF."""
        if self._batch is not None:
            show_pdf(self, self._batch)

    def action_confirm(self) -> None:
        """Ask what was counted."""
        if self._batch is not None:
            self._counting = self._batch
            ask_posted(self, self._batch)

    def action_reprint(self) -> None:
        """Print the batch anew."""
        if self._batch is not None:
            ask_reprint(self, self._batch, self._reprint)

    def _reprint(self, batch: BatchRow, told: Told) -> None:
        again = partial(self.office.mail.reprint, self.actor, batch.batch_id, version=batch.version, reason=told.text)
        self.write(again, lambda new: self.BatchMade(new, again_words(batch, new)), saying=_("The letters are set…"))

    def action_cancel(self) -> None:
        """Throw the batch away; its letters wait again."""
        if self._batch is not None:
            ask_cancel(self, self._batch)

    def action_texts(self) -> None:
        """The letter texts."""
        self.app.push_screen(LetterTextsScreen())

    def action_returns(self) -> None:
        """Letters that the post has brought back."""
        self.app.push_screen(ReturnedScreen())

    def action_open(self) -> None:
        """The letters of the batch."""
        if self._batch is not None:
            self.app.push_screen(BatchLettersScreen(self._batch))
