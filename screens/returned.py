"""Letters that the post has brought back: scanned or typed one after the other, each with the reason on its sticker.

What is typed is kept in line until it has been noted or refused, so that a quick scanner loses nothing.
"""

from collections import deque
from functools import partial
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Input, Label, Static

from kansli_tui.errors import RefusedError
from kansli_tui.i18n import _, n_
from kansli_tui.keys import KEYS
from kansli_tui.labels import label
from kansli_tui.rows.letter_states import ReturnReason
from kansli_tui.rows.mail import ReturnedLetter
from kansli_tui.service.mail import read_number
from screens.appointment import appointment_lines
from screens.base import KansliScreen, in_words
from screens.widgets.text import plain, visible

_REASONS = (ReturnReason.NOT_SAID, *(why for why in ReturnReason if why is not ReturnReason.NOT_SAID))
"""In the order of their digits, from 1."""
_COLUMNS = 2
_KEPT = 200
"""Lines of what has happened that stay on screen; everything is on the cases."""


class ReturnField(Input):
    """Where numbers are read; Enter comes with each."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", KEYS["returns.take"].label, id="returns.take")]


class ReturnedScreen(KansliScreen):
    """One line to type or scan into, the reason that goes with it, and what happened to each letter."""

    AREA = "Returned mail"
    HELP = (
        "Scan the code of the letter, or type its number and press Enter. A single digit with Enter chooses the reason that goes "
        "with the letters after it, until another is chosen; letters 1 to 9 are written B-1 to B-9. Each letter gets a task to find "
        "the right address, in the queue of addresses. What could not be noted stands with why; type it again when it is put right."
    )
    CSS_PATH = "scanning.tcss"
    BINDINGS: ClassVar[list[BindingType]] = []

    class Noted(Message):
        """A letter is noted as returned."""

        def __init__(self, letter: ReturnedLetter) -> None:
            super().__init__()
            self.letter = letter

    def __init__(self) -> None:
        super().__init__()
        self._why = _REASONS[0]
        self._in_line: deque[tuple[str, ReturnReason]] = deque()
        self._lines: deque[Text] = deque(maxlen=_KEPT)
        self._noted = 0

    def compose_body(self) -> ComposeResult:
        """The reasons, the line, what happened."""
        yield Label(plain(_("Reason, for the letters that follow")))
        yield Static(id="reasons")
        yield Label(plain(_("Scan or type a letter's number")))
        yield ReturnField(id="code", max_length=40)
        with VerticalScroll(id="noted", can_focus=False):
            yield Static(id="lines")

    def on_mount(self) -> None:
        """Numbers go into the line at once."""
        self.query_one("#code").focus()

    def reload(self) -> None:
        """Nothing is read: the screen shows what has been done here."""
        self._redraw()

    def _redraw(self) -> None:
        self.title_is(n_("{count} noted", "{count} noted", self._noted))
        self.query_one("#reasons", Static).update(self._reasons())
        waiting = [plain(f"… {text}", "dim") for text, _why in reversed(self._in_line)]
        nothing = plain(_("Nothing has been noted yet. The letter's number stands at its top and in its code."), "dim")
        self.query_one("#lines", Static).update(Text("\n").join([*waiting, *self._lines] or [nothing]))

    def _reasons(self) -> Table:
        """The reasons with their digits, the chosen one reversed and with a sign."""
        grid = Table.grid(padding=(0, 3, 0, 0))
        cells = [
            plain(
                f" {digit} {label(why)} {'◂' if why is self._why else ' '}", "bold reverse" if why is self._why else ""
            )
            for digit, why in enumerate(_REASONS, start=1)
        ]
        for start in range(0, len(cells), _COLUMNS):
            grid.add_row(*cells[start : start + _COLUMNS])
        return grid

    # One after the other

    @on(Input.Submitted, "#code")
    def _typed(self, event: Input.Submitted) -> None:
        typed = event.value.strip()
        event.input.clear()
        self.notice.clear()
        if len(typed) == 1 and typed in "0123456789":
            self._choose(int(typed))
        elif typed:
            self._in_line.append((typed, self._why))
            self._redraw()
            self._next()

    def _choose(self, digit: int) -> None:
        if not 1 <= digit <= len(_REASONS):
            # Among the lines: the notice is cleared by the letters that are being noted.
            words = _("There is no reason {digit}: the reasons are 1 to {last}.", digit=digit, last=len(_REASONS))
            self._lines.appendleft(plain(f"✗ {words}", "bold"))
        else:
            self._why = _REASONS[digit - 1]
        self._redraw()

    def _next(self) -> None:
        """Note the first in line; the one after it follows when that is done."""
        if self._in_line and not self.busy:
            self.write(partial(self._note, *self._in_line[0]), self.Noted, reads_again=False)

    def watch_busy(self, busy: bool) -> None:
        """Go on with the next in line."""
        if not busy and self.is_mounted:
            self._next()

    def _note(self, typed: str, why: ReturnReason) -> ReturnedLetter:
        number = read_number(typed)
        self.office.mail.returned(self.actor, typed, why)
        return self.office.mail_rows.returned(self.actor, number)

    @on(Noted)
    def _noted_one(self, fact: Noted) -> None:
        letter = fact.letter
        self._noted += 1
        self._in_line.popleft()
        where = letter.sent_to[-1] if letter.sent_to else ""
        who = " · ".join(visible(part) for part in (label(letter.type), letter.name, where) if part)
        text = plain(f"✓ B-{letter.letter_id:06d}  {who}", "bold")
        text.append(f"\n    {label(letter.reason or ReturnReason.NOT_SAID)}: ")
        text.append(_("a task to find the address") if letter.task_id else _("the case is closed, nothing more to do"))
        if letter.booked_at is not None:
            text.append("\n    ").append_text(appointment_lines(letter.booked_at, self.desk.now()))
        self._lines.appendleft(text)
        self.notice.clear()
        self._redraw()

    def failed(self, error: BaseException) -> None:
        """What could not be noted stands among the lines with why."""
        typed = self._in_line.popleft()[0] if self._in_line else ""
        self._lines.appendleft(plain(f"✗ {typed}  {in_words(error)}", "bold"))
        self.notice.clear()
        if not isinstance(error, RefusedError):
            super().failed(error)
        self._redraw()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Esc waits until everything in line has been noted."""
        if action == "back" and self._in_line:
            return None
        return super().check_action(action, parameters)
