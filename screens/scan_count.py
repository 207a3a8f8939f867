"""Counts a batch letter by letter: a scanner reads each code, or fingers type the numbers. What is missing is named.

Nothing is stored before something is set aside or the batch is confirmed as posted: leaving and beginning anew costs nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input, Label, Static

from kansli_tui.errors import RefusedError
from kansli_tui.i18n import _, n_, number
from kansli_tui.keys import KEYS
from kansli_tui.rows.letter_states import BatchRow, BatchState, Counted
from kansli_tui.service.mail import read_number
from screens.base import KansliScreen, Written, in_words, keys
from screens.dialogs import Confirm
from screens.letters_view import batch_line, named
from screens.lines import Line, Lines
from screens.widgets.bar import bar
from screens.widgets.text import plain
from screens.widgets.words import facts

_LONGEST_LIST = 20_000
_FEW = 20
"""So many missing letters are proposed to be set aside; more have not been looked for yet."""
_NAMED = 24
"""Letters named in each line, which wraps; the others are counted."""


@dataclass(frozen=True, slots=True)
class Aside:
    """Letters to take out of a batch, and why."""

    letters: tuple[str, ...]
    reason: str


class AskAside(Lines[Aside]):
    """Which letters, and why; the missing stand there already when they are `given`. `unseen` are those not scanned yet."""

    def __init__(self, given: tuple[str, ...] = (), unseen: int = 0) -> None:
        lines: tuple[str, ...] = (
            _("They wait for the next batch. Destroy what is printed of them: they are printed anew."),
        )
        if unseen and not given:
            words = n_("{count} letter has not been seen yet", "{count} letters have not been seen yet", unseen)
            lines += (f"{words}. {_('Scan on, or write those that are to be set aside.')}",)
        super().__init__(_("Set letters aside"), lines)
        self._given_letters = given

    def fields(self) -> Mapping[str, Line]:
        """The numbers and the reason."""
        return {
            "letters": Line(_("Letters"), ", ".join(self._given_letters), "B-000123, B-000130", _LONGEST_LIST),
            "reason": Line(_("Reason"), example=_("torn in the machine"), longest=500),
        }

    def action_accept(self) -> None:
        """Answer when both are there."""
        letters = tuple(part for part in re.split(r"[,;\s]+", self.typed("letters")) if part)
        if not letters:
            self.missing("letters", _("Write which letters, for example B-000123."))
        elif len(self.typed("reason")) < 3:
            self.missing("reason", _("Write a few words; they stay with the batch."))
        else:
            self.dismiss(Aside(letters, self.typed("reason")))


class ScanField(Input):
    """Where codes are read; Enter comes with each."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", KEYS["scan.take"].label, id="scan.take")]


