"""MRI answers as a working session: a person reads what the unit wrote, states the highest PI-RADS and the volume, and confirms.

The score that is shown first is a suggestion. What is confirmed is what stood on screen with the rules' answer to it.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, number
from kansli_tui.keys import KEYS
from kansli_tui.labels import label
from kansli_tui.pathway.decide import Decision
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.rows.referrals import MriAnswerRow
from screens.base import keys
from screens.dialogs import AskReason
from screens.mri_view import Reading, coming, decided_words, marked, mri_facts, to_do, unit_text, who
from screens.session import WorkSession
from screens.volume import AskVolume
from screens.waiting import Cursor, questions

_SCORE = KEYS["mri.score"]


class MriAnswersScreen(WorkSession[MriAnswerRow]):
    """What the unit wrote, what a person makes of it, and what the rules then say."""

    AREA = "MRI answers"
    HELP = (
        "Read what the unit wrote; the sentence that the suggestion comes from is marked, and the arrows scroll. Type the highest "
        "PI-RADS with 1–5 and the volume with M, or keep what is suggested: proposal, reason and consequence follow what you type, and "
        "Enter confirms just that. Without the volume PI-RADS 1–3 cannot be confirmed: phone the unit. E is for pictures that cannot be "
        "assessed, U refers to the urologist although the rules say otherwise."
    )
    CSS_PATH = "mri_answers.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys("mri.confirm", "mri.volume", "mri.urology", "mri.not_diagnostic"),
        *(Binding(str(score), f"score({score})", _SCORE.label, id=_SCORE.id) for score in range(1, 6)),
    ]

    class Previewed(Message):
        """What the rules say of a reading."""

        def __init__(self, row: MriAnswerRow, reading: Reading, decision: Decision) -> None:
            super().__init__()
            self.row = row
            self.reading = reading
            self.decision = decision

    reading = Reading(None, None)
    decision: Decision | None = None

    def compose_body(self) -> ComposeResult:
        """The man, what the unit wrote, what follows from it, and those who come after."""
        yield Static(id="who")
        with VerticalScroll(id="man", can_focus=False):
            yield Static(id="answer")
        yield Static(id="facts")
        yield Static(id="coming")

    # Reading and drawing

    def read_rows(self, after: Cursor | None, limit: int) -> tuple[MriAnswerRow, ...]:
        """MRI answers, the oldest first."""
        return self.office.examinations.mri_rows(self.actor, after=after, limit=limit)

    def show_row(self, row: MriAnswerRow | None) -> None:
        """What was typed is for the answer it was typed for, and for no other."""
        before = self.shown
        same = row is not None and before is not None and (before.decision_id, before.version) == _key(row)
        if row is not None and not same:
            self.reading, self.decision = Reading(row.suggested, row.volume_ml), row.proposal
        super().show_row(row)
        if not same:
            self.call_after_refresh(self._scroll_to_mark)

    def draw_man(self, row: MriAnswerRow) -> None:
        """The answer and the proposal."""
        now = self.desk.now()
        self.query_one("#man").display = True
        self.query_one("#who", Static).update(who(row, self.actor.username, now))
        self.query_one("#answer", Static).update(unit_text(row))
        self.query_one("#facts", Static).update(mri_facts(row, self.reading, self.decision, now))

    def draw_nobody(self) -> None:
        """An empty queue."""
        self.query_one("#man").display = False
        self.query_one("#who", Static).update(Text(_("No answer waits here."), "bold"))
        self.query_one("#facts", Static).update("")

    def draw_coming(self, rows: Sequence[MriAnswerRow]) -> None:
        """Those who come after, with what is suggested."""
        self.query_one("#coming", Static).update(coming(rows))

    def _scroll_to_mark(self) -> None:
        row, man = self.shown, self.query_one("#man")
        if row is not None and man.size.width > 0:
            above = unit_text(row)[: marked(row)[1]]
            lines = above.wrap(self.app.console, max(1, self.query_one("#answer").size.width))
            man.scroll_to(y=max(0, len(lines) - man.size.height + 1), animate=False)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing is stated about somebody a colleague works on, and nothing confirmed before the rules have answered."""
        row = self.shown
        if action in ("confirm", "score", "volume", "urology", "not_diagnostic"):
            if row is None or self.with_colleague(row):
                return None
            if action == "urology" and (self.reading.pirads is None or self._goes_to_urology):
                return None
            if action == "confirm" and self.decision is None and self.reading.pirads is not None:
                return None
        return super().check_action(action, parameters)

    @property
    def _goes_to_urology(self) -> bool:
        return self.decision is None or self.decision.outcome is Outcome.UROLOGY

    def action_score(self, score: int) -> None:
        """State the highest PI-RADS."""
        if self.shown is not None:
            self._read_as(self.shown, Reading(score, self.reading.volume_ml, typed=True))

    def action_volume(self) -> None:
        """State the volume."""
        row = self.shown
        if row is not None:
            lines = (f"{row.number}  {row.name}", f"{row.unit} {row.unit_phone}".strip())
            self.ask(AskVolume(_("Volume of the prostate"), lines), partial(self._volume_told, row))

    def _volume_told(self, row: MriAnswerRow, volume_ml: Decimal) -> None:
        if self.shown is not None and _key(self.shown) == _key(row):
            self._read_as(row, Reading(self.reading.pirads, volume_ml, typed=True))

    def _read_as(self, row: MriAnswerRow, reading: Reading) -> None:
        """Ask the rules about a reading; until they have answered nothing can be confirmed."""
        self.notice.clear()
        self.reading, self.decision = reading, None
        if reading.pirads is not None:
            self.read(partial(self._preview, row, reading, reading.pirads), lambda fact: fact, group="preview")
        self.redraw()

    def _preview(self, row: MriAnswerRow, reading: Reading, pirads: int) -> Previewed:
        preview = self.office.examinations.preview
        decision = preview(self.actor, row.decision_id, pirads=pirads, volume_ml=reading.volume_ml)
        return self.Previewed(row, reading, decision)

    @on(Previewed)
    def draw_preview(self, fact: Previewed) -> None:
        """Show what the rules say, if it is still what was asked."""
        if self.shown is not None and _key(self.shown) == _key(fact.row) and self.reading == fact.reading:
            self.decision = fact.decision
            self.redraw()

    # Deciding

    def action_confirm(self) -> None:
        """Confirm what stands on screen; less than the unit has written is asked about once more."""
        row, reading, decision = self.shown, self.reading, self.decision
        if row is None:
            return
        if reading.pirads is None or decision is None:
            self.notice.failed(_("Read the answer and type the highest PI-RADS, 1 to 5."))
        elif decision.outcome is Outcome.PERSON:
            self.notice.failed(to_do(row, reading, decision).plain)
        elif reading.lower_than(row) or questions(row.blocked_by):
            self._ask_why(row, reading, decided_words(decision))
        else:
            self._confirm(row, reading, decided_words(decision))

    def _ask_why(self, row: MriAnswerRow, reading: Reading, said: str) -> None:
        """Less than the unit has written, or a question to the physician that is open, is passed with written words only."""
        title, more = _("Confirm all the same?"), questions(row.blocked_by)
        if reading.lower_than(row):
            title = _("PI-RADS {typed}, although the answer says {score}?", typed=reading.pirads, score=row.suggested)
            more = (row.suggested_from, *more)
        dialog = AskReason(title, (f"{row.number}  {row.name}", *more, "", said), text=_("Reason"))
        self.ask(dialog, lambda told: self._confirm(row, reading, said, reason=told.text))

    def action_urology(self) -> None:
        """The urologist, although the rules say otherwise."""
        row, reading = self.shown, self.reading
        if row is not None and reading.pirads is not None:
            why = [_("The rules say: {reason}", reason=self.decision.reason)] if self.decision is not None else []
            follows = _("A letter and a urology referral follow.")
            lines = (f"{row.number}  {row.name}", _reading_words(reading), *why, "", follows)
            dialog = AskReason(_("To the urologist although the rules say otherwise"), lines, text=_("Reason"))
            said = label(Outcome.UROLOGY)
            self.ask(dialog, lambda told: self._confirm(row, reading, said, Outcome.UROLOGY, told.text))

    def _confirm(
        self, row: MriAnswerRow, reading: Reading, said: str, outcome: Outcome | None = None, reason: str = ""
    ) -> None:
        if reading.pirads is None:
            return
        confirm = partial(
            self.office.examinations.confirm_mri,
            self.actor,
            row.decision_id,
            version=row.version,
            pirads=reading.pirads,
            volume_ml=reading.volume_ml,
            outcome=outcome,
            reason=reason,
        )
        words = f"{row.number} {row.name}: PI-RADS {reading.pirads}, {said}"
        self.write(confirm, lambda _outcome: self.Decided(row, words))

    def action_not_diagnostic(self) -> None:
        """The pictures cannot be assessed."""
        row = self.shown
        if row is not None:
            lines = (f"{row.number}  {row.name}", _("The person is contacted: another appointment, or the urologist."))
            dialog = AskReason(_("The examination cannot be assessed"), lines, text=_("Reason"))
            self.ask(dialog, lambda told: self._not_diagnostic(row, told.text))

    def _not_diagnostic(self, row: MriAnswerRow, reason: str) -> None:
        not_diagnostic = self.office.examinations.not_diagnostic
        work = partial(not_diagnostic, self.actor, row.decision_id, version=row.version, reason=reason)
        words = f"{row.number} {row.name}: {_('cannot be assessed; waits for contact')}"
        self.write(work, lambda _nothing: self.Decided(row, words))


def _key(row: MriAnswerRow) -> tuple[int, int]:
    return row.decision_id, row.version


def _reading_words(reading: Reading) -> str:
    volume = f"{number(reading.volume_ml)} ml" if reading.volume_ml is not None else "–"
    return f"PI-RADS {reading.pirads}, {volume}"
