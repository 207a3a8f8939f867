"""Beställningar: PSA orders that wait to be sent, the export to files, and the receipt numbers typed back.

From here one goes on to the referrals, the MRI appointments and the units.
"""

from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, day, n_
from kansli_tui.labels import label
from kansli_tui.rows.answers import OrderRow, OrderState
from screens.asking import AskLine
from screens.base import KansliScreen, Written, keys
from screens.exporting import FOLDER, Exported, ask_export, show_exported
from screens.mri_week import MriWeekScreen
from screens.referrals import ReferralsScreen
from screens.units import UnitsScreen
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right
from screens.widgets.words import shown_place

_PAGE = 50
_STATES = (OrderState.CREATED, OrderState.SENT, OrderState.ANSWERED, OrderState.EXPIRED, OrderState.CANCELLED)


class OrdersScreen(KansliScreen):
    """Orders of one state, a page at a time."""

    AREA = "Orders"
    HELP = (
        "Orders that wait stand here once the person's letter is posted, or when he has accepted. E writes all of them, and the "
        "cancellations, to files for the laboratory and a work list for offices that type into the region's own system. K types "
        "back the receipt number of the marked order. T shows orders in another state. R goes to the referrals and who holds them, "
        "M to the MRI appointments, N to the directory of units."
    )
    CSS_PATH = "orders.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys(
        "list.open",
        "orders.export",
        "orders.receipt",
        "orders.state",
        "area.referrals",
        "area.mri_week",
        "area.units",
        "list.page_next",
        "list.page_previous",
    )

    class OrdersRead(Message):
        """A page of orders."""

        def __init__(self, state: OrderState, pages: list[int], rows: tuple[OrderRow, ...]) -> None:
            super().__init__()
            self.state = state
            self.pages = pages
            self.rows = rows

    class ReceiptWritten(Written):
        """A receipt number has been typed back."""

    def __init__(self) -> None:
        super().__init__()
        self._state = OrderState.CREATED
        self._pages = [0]
        self._folder = FOLDER
        self._rows: dict[str, OrderRow] = {}

    def compose_body(self) -> ComposeResult:
        """States and list."""
        yield Static(id="states")
        yield KansliTable(id="orders")
        yield Static(id="empty")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self._table.columns_are(
            (_("Order"), 15),
            (_("Number"), 13),
            (_("Name"), 0),
            (_("Region"), 6),
            (right(_("until")), 8),
            (_("Receipt"), 10),
        )

    @property
    def _table(self) -> KansliTable:
        return self.query_one("#orders", KansliTable)

    # Reading

    def reload(self) -> None:
        """Read the page again."""
        self._read(self._state, self._pages)

    def _read(self, state: OrderState, pages: list[int]) -> None:
        work = partial(self.office.orders.rows, self.actor, state=state, after=pages[-1], limit=_PAGE)
        self.read(work, partial(self.OrdersRead, state, pages))

    @on(OrdersRead)
    def draw(self, fact: OrdersRead) -> None:
        """Draw the page; the keys rest when another order has come under the cursor."""
        self._state, self._pages = fact.state, fact.pages
        self._rows = {str(row.order_id): row for row in fact.rows}
        if self._table.fill((key, self._cells(row)) for key, row in self._rows.items()):
            self.rest()
        whole = len(fact.pages) == 1 and len(fact.rows) < _PAGE
        count = n_("{count} order", "{count} orders", len(fact.rows))
        self.title_is(f"{label(fact.state)} · {count if whole else _('page {number}', number=len(fact.pages))}")
        self.query_one("#states", Static).update(_tabs(fact.state))
        empty = self.query_one("#empty", Static)
        empty.display = not fact.rows
        empty.update(
            plain(_("No order waits to be sent.") if fact.state is OrderState.CREATED else _("No orders here."))
        )
        self.refresh_bindings()

    def _cells(self, row: OrderRow) -> list[Text]:
        return [
            plain(row.order_number),
            plain(row.number),
            plain(row.name),
            plain(shown_place(row.region)),
            right(day(row.valid_until)),
            plain(row.receipt or "–"),
        ]

    @property
    def _marked(self) -> OrderRow | None:
        return self._rows.get(self._table.current or "")

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Export belongs to what waits; a receipt to what has been sent."""
        if action == "export" and (self._state is not OrderState.CREATED):
            return None
        if action in ("open", "receipt") and not (self.is_mounted and self._marked):
            return None
        if action == "receipt" and self._state is OrderState.CREATED:
            return None
        if action == "page_next" and len(self._rows) < _PAGE:
            return None
        if action == "page_previous" and len(self._pages) < 2:
            return None
        return super().check_action(action, parameters)

    def action_open(self) -> None:
        """The case."""
        if self._marked is not None:
            self.desk.open_case(self._marked.person_id)

    def action_referrals(self) -> None:
        """Every referral and who holds it."""
        self.app.push_screen(ReferralsScreen())

    def action_mri_week(self) -> None:
        """The week of an MRI unit."""
        self.app.push_screen(MriWeekScreen())

    def action_units(self) -> None:
        """The directory."""
        self.app.push_screen(UnitsScreen())

    def action_state(self) -> None:
        """Orders in the next state."""
        self._read(_STATES[(_STATES.index(self._state) + 1) % len(_STATES)], [0])

    def action_page_next(self) -> None:
        """What comes after the last order."""
        self._read(self._state, [*self._pages, list(self._rows.values())[-1].order_id])

    def action_page_previous(self) -> None:
        """Back the way one came."""
        self._read(self._state, self._pages[:-1])

    def action_export(self) -> None:
        """Write everything that waits to a folder."""
        ask_export(self, self._folder)

    @on(Exported)
    def _exported(self, fact: Exported) -> None:
        self._folder = str(fact.folder)
        show_exported(self, fact)

    def action_receipt(self) -> None:
        """Type back the laboratory's number."""
        row = self._marked
        if row is not None:
            lines = (f"{row.order_number}  {row.number}  {row.name}",)
            dialog = AskLine(_("Receipt"), lines, text=_("The laboratory's number"), given=row.receipt or "")
            self.ask(dialog, partial(self._receipt, row))

    def _receipt(self, row: OrderRow, receipt: str) -> None:
        said = _("The receipt of {order} is {receipt}.", order=row.order_number, receipt=receipt)
        work = partial(self.office.orders.receipt, self.actor, row.order_number, receipt)
        self.write(work, lambda _nothing: self.ReceiptWritten(said))

    @on(ReceiptWritten)
    def _receipt_written(self, fact: ReceiptWritten) -> None:
        """Go on to the next order, so that a whole list can be typed."""
        self.notice.done(fact.text)
        self._table.action_cursor_down()


def _tabs(current: OrderState) -> Text:
    text = Text(no_wrap=True, overflow="crop", end="")
    for state in _STATES:
        text.append(f" {label(state)} ", "reverse bold" if state is current else "").append(" ")
    return text
