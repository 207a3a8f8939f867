"""The figures as a file: a report on paper or a workbook, for whom and why, written where one says."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Label

from kansli_tui.i18n import _
from kansli_tui.rows.stats_report import ReportKind
from kansli_tui.service.files import write_whole
from screens.base import keys
from screens.dialogs import Choice, Choose, Dialog
from screens.stats_screen import StatsScreen
from screens.widgets.field import Field
from screens.widgets.text import plain

FOLDER = "~/kansli-statistik"
"""Where files are written unless somebody says otherwise."""
_FIELDS = ("recipient", "purpose", "folder", "exact")
_LEAST = 3
_YES, _NO = frozenset({"j", "ja", "y", "yes"}), frozenset({"", "n", "nej", "no"})
Made = tuple[str, bytes]
"""A file's name and what is in it."""


@dataclass(frozen=True, slots=True)
class FileWanted:
    """For whom a file is made and why, and where it is written. An `exact` one hides no small numbers."""

    recipient: str
    purpose: str
    folder: str
    exact: bool


class StatsFileForm(Dialog[FileWanted]):
    """Enter answers from any field once everything is there."""

    CSS_PATH = "stats_files.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, title: str, filter_words: str, given: FileWanted) -> None:
        hides = _("Counts below five are hidden, and as many more as it takes that nobody can reckon them out.")
        super().__init__(title, (filter_words, hides))
        self._given = given

    def compose_answer(self) -> ComposeResult:
        """One line a field."""
        given = self._given
        lines = (
            ("recipient", _("For whom"), given.recipient, _("for example {example}", example=_("the regional board"))),
            ("purpose", _("Why"), given.purpose, _("for example {example}", example=_("the yearly report"))),
            ("folder", _("Folder"), given.folder, FOLDER),
            ("exact", _("All numbers"), "", _("J shows small numbers too: only within the office")),
        )
        for name, label, value, example in lines:
            with Horizontal(classes="line"):
                yield Label(plain(label))
                yield Field(value, placeholder=example, id=name, max_length=200)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        if not self.resting:
            self.action_accept()

    def action_accept(self) -> None:
        """Answer when everything is there; else say what is missing."""
        typed = {name: self.query_one(f"#{name}", Input).value.strip() for name in _FIELDS}
        exact = typed["exact"].casefold()
        wrong = {
            "recipient": _("Write who gets the file: it stands in it, and in the log.")
            if len(typed["recipient"]) < _LEAST
            else "",
            "purpose": _("Write what it is for: it stands in the file, and in the log.")
            if len(typed["purpose"]) < _LEAST
            else "",
            "folder": "" if typed["folder"] else _("Write the path of a folder."),
            "exact": "" if exact in _YES | _NO else _("Write J for all numbers, or nothing."),
        }
        for name, words in wrong.items():
            if words:
                self.wrong(words)
                self.query_one(f"#{name}", Input).focus()
                return
        self.dismiss(FileWanted(typed["recipient"], typed["purpose"], typed["folder"], exact in _YES))


class StatsFiles(StatsScreen):
    """A view whose figures can be had as files."""

    BINDINGS: ClassVar[list[BindingType]] = keys("stats.pdf", "stats.excel")

    def __init__(self) -> None:
        super().__init__()
        self._given = FileWanted("", "", FOLDER, exact=False)

    def action_pdf(self) -> None:
        """Ask which report, for whom and where, and write it."""
        choices = (
            Choice(ReportKind.YEAR, _("Yearly report"), _("Everything, with definitions, quality and a page to sign")),
            Choice(ReportKind.QUARTER, _("Quarterly report"), _("The same for a quarter")),
            Choice(ReportKind.SUMMARY, _("Summary"), _("One page")),
        )
        self.ask(Choose(_("Report on paper"), choices, (self.filter_words(),)), self._ask_report)

    def _ask_report(self, kind: str) -> None:
        made = partial(self.office.stats_reports.pdf, self.actor, self.wanted, ReportKind(kind))
        self._ask_file(_("Save the report as a PDF"), made)

    def action_excel(self) -> None:
        """Ask for whom and where, and write the workbook."""
        made = partial(self.office.stats_reports.workbook, self.actor, self.wanted)
        self._ask_file(_("Save the figures as a workbook"), made)

    def _ask_file(self, title: str, make: Callable[..., Made]) -> None:
        self.ask(StatsFileForm(title, self.filter_words(), self._given), partial(self._save, make))

    def _save(self, make: Callable[..., Made], wanted: FileWanted) -> None:
        self._given = wanted
        self.write(
            partial(_write, make, wanted),
            lambda path: _("Saved in {folder}: {files}", folder=path.parent, files=path.name),
            saying=_("The report is counted and set…"),
            reads_again=False,
        )


def _write(make: Callable[..., Made], wanted: FileWanted) -> Path:
    name, data = make(recipient=wanted.recipient, purpose=wanted.purpose, exact=wanted.exact)
    return write_whole(Path(wanted.folder).expanduser(), name, data)
