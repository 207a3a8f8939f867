"""A referral to MRI or urology: the man, his value, the question, the unit, and what the unit needs to know about him.

Opened from a queue it goes on to the next man of the queue when a referral is made. The answers are kept as words that stand on
the referral; a question that nobody has asked him says so there too.
"""

from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _
from kansli_tui.keys import KEYS
from kansli_tui.labels import label
from kansli_tui.rows.cases import TaskRow
from kansli_tui.rows.referrals import ReferralForm, UnitRow
from screens.asking import AskLine
from screens.base import KansliScreen, keys
from screens.dialogs import AskReason, Choice, Choose
from screens.referral_asking import before
from screens.referral_form_view import NO, UNKNOWN, YES, Draft, ask_cells, not_asked, referral_block, unit_line
from screens.referral_saving import save, saved
from screens.widgets.table import KansliTable
from screens.widgets.text import plain
from screens.widgets.words import shown_place

_AHEAD = 50


class ReferralFormScreen(KansliScreen):
    """The form for one person. What is written carries the person and version shown when the key was pressed."""

    AREA = "Referral form"
    HELP = (
        "The usual unit is chosen already; E shows the others with phone, hours and how they book. Mark a question of the unit and "
        "answer with J, N or V, or Enter and your own words; a question left alone says on the referral that it was not asked. "
        "S makes the referral, and it leaves with the next export. K makes it and notes that you have sent it yourself. "
        "Then the next person of the queue is shown."
    )
    CSS_PATH = "referral_form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys(*(id_ for id_, key in KEYS.items() if key.group == "refer"))

    class FormRead(Message):
        """The form of a person."""

        def __init__(self, form: ReferralForm) -> None:
            super().__init__()
            self.form = form

    class Made(Message):
        """The referral is made, or (without `text`) the task given back."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class NextFound(Message):
        """The next task of the queue, or None when nothing is left."""

        def __init__(self, task: TaskRow | None, text: str) -> None:
            super().__init__()
            self.task = task
            self.text = text

    def __init__(self, person_id: int, task: TaskRow | None = None) -> None:
        super().__init__()
        self._person_id, self._queued = person_id, task
        self._passed: set[int] = set()
        self._form: ReferralForm | None = None
        self._draft: Draft | None = None

    def compose_body(self) -> ComposeResult:
        """Who, the referral, the unit's questions, and what saving leads to."""
        yield Static(id="who")
        yield Static(id="referral")
        yield KansliTable(id="asks")
        yield Static(id="leads-to")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one(KansliTable).columns_are((_("The unit asks"), 48), (_("Answer"), 0))

    # Reading

    def reload(self) -> None:
        """Take the task, so that colleagues see it, and read the form (logged)."""
        self.read(partial(self._open, self._person_id, self._queued), self.FormRead)

    def _open(self, person_id: int, task: TaskRow | None) -> ReferralForm:
        if task is not None:
            self.office.queues.take(self.actor, task.task_id)
        return self.office.referrals.form(self.actor, person_id)

    @on(FormRead)
    def draw_form(self, fact: FormRead) -> None:
        """Draw it; what was filled in for the same man stays."""
        form = fact.form
        if self._form is None or (self._form.person_id, self._form.version) != (form.person_id, form.version):
            self.rest()
        units = [unit.unit_id for unit in form.units]
        if self._draft is None or self._draft.person_id != form.person_id or self._draft.unit_id not in units:
            self._draft = Draft(form.person_id, units[0] if units else 0, form.question)
        self._form = form
        self.title_is(label(form.kind))
        self._draw()

    def _draw(self) -> None:
        form, draft = self._form, self._draft
        if form is None or draft is None:
            return
        region = form.units[0].region if form.units else ""
        self.query_one("#who", Static).update(
            plain(f"{form.number}  {form.name}   {shown_place(region) if region else ''}", "bold")
        )
        self.query_one("#referral", Static).update(referral_block(form, draft))
        self.query_one(KansliTable).fill((asked, ask_cells(asked, draft)) for asked in form.asks)
        self.query_one("#leads-to", Static).update(not_asked(form, draft))
        self.refresh_bindings()

    @property
    def _unit(self) -> UnitRow | None:
        if self._form is None or self._draft is None:
            return None
        return next((unit for unit in self._form.units if unit.unit_id == self._draft.unit_id), None)

    # Filling in

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing before the form is there; the next one only in a queue."""
        if action == "skip" and self._queued is None:
            return False
        if action in ("skip", "case") and self.busy:
            return None
        if action in ("edit", "yes", "no", "unknown", "clear", "question", "case") and self._form is None:
            return None
        if action in ("make", "sent") and self._unit is None:
            return None
        if action == "unit" and (self._form is None or len(self._form.units) < 2):
            return None
        return super().check_action(action, parameters)

    def _answer(self, words: str) -> None:
        asked = self.query_one(KansliTable).current
        if self._draft is not None and asked is not None:
            self._keep(self._draft, asked, words)

    def _keep(self, draft: Draft, asked: str, words: str) -> None:
        draft.answers.pop(asked, None)
        if words:
            draft.answers[asked] = words
        self._draw()
        self.query_one(KansliTable).action_cursor_down()

    def action_yes(self) -> None:
        """Yes; Enter adds what."""
        self._answer(YES)

    def action_no(self) -> None:
        """No."""
        self._answer(NO)

    def action_unknown(self) -> None:
        """He does not know."""
        self._answer(UNKNOWN)

    def action_clear(self) -> None:
        """Not asked."""
        self._answer("")

    def action_edit(self) -> None:
        """Answer in words."""
        asked = self.query_one(KansliTable).current
        draft = self._draft
        if draft is not None and asked is not None:
            given = draft.answers.get(asked, "")
            dialog = AskLine(asked, text=_("Answer in words"), given=f"{given}, " if given else "")
            self.ask(dialog, lambda words: self._keep(draft, asked, words.strip(" ,")))

    def action_question(self) -> None:
        """Change the question to the unit."""
        draft = self._draft
        if draft is not None:
            dialog = AskLine(_("Question to the unit"), text=_("The question"), given=draft.question)
            self.ask(dialog, partial(self._put, draft))

    def _put(self, draft: Draft, question: str) -> None:
        draft.question = question
        self._draw()

    def action_unit(self) -> None:
        """Choose another unit."""
        if self._form is not None:
            choices = tuple(Choice(str(unit.unit_id), unit.name, unit_line(unit)) for unit in self._form.units)
            self.ask(Choose(_("Which unit?"), choices), self._chosen_unit)

    def _chosen_unit(self, chosen: str) -> None:
        if self._draft is not None:
            self._draft = replace(self._draft, unit_id=int(chosen))
            self._draw()

    def action_case(self) -> None:
        """The whole case; what is filled in stays."""
        self.desk.open_case(self._person_id)

    # Saving

    def action_make(self) -> None:
        """Make the referral."""
        form, draft = self._form, self._draft
        if form is not None and draft is not None:
            before(self, form, draft, lambda despite: self._make(form, None, despite))

    def action_sent(self) -> None:
        """Make it, and note it as sent with the receipt it gave."""
        form, draft = self._form, self._draft
        if form is not None and draft is not None:
            before(self, form, draft, partial(self._ask_receipt, form))

    def _ask_receipt(self, form: ReferralForm, despite: str) -> None:
        lines = (
            f"{form.number}  {form.name}",
            _("You have typed it into the region's system or posted it yourself."),
        )
        dialog = AskReason(_("Sent already"), lines, text=_("Receipt (may be left empty)"), optional=True)
        self.ask(dialog, lambda told: self._make(form, told.text, despite))

    def _make(self, form: ReferralForm, receipt: str | None, despite: str) -> None:
        draft = self._draft
        if draft is not None and self._unit is not None and draft.person_id == form.person_id:
            filled = replace(draft, answers=dict(draft.answers))
            work = partial(save, self.office, self.actor, form, filled, receipt, despite)
            self.write(work, lambda row: self.Made(saved(row, receipt)), reads_again=False)

    @on(Made)
    def go_on(self, fact: Made) -> None:
        """The next person of the queue; without a queue back to where one came from."""
        if self._queued is None:
            self._leave(fact.text)
        else:
            self._find_next(self._queued, fact.text)

    def action_skip(self) -> None:
        """Leave this person for now."""
        if self._queued is not None:
            self._find_next(self._queued, "")

    def _find_next(self, task: TaskRow, text: str) -> None:
        self._form = None
        self._passed.add(task.task_id)
        find = partial(self._next, task, frozenset(self._passed))
        self.read(find, lambda found: self.NextFound(found, text), group="next")

    def _next(self, task: TaskRow, passed: frozenset[int]) -> TaskRow | None:
        """The oldest task that nobody else has and that has not been passed; the one that is left goes back."""
        self.office.queues.put_back(self.actor, task.task_id)
        rows = self.office.queues.page(self.actor, task.queue, limit=_AHEAD)
        free = (row for row in rows if row.task_id not in passed and row.lease_by in (None, self.actor.username))
        return next((row for row in free if row.person_id is not None), None)

    @on(NextFound)
    def show_next(self, fact: NextFound) -> None:
        """Show the next person, or leave."""
        if fact.task is None or fact.task.person_id is None:
            self._queued = None
            self._leave(" ".join((fact.text, _("Nobody more waits in the queue."))).strip())
            return
        self._queued, self._person_id = fact.task, fact.task.person_id
        self._draft = None
        for part in ("#who", "#referral", "#leads-to"):
            self.query_one(part, Static).update("")
        self.query_one(KansliTable).fill(())
        if fact.text:
            self.notice.done(fact.text)
        self.reload()

    def _leave(self, text: str) -> None:
        if self.app.screen is self and len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        if isinstance(self.app.screen, KansliScreen) and text:
            self.app.screen.notice.done(text)

    def action_back(self) -> None:
        """Give the task back to the queue, and go."""
        task, self._queued = self._queued, None
        put_back = partial(self.office.queues.put_back, self.actor, task.task_id) if task is not None else None
        if put_back is None or not self.write(put_back, lambda _none: self.Made(""), reads_again=False):
            super().action_back()
