"""Registervård: what cannot be right in the register, check by check and region by region, down to zero."""

from datetime import datetime, timedelta
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, ago, n_, number
from kansli_tui.rows.office import NO_REGION, REGION_SHORT
from kansli_tui.rows.register_care import CareCheckRow
from screens.base import keys
from screens.care_findings import CareFindingsScreen
from screens.stats_screen import StatsScreen
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right


class RegisterCareScreen(StatsScreen):
    """Opens with what was counted last, and counts one check after the other; Enter shows what the marked one finds."""

    AREA = "Register care"
    HELP = (
        "Each line is a check of the data: what cannot be right, or what two sources disagree on. The counts are per region and are to be "
        "zero. They are counted anew when the screen is opened, and by R. Enter shows what a check finds; there each finding is put right, "
        "or noted as right all the same."
    )
    CSS_PATH = "register_care.tcss"
    FILTERS: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = keys("list.open", "care.count")

    class BoardRead(Message):
        """The checks as they were counted last."""

        def __init__(self, checks: tuple[CareCheckRow, ...]) -> None:
            super().__init__()
            self.checks = checks

    class Counted(Message):
        """One check has been counted anew."""

        def __init__(self, check: CareCheckRow) -> None:
            super().__init__()
            self.check = check

    def __init__(self) -> None:
        super().__init__()
        self._checks: dict[str, CareCheckRow] = {}
        self._to_count: list[str] = []
        self._opened = ""

    def compose_body(self) -> ComposeResult:
        """The checks, and what the marked one means; what it all says stands in the header."""
        yield KansliTable(id="checks")
        yield Static(id="about")

    def on_mount(self) -> None:
        """Columns that fit 80 cells: a region each, and all together where there are several."""
        regions = self._regions
        counts = [(right(REGION_SHORT[code]), 5) for code in regions]
        every = [(right(_("all")), 6)] if len(regions) > 1 else []
        # Answers that nobody has ordered belong to no region that is known; without them the line would not add up.
        self.query_one(KansliTable).columns_are((_("Check"), 0), *counts, (right(_("unknown")), 6), *every)

    @property
    def _regions(self) -> tuple[str, ...]:
        return tuple(sorted(self.actor.regions))

    # Reading and counting

    def reload(self) -> None:
        """What was counted last, and then the counting: of all when shown first, of the one that was opened when come back to."""
        self._to_count = [self._opened] if self._opened else []
        self.read(partial(self.office.register_care.board, self.actor), self.BoardRead)

    @on(BoardRead)
    def draw(self, fact: BoardRead) -> None:
        """Draw the checks, and count them."""
        first = not self._checks
        self._checks = {check.check: check for check in fact.checks}
        if first:
            self._to_count = self._every()
        self._draw_checks()
        self._count_next()

    def _every(self) -> list[str]:
        """All checks, those that take long last."""
        return sorted(self._checks, key=lambda check: self._checks[check].slow)

    def _count_next(self) -> None:
        if self._to_count:
            count = partial(self.office.register_care.count, self.actor, self._to_count[0])
            self.read(count, self.Counted, group="count")

    @on(Counted)
    def _counted(self, fact: Counted) -> None:
        self._checks[fact.check.check] = fact.check
        self._to_count = [check for check in self._to_count if check != fact.check.check]
        self._draw_checks()
        self._count_next()

    def _draw_checks(self) -> None:
        self.query_one(KansliTable).fill((key, self._cells(row)) for key, row in self._checks.items())
        self.title_is(self._says())
        self._show_about()

    def _cells(self, row: CareCheckRow) -> list[Text]:
        style = "bold" if row.total else "dim"
        unknown = row.counted_at is None
        counts = [
            right("–" if unknown else number(row.by_region.get(code, 0)), style) for code in (*self._regions, NO_REGION)
        ]
        every = [right("–" if unknown else number(row.total), style)] if len(self._regions) > 1 else []
        return [plain(_(row.label), style), *counts, *every]

    def _says(self) -> str:
        if self._to_count:
            return n_("{count} check left to count", "{count} checks left to count", len(self._to_count))
        found = sum(row.total for row in self._checks.values())
        if not found:
            return "✓ " + _("nothing to put right")
        return n_("{count} finding to put right", "{count} findings to put right", found)

    @on(KansliTable.RowHighlighted)
    def _show_about(self) -> None:
        row = self._marked
        text = plain("")
        if row is not None:
            text = plain(_(row.meaning)).append_text(plain("\n" + _(row.fix), "bold", lines=True))
            counted = self._when(row.counted_at) if row.counted_at else _("never")
            text.append_text(plain("\n" + _("Counted {when}", when=counted), "dim", lines=True))
        self.query_one("#about", Static).update(text)
        self.refresh_bindings()

    def _when(self, at: datetime) -> str:
        now = self.desk.now()
        return _("just now") if now - at < timedelta(minutes=1) else _("{time} ago", time=ago(at, now))

    @property
    def _marked(self) -> CareCheckRow | None:
        return self._checks.get(self.query_one(KansliTable).current or "")

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter where something is marked."""
        if action == "open" and not (self.is_mounted and self._marked):
            return None
        return super().check_action(action, parameters)

    def action_count(self) -> None:
        """Count every check anew."""
        self._to_count = self._every()
        self._draw_checks()
        self._count_next()

    def action_open(self) -> None:
        """What the marked check finds."""
        if self._marked is not None:
            self._opened = self._marked.check
            self.app.push_screen(CareFindingsScreen(self._marked))
