"""What is done with a batch of letters, each with its question: save, show, count and post, print again, cancel."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kansli_tui.i18n import _, n_, number
from kansli_tui.labels import label
from kansli_tui.rows.letter_states import BatchRow, BatchState, Channel, WaitingLetters
from kansli_tui.rows.office import Actor
from screens.asking import AskPath
from screens.base import KansliScreen
from screens.dialogs import AskReason, Confirm, Told
from screens.letters_view import batch_line, by_hand_words, named, posted_words, should_be, throw_away
from screens.lines import Line, Lines
from screens.opening import private_folder, show
from screens.widgets.words import shown_place

_NAMED = 3
FOLDER = "~/kansli-brev"
"""Where files are written unless somebody says otherwise."""
_PRINTED = (BatchState.RENDERED, BatchState.PRINTED)
BATCH_KEYS: Mapping[str, tuple[BatchState, ...]] = {
    "write": (*_PRINTED, BatchState.POSTED),
    "open_pdf": (*_PRINTED, BatchState.POSTED),
    "confirm": (BatchState.PRINTED,),
    "reprint": _PRINTED,
    "cancel": (BatchState.PREPARED, *_PRINTED),
    "forward": (*_PRINTED, BatchState.POSTED),
    "open": tuple(BatchState),
}
"""The states of a batch in which a key does something."""


def lives(action: str, batch: BatchRow) -> bool:
    """Whether a key of BATCH_KEYS does something with the batch."""
    paper = batch.channel is Channel.PAPER
    return (
        batch.state in BATCH_KEYS[action]
        and (action != "forward" or batch.by_hand)
        and (action != "confirm" or batch.to_post > 0)
        # A print house or 1177 takes whole folders, and would send what it gets a second time.
        and (action != "open_pdf" or paper)
        and (action != "write" or paper or batch.state is not BatchState.POSTED)
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted before a batch was handed over; `sheets` None when nobody counted them."""

    envelopes: int
    sheets: int | None


def ask_make(row: WaitingLetters) -> Confirm:
    """Whether these letters are to be made a batch, in the words of the way they go."""
    count = 1 if row.by_hand else row.letters
    if row.channel is Channel.PAPER:
        title = n_("Print {count} letter?", "Print {count} letters?", count)
    elif row.channel is Channel.MESSAGE_1177:
        title = n_("Export {count} message to 1177?", "Export {count} messages to 1177?", count)
    else:
        title = n_("Export {count} letter to the print house?", "Export {count} letters to the print house?", count)
    lines = [f"{shown_place(row.region)} · {label(row.type)}"]
    if row.by_hand:
        lines.append("! " + by_hand_words())
    lines.append(_("People who have died, are held or have no usable address are left out and named."))
    return Confirm(title, tuple(lines))


class AskCounts(Lines[Counts]):
    """Envelopes, and sheets by those who count them: Enter on the empty line leaves them out."""

    def __init__(self, batch: BatchRow) -> None:
        lines = [batch_line(batch), should_be(batch)]
        if batch.take_out:
            lines.append("! " + _("Take out of what is printed: {letters}", letters=named(batch.take_out)))
        if batch.by_hand:
            lines.append("! " + by_hand_words())
        self._paper = batch.channel is Channel.PAPER
        if self._paper:
            lines.append(_("Leave the sheets empty if nobody counts them. A count that differs changes nothing."))
        title = _("Is the batch posted?") if self._paper else _("Is the batch handed over?")
        super().__init__(title, tuple(lines))

    def fields(self) -> Mapping[str, Line]:
        """Two numbers; one where nothing is put in envelopes here."""
        if not self._paper:
            return {"envelopes": Line(_("Letters handed over"), longest=7)}
        return {
            "envelopes": Line(_("Envelopes counted"), longest=7),
            "sheets": Line(_("Sheets counted"), longest=7),
        }

    def action_accept(self) -> None:
        """Answer when the numbers are numbers."""
        for name in self.fields():
            typed = self.typed(name)
            if not (typed.isascii() and typed.isdecimal()) and (typed or name == "envelopes"):
                self.missing(name, _("Write a number."))
                return
        sheets = self.typed("sheets") if self._paper else ""
        self.dismiss(Counts(int(self.typed("envelopes")), int(sheets) if sheets else None))


