"""Mål: every measure that can have a target, with what holds today for all and for each region. None is delivered."""

from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.follow_up_labels import limit_text, measure_words
from kansli_tui.i18n import _
from kansli_tui.rows.follow_up import JOINT, TargetsRow
from kansli_tui.rows.office import REGION_SHORT
from screens.base import keys
from screens.target_setting import TargetSetting, held_lines
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right


class TargetsScreen(TargetSetting):
    """One line a measure; a region's own target stands in its column."""

    AREA = "Targets"
    HELP = (
        "Each line is a measure; the columns show the limit of green that holds today, for all and for a region of its own. No national "
        "targets are published: what stands beside is a published result, no limit. M sets a target from a day, or ends one; H shows "
        "every target that has been set, by whom and why."
    )
    CSS_PATH = "follow_up.tcss"
    FILTERS: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = keys("follow.target", "follow.history")

    class TargetsRead(Message):
        """What holds today."""

        def __init__(self, rows: tuple[TargetsRow, ...]) -> None:
            super().__init__()
            self.rows = rows

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, TargetsRow] = {}

    def compose_body(self) -> ComposeResult:
        """The measures, and the marked one in full."""
        yield KansliTable(id="targets")
        yield Static(id="about")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        regions = ((right(REGION_SHORT[code]), 8) for code in sorted(self.actor.regions))
        self.query_one(KansliTable).columns_are((_("Measure"), 0), (right(_("All")), 8), *regions)

    def reload(self) -> None:
        """Read what holds today."""
        self.read(partial(self.office.targets.rows, self.actor), self.TargetsRead)

    @on(TargetsRead)
    def draw(self, fact: TargetsRead) -> None:
        """Draw the measures, those with a target first."""
        rows = sorted(fact.rows, key=lambda row: not row.own)
        self._rows = {row.measure.name: row for row in rows}
        if self.query_one(KansliTable).fill((name, self._cells(row)) for name, row in self._rows.items()):
            self.rest()
        self._show_about()

    def _cells(self, row: TargetsRow) -> list[Text]:
        unit = row.measure.unit
        held = (row.own.get(region) for region in (JOINT, *sorted(self.actor.regions)))
        limits = [right(limit_text(unit, own.limits) if own is not None else "–") for own in held]
        return [plain(measure_words(row.measure), "bold" if row.own else ""), *limits]

    @property
    def _marked(self) -> TargetsRow | None:
        return self._rows.get(self.query_one(KansliTable).current or "")

    @on(KansliTable.RowHighlighted)
    def _show_about(self) -> None:
        row = self._marked
        if row is not None:
            text = plain(measure_words(row.measure), "bold").append("\n" + "\n".join(held_lines(row)), "not bold")
            self.query_one("#about", Static).update(text)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only supervisors set targets."""
        if action == "target" and not self.actor.is_supervisor:
            return False
        if action in ("target", "history") and not (self.is_mounted and self._marked):
            return None
        return super().check_action(action, parameters)

    def action_target(self) -> None:
        """Set a target of the marked measure, for all unless said otherwise."""
        if self._marked is not None:
            self.set_target(self._marked.measure.name, JOINT)

    def action_history(self) -> None:
        """Every target of the marked measure."""
        if self._marked is not None:
            self.show_history(self._marked.measure)
