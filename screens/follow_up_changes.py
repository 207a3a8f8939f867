"""What has been written of one thing, the newest first: a line of the plan, or the targets of a measure."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from kansli_tui.i18n import _, moment
from screens.base import KansliScreen
from screens.widgets.table import KansliTable
from screens.widgets.text import plain


@dataclass(frozen=True, slots=True)
class Change:
    """When, who, what and in which words, translated."""

    at: datetime
    by: str
    what: str
    words: str


class ChangesScreen(KansliScreen):
    """Read only: nothing of it can be changed."""

    AREA = "Follow-up"
    HELP = "Everything that has been written, the newest first. Below the list stands the marked change in full."
    CSS_PATH = "follow_up.tcss"
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, title: str, changes: tuple[Change, ...]) -> None:
        super().__init__()
        self._title = title
        self._changes = {str(place): change for place, change in enumerate(changes)}

    def compose_body(self) -> ComposeResult:
        """Of what, the changes, and the marked one."""
        yield Static(plain(self._title, "bold"), id="head")
        yield KansliTable(id="changes")
        yield Static(id="about")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one(KansliTable).columns_are((_("When"), 17), (_("Who"), 9), (_("What"), 26), ("", 0))

    def reload(self) -> None:
        """Draw what was read."""
        today = self.today
        self.query_one(KansliTable).fill(
            (key, [plain(moment(one.at, today)), plain(one.by), plain(one.what), plain(one.words)])
            for key, one in self._changes.items()
        )
        self._show_about()

    @on(KansliTable.RowHighlighted)
    def _show_about(self) -> None:
        change = self._changes.get(self.query_one(KansliTable).current or "")
        text = (
            plain(change.what, "bold").append("\n" + change.words, "not bold") if change else plain(_("Nothing yet."))
        )
        self.query_one("#about", Static).update(text)