class ScanCountScreen(KansliScreen):
    """The running count of one batch."""

    AREA = "Count"
    HELP = (
        "Scan the code in the margin of each letter, or type its number and press Enter. What has been seen, is missing, does not "
        "belong here or has been scanned twice is named. Ctrl+L sets letters aside that are missing or spoiled: they wait for the next "
        "batch. When all have been seen, Enter on the empty line posts the batch. Nothing is stored before that."
    )
    CSS_PATH = "scanning.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("scan.set_aside")

    class CountRead(Message):
        """What has been seen so far."""

        def __init__(self, counted: Counted) -> None:
            super().__init__()
            self.counted = counted

    class SetAside(Written):
        """Letters have been taken out; the batch as it is now."""

        def __init__(self, batch: BatchRow, text: str) -> None:
            super().__init__(text)
            self.batch = batch

    class Posted(Written):
        """The batch is posted."""

    def __init__(self, batch: BatchRow) -> None:
        super().__init__()
        self._batch = batch
        self._seen: list[str] = []
        self._last = ""
        self._counted: Counted | None = None

    def compose_body(self) -> ComposeResult:
        """The line to read into, and the count."""
        yield Label(plain(_("Scan or type a letter's number")))
        yield ScanField(id="code", max_length=40)
        yield Static(id="count")

    def on_mount(self) -> None:
        """Codes go into the line at once."""
        self.query_one("#code").focus()

    def reload(self) -> None:
        """Count again."""
        self.title_is(batch_line(self._batch))
        self.read(partial(self.office.mail.count, self.actor, self._batch.batch_id, tuple(self._seen)), self.CountRead)

    @on(CountRead)
    def draw(self, fact: CountRead) -> None:
        """Draw the count."""
        counted = self._counted = fact.counted
        self._say(counted)
        lines = [
            (_("SEEN"), bar(counted.seen, self._batch.to_post)),
            (_("MISSING"), _some(counted.missing)),
            (_("STRANGE"), _some(counted.strange) + (f"  {_('not in this batch')}" if counted.strange else "")),
            (_("TWICE"), _some(counted.twice)),
        ]
        if self._complete:
            done = _("All are here. Enter on the empty line posts the batch.")
            lines.append(("", done if self._batch.state is BatchState.PRINTED else _("All are here.")))
            if counted.strange:
                lines.append(("", "! " + _stray(counted)))
        self.query_one("#count", Static).update(facts(*lines, label_width=12))
        self.refresh_bindings()

    def _say(self, counted: Counted) -> None:
        """What the last one read was; a bell where somebody has to look up from the pile."""
        last, self._last = self._last, ""
        if last in counted.strange:
            self.app.bell()
            self.notice.failed(_("{letter} does not belong to this batch. Lay it apart.", letter=last))
        elif last in counted.twice:
            self.app.bell()
            self.notice.failed(_("{letter} has been scanned before: it counts once.", letter=last))
        elif last:
            self.notice.done(last)

    @property
    def _complete(self) -> bool:
        return self._counted is not None and not self._counted.missing and self._counted.seen > 0

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is set aside of a batch that has left."""
        if action == "set_aside" and self._batch.state not in (BatchState.RENDERED, BatchState.PRINTED):
            return None
        return super().check_action(action, parameters)

    @on(Input.Submitted, "#code")
    def _read_code(self, event: Input.Submitted) -> None:
        typed = event.value.strip()
        event.input.clear()
        if not typed:
            self._ask_posted()
            return
        try:
            letter = read_number(typed)
        except RefusedError as error:
            self.notice.failed(f"{typed}: {in_words(error)}")
            return
        self._seen.append(typed)
        self._last = f"B-{letter:06d}"
        self.reload()

    def action_set_aside(self) -> None:
        """Take missing or spoiled letters out of the batch."""
        missing = self._counted.missing if self._counted is not None else ()
        seen = self._counted.seen if self._counted is not None else 0
        # Where most are missing, or many, they have simply not been scanned yet.
        looked_for = len(missing) <= _FEW and len(missing) <= seen
        self.ask(AskAside(missing if looked_for else (), len(missing)), self._set_aside)

    def _set_aside(self, aside: Aside) -> None:
        batch = self._batch
        work = partial(self.office.mail.set_aside, self.actor, batch.batch_id, version=batch.version)
        self.write(
            partial(work, letters=aside.letters, reason=aside.reason),
            lambda row: self.SetAside(row, set_aside_words(len(aside.letters), row)),
        )

    @on(SetAside)
    def _letters_set_aside(self, fact: SetAside) -> None:
        self._batch = fact.batch
        self.notice.done(fact.text)

    def _ask_posted(self) -> None:
        batch, counted = self._batch, self._counted
        if not self._complete or counted is None:
            self.notice.failed(_("Not all letters have been seen. Scan the missing, or set them aside with Ctrl+L."))
        elif batch.state is not BatchState.PRINTED:
            self.notice.failed(_("The batch has not been printed. Save its PDF and print it first."))
        else:
            seen = n_("{count} letter", "{count} letters", counted.seen)
            lines: tuple[str, ...] = (
                batch_line(batch),
                _("{letters} seen, none missing. They have been handed over.", letters=seen),
            )
            if counted.strange:
                lines = ("! " + _stray(counted), "", *lines)
            self.ask(Confirm(_("Is the batch posted?"), lines), lambda _yes: self._confirm(batch, counted.seen))

    def _confirm(self, batch: BatchRow, seen: int) -> None:
        confirm = partial(self.office.letters.confirm, self.actor, batch.batch_id, version=batch.version, posted=seen)
        said = n_("{count} letter is posted.", "{count} letters are posted.", seen)
        self.write(confirm, lambda _row: self.Posted(said), reads_again=False)

    @on(Posted)
    def _posted(self, fact: Posted) -> None:
        below = self.app.screen_stack[-2]
        self.app.pop_screen()
        if isinstance(below, KansliScreen):
            below.notice.done(fact.text)


def set_aside_words(count: int, row: BatchRow) -> str:
    """What setting aside has led to."""
    aside = n_("{count} letter is set aside", "{count} letters are set aside", count)
    left = n_("{count} letter is left in the batch", "{count} letters are left in the batch", row.to_post)
    return f"{aside}; {left}."


def _stray(counted: Counted) -> str:
    """What lies in the pile and is not the batch's."""
    return _("Take out {letters}: does not belong to the batch.", letters=named(counted.strange, _NAMED))


def _some(letters: tuple[str, ...]) -> str:
    return f"{number(len(letters))}: {named(letters, _NAMED)}" if letters else _("none")
