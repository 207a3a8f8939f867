"""Held answers: why each is held, what to do about it, what it says, and the three ways out: match, refuse, send back.

Files from the laboratory are read in from here too. What an answer says is never changed or guessed.
"""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, ago, clock, day_full, later, moment, n_, number
from kansli_tui.labels import label
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.answers import Candidate, HeldRow, LabImport, MessageState
from screens.asking import AskLine, AskPath
from screens.base import KansliScreen, keys
from screens.dialogs import AskReason, Choice, Choose, Show, Told
from screens.widgets.bar import telling
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right
from screens.widgets.words import facts, shown_place

_MOST = 200
"""The service shows so many, the oldest first."""
_NAMED = 8
"""So many held messages of an import are told of one by one."""

_OTHER = "other"
_TIMES = {"Sampled": later("Sample taken"), "Examined": later("Examined"), "Appointment": later("Appointment")}
"""Lines of a message that state a time, and what they are called."""


class HeldScreen(KansliScreen):
    """The list above, all about the marked one below."""

    AREA = "Held answers"
    HELP = (
        "Each line is an answer that could not be taken in by itself. Below it stands why, what to do, what the message says and "
        "which orders it could belong to. M matches it to one of them, A refuses it, R notes that it has been sent back to the "
        "laboratory; all three ask for a reason that is kept. I reads in a file. Ctrl with the arrows scrolls the lower part."
    )
    CSS_PATH = "held.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys("held.match", "held.refuse", "held.send_back", "held.import_file"),
        Binding("ctrl+down", "scroll_detail(2)", show=False),
        Binding("ctrl+up", "scroll_detail(-2)", show=False),
    ]

    class HeldRead(Message):
        """What is held."""

        def __init__(self, rows: tuple[HeldRow, ...]) -> None:
            super().__init__()
            self.rows = rows

    class FileTaken(Message):
        """A file has been read in."""

        def __init__(self, done: LabImport) -> None:
            super().__init__()
            self.done = done

    class OrderFound(Message):
        """The order whose number was written, for the answer that was marked then."""

        def __init__(self, row: HeldRow, order: Candidate) -> None:
            super().__init__()
            self.row = row
            self.order = order

    def __init__(self, queue: Queue = Queue.HELD) -> None:
        super().__init__()
        self._queue = queue
        self._rows: dict[str, HeldRow] = {}
        self._folder = "~/"

    def compose_body(self) -> ComposeResult:
        """List and detail."""
        yield KansliTable(id="held")
        with VerticalScroll(id="detail", can_focus=False):
            yield Static(id="message")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one(KansliTable).columns_are(
            (right(_("waits")), 9), (_("Region"), 6), (_("Order"), 15), (_("Why it is held"), 0)
        )

    def reload(self) -> None:
        """Read what is held."""
        self.read(partial(self.office.held.held, self.actor), self.HeldRead)

    @on(HeldRead)
    def draw(self, fact: HeldRead) -> None:
        """Draw the list; the keys rest when another message has come under the cursor."""
        self._rows = {str(row.message_id): row for row in fact.rows}
        if self.query_one(KansliTable).fill((key, self._cells(row)) for key, row in self._rows.items()):
            self.rest()
        count = n_("{count} waits", "{count} wait", len(fact.rows))
        self.title_is(count if len(fact.rows) < _MOST else _("the {count} oldest", count=number(_MOST)))
        self._show_detail()
        self.refresh_bindings()

    def _cells(self, row: HeldRow) -> list[Text]:
        return [
            right(ago(row.received_at, self.desk.now())),
            plain(shown_place(row.region)),
            plain(row.order_number or "–"),
            plain(_(row.reason, **row.values)),
        ]

    @on(KansliTable.RowHighlighted)
    def _show_detail(self) -> None:
        row = self._marked
        shown = self.query_one("#message", Static)
        if row is not None:
            shown.update(_detail(row, moment(row.received_at, self.desk.now())))
        elif self._rows:
            shown.update("")
        else:
            shown.update(plain(_("Nothing is held. I reads in a file from the laboratory.")))
        self.query_one("#detail").scroll_home(animate=False)

    @property
    def _marked(self) -> HeldRow | None:
        return self._rows.get(self.query_one(KansliTable).current or "")

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing to resolve in an empty list; nothing to match in a message that cannot be read."""
        row = self._marked if self.is_mounted else None
        if action in ("match", "refuse", "send_back") and row is None:
            return None
        if action == "match" and row is not None and not row.summary:
            return None
        return super().check_action(action, parameters)

    def action_scroll_detail(self, lines: int) -> None:
        """Read on in the lower part."""
        self.query_one("#detail").scroll_relative(y=lines, animate=False)

    def action_match(self) -> None:
        """Choose the order it belongs to, or write its number, and say why."""
        row = self._marked
        if row is None or not row.summary:
            return
        if not row.candidates:
            self._ask_number(row)
            return
        choices = tuple(Choice(str(order.order_id), _candidate(order), _(order.why)) for order in row.candidates)
        other = Choice(_OTHER, _("Another order"), _("Write its number"))
        lines = (_(row.reason, **row.values),)
        dialog = Choose(_("Which order does the answer belong to?"), (*choices, other), lines)
        self.ask(dialog, lambda chosen: self._chosen(row, chosen))

    def _chosen(self, row: HeldRow, chosen: str) -> None:
        if chosen == _OTHER:
            self._ask_number(row)
        else:
            self._ask_match(row, next(order for order in row.candidates if str(order.order_id) == chosen))

    def _ask_number(self, row: HeldRow) -> None:
        lines = (_(row.reason, **row.values),)
        dialog = AskLine(_("Which order does the answer belong to?"), lines, text=_("Order number"))
        self.ask(dialog, lambda number: self._find(row, number))

    def _find(self, row: HeldRow, number: str) -> None:
        find = partial(self.office.held.candidate, self.actor, number)
        self.read(find, partial(self.OrderFound, row), group="order")

    @on(OrderFound)
    def ask_about_found(self, fact: OrderFound) -> None:
        """Whose the order is stands in the next question, before anything is matched."""
        self._ask_match(fact.row, fact.order)

    def _ask_match(self, row: HeldRow, order: Candidate) -> None:
        lines = (_candidate(order), _("The answer counts for this order and is decided on like any other."))
        dialog = AskReason(_("Match the answer"), lines, text=_("How you know that it is this person's"))
        match = partial(self.office.held.match, self.actor, row.message_id, order.order_id, kind=order.kind)
        self.ask(dialog, lambda told: self._write(partial(match, reason=told.text), _("The answer is matched.")))

    def action_refuse(self) -> None:
        """Keep it, and let it never count."""
        row = self._marked
        if row is not None:
            lines = (_(row.reason, **row.values), _("The message is kept, and never counts."))
            dialog = AskReason(_("Refuse the answer"), lines, text=_("Reason"))
            self.ask(dialog, partial(self._refuse, row))

    def _refuse(self, row: HeldRow, told: Told) -> None:
        refuse = partial(self.office.held.refuse, self.actor, row.message_id, told.text)
        self._write(refuse, _("The answer is refused."))

    def action_send_back(self) -> None:
        """Note that the laboratory is to put it right."""
        row = self._marked
        if row is not None:
            lines = (
                _(row.fix, **row.values),
                _("The laboratory is told outside the program; this notes that it has been."),
            )
            dialog = AskReason(_("Return to the laboratory"), lines, text=_("What the laboratory was asked to do"))
            self.ask(dialog, partial(self._send_back, row))

    def _send_back(self, row: HeldRow, told: Told) -> None:
        send_back = partial(self.office.held.send_back, self.actor, row.message_id, told.text)
        self._write(send_back, _("The answer is noted as sent back."))

    def _write(self, work: partial[None], said: str) -> None:
        self.write(work, said)

    # A file from the laboratory

    def action_import_file(self) -> None:
        """Read in a file."""
        lines = (_("HL7 or lab CSV. A message that has come before has no effect; what is in doubt is held here."),)
        dialog = AskPath(_("Read in answers"), lines, text=_("File"), given=self._folder)
        self.ask(dialog, self._import)

    def _import(self, path: Path) -> None:
        self._folder = f"{path.parent}/"
        self.write(partial(self._take_in, path), self.FileTaken, saying=_("The file is read…"))

    def _take_in(self, path: Path) -> LabImport:
        told = telling(self.progress, _("Taking in"))
        return self.office.answers.import_file(self.actor, path.read_bytes(), path.name, progress=told)

    @on(FileTaken)
    def _taken_in(self, fact: FileTaken) -> None:
        self.notice.done(_("The file is read in."))
        self.ask(Show(_("Read in: {file}", file=fact.done.file_name), import_lines(fact.done)), lambda _answer: None)


def import_lines(done: LabImport) -> tuple[str, ...]:
    """What became of the messages of a file: a count for each state, and why the first ones are held."""
    lines = [f"{number(done.count(state)):>6}  {label(state)}" for state in MessageState if done.count(state)]
    held = [item for item in done.items if item.state is MessageState.HELD]
    if held:
        lines += ["", _("Held:")]
        lines += [f"  {item.position}: {_(item.message, **item.values)}" for item in held[:_NAMED]]
    if len(held) > _NAMED:
        lines.append(_("… and {count} more", count=number(len(held) - _NAMED)))
    return tuple(lines) or (_("The file held no messages."),)


def _candidate(order: Candidate) -> str:
    return f"{order.order_number}  {order.number}  {order.name}"


def _detail(row: HeldRow, received: str) -> RenderableType:
    why = plain(_(row.reason, **row.values), "bold")
    came = _("{file}, message {place}, received {at}", file=row.file_name, place=row.position, at=received)
    orders = "\n".join(f"{_candidate(order)}  ({_(order.why)})" for order in row.candidates)
    return Group(
        facts(
            (_("WHY"), why),
            (_("TO DO"), plain(_(row.fix, **row.values))),
            (_("CAN BE"), plain(orders or _("no order of ours"), lines=True)),
            label_width=13,
        ),
        Text(),
        facts(*(_said(name, value) for name, value in row.summary), (_("File"), plain(came)), label_width=13),
    )


def _said(name: str, value: str) -> tuple[str, Text]:
    """A line of what the message says; a time as people read it."""
    if name not in _TIMES:
        return _(name), plain(value, lines=True)
    at = datetime.fromisoformat(value)
    return _(_TIMES[name]), plain(f"{day_full(at)} {clock(at)}")
