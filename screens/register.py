"""Hand-overs from the population register: what each file would change, what has been decided, and reading in another."""

from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, day, moment, n_, number
from kansli_tui.labels import CHANGES, label
from kansli_tui.rows.register import ChangeSetRow, ImportState
from screens.asking import AskPath
from screens.base import KansliScreen, keys
from screens.dialogs import Choice, Choose
from screens.register_lines import ChangeSetScreen
from screens.widgets.bar import telling
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right, visible


class RegisterScreen(KansliScreen):
    """The change-sets, those that wait for a decision first. Nothing in the register changes before one is accepted."""

    AREA = "Register"
    HELP = (
        "A file from the population register becomes a change-set: new, changed, unchanged, problems, and people of ours who are "
        "not in the file. I reads in a file and compares it. Enter opens a change-set; there it is read line by line, and accepted "
        "or rejected as a whole. A file that matches the register badly is stopped and says why."
    )
    CSS_PATH = "register.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("list.open", "register.import_file")

    class ListRead(Message):
        """The change-sets."""

        def __init__(self, rows: tuple[ChangeSetRow, ...]) -> None:
            super().__init__()
            self.rows = rows

    class Compared(Message):
        """A file has been compared."""

        def __init__(self, row: ChangeSetRow) -> None:
            super().__init__()
            self.row = row

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, ChangeSetRow] = {}
        self._folder = "~/"

    def compose_body(self) -> ComposeResult:
        """The list, and what is special about the marked one."""
        yield KansliTable(id="imports", cell_padding=0)
        yield Static(id="about")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one(KansliTable).columns_are(
            (_("File"), 0),
            (right(_("Came")), 7),
            (f"  {_('State')}", 13),
            *((right(_(words)), 7) for words in CHANGES.values()),
            ("", 1),  # the scroll bar's place
        )

    def reload(self) -> None:
        """Read the list."""
        self.read(partial(self.office.population.list, self.actor), self.ListRead)

    @on(ListRead)
    def draw(self, fact: ListRead) -> None:
        """Draw the list."""
        self._rows = {str(row.import_id): row for row in fact.rows}
        self.query_one(KansliTable).fill((key, self._cells(row)) for key, row in self._rows.items())
        waiting = sum(row.state in (ImportState.REVIEW, ImportState.STOPPED) for row in fact.rows)
        self.title_is(n_("{count} to review", "{count} to review", waiting))
        self._show_about()
        self.refresh_bindings()

    def _cells(self, row: ChangeSetRow) -> list[Text]:
        waits = row.state in (ImportState.REVIEW, ImportState.STOPPED)
        state = plain(f"  {label(row.state)}", "bold" if waits else "")
        counts = [right(number(row.counts.get(kind, 0)) if row.counts.get(kind) else "–") for kind in CHANGES]
        return [plain(row.file_name), right(day(row.made_at)), state, *counts, plain("")]

    @on(KansliTable.RowHighlighted)
    def _show_about(self) -> None:
        row = self._marked
        about = self.query_one("#about", Static)
        if row is None:
            about.update(plain(_("No file has been read in. I reads one in and compares it; nothing changes by that.")))
        else:
            about.update(about_set(row, moment(row.made_at, self.desk.now())))

    @property
    def _marked(self) -> ChangeSetRow | None:
        return self._rows.get(self.query_one(KansliTable).current or "")

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing to open in an empty list."""
        if action == "open" and not (self.is_mounted and self._marked):
            return None
        return super().check_action(action, parameters)

    def action_open(self) -> None:
        """Read a change-set line by line."""
        if self._marked is not None:
            self.app.push_screen(ChangeSetScreen(self._marked))

    def action_import_file(self) -> None:
        """Compare a file with the register."""
        lines = (_("CSV or the register's own flat file. It is only compared: nothing changes before it is accepted."),)
        dialog = AskPath(_("Read in a register file"), lines, text=_("File"), given=self._folder)
        self.ask(dialog, self._import)

    def _import(self, path: Path) -> None:
        self._folder = f"{path.parent}/"
        choices = (
            Choice("whole", _("Whole birth years"), _("People of ours who are not in the file are shown as missing.")),
            Choice("changes", _("Changes only"), _("The file says nothing of those whom it does not name.")),
        )
        self.ask(
            Choose(_("What does the file hold?"), choices, (path.name,)),
            lambda chosen: self._start(path, changes_only=chosen == "changes"),
        )

    def _start(self, path: Path, *, changes_only: bool) -> None:
        compare = partial(self._compare, path, changes_only=changes_only)
        self.write(compare, self.Compared, saying=_("The file is read…"))

    def _compare(self, path: Path, *, changes_only: bool) -> ChangeSetRow:
        return self.office.population.compare(
            self.actor,
            path.read_bytes(),
            path.name,
            changes_only=changes_only,
            progress=telling(self.progress, _("Comparing")),
        )

    @on(Compared)
    def _compared(self, fact: Compared) -> None:
        """Go on to what the file would change."""
        self.notice.done(_("The file is compared; nothing has changed yet."))
        self.app.push_screen(ChangeSetScreen(fact.row))


def about_set(row: ChangeSetRow, made: str) -> Text:
    """Who read it in and who decided; why it was stopped; that it must be compared again."""
    text = plain(f"{row.file_name} · ").append(_("Read in by {who} {at}", who=visible(row.made_by), at=made))
    if row.decided_by is not None and row.decided_at is not None:
        text.append(
            " · " + _("{state} by {who} {on}", state=label(row.state), who=row.decided_by, on=day(row.decided_at))
        )
    if row.state is ImportState.STOPPED:
        text.append("\n! " + _("Stopped whole:") + " " + plain(row.stopped_reason or "").plain, "bold")
    elif row.stale:
        text.append("\n! " + _("The register has changed since this was compared: J compares again."), "bold")
    return text
