"""Bevakning: every named check with whose duty it is, when it was last run and by whom, and what it found. What is late stands on top."""

from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, ago, moment, n_, number
from kansli_tui.rows.office import StaffRow
from kansli_tui.rows.watch import CheckRow, WatchReport
from screens.absences import AbsencesScreen
from screens.asking import AskNumber
from screens.base import KansliScreen, keys
from screens.dialogs import Choice, Choose
from screens.findings import FindingsScreen
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right

_NOBODY = "-"
"""The choice that appoints nobody; no user name is only a hyphen."""


class WatchScreen(KansliScreen):
    """The board. R runs everything; Enter shows what the marked check has found."""

    AREA = "Watch"
    HELP = (
        "Each line is a check that looks for people who could fall through. Late checks stand on top with a mark, then those that have "
        "found something. R runs them all. Enter shows what a check has found, and from there the case. The duty is the owner's, and the "
        "deputy's on days when the owner is away (B). Supervisors appoint with T."
    )
    CSS_PATH = "watch.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("list.open", "watch.run", "watch.absence", "watch.duty")

    class BoardRead(Message):
        """The checks."""

        def __init__(self, checks: tuple[CheckRow, ...]) -> None:
            super().__init__()
            self.checks = checks

    class RunDone(Message):
        """All checks have been run; `then` is the check whose findings were asked for."""

        def __init__(self, then: str | None, report: WatchReport) -> None:
            super().__init__()
            self.then = then
            self.report = report

    class StaffRead(Message):
        """Who can be appointed to a check."""

        def __init__(self, check: CheckRow, staff: tuple[StaffRow, ...]) -> None:
            super().__init__()
            self.check = check
            self.staff = staff

    def __init__(self) -> None:
        super().__init__()
        self._checks: dict[str, CheckRow] = {}
        self._report: WatchReport | None = None

    def compose_body(self) -> ComposeResult:
        """What it all says, the checks, and all about the marked one."""
        yield Static(id="says")
        yield KansliTable(id="checks")
        yield Static(id="about")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one(KansliTable).columns_are(
            ("", 1), (right(_("found")), 5), (_("Check"), 0), (_("Duty"), 8), (right(_("last run")), 8)
        )

    # Reading and drawing

    def reload(self) -> None:
        """Read the board; nothing is run by looking at it."""
        self.read(partial(self.office.watch.board, self.actor), self.BoardRead)

    @on(BoardRead)
    def draw(self, fact: BoardRead) -> None:
        """Draw the checks, late ones first, then those that have found something."""
        checks = sorted(fact.checks, key=lambda check: (not check.late, check.found == 0))
        self._checks = {check.check: check for check in checks}
        self.query_one("#says", Static).update(_says(tuple(checks)))
        if self.query_one(KansliTable).fill((check.check, self._cells(check)) for check in checks):
            self.rest()
        self._show_about()
        self.refresh_bindings()

    def _cells(self, check: CheckRow) -> list[Text]:
        style = "bold" if check.found or check.late else "dim"
        last = ago(check.last_run, self.desk.now()) if check.last_run else _("never")
        return [
            Text("!", "bold reverse") if check.late else plain(""),
            right(number(check.found) if check.last_run else "–", style),
            plain(_(check.label), style),
            plain(check.on_duty or _("everybody"), "" if check.on_duty else "dim"),
            right(last, "bold reverse" if check.late else ""),
        ]

    @on(KansliTable.RowHighlighted)
    def _show_about(self) -> None:
        check = self._marked
        self.query_one("#about", Static).update(_about(check) if check is not None else "")

    @property
    def _marked(self) -> CheckRow | None:
        return self._checks.get(self.query_one(KansliTable).current or "")

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only supervisors appoint."""
        if action == "duty" and (not self.actor.is_supervisor or not (self.is_mounted and self._marked)):
            return None if self.actor.is_supervisor else False
        if action == "open" and not (self.is_mounted and self._marked):
            return None
        return super().check_action(action, parameters)

    def action_run(self) -> None:
        """Run all checks."""
        self._run(None)

    def _run(self, then: str | None) -> None:
        run = partial(self.office.watch.run, self.actor)
        self.write(run, partial(self.RunDone, then), saying=_("All checks are run…"))

    @on(RunDone)
    def _ran(self, fact: RunDone) -> None:
        self._report = fact.report
        found = sum(check.found for check in fact.report.checks)
        self.notice.done(n_("All checks are run: {count} finding.", "All checks are run: {count} findings.", found))
        check = next((check for check in fact.report.checks if check.check == fact.then), None)
        if check is not None:
            self._open(check, fact.report)

    def action_open(self) -> None:
        """What the marked check found when it was last run; it is run first when that was not from here."""
        check, report = self._marked, self._report
        if check is None:
            return
        if report is None or report.at != check.last_run:
            self._run(check.check)
        else:
            self._open(check, report)

    def _open(self, check: CheckRow, report: WatchReport) -> None:
        findings = tuple(finding for finding in report.findings if finding.check == check.check)
        if findings:
            self.app.push_screen(FindingsScreen(check, findings))
        else:
            self.notice.done(_("The check has found nothing."))

    def action_absence(self) -> None:
        """Who is away."""
        self.app.push_screen(AbsencesScreen())

    # Duties

    def action_duty(self) -> None:
        """Appoint owner and deputy, and say how often."""
        check = self._marked
        if check is not None:
            self.read(partial(self.office.staff.rows, self.actor), partial(self.StaffRead, check), group="staff")

    @on(StaffRead)
    def _ask_owner(self, fact: StaffRead) -> None:
        check = fact.check
        people = tuple(Choice(row.username, f"{row.username}  {row.name}") for row in fact.staff if row.active)
        nobody = Choice(_NOBODY, _("Nobody: it is everybody's duty"))
        now = _("Now: {owner}, deputy {deputy}", owner=check.owner or "–", deputy=check.deputy or "–")
        dialog = Choose(_("Who owns the check?"), (*people, nobody), (_(check.label), now))
        self.ask(dialog, lambda owner: self._ask_deputy(check, people, owner))

    def _ask_deputy(self, check: CheckRow, people: tuple[Choice, ...], owner: str) -> None:
        if owner == _NOBODY:
            self._ask_hours(check, "", "")
            return
        others = tuple(choice for choice in people if choice.id != owner)
        dialog = Choose(
            _("Who is deputy when the owner is away?"),
            (*others, Choice(_NOBODY, _("Nobody"))),
            (_(check.label), _("Owner: {owner}", owner=owner)),
        )
        self.ask(dialog, lambda deputy: self._ask_hours(check, owner, "" if deputy == _NOBODY else deputy))

    def _ask_hours(self, check: CheckRow, owner: str, deputy: str) -> None:
        lines = (
            _(check.label),
            _("Now: every {hours} hours. Days when the office is closed are not counted.", hours=check.every_hours),
        )
        dialog = AskNumber(_("How often is it run?"), lines, text=_("Hours between two runs"))
        self.ask(dialog, lambda hours: self._set_duty(check, owner, deputy, hours))

    def _set_duty(self, check: CheckRow, owner: str, deputy: str, hours: int) -> None:
        set_duty = partial(self.office.watch.set_duty, self.actor, check.check, owner=owner, deputy=deputy)
        self.write(partial(set_duty, every_hours=hours), _("The duty is set."))


def _says(checks: tuple[CheckRow, ...]) -> Text:
    late, found = sum(check.late for check in checks), sum(check.found for check in checks)
    if late:
        words = n_("{count} check is late: R runs them all.", "{count} checks are late: R runs them all.", late)
        return plain(f"✗ {words}", "bold reverse")
    findings = n_("{count} finding", "{count} findings", found)
    return plain(f"✓ {_('All checks have been run in time')}: {findings}.", "bold")


def _about(check: CheckRow) -> Text:
    text = plain(_(check.label), "bold").append("\n" + _(check.fix), "not bold")
    last = f"{moment(check.last_run)} {check.last_by}" if check.last_run else _("never")
    terms = _(
        "Owner {owner} · deputy {deputy} · every {hours} h · last run {last}",
        owner=check.owner or "–",
        deputy=check.deputy or "–",
        hours=check.every_hours,
        last=last,
    )
    return text.append("\n").append_text(plain(terms, "dim"))
