"""Brev: what waits to be printed, the batches that have been, and the count of envelopes that confirms a batch as posted.

Protected people's letters stand apart: they are printed one at a time, by hand. Nobody is moved before his letter is posted.
"""

from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.errors import RefusedError
from kansli_tui.i18n import _, ago, day, n_, number
from kansli_tui.labels import label
from kansli_tui.rows.letter_states import BatchRow, BatchState, WaitingLetters
from screens.asking import AskNumber, AskPath
from screens.base import KansliScreen, Written, keys
from screens.batch_letters import BatchLettersScreen
from screens.dialogs import AskReason, Confirm, Show, Told
from screens.widgets.bar import telling
from screens.widgets.left_out import counted_words
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right, visible
from screens.widgets.words import shown_place

_BATCH_KEYS = frozenset({"write", "confirm", "cancel", "open"})
_UNDECIDED_KEYS = frozenset({"confirm", "cancel"})


class LettersScreen(KansliScreen):
    """One list: letters that wait, letters for hand, batches. The keys follow the marked line."""

    AREA = "Letters"
    HELP = (
        "Letters that wait stand first, by region and kind: P prints the marked ones as one batch. S saves a batch's PDF and its list "
        "to a folder. When the envelopes have been handed to the post, K asks how many were counted: a count that differs blocks, "
        "and letters stopped since printing are to be taken out. X cancels a batch; its letters wait again. Enter shows the letters."
    )
    CSS_PATH = "letters.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys(
        "letters.make", "letters.confirm", "letters.write", "letters.cancel", "list.open"
    )

    class LettersRead(Message):
        """What waits, and the batches."""

        def __init__(self, waiting: tuple[WaitingLetters, ...], batches: tuple[BatchRow, ...]) -> None:
            super().__init__()
            self.waiting = waiting
            self.batches = batches

    class BatchMade(Written):
        """A batch has been printed."""

        def __init__(self, batch: BatchRow, text: str) -> None:
            super().__init__(text)
            self.batch = batch

    def __init__(self) -> None:
        super().__init__()
        self._waiting: dict[str, WaitingLetters] = {}
        self._batches: dict[str, BatchRow] = {}
        self._folder = "~/kansli-brev"
        self._go_to = ""

    def compose_body(self) -> ComposeResult:
        """The list, and what is to be done with the marked line."""
        yield KansliTable(id="letters")
        yield Static(id="about")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self._table.columns_are(
            (_("Region"), 6), (_("Letter"), 0), (right(_("Letters")), 8), (_("State"), 16), (_("Batch"), 11)
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
        self._waiting = {f"w:{row.region}:{row.type}:{row.by_hand}": row for row in fact.waiting}
        self._batches = {f"b:{row.batch_id}": row for row in fact.batches}
        together = {key: row for key, row in self._waiting.items() if not row.by_hand}
        by_hand = {key: row for key, row in self._waiting.items() if row.by_hand}
        lines = [(key, self._waiting_cells(row)) for key, row in together.items()]
        hand = [(key, self._waiting_cells(row)) for key, row in by_hand.items()]
        lines += _headed("hand", _("BY HAND (protected)"), hand)
        batches = [(key, self._batch_cells(row)) for key, row in self._batches.items()]
        lines += _headed("batches", _("BATCHES"), batches)
        if self._table.fill(lines) and not self._go_to:
            self.rest()
        self._mark(self._go_to)
        count = sum(row.letters for row in fact.waiting)
        self.title_is(n_("{count} letter waits", "{count} letters wait", count))
        self._show_about()
        self.refresh_bindings()

    def _mark(self, key: str) -> None:
        """Put the cursor on the batch that the user has just made."""
        self._go_to = ""
        if key in self._batches:
            self._table.move_cursor(row=self._table.get_row_index(key), animate=False)

    def _waiting_cells(self, row: WaitingLetters) -> list[Text]:
        since = _("waits {age}", age=ago(row.oldest, self.desk.now()))
        return [
            plain(shown_place(row.region)),
            plain(label(row.type)),
            right(number(row.letters)),
            plain(since),
            plain(""),
        ]

    def _batch_cells(self, row: BatchRow) -> list[Text]:
        style = "" if row.state is BatchState.PRINTED else "dim"
        state = _("to post") if row.state is BatchState.PRINTED else label(row.state)
        if row.posted_on is not None:
            state += f" {day(row.posted_on, self.desk.now())}"
        name = label(row.type) + (f" · {_('by hand')}" if row.by_hand else "")
        marked = "bold" if row.state is BatchState.PRINTED else style
        return [
            plain(shown_place(row.region), style),
            plain(name, style),
            right(number(row.to_post if row.state is BatchState.PRINTED else row.letters), style),
            plain(state, marked),
            plain(row.number, style),
        ]

    @on(KansliTable.RowHighlighted)
    def _show_about(self) -> None:
        about = self.query_one("#about", Static)
        if self._batch is not None:
            about.update(_about(self._batch))
        elif self._letters is not None and self._letters.by_hand:
            about.update(plain(_("P prints one letter. It goes in an inner envelope, by the tax agency's forwarding.")))
        elif self._letters is not None:
            about.update(
                plain(_("P prints these letters as one batch, after deaths, blocks and addresses are looked at again."))
            )
        elif not self._waiting and not self._batches:
            about.update(plain(_("No letters wait, and none have been printed.")))
        else:
            about.update("")

    @property
    def _batch(self) -> BatchRow | None:
        return self._batches.get(self._table.current or "")

    @property
    def _letters(self) -> WaitingLetters | None:
        return self._waiting.get(self._table.current or "")

    def failed(self, error: BaseException) -> None:
        """Where nothing could be printed, the reasons in the chosen language too."""
        if isinstance(error, RefusedError) and "reasons" in error.values:
            reasons = str(error.values["reasons"]).split("; ")
            error = RefusedError(error.message, reasons="; ".join(counted_words(why) for why in reasons))
        super().failed(error)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Printing belongs to letters that wait, everything else to batches."""
        if self.is_mounted:
            if action == "make" and self._letters is None:
                return None
            if action in _BATCH_KEYS and self._batch is None:
                return None
            printed = self._batch is not None and self._batch.state is BatchState.PRINTED
            if action in _UNDECIDED_KEYS and not printed:
                return None
        return super().check_action(action, parameters)

    def action_make(self) -> None:
        """Print the marked letters."""
        row = self._letters
        if row is not None:
            count = 1 if row.by_hand else row.letters
            what = f"{shown_place(row.region)} · {label(row.type)}"
            title = n_("Print {count} letter?", "Print {count} letters?", count)
            lines = (what, _("People who have died, are held or have no usable address are left out and named."))
            self.ask(Confirm(title, lines), lambda _yes: self._make(row))

    def _make(self, row: WaitingLetters) -> None:
        told = telling(self.progress, _("Letters"))
        make = self.office.letters.make_batch
        work = partial(make, self.actor, region=row.region, type=row.type, by_hand=row.by_hand, progress=told)
        self.write(work, lambda batch: self.BatchMade(batch, _made(batch)), saying=_("The letters are prepared…"))

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
        batch = self._batch
        if batch is not None:
            lines = (
                _batch_line(batch),
                _("The files hold personal data: choose a folder that only the office can read."),
            )
            dialog = AskPath(_("Save the batch"), lines, text=_("Folder"), given=self._folder, folder=True)
            self.ask(dialog, partial(self._write, batch))

    def _write(self, batch: BatchRow, folder: Path) -> None:
        self._folder = str(folder)
        self.write(
            partial(self.office.letters.write, self.actor, batch.batch_id, folder),
            lambda files: _("Saved in {folder}: {files}", folder=folder, files=", ".join(file.name for file in files)),
        )

    def action_confirm(self) -> None:
        """Ask how many envelopes were counted."""
        batch = self._batch
        if batch is not None:
            lines = [_batch_line(batch)]
            if batch.take_out:
                lines.append("! " + _("Stopped since printing, take out: {letters}", letters=", ".join(batch.take_out)))
            lines.append(_("Count the envelopes that are handed to the post. A count that differs changes nothing."))
            dialog = AskNumber(_("Is the batch posted?"), tuple(lines), text=_("Envelopes counted"))
            self.ask(dialog, partial(self._confirm, batch))

    def _confirm(self, batch: BatchRow, posted: int) -> None:
        confirm = self.office.letters.confirm
        self.write(
            partial(confirm, self.actor, batch.batch_id, version=batch.version, posted=posted),
            n_("{count} letter is posted.", "{count} letters are posted.", posted),
        )

    def action_cancel(self) -> None:
        """Throw the batch away; its letters wait again."""
        batch = self._batch
        if batch is not None:
            lines = (_batch_line(batch), _("The letters wait for the next batch. Destroy what has been printed."))
            dialog = AskReason(_("Cancel the batch?"), lines, text=_("Reason"))
            self.ask(dialog, partial(self._cancel, batch))

    def _cancel(self, batch: BatchRow, told: Told) -> None:
        cancel = self.office.letters.cancel
        self.write(
            partial(cancel, self.actor, batch.batch_id, version=batch.version, reason=told.text),
            _("The batch is cancelled; its letters wait again."),
        )

    def action_open(self) -> None:
        """The letters of the batch."""
        if self._batch is not None:
            self.app.push_screen(BatchLettersScreen(self._batch))


def _headed(key: str, words: str, lines: list[tuple[str, list[Text]]]) -> list[tuple[str, list[Text]]]:
    """The lines under a heading of their own; nothing where there are none."""
    empty = [plain("") for _column in range(3)]
    return [(f"head:{key}", [plain(""), plain(words, "bold"), *empty]), *lines] if lines else []


def _batch_line(batch: BatchRow) -> str:
    return f"{_('Batch {number}', number=batch.number)} · {shown_place(batch.region)} · {label(batch.type)}"


def _made(batch: BatchRow) -> str:
    letters = n_("{count} letter", "{count} letters", batch.letters)
    return _(
        "Batch {number} is printed: {letters}, {pages}.",
        number=batch.number,
        letters=letters,
        pages=n_("{count} page", "{count} pages", batch.pages or 0),
    )


def _about(batch: BatchRow) -> Text:
    text = plain(_("Printed by {who} {day}", who=batch.made_by, day=day(batch.made_at)))
    text.append(" · " + n_("{count} letter", "{count} letters", batch.letters))
    text.append(" · " + n_("{count} page", "{count} pages", batch.pages or 0))
    if batch.posted_by:
        text.append(" · " + _("posted by {who}", who=visible(batch.posted_by)))
    if batch.take_out:
        text.append(
            "\n! " + _("Stopped since printing, take out: {letters}", letters=", ".join(batch.take_out)), "bold"
        )
    if batch.left_out:
        text.append("\n" + _("Left out:") + " " + "; ".join(counted_words(why) for why in batch.left_out))
    return text
