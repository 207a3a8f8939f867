"""One person on one screen: where he stands, why, what happens next and when, what blocks it, and everything so far.

The four answers are always in sight; only the timeline scrolls. Opening a case is logged.
"""

from functools import partial
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, ago, day, day_full, number
from kansli_tui.labels import ACTIONS, CONTACTS, label
from kansli_tui.rows.cases import Case, PsaFacts, TaskRow
from screens.base import KansliScreen, keys
from screens.case_actions import ActionAsked, ask_action
from screens.dialogs import AskReason, Choice, Choose, Show, Told
from screens.widgets.table import fit
from screens.widgets.text import plain, visible
from screens.widgets.words import facts, shown_place

_BY = 12
"""Cells for who did it; file names can be long."""


class CaseScreen(KansliScreen):
    """The case of one person. What is written carries the id and version shown when the key was pressed."""

    AREA = "Case"
    HELP = (
        "The four lines at the top say where the person stands, why, what happens next and when, and what blocks it. "
        "The timeline below scrolls with the arrows. A shows only what may be done now."
    )
    CSS_PATH = "case.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("case.note", "case.act", "case.ask", "case.identity")

    class CaseRead(Message):
        """The case as it stands now."""

        def __init__(self, case: Case) -> None:
            super().__init__()
            self.case = case

    def __init__(self, person_id: int) -> None:
        super().__init__()
        self._person_id = person_id
        self.case: Case | None = None

    def compose_body(self) -> ComposeResult:
        """Who, the four answers, the timeline."""
        yield Static(id="who")
        yield Static(id="answers")
        with VerticalScroll(id="timeline"):
            yield Static(id="happenings")

    def on_mount(self) -> None:
        """The arrows scroll the timeline."""
        self.query_one("#timeline").focus()

    def reload(self) -> None:
        """Open the case (logged)."""
        self.read(partial(self.office.cases.open, self.actor, self._person_id), self.CaseRead)

    @on(CaseRead)
    def draw(self, fact: CaseRead) -> None:
        """Draw it; a case that has changed lets the write keys rest."""
        if self.case is not None and self.case.version != fact.case.version:
            self.rest()
        self.case = fact.case
        self.query_one("#who", Static).update(_who(fact.case))
        self.query_one("#answers", Static).update(self._answers(fact.case))
        self.query_one("#happenings", Static).update(self._timeline(fact.case))
        self.refresh_bindings()

    def _answers(self, case: Case) -> Table:
        now = self.desk.now()
        stands = plain(case.step_label, "bold")
        since = _(" since {day} ({ago})", day=day(case.since, now), ago=ago(case.since, now))
        stands.append(since)
        then = plain(case.next.what)
        if case.next.on is not None:
            then.append(f" {day(case.next.on, now)}", "bold").append(f" ({ago(case.next.on, now)})")
        then.append(" · ").append(_("by {who}", who=visible(case.next.by)))
        why = plain(case.reason)
        if case.rule_set:
            why.append(f" · {visible(case.rule_set)}", "dim")
        lines = [
            (_("STANDS"), stands),
            (_("WHY"), why),
            (_("NEXT"), then),
            (_("BLOCKED"), _blocked(case)),
        ]
        if case.psa is not None:
            lines.append((_("PSA"), _psa(case.psa)))
        if case.tasks:
            lines.append((_("TASKS"), Text(" · ").join(_task(task, case) for task in case.tasks)))
        return facts(*lines)

    def _timeline(self, case: Case) -> Table:
        grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
        grid.add_column(justify="right", no_wrap=True)
        grid.add_column(no_wrap=True)
        grid.add_column(ratio=1, overflow="fold")
        grid.add_column(no_wrap=True, justify="right")
        for happening in case.timeline:
            what = plain(happening.what)
            if happening.detail:
                what.append(f" · {visible(happening.detail)}", "dim")
            grid.add_row(
                plain(day(happening.at, self.desk.now())),
                plain(_(happening.kind), "bold"),
                what,
                fit(plain(happening.by, "dim"), _BY),
            )
        if not case.timeline:
            grid.add_row("", "", plain(_("Nothing has happened yet."), "dim"), "")
        return grid

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing can be written before the case is there; actions only where there are any."""
        if action in ("note", "act", "ask", "identity") and self.case is None:
            return None
        if action == "act" and self.case is not None and not self.case.actions:
            return None
        return super().check_action(action, parameters)

    def action_note(self) -> None:
        """Write down a contact."""
        case = self.case
        if case is None:
            return
        choices = tuple(Choice(kind, _(words)) for kind, words in CONTACTS.items() if kind != "question")
        self.ask(Choose(_("What kind of contact?"), choices), partial(self._note_text, case))

    def _note_text(self, case: Case, kind: str) -> None:
        title = _(CONTACTS[kind])
        dialog = AskReason(title, text=_("What was said, and what was answered"))
        self.ask(dialog, lambda told: self._note(case, kind, told))

    def _note(self, case: Case, kind: str, told: Told) -> None:
        self.write(
            partial(self.office.cases.note, self.actor, case.person_id, kind, told.text), _("The note is in the case.")
        )

    def action_ask(self) -> None:
        """Put a question to the physician."""
        case = self.case
        if case is None:
            return
        lines = (_("The question goes to the queue of questions to the responsible physician."),)
        self.ask(AskReason(_("Question to physician"), lines, text=_("The question")), partial(self._asked, case))

    def _asked(self, case: Case, told: Told) -> None:
        work = partial(self.office.cases.ask_physician, self.actor, case.person_id, told.text)
        self.write(work, _("The question is with the physician."))

    def action_act(self) -> None:
        """Choose among what may be done now, see what it leads to, give the reason."""
        if self.case is not None and self.case.actions:
            ask_action(self, self.case, self.today, self._act)

    def _act(self, case: Case, asked: ActionAsked) -> None:
        work = partial(
            self.office.cases.act,
            self.actor,
            case.person_id,
            asked.action,
            version=case.version,
            reason=asked.reason,
            on=asked.on,
            detail=asked.detail,
        )
        self.write(work, _("Done: {what}.", what=_(ACTIONS[asked.action][0])))

    def action_identity(self) -> None:
        """Numbers, address and protection; a protected identity is shown only for a reason, which is logged."""
        case = self.case
        if case is None:
            return
        if case.masked:
            lines = (_("The data are protected. Showing them is logged with your name and the reason."),)
            dialog = AskReason(_("Show protected data"), lines, text=_("Why they must be seen"))
            self.ask(dialog, partial(self._reveal, case))
        else:
            self._show_identity(case)

    def _reveal(self, case: Case, told: Told) -> None:
        work = partial(self.office.cases.reveal, self.actor, case.person_id, told.text)
        self.write(work, self.Revealed, reads_again=False)

    class Revealed(Message):
        """The case with its protected data, for as long as the dialog is open."""

        def __init__(self, case: Case) -> None:
            super().__init__()
            self.case = case

    @on(Revealed)
    def _revealed(self, fact: Revealed) -> None:
        self.notice.clear()
        self._show_identity(fact.case)

    def _show_identity(self, case: Case) -> None:
        lines = (
            f"{case.number}  {case.name}",
            _("Born {day}", day=day_full(case.birth_date)),
            *(_("Earlier number {number}", number=earlier) for earlier in case.earlier_numbers),
            "",
            *(case.address or (_("No address"),)),
            "",
            case_protection(case),
        )
        self.ask(Show(_("Identity"), lines), lambda _answer: None)


def case_protection(case: Case) -> str:
    """The protection in words; anything the words do not know is shown as it is stored."""
    return _(_PROTECTIONS.get(case.protection, case.protection))


_PROTECTIONS = {
    "none": "No protection",
    "confidentiality": "Confidentiality mark",
    "protected_registration": "Protected registration",
}


def _who(case: Case) -> Text:
    text = plain(f"{case.number}  {case.name}", "bold")
    text.append("   " + _("{age} years", age=case.age)).append(
        f"   {visible(shown_place(case.region, case.municipality))}"
    )
    text.append("   " + _("round {number}", number=case.round_number))
    if case.masked:
        text.append("   ").append(f" {case_protection(case).upper()} ", "bold reverse")
    return text


def _task(task: TaskRow, case: Case) -> Text:
    text = plain(label(task.queue))
    if task.reason and task.reason != case.reason:
        text.append(f": {visible(_(task.reason))}")
    if task.lease_by:
        text.append(f" ({visible(task.lease_by)})", "bold")
    return text


def _blocked(case: Case) -> Text:
    if not case.blocked_by:
        return plain(_("nothing"))
    return plain("! " + "; ".join(case.blocked_by), "bold")


def _psa(psa: PsaFacts) -> Text:
    if psa.value is None:
        text = plain(_("no value"))
    else:
        text = plain(f"{psa.comparator or ''}{number(psa.value)} {psa.unit}".replace("ug/L", "µg/L"), "bold")
    text.append(f" · {visible(psa.status)}")
    if psa.sampled_at is not None:
        text.append(" · " + _("sampled {day}", day=day_full(psa.sampled_at)))
    return text
