"""Years ahead: how many are due for their next offer, quarter by quarter and region by region, and how many leave for age instead."""

from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, number
from kansli_tui.rows.offers import AheadRow
from kansli_tui.rows.office import REGION_SHORT
from screens.base import KansliScreen, keys
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right


class AheadScreen(KansliScreen):
    """One line a quarter; nobody is chosen here."""

    AREA = "Years ahead"
    HELP = (
        "Everybody who waits for the next offer stands in the quarter when it is due. Those who have passed the last age by then leave the "
        "programme instead, and stand in the last column. Plans choose whom to offer; this is what they will have to hold."
    )
    CSS_PATH = "ahead.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("screen.reload")

    class RowsRead(Message):
        """The counts."""

        def __init__(self, rows: tuple[AheadRow, ...]) -> None:
            super().__init__()
            self.rows = rows

    def compose_body(self) -> ComposeResult:
        """The sum, the quarters."""
        yield Static(id="says")
        yield KansliTable(id="quarters")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one(KansliTable).columns_are(
            (_("Quarter"), 16),
            *((right(REGION_SHORT[code]), 8) for code in self._regions),
            (right(_("all")), 9),
            (right(_("leave for age")), 15),
        )

    @property
    def _regions(self) -> list[str]:
        return sorted(self.actor.regions)

    def reload(self) -> None:
        """Count."""
        self.read(partial(self.office.offers.ahead, self.actor), self.RowsRead)

    @on(RowsRead)
    def draw(self, fact: RowsRead) -> None:
        """Draw the quarters."""
        quarters: dict[tuple[int, int], dict[str, AheadRow]] = {}
        for row in fact.rows:
            quarters.setdefault((row.year, row.quarter), {})[row.region] = row
        self.query_one(KansliTable).fill(
            (f"{year}:{quarter}", self._cells(year, quarter, rows)) for (year, quarter), rows in quarters.items()
        )
        offers, leaving = sum(row.offers for row in fact.rows), sum(row.leaving for row in fact.rows)
        said = _(
            "{offers} wait for an offer, {leaving} for the age exit.", offers=number(offers), leaving=number(leaving)
        )
        self.query_one("#says", Static).update(plain(said, "bold"))

    def _cells(self, year: int, quarter: int, rows: dict[str, AheadRow]) -> list[Text]:
        counts = [rows[code].offers if code in rows else 0 for code in self._regions]
        leaving = sum(row.leaving for row in rows.values())
        words = _("Q{quarter} {year}", quarter=quarter, year=year) if quarter else _("due already")
        numbers = [right(number(count) if count else "–") for count in counts]
        total = right(number(sum(counts)) if sum(counts) else "–", "bold")
        return [plain(words, "" if quarter else "bold"), *numbers, total, right(number(leaving) if leaving else "–")]
