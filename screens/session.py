"""A working session: one person of a queue at a time, leased while on screen, the next one read already.

What may be decided stands in the screens built on this. A key that was typed before the person on screen could be read is not
for that person.
"""

from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar, Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from kansli_tui.errors import ChangedBySomeoneElseError
from kansli_tui.i18n import _, n_
from kansli_tui.pathway.steps import Queue
from screens.base import KansliScreen, Written, in_words, keys
from screens.dialogs import AskReason
from screens.waiting import Cursor, Waiting

_AHEAD = 10
"""How many people are read beyond the one on screen."""
_BEHIND = 10
"""How many skipped people are kept before the one on screen."""
Row = TypeVar("Row", bound=Waiting)


class WorkSession(KansliScreen, Generic[Row]):
    """A window of a queue around the person on screen."""

    REST: ClassVar[float] = 0.7
    """Longer than the time after which a key that is held down begins to repeat."""
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys(
            "answers.ask",
            "answers.note",
            "answers.hold",
            "answers.skip",
            "answers.previous",
            "answers.take_over",
            "answers.case",
        ),
        Binding("down", "scroll_man(1)", show=False),
        Binding("up", "scroll_man(-1)", show=False),
    ]

    class RowsRead(Message):
        """The people of a queue after a place in it."""

        def __init__(self, queue: Queue, rows: tuple[Any, ...]) -> None:
            super().__init__()
            self.queue = queue
            self.rows = rows

    class CountRead(Message):
        """How many wait."""

        def __init__(self, count: int) -> None:
            super().__init__()
            self.count = count

    class LeaseTried(Message):
        """A person has been taken, or why not."""

        def __init__(self, task_id: int, refused: ChangedBySomeoneElseError | None) -> None:
            super().__init__()
            self.task_id = task_id
            self.refused = refused

    class Decided(Written):
        """Somebody is done with; `text` says how."""

        def __init__(self, row: Waiting, text: str) -> None:
            super().__init__(text)
            self.row = row

    def __init__(self, queue: Queue) -> None:
        super().__init__()
        self.queue = queue
        self._from: Cursor | None = None
        self._rows: tuple[Row, ...] = ()
        self._mine: set[int] = set()
        self._kept: set[int] = set()
        self._quiet_until = 0.0
        self.shown: Row | None = None

    def compose_body(self) -> ComposeResult:
        """The person, those who come after."""
        with VerticalScroll(id="man", can_focus=False):
            yield Static(id="answer")
        yield Static(id="coming")

    def on_mount(self) -> None:
        """Count now and then, whatever is worked on."""
        self.set_interval(60, self.read_counts)

    # What a session reads and draws

    @abstractmethod
    def read_rows(self, after: Cursor | None, limit: int) -> tuple[Row, ...]:
        """The people of the queue after a place, read in a thread."""

    def read_counts(self) -> None:
        """Count how many wait; the header says it."""
        self.read(partial(self.office.decisions.count, self.actor, self.queue), self.CountRead, group="counts")

    @on(CountRead)
    def draw_count(self, fact: CountRead) -> None:
        """Say it in the header."""
        self.title_is(n_("{count} left", "{count} left", fact.count))

    @abstractmethod
    def draw_man(self, row: Row) -> None:
        """Draw the person on screen."""

    @abstractmethod
    def draw_nobody(self) -> None:
        """Draw the empty queue."""

    @abstractmethod
    def draw_coming(self, rows: Sequence[Row]) -> None:
        """Draw those who come after."""

    # Reading

    def reload(self) -> None:
        """Read the window and the counts again; the person on screen stays if still there."""
        place = self._place(self.shown)
        limit = (0 if place is None else place) + _AHEAD
        self.read(partial(self.read_rows, self._from, limit), partial(self.RowsRead, self.queue), group="rows")
        self.read_counts()

    @on(RowsRead)
    def draw(self, fact: RowsRead) -> None:
        """Keep the person on screen with what is new, else go on to the next."""
        if fact.queue is not self.queue:
            return
        self._rows = fact.rows
        if self._from is not None and not fact.rows:
            self._from = None
            self.reload()
            return
        place = self._place(self.shown)
        if place is None:
            self.show_row(self._next_free(self.shown))
        else:
            self.show_row(self._rows[place])

    def _place(self, row: Row | None) -> int | None:
        return next((at for at, other in enumerate(self._rows) if row and other.task_id == row.task_id), None)

    def _next_free(self, row: Row | None) -> Row | None:
        """The first after `row` whom no colleague works on; then the first of all; then anybody."""
        after = [other for other in self._rows if row is None or _cursor(other) > _cursor(row)]
        free = [other for other in (*after, *self._rows) if not self.with_colleague(other)]
        return next(iter(free or after or self._rows), None)

    def with_colleague(self, row: Waiting) -> bool:
        """Whether somebody else works on it."""
        return row.lease_by not in (None, self.actor.username)

    # The person on screen

    def show_row(self, row: Row | None) -> None:
        """Bring somebody up: the keys rest, and the lease follows."""
        before, self.shown = self.shown, row
        another = row is not None and (before is None or before.task_id != row.task_id)
        if row is not None and (another or before is None or before.version != row.version):
            self.rest()
        if before is not None and (row is None or another):
            self._let_go(before.task_id)
        if row is not None and another and not self.with_colleague(row):
            self.read(partial(self._try_lease, row.task_id), lambda fact: fact, group=f"lease {row.task_id}")
        self.redraw()

    def redraw(self) -> None:
        """Draw the person and those who come after."""
        row, after = self.shown, self.query_one("#coming", Static)
        if row is None:
            self.draw_nobody()
        else:
            self.draw_man(row)
            place = self._place(row)
            self.draw_coming(self._rows[(-1 if place is None else place) + 1 :][:4])
        after.display = row is not None
        self.refresh_bindings()

    def rest(self) -> None:
        """The keys rest, and go on resting while one is held down."""
        super().rest()
        self._quiet_until = Message().time + self.REST

    def on_key(self, event: events.Key) -> None:
        """A key typed before the person on screen could be read is not for that person."""
        writes = any(
            bound.action.partition("(")[0] in self._writing
            for bound in self._bindings.key_to_bindings.get(event.key, ())
        )
        if writes and event.time < self._quiet_until:
            event.stop()
            self._quiet_until = event.time + self.REST

    # Leases

    def _try_lease(self, task_id: int) -> LeaseTried:
        try:
            self.office.queues.take(self.actor, task_id)
        except ChangedBySomeoneElseError as refused:
            return self.LeaseTried(task_id, refused)
        return self.LeaseTried(task_id, None)

    @on(LeaseTried)
    def _lease_tried(self, fact: LeaseTried) -> None:
        on_screen = self.shown is not None and self.shown.task_id == fact.task_id
        if fact.refused is None:
            self._mine.add(fact.task_id)
            if not on_screen:
                self._let_go(fact.task_id)
        elif on_screen:
            self.notice.failed(in_words(fact.refused))
            self.reload()

    def _let_go(self, task_id: int) -> None:
        """Give somebody back to the queue, unless kept."""
        if task_id in self._mine and task_id not in self._kept:
            self._mine.discard(task_id)
            work = partial(self.office.queues.put_back, self.actor, task_id)
            # On the app: the screen may be on its way out. A lease that is not given back lapses by itself.
            self.app.run_worker(work, thread=True, group="lease", exit_on_error=False)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What needs a person rests without one; taking over is there only where a colleague works."""
        row = self.shown
        if action == "take_over" and (row is None or not self.with_colleague(row)):
            return False
        if action in ("hold", "case", "skip", "previous", "ask", "note") and row is None:
            return None
        return super().check_action(action, parameters)

    def change_queue(self, queue: Queue) -> None:
        """Work another queue."""
        self.queue, self._from, self._rows = queue, None, ()
        self.notice.clear()
        self.show_row(None)
        self.reload()

    def action_scroll_man(self, lines: int) -> None:
        """Read on where the window is low."""
        self.query_one("#man").scroll_relative(y=lines, animate=False)

    def action_skip(self) -> None:
        """Leave the person for now."""
        place = self._place(self.shown)
        if self.busy or place is None:
            return
        if place + 1 >= len(self._rows):
            self.notice.done(_("That was the last one in the queue. ← goes back."))
            return
        self.notice.clear()
        self.show_row(self._rows[place + 1])
        if place > _BEHIND:
            self._from, self._rows = _cursor(self._rows[place - _BEHIND]), self._rows[place - _BEHIND + 1 :]
        if len(self._rows) - (self._place(self.shown) or 0) < _AHEAD // 2:
            self.reload()

    def action_previous(self) -> None:
        """Back to the one before."""
        place = self._place(self.shown)
        if self.busy or place is None:
            return
        self.notice.clear()
        if place > 0:
            self.show_row(self._rows[place - 1])
        elif self._from is not None:
            self._from, self._rows = None, ()
            self.show_row(None)
            self.reload()
        else:
            self.notice.done(_("This is the first one in the queue."))

    def action_back(self) -> None:
        """Leave the session; the person on screen goes back to the queue."""
        self._kept.clear()
        for task_id in tuple(self._mine):
            self._let_go(task_id)
        super().action_back()

    def action_hold(self) -> None:
        """Keep the person from colleagues and go on; a kept one is given back."""
        row = self.shown
        if row is None or self.busy:
            return
        if row.task_id in self._kept:
            self._kept.discard(row.task_id)
            self.notice.done(_("Given back to the queue when you go on."))
        elif row.task_id in self._mine:
            self._kept.add(row.task_id)
            self.action_skip()
            self.notice.done(_("Kept for you for a while: {number}. ← goes back.", number=row.number))
        else:
            self.notice.failed(_("You have not taken this person."))

    def action_take_over(self) -> None:
        """Take the person over from a colleague."""
        if self.shown is not None:
            take = partial(self.office.queues.take, self.actor, self.shown.task_id, take_over=True)
            self.write(take, _("The task is yours for now."))

    def action_case(self) -> None:
        """The whole case."""
        if self.shown is not None:
            self.desk.open_case(self.shown.person_id)

    def action_ask(self) -> None:
        """A question to the physician; the person stays in the queue."""
        row = self.shown
        if row is not None:
            lines = (_("The question goes to the queue of questions to the responsible physician."),)
            dialog = AskReason(_("Question to physician"), lines, text=_("The question"))
            ask = partial(self.office.cases.ask_physician, self.actor, row.person_id)
            said = _("The question is with the physician.")
            self.ask(dialog, lambda told: self._write_text(partial(ask, told.text), said))

    def action_note(self) -> None:
        """A note on the case."""
        row = self.shown
        if row is not None:
            note = partial(self.office.cases.note, self.actor, row.person_id, "note")
            dialog = AskReason(_("Note"), (f"{row.number}  {row.name}",), text=_("What is to be remembered"))
            self.ask(dialog, lambda told: self._write_text(partial(note, told.text), _("The note is in the case.")))

    def _write_text(self, work: partial[None], said: str) -> None:
        self.write(work, said)

    # Done

    @on(Decided)
    def _decided(self, fact: Decided) -> None:
        self.notice.done(fact.text)
        self.done_with(fact.row)

    def done_with(self, row: Waiting) -> None:
        """Somebody has left the queue: the one who is read already comes up at once; the window is read again behind."""
        self._mine.discard(row.task_id)
        self._kept.discard(row.task_id)
        self._rows = tuple(other for other in self._rows if other.task_id != row.task_id)
        if self.shown is not None and self.shown.task_id == row.task_id:
            self.show_row(self._next_free(self.shown))


def _cursor(row: Waiting) -> Cursor:
    return row.opened_at, row.task_id
