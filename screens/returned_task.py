"""A letter that came back: where it went, where the register says that the person lives today, and what is done about it."""

from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, day_full, later
from kansli_tui.labels import label
from kansli_tui.rows.letter_states import ReturnReason
from kansli_tui.rows.mail import ReturnedLetter
from screens.appointment import appointment_lines
from screens.base import KansliScreen, keys
from screens.batch_letters import LetterTextScreen
from screens.dialogs import AskReason, Assert, Told
from screens.widgets.text import plain
from screens.widgets.words import facts

RETURNED = "returned:"
"""How the subject of a task about a returned letter begins; the letter's key follows."""
SENT_AGAIN = later("The letter is prepared again: {number} waits to be printed.")


class ReturnedTaskScreen(KansliScreen):
    """One returned letter. It is sent again, or done with in words; either way the task ends."""

    AREA = "Returned letter"
    HELP = (
        "Look in the population register where the person lives now. S sends the letter again to the address that our register has: "
        "when that is the address it came back from, say first that it has been checked. D ends the task with what came of it. "
        "V shows what the letter says, A the whole case."
    )
    CSS_PATH = "scanning.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("returns.again", "returns.finish", "letters.preview", "returns.case")

    class LetterRead(Message):
        """The letter and both addresses."""

        def __init__(self, letter: ReturnedLetter) -> None:
            super().__init__()
            self.letter = letter

    class TextRead(Message):
        """What the letter says."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, letter_id: int) -> None:
        super().__init__()
        self._letter_id = letter_id
        self._letter: ReturnedLetter | None = None

    def compose_body(self) -> ComposeResult:
        """The facts."""
        with VerticalScroll(can_focus=False):
            yield Static(id="facts")

    def reload(self) -> None:
        """Read the letter (logged)."""
        self.read(partial(self.office.mail_rows.returned, self.actor, self._letter_id), self.LetterRead)

    @on(LetterRead)
    def draw(self, fact: LetterRead) -> None:
        """Draw it."""
        letter = self._letter = fact.letter
        hidden = _("protected, not shown")
        call = appointment_lines(letter.booked_at, self.desk.now())
        lines: list[tuple[str, Text | str]] = [
            (_("PERSON"), plain(f"{letter.number}  {letter.name}", "bold")),
            (_("LETTER"), f"B-{letter.letter_id:06d} · {label(letter.type)}"),
            *([(_("CALL"), call)] if call.plain else []),
            (_("POSTED"), day_full(letter.posted_on) if letter.posted_on else "–"),
            (_("RETURNED"), _returned(letter)),
            ("", ""),
            (_("WENT TO"), hidden if letter.masked else plain("\n".join(letter.sent_to) or "–", lines=True)),
            ("", ""),
            (
                _("NOW AT"),
                hidden if letter.masked else plain("\n".join(letter.now_at) or _("no usable address"), lines=True),
            ),
            ("", plain("! " + same_words(letter), "bold") if letter.same else plain(_("The address is another one."))),
            ("", ""),
            (_("TO DO"), _to_do(letter)),
        ]
        self.query_one("#facts", Static).update(facts(*lines, label_width=12))
        self.refresh_bindings()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Sending and ending belong to a task that is open."""
        letter = self._letter
        if action in ("again", "finish", "preview", "case") and letter is None:
            return None
        if letter is not None:
            if action == "again" and letter.again is not None:
                return None
            if action == "finish" and letter.task_id is None:
                return None
        return super().check_action(action, parameters)

    def action_again(self) -> None:
        """Send the letter again."""
        letter = self._letter
        if letter is not None:
            given = label(letter.reason) if letter.reason not in (None, ReturnReason.NOT_SAID) else ""
            ask_again(self, letter, given)

    def action_finish(self) -> None:
        """End the task in words."""
        letter = self._letter
        if letter is not None and letter.task_id is not None:
            lines = (_("The letter is not sent again."),)
            dialog = AskReason(_("Done with the returned letter"), lines, text=_("What came of it"))
            self.ask(dialog, partial(self._finish, letter.task_id))

    def _finish(self, task_id: int, told: Told) -> None:
        self.write(partial(self.office.queues.finish, self.actor, task_id, told.text), _("The task is done."))

    def action_case(self) -> None:
        """The whole case."""
        if self._letter is not None:
            self.desk.open_case(self._letter.person_id)

    def action_preview(self) -> None:
        """Read the letter."""
        self.read(partial(self.office.letters.preview, self.actor, self._letter_id), self.TextRead, group="text")

    @on(TextRead)
    def _show_text(self, fact: TextRead) -> None:
        self.app.push_screen(LetterTextScreen(fact.text))


def ask_again(screen: KansliScreen, letter: ReturnedLetter, given: str) -> None:
    """Ask why a letter is sent again; first, where it would go to the address it came back from, whether that is right."""
    if letter.returned_on is None or not letter.same:
        _ask_reason(screen, letter, given, checked=False)
        return
    address = letter.now_at or ((_("protected, not shown"),) if letter.masked else (_("no usable address"),))
    lines = (same_words(letter), *address, "", _("Has somebody looked in the population register, and is it right?"))
    ask = Assert(_("Send it to the same address?"), lines)
    screen.ask(ask, lambda _yes: _ask_reason(screen, letter, _("the address has been checked"), checked=True))


def _ask_reason(screen: KansliScreen, letter: ReturnedLetter, given: str, *, checked: bool) -> None:
    lines = (_("A new letter is prepared with today's date, for the next batch."),)
    dialog = AskReason(_("Send the letter again"), lines, text=_("Reason"), given=given)
    screen.ask(dialog, partial(_send, screen, letter.letter_id, checked))


def _send(screen: KansliScreen, letter_id: int, checked: bool, told: Told) -> None:
    again = partial(screen.office.mail.send_again, screen.actor, letter_id, reason=told.text)
    screen.write(partial(again, address_checked=checked), lambda new: _(SENT_AGAIN, number=f"B-{new:06d}"))


def same_words(letter: ReturnedLetter) -> str:
    """Why the letter would come back once more."""
    if letter.now_at or letter.masked:
        return _("The register has the address that the letter came back from.")
    return _("The register has no address to send it to.")


def _returned(letter: ReturnedLetter) -> str:
    if letter.returned_on is None:
        return "–"
    return f"{day_full(letter.returned_on)} · {label(letter.reason or ReturnReason.NOT_SAID)}"


def _to_do(letter: ReturnedLetter) -> str:
    if letter.again is not None:
        return _("Nothing: it is sent again as {number}.", number=f"B-{letter.again:06d}")
    if letter.task_id is None:
        return _("Nothing: the task is done.")
    words = _("Look in the population register. S sends it again, D ends the task with what came of it.")
    return f"{words} ({_('{who} is working on this.', who=letter.lease_by)})" if letter.lease_by else words
