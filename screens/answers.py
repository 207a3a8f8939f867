"""Provsvar as a working session: one man at a time, the proposal with its reason and consequence before the key.

What is written always names the decision and the version that stood on screen when the key was pressed. Nothing here decides:
the rules have proposed, a person confirms, the service checks.
"""

from datetime import date
from functools import partial
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message

from kansli_tui.i18n import _, n_, number
from kansli_tui.labels import LEADS_TO, label
from kansli_tui.pathway.answers import CHOICES
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.answers import AnswerRow, ConfirmedBatch, LowPreview
from screens.answer_session import AnswerSession
from screens.answer_view import preview_lines
from screens.asking import AskNumber
from screens.base import keys
from screens.dialogs import AskReason, Choice, Choose
from screens.waiting import questions
from screens.widgets.left_out import counted_words

_DECIDING = frozenset({"confirm", "choose", "repeat", "postpone"})


class AnswersScreen(AnswerSession):
    """What may be decided about the man on screen, and the low values together."""

    AREA = "Answers"
    HELP = (
        "Read the proposal, its reason and what it leads to, and confirm with Enter. The next person comes by himself, and the "
        "keys rest a moment, so that a key meant for one never acts on the next. A decides otherwise, with a reason. The arrows "
        "leave a person for now. A colleague who works on somebody is named; T takes over, which is logged."
    )
    CSS_PATH = "answers.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys(
        "answers.confirm",
        "answers.choose",
        "answers.repeat",
        "answers.postpone",
        "answers.batch",
    )

    class LowPreviewed(Message):
        """What confirming the low values together would do."""

        def __init__(self, preview: LowPreview) -> None:
            super().__init__()
            self.preview = preview

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Deciding rests while a colleague works on the man; what the rules do not allow is greyed."""
        row = self.shown
        if action == "batch" and self.queue is not Queue.NORMAL:
            return False
        if row is None and action in (*_DECIDING, "batch"):
            return None
        if row is not None and action in _DECIDING:
            others = set(CHOICES[row.proposed]) - {row.proposed}
            if self.with_colleague(row) or (action == "choose" and not others):
                return None
            if action == "repeat" and Outcome.REPEAT not in others:
                return None
        return super().check_action(action, parameters)

    # Deciding

    def action_confirm(self) -> None:
        """Confirm the proposal; where the rules leave it to a person, choose."""
        if self.shown is not None and self.shown.proposed is Outcome.PERSON:
            self.action_choose()
        elif self.shown is not None and questions(self.shown.blocked_by):
            self._ask_why(self.shown, self.shown.proposed)
        elif self.shown is not None:
            self._confirm(self.shown)

    def action_choose(self) -> None:
        """Another outcome than proposed."""
        row = self.shown
        if row is not None:
            others = [outcome for outcome in CHOICES[row.proposed] if outcome is not row.proposed]
            choices = tuple(Choice(outcome, label(outcome), _(LEADS_TO[outcome])) for outcome in others)
            title = _("What is decided for {number}?", number=row.number)
            self.ask(Choose(title, choices, (row.reason,)), lambda chosen: self._ask_why(row, Outcome(chosen)))

    def action_repeat(self) -> None:
        """A repeat sample instead."""
        if self.shown is not None:
            self._ask_why(self.shown, Outcome.REPEAT)

    def _ask_why(self, row: AnswerRow, outcome: Outcome) -> None:
        lines = (f"{row.number}  {row.name}", *questions(row.blocked_by), _(LEADS_TO[outcome]))
        dialog = AskReason(label(outcome), lines, text=_("Reason"))
        self.ask(dialog, lambda told: self._confirm(row, outcome, told.text))

    def _confirm(self, row: AnswerRow, outcome: Outcome | None = None, reason: str = "") -> None:
        confirm = self.office.decisions.confirm
        work = partial(confirm, self.actor, row.decision_id, version=row.version, outcome=outcome, reason=reason)
        said = f"{row.number} {row.name}: {label(outcome or row.proposed)}"
        self.write(work, lambda _nothing: self.Decided(row, said))

    def action_postpone(self) -> None:
        """Put him off to a day."""
        row = self.shown
        if row is not None:
            lines = (f"{row.number}  {row.name}", _("A repeat sample is offered on that day."))
            dialog = AskReason(_("Postpone"), lines, text=_("Reason"), day=_("Until"), today=self.today)
            self.ask(dialog, lambda told: self._postpone(row, told.text, told.on))

    def _postpone(self, row: AnswerRow, reason: str, until: date | None) -> None:
        if until is None:
            return
        postpone = self.office.decisions.postpone
        work = partial(postpone, self.actor, row.decision_id, version=row.version, on=until, reason=reason)
        said = f"{row.number} {row.name}: {_('postponed')}"
        self.write(work, lambda _nothing: self.Decided(row, said))

    # Many at once

    def action_batch(self) -> None:
        """Look at all plain low answers before confirming them together."""
        preview = partial(self.office.decisions.preview_low, self.actor)
        # Busy until the question stands there: what is typed for it never reaches the man behind it.
        self.write(preview, self.LowPreviewed, reads_again=False)

    @on(LowPreviewed)
    def _ask_batch(self, fact: LowPreviewed) -> None:
        self.notice.clear()
        preview = fact.preview
        lines = preview_lines(preview.rows, preview.count, preview.left_out, self.desk.now())
        if preview.count == 0:
            self.notice.failed(_("No low answer can be confirmed together with others.") + " " + lines[-1])
            return
        dialog = AskNumber(
            n_("Confirm {count} low answer together?", "Confirm {count} low answers together?", preview.count),
            lines,
            text=_("Type the number {count} to confirm", count=number(preview.count)),
            must_be=preview.count,
            refusal=_("That is not the number that would be confirmed."),
        )
        work = partial(self.office.decisions.confirm_low, self.actor, stamp=preview.stamp)
        self.ask(dialog, lambda _count: self._confirm_low(work))

    def _confirm_low(self, work: partial[ConfirmedBatch]) -> None:
        self.write(work, _batch_in_words)


def _batch_in_words(done: ConfirmedBatch) -> str:
    said = n_("{count} answer is confirmed.", "{count} answers are confirmed.", done.confirmed)
    left = "; ".join(counted_words(text) for text in done.left)
    return f"{said} {_('Left for one at a time: {why}.', why=left)}" if left else said