def ask_save(screen: KansliScreen, batch: BatchRow, given: str, then: Callable[[Path], None]) -> None:
    """Ask for the folder (`given` stands there already), then write the PDF and the lists; `then` is told the folder."""
    _ask_folder(screen, batch, _("Save the batch"), screen.office.letters.write, given, then)


def ask_forwarding(screen: KansliScreen, batch: BatchRow, given: str, then: Callable[[Path], None]) -> None:
    """Ask for the folder, then write the cover note to the tax agency and the sheet for the inner envelope."""
    _ask_folder(screen, batch, _("Save the papers for forwarding"), screen.office.papers.forwarding, given, then)


def _ask_folder(
    screen: KansliScreen,
    batch: BatchRow,
    title: str,
    write: Callable[[Actor, int, Path], tuple[Path, ...]],
    given: str,
    then: Callable[[Path], None],
) -> None:
    def answered(folder: Path) -> None:
        then(folder)
        screen.write(
            partial(write, screen.actor, batch.batch_id, folder),
            lambda files: _("Saved in {folder}: {files}", folder=folder, files=_names(files)),
        )

    lines = (batch_line(batch), _("The files hold personal data: choose a folder that only the office can read."))
    screen.ask(AskPath(title, lines, text=_("Folder"), given=given, folder=True), answered)


def _names(files: tuple[Path, ...]) -> str:
    """The first files by name; a folder for 1177 has one for each letter."""
    more = len(files) - _NAMED
    names = ", ".join(file.name for file in files[:_NAMED])
    return f"{names} {_('and {count} more', count=number(more))}" if more > 0 else names


def show_pdf(screen: KansliScreen, batch: BatchRow) -> None:
    """Show the batch's PDF in the computer's own program; it counts as printed, as when it is saved."""
    office, actor = screen.office, screen.actor

    def work() -> str:
        files = office.letters.write(actor, batch.batch_id, private_folder())
        return show(next(file for file in files if file.suffix == ".pdf"))

    screen.write(work, lambda said: said)


def ask_posted(screen: KansliScreen, batch: BatchRow) -> None:
    """Ask what was counted, then confirm the batch as posted."""
    screen.ask(AskCounts(batch), partial(_confirm, screen, batch))


def _confirm(screen: KansliScreen, batch: BatchRow, counts: Counts) -> None:
    confirm = partial(screen.office.letters.confirm, screen.actor, batch.batch_id, version=batch.version)
    screen.write(
        partial(confirm, posted=counts.envelopes, sheets=counts.sheets),
        posted_words(batch, counts.envelopes),
    )


def ask_reprint(screen: KansliScreen, batch: BatchRow, then: Callable[[BatchRow, Told], None]) -> None:
    """Ask why, then make a batch of the same letters; the old one is cancelled."""
    lines = (
        batch_line(batch),
        _("A new batch with the same letters takes its place."),
        throw_away(batch),
    )
    title = _("Print the batch again?") if batch.channel is Channel.PAPER else _("Make the batch again?")
    screen.ask(AskReason(title, lines, text=_("Reason")), partial(then, batch))


def ask_cancel(screen: KansliScreen, batch: BatchRow) -> None:
    """Ask why, then throw the batch away; its letters wait again."""
    lines = (batch_line(batch), _("The letters wait for the next batch."), throw_away(batch))
    screen.ask(AskReason(_("Cancel the batch?"), lines, text=_("Reason")), partial(_cancel, screen, batch))


def _cancel(screen: KansliScreen, batch: BatchRow, told: Told) -> None:
    cancel = screen.office.letters.cancel
    screen.write(
        partial(cancel, screen.actor, batch.batch_id, version=batch.version, reason=told.text),
        _("The batch is cancelled; its letters wait again."),
    )
