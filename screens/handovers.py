"""Hand-overs between the regions as both sides see them: who is offered to whom, why, and what became of it."""

from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, ago, moment, n_
from kansli_tui.labels import label
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.office import REGION_SHORT
from kansli_tui.rows.referrals import HandoverRow, HandoverState
from screens.base import KansliScreen, keys
from screens.dialogs import AskReason
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right, visible


class HandoversScreen(KansliScreen):
    """Those that wait for an answer stand first; those ended of late below them."""

    AREA = "Moves between regions"
    HELP = (
        "A person who has moved between the regions is offered by the one and taken over by the other; until then nothing changes. G takes "
        "over somebody offered to your region, R sends back with a reason, X takes back what your region has offered. Enter opens the "
        "case. A person is offered from the case, with O."
    )
    CSS_PATH = "handovers.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys(
        "list.open", "handovers.accept", "handovers.send_back", "handovers.withdraw"
    )

    class RowsRead(Message):
        """The hand-overs."""

        def __init__(self, rows: tuple[HandoverRow, ...]) -> None:
            super().__init__()
            self.rows = rows

    def __init__(self, queue: Queue = Queue.HANDOVER) -> None:
        super().__init__()
        self.queue = queue
        self._rows: dict[str, HandoverRow] = {}

    def compose_body(self) -> ComposeResult:
        """The list, and all about the marked one."""
        yield KansliTable(id="handovers")
        yield Static(id="about")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one(KansliTable).columns_are(
            (right(_("waits")), 8),
            (_("From → to"), 9),
            (_("Number"), 13),
            (_("Name"), 0),
            (_("Stands at"), 0),
            ("", 11),
        )

    # Reading and drawing

    def reload(self) -> None:
        """Read them."""
        self.read(partial(self.office.handovers.rows, self.actor), self.RowsRead)

    @on(RowsRead)
    def draw(self, fact: RowsRead) -> None:
        """Draw them; the keys rest when another has come under the cursor."""
        self._rows = {str(row.handover_id): row for row in fact.rows}
        if self.query_one(KansliTable).fill((key, self._cells(row)) for key, row in self._rows.items()):
            self.rest()
        waiting = sum(row.state is HandoverState.OFFERED for row in fact.rows)
        self.title_is(n_("{count} waits for an answer", "{count} wait for an answer", waiting))
        self._show_about()
        self.refresh_bindings()

    def _cells(self, row: HandoverRow) -> list[Text]:
        style = "bold" if row.state is HandoverState.OFFERED else "dim"
        return [
            right(ago(row.at, self.desk.now()), style),
            plain(_way(row), style),
            plain(row.number, style),
            plain(row.name, style),
            plain(row.step_label, style),
            plain(label(row.state), style),
        ]

    @on(KansliTable.RowHighlighted)
    def _show_about(self) -> None:
        row = self._marked
        self.query_one("#about", Static).update(
            _about(row) if row else plain(_("Nobody is being handed over."), "bold")
        )

    @property
    def _marked(self) -> HandoverRow | None:
        return self._rows.get(self.query_one(KansliTable).current or "")

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The receiving region answers; the offering one may take it back."""
        if action in ("open", "accept", "send_back", "withdraw"):
            row = self._marked if self.is_mounted else None
            if row is None or (action != "open" and row.state is not HandoverState.OFFERED):
                return None
            if action in ("accept", "send_back") and row.to_region not in self.actor.regions:
                return None
            if action == "withdraw" and row.from_region not in self.actor.regions:
                return None
            if action == "open" and self._holder(row) not in self.actor.regions:
                return None
        return super().check_action(action, parameters)

    @staticmethod
    def _holder(row: HandoverRow) -> str:
        """The region that has the person."""
        return row.to_region if row.state is HandoverState.ACCEPTED else row.from_region

    def action_open(self) -> None:
        """The case."""
        if self._marked is not None:
            self.desk.open_case(self._marked.person_id)

    def action_accept(self) -> None:
        """Take over."""
        row = self._marked
        if row is not None:
            lines = (
                f"{row.number}  {row.name}  {_way(row)}",
                row.step_label,
                "",
                _(
                    "Open tasks, unsent letters and unsent orders become your region's; what has been sent stays where it is."
                ),
                _("A letter tells the person who writes from now on."),
            )
            dialog = AskReason(_("Take the person over?"), lines, text=_("A note (may be left out)"), optional=True)
            self.ask(dialog, lambda told: self._accept(row, told.text))

    def _accept(self, row: HandoverRow, note: str) -> None:
        work = partial(self.office.handovers.accept, self.actor, row.handover_id, note=note)
        self.write(work, _("Taken over: {number}.", number=row.number))

    def action_send_back(self) -> None:
        """No: the person stays in the region that offered."""
        row = self._marked
        if row is not None:
            lines = (
                f"{row.number}  {row.name}  {_way(row)}",
                _("Nothing changes for the person; the region that offered gets a task to find out why."),
            )
            send_back = partial(self.office.handovers.send_back, self.actor, row.handover_id)
            dialog = AskReason(_("Send the person back?"), lines, text=_("Reason"))
            self.ask(dialog, lambda told: self._end(partial(send_back, reason=told.text), _("Sent back.")))

    def action_withdraw(self) -> None:
        """Take back one's own offer."""
        row = self._marked
        if row is not None:
            lines = (f"{row.number}  {row.name}  {_way(row)}", _("Nothing changes for the person."))
            withdraw = partial(self.office.handovers.withdraw, self.actor, row.handover_id)
            dialog = AskReason(_("Take back the hand-over?"), lines, text=_("Reason"))
            self.ask(dialog, lambda told: self._end(partial(withdraw, reason=told.text), _("Taken back.")))

    def _end(self, work: partial[HandoverRow], said: str) -> None:
        self.write(work, said)


def _way(row: HandoverRow) -> str:
    return f"{REGION_SHORT.get(row.from_region, row.from_region)} → {REGION_SHORT.get(row.to_region, row.to_region)}"


def _about(row: HandoverRow) -> Text:
    text = plain(f"{row.number}  {row.name}", "bold").append(f"   {_way(row)}   {visible(row.step_label)}", "not bold")
    offered = _("Offered {at} by {who}: {reason}", at=moment(row.at), who=row.by, reason=row.reason)
    text.append("\n").append_text(plain(offered))
    if row.end_reason:
        text.append("\n").append_text(plain(f"{label(row.state)}: {row.end_reason}"))
    return text
