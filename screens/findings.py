"""What one check of the watch has found: of whom, what is wrong and since when. Why it is late is noted on the line."""

from dataclasses import replace
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, ago, n_
from kansli_tui.labels import label
from kansli_tui.rows.watch import CheckRow, DeviationCause, Finding
from screens.base import KansliScreen, keys
from screens.dialogs import AskReason, Choice, Choose
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right
from screens.widgets.words import shown_place


class FindingsScreen(KansliScreen):
    """The findings of one run, the oldest first; a finding goes away when what it names is done and the check is run again."""

    AREA = "Watch"
    HELP = (
        "Each line is somebody or something the check has found, with what is wrong. Enter opens the case, where it is put right. O notes "
        "why it is late, for the report on waiting. The line is gone when the checks are run again after it has been put right."
    )
    CSS_PATH = "watch.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("list.open", "watch.cause")

    class CauseNoted(Message):
        """A cause stands on a subject."""

        def __init__(self, subject: str, cause: DeviationCause) -> None:
            super().__init__()
            self.subject = subject
            self.cause = cause

    def __init__(self, check: CheckRow, findings: tuple[Finding, ...]) -> None:
        super().__init__()
        self._check = check
        self._findings = {f"{finding.subject}#{place}": finding for place, finding in enumerate(findings)}

    def compose_body(self) -> ComposeResult:
        """What to do about them, the findings, and the whole of the marked one."""
        yield Static(id="fix")
        yield KansliTable(id="findings")
        yield Static(id="about")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one("#fix", Static).update(
            plain(_(self._check.label), "bold").append("  " + _(self._check.fix), "not bold")
        )
        self.query_one(KansliTable).columns_are(
            (right(_("since")), 8), (_("Number"), 13), (_("Name"), 14), ("", 3), (_("What"), 0), (_("Cause"), 11)
        )

    def reload(self) -> None:
        """Draw what the run found."""
        shown = self._findings.items()
        self.query_one(KansliTable).fill((key, self._cells(finding)) for key, finding in shown)
        left_out = self._check.found - len(self._findings)
        count = n_("{count} finding", "{count} findings", self._check.found)
        self.title_is(_("{count}, the first {shown} shown", count=count, shown=len(shown)) if left_out > 0 else count)
        self._show_about()
        self.refresh_bindings()

    def _cells(self, finding: Finding) -> list[Text]:
        since = ago(finding.since, self.desk.now()) if finding.since else "–"
        cause = label(DeviationCause(finding.cause)) if finding.cause else "–"
        return [
            right(since),
            plain(finding.number),
            plain(finding.name),
            plain(shown_place(finding.region)),
            plain(_what(finding)),
            plain(cause, "" if finding.cause else "dim"),
        ]

    @on(KansliTable.RowHighlighted)
    def _show_about(self) -> None:
        finding = self._marked
        text = plain(_what(finding)) if finding is not None else plain(_("The check has found nothing."), "bold")
        if finding is not None and finding.cause:
            text.append("\n" + f"{_('Cause')}: {label(DeviationCause(finding.cause))}", "bold")
        self.query_one("#about", Static).update(text)

    @property
    def _marked(self) -> Finding | None:
        return self._findings.get(self.query_one(KansliTable).current or "")

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A finding about no person has no case."""
        finding = self._marked if self.is_mounted else None
        if action in ("open", "cause") and (finding is None or (action == "open" and finding.person_id is None)):
            return None
        return super().check_action(action, parameters)

    def action_open(self) -> None:
        """The case."""
        if self._marked is not None and self._marked.person_id is not None:
            self.desk.open_case(self._marked.person_id)

    def action_cause(self) -> None:
        """Why it is late."""
        finding = self._marked
        if finding is not None:
            choices = tuple(Choice(cause.value, label(cause)) for cause in DeviationCause)
            lines = (f"{finding.number}  {finding.name}".strip(), _what(finding))
            dialog = Choose(_("Why is it late?"), choices, lines)
            self.ask(dialog, lambda cause: self._ask_note(finding, DeviationCause(cause)))

    def _ask_note(self, finding: Finding, cause: DeviationCause) -> None:
        dialog = AskReason(label(cause), (_what(finding),), text=_("A few words (may be left out)"), optional=True)
        self.ask(dialog, lambda told: self._note(finding, cause, told.text))

    def _note(self, finding: Finding, cause: DeviationCause, note: str) -> None:
        work = partial(self.office.watch.note_cause, self.actor, finding.subject, cause, note)
        self.write(work, lambda _nothing: self.CauseNoted(finding.subject, cause), reads_again=False)

    @on(CauseNoted)
    def _noted(self, fact: CauseNoted) -> None:
        self._findings = {
            key: replace(finding, cause=fact.cause.value) if finding.subject == fact.subject else finding
            for key, finding in self._findings.items()
        }
        self.reload()
        self.notice.done(_("The cause is noted."))


def _what(finding: Finding) -> str:
    return _(finding.what, **finding.values)
