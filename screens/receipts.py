"""Reading in what a print house or 1177 tells about letters: a part of the letters area."""

from functools import partial
from pathlib import Path

from textual import on

from kansli_tui.i18n import _
from kansli_tui.service.receipt_words import report_lines
from screens.asking import AskPath
from screens.base import KansliScreen, Written
from screens.dialogs import Show


class ReadsReceipts(KansliScreen):
    """Asks for a file of receipts, and shows what came of it with the lines that could not be used."""

    class ReceiptsTaken(Written):
        """A file has been taken in."""

        def __init__(self, lines: tuple[str, ...]) -> None:
            super().__init__(_("The receipts are read in."))
            self.lines = lines

    def action_receipts(self) -> None:
        """Ask for the file."""
        lines = (_("Letters that could not be delivered go on paper. What is already known has no effect."),)
        self.ask(AskPath(_("Read in receipts"), lines, text=_("File")), self._read_receipts)

    def _read_receipts(self, path: Path) -> None:
        self.write(partial(self._take_receipts, path), self.ReceiptsTaken, saying=_("The file is read…"))

    def _take_receipts(self, path: Path) -> tuple[str, ...]:
        return report_lines(self.office.channels.receive(self.actor, path.read_bytes(), path.name))

    @on(ReceiptsTaken)
    def _receipts_taken(self, fact: ReceiptsTaken) -> None:
        self.notice.done(fact.text)
        self.ask(Show(_("Receipts"), fact.lines), lambda _answer: None)
