"""Answers that changed after something had gone out: one at a time, with all one needs to set it right on one screen.

Nothing is sent by itself: the letter is prepared by a key, and the task ends with what came of it.
"""

from collections.abc import Iterable
from functools import partial
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, later
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.referrals import CorrectionRow
from screens.base import KansliScreen, keys
from screens.dialogs import AskReason, Confirm, Told
from screens.widgets.text import plain, visible
from screens.widgets.words import facts, shown_place

_WHAT = {
    "psa": later("Changed PSA answer"),
    "mri": later("Changed MRI answer"),
    "pathology": later("Changed pathology answer"),
}
"""What changed, in words."""


class CorrectionsScreen(KansliScreen):
    """Old value, new value, what went out, what the rules say now, and the letter that would set it right."""

    AREA = "Corrected answers"
    HELP = (
        "An answer has changed after letters or referrals went out. The screen shows what was said, what holds now, what has left the "
        "office and the correction letter as a draft; the arrows scroll it. B prepares the letter for the next batch, V opens the case, "
        "D ends the task with what came of it: whom you phoned, and what was agreed."
    )
    CSS_PATH = "corrections.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys("correction.letter", "correction.case", "correction.finish", "answers.skip", "answers.previous"),
        Binding("down", "scroll_draft(1)", show=False),
        Binding("up", "scroll_draft(-1)", show=False),
        Binding("pagedown", "scroll_draft(8)", show=False),
        Binding("pageup", "scroll_draft(-8)", show=False),
    ]

    class RowsRead(Message):
        """The open corrections."""

        def __init__(self, rows: tuple[CorrectionRow, ...]) -> None:
            super().__init__()
            self.rows = rows

    def __init__(self, queue: Queue = Queue.CORRECTION) -> None:
        super().__init__()
        self.queue = queue
        self._rows: tuple[CorrectionRow, ...] = ()
        self._at = 0

    def compose_body(self) -> ComposeResult:
        """The facts above, the draft of the letter below."""
        yield Static(id="facts")
        with VerticalScroll(id="draft", can_focus=False):
            yield Static(id="letter")

    # Reading and drawing

    @property
    def shown(self) -> CorrectionRow | None:
        """The correction on screen."""
        return self._rows[self._at] if self._rows else None

    def reload(self) -> None:
        """Read the open corrections."""
        self.read(partial(self.office.corrections.rows, self.actor), self.RowsRead)

    @on(RowsRead)
    def draw(self, fact: RowsRead) -> None:
        """The correction on screen stays if it is still open, with what is new about it; else the next comes up."""
        before = self.shown
        places = [row.task_id for row in fact.rows]
        if before is not None and before.task_id in places:
            self._at = places.index(before.task_id)
        self._rows = fact.rows
        self._at = min(self._at, max(0, len(fact.rows) - 1))
        self._redraw(before)

    def _redraw(self, before: CorrectionRow | None) -> None:
        row, draft = self.shown, self.query_one("#draft")
        if before is not None and row is not None and (before.task_id, before.version) != (row.task_id, row.version):
            self.rest()
        draft.display = row is not None
        if row is None:
            self.title_is("")
            self.query_one("#facts", Static).update(Text(_("No correction waits."), "bold"))
        else:
            self.title_is(_("{at} of {count}", at=self._at + 1, count=len(self._rows)))
            self.query_one("#facts", Static).update(_facts(row))
            self.query_one("#letter", Static).update(_letter(row))
            if before is None or before.task_id != row.task_id:
                draft.scroll_home(animate=False)
        self.refresh_bindings()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A letter only where one has gone out and none is prepared."""
        row = self.shown
        if action in ("letter", "case", "finish", "skip", "previous") and row is None:
            return None
        if action == "letter" and row is not None and (not row.letters or row.letter_prepared):
            return None
        if (action == "skip" and self._at + 1 >= len(self._rows)) or (action == "previous" and self._at == 0):
            return None
        return super().check_action(action, parameters)

    def action_scroll_draft(self, lines: int) -> None:
        """Read on in the letter."""
        self.query_one("#draft").scroll_relative(y=lines, animate=False)

    def action_skip(self) -> None:
        """The next correction."""
        self._go(1)

    def action_previous(self) -> None:
        """The one before."""
        self._go(-1)

    def _go(self, by: int) -> None:
        if not self.busy:
            before = self.shown
            self._at += by
            self.notice.clear()
            self._redraw(before)

    def action_case(self) -> None:
        """The whole case."""
        if self.shown is not None:
            self.desk.open_case(self.shown.person_id)

    def action_letter(self) -> None:
        """Prepare the letter."""
        row = self.shown
        if row is not None:
            lines = (f"{row.number}  {row.name}", _("The letter goes with the next batch (F4)."))
            prepare = partial(self.office.corrections.prepare_letter, self.actor, row.task_id, version=row.version)
            dialog = Confirm(_("Prepare the correction letter?"), lines)
            self.ask(dialog, lambda _yes: self._prepare(prepare))

    def _prepare(self, prepare: partial[CorrectionRow]) -> None:
        self.write(prepare, _("The correction letter is prepared; it waits for the next batch."))

    def action_finish(self) -> None:
        """End the task with what came of it."""
        row = self.shown
        if row is not None:
            lines = [f"{row.number}  {row.name}", f"{row.before} → {row.now}"]
            if row.letters and not row.letter_prepared:
                lines.append(_("Letters have gone out and no correction letter is prepared."))
            dialog = AskReason(_("The correction is seen to"), tuple(lines), text=_("What came of it"))
            self.ask(dialog, partial(self._finish, row))

    def _finish(self, row: CorrectionRow, told: Told) -> None:
        self.write(partial(self.office.queues.finish, self.actor, row.task_id, told.text), _("The task is done."))


def _facts(row: CorrectionRow) -> RenderableType:
    text = plain(f"{row.number}  {row.name}", "bold").append(f"   {visible(shown_place(row.region))}", "not bold")
    lines: list[RenderableType] = [text]
    if row.wrong_person:
        lines.append(Text(" " + _("WRONG PERSON: the answer was somebody else's") + " ", "bold reverse"))
    changed = plain(row.before).append(" → ").append(visible(row.now), "bold")
    letter = _("prepared") if row.letter_prepared else _("not prepared") if row.letters else _("none needed")
    return Group(
        *lines,
        Text(),
        facts(
            (_(_WHAT[row.what]) if row.what in _WHAT else row.what, changed),
            (_("Letters posted"), _list(row.letters)),
            (_("Placed"), _list(row.orders)),
            (_("The rules now"), row.rules_say),
            (_("Stands"), row.step_label),
            (_("Correction letter"), plain(letter, "bold")),
            label_width=24,
        ),
    )


def _list(lines: Iterable[str]) -> Text:
    return Text("\n").join([plain(line) for line in lines]) or plain(_("nothing"))


def _letter(row: CorrectionRow) -> Text:
    if row.draft:
        return plain(row.draft, lines=True)
    return plain(_("No letter about the answer has gone out: nothing has to be corrected by letter."))
