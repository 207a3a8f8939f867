"""The window of the answers' working session: who is on screen, who comes next, and that he is leased while he is shown.

What may be decided about him stands in `answers`. A key that was typed before the man on screen could be read is not for him.
"""

from datetime import datetime
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from kansli_tui.errors import ChangedBySomeoneElseError
from kansli_tui.i18n import _, n_
from kansli_tui.keys import KEYS
from kansli_tui.labels import ANSWER_QUEUES
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.answers import AnswerRow
from screens.answer_view import answer, calm, coming, tabs
from screens.base import KansliScreen, in_words, keys

_AHEAD = 10
"""How many people are read beyond the one on screen."""
_BEHIND = 10
"""How many skipped people are kept before the one on screen."""
_QUEUE = KEYS["answers.queue"]
_Cursor = tuple[datetime, int]


class AnswerSession(KansliScreen):
    """A window of a queue around the man on screen. He is leased to the user while he is shown."""

    REST: ClassVar[float] = 0.7
    """Longer than the time after which a key that is held down begins to repeat."""
    BINDINGS: ClassVar[list[BindingType]] = [
        *keys("answers.hold", "answers.skip", "answers.previous", "answers.take_over", "answers.case"),
        *(
            Binding(str(at), f"queue('{queue}')", _QUEUE.label, id=_QUEUE.id)
            for at, queue in enumerate(ANSWER_QUEUES, start=1)
        ),
        Binding("down", "scroll_man(1)", show=False),
        Binding("up", "scroll_man(-1)", show=False),
    ]

    class RowsRead(Message):
        """The people of a queue after a place in it."""

        def __init__(self, queue: Queue, rows: tuple[AnswerRow, ...]) -> None:
            super().__init__()
            self.queue = queue
            self.rows = rows

    class CountsRead(Message):
        """How many wait in each queue of the session."""

        def __init__(self, counts: dict[Queue, int]) -> None:
            super().__init__()
            self.counts = counts

    class LeaseTried(Message):
        """A man has been taken, or why not."""

        def __init__(self, task_id: int, refused: ChangedBySomeoneElseError | None) -> None:
            super().__init__()
            self.task_id = task_id
            self.refused = refused

    def __init__(self, queue: Queue) -> None:
        super().__init__()
        self.queue = queue
        self._from: _Cursor | None = None
        self._rows: tuple[AnswerRow, ...] = ()
        self._counts: dict[Queue, int] = {}
        self._mine: set[int] = set()
        self._kept: set[int] = set()
        self._quiet_until = 0.0
        self.shown: AnswerRow | None = None

    def compose_body(self) -> ComposeResult:
        """Queues, the man, those who come after."""
        yield Static(id="tabs")
        with VerticalScroll(id="man", can_focus=False):
            yield Static(id="answer")
        yield Static(id="coming")

    def on_mount(self) -> None:
        """Look for very high values now and then, whatever else is worked on."""
        self.set_interval(60, self._read_counts)

    # Reading

    def reload(self) -> None:
        """Read the window and the counts again; the man on screen stays if he is still there."""
        place = self._place(self.shown)
        limit = (0 if place is None else place) + _AHEAD
        work = partial(self.office.decisions.rows, self.actor, self.queue, after=self._from, limit=limit)
        self.read(work, partial(self.RowsRead, self.queue), group="rows")
        self._read_counts()

    def _read_counts(self) -> None:
        self.read(self._count, self.CountsRead, group="counts")

    def _count(self) -> dict[Queue, int]:
        return {queue: self.office.decisions.count(self.actor, queue) for queue in ANSWER_QUEUES}

    @on(CountsRead)
    def draw_counts(self, fact: CountsRead) -> None:
        """Very high values are announced wherever one is."""
        self._counts = fact.counts
        self.query_one("#tabs", Static).update(tabs(self.queue, self._counts))
        left = self._counts[self.queue]
        self.title_is(f"{_(ANSWER_QUEUES[self.queue])} · {n_('{count} left', '{count} left', left)}")
        if self.shown is None:
            self.query_one("#answer", Static).update(calm(self.queue, self._counts))
        self.refresh_bindings()

    @on(RowsRead)
    def draw(self, fact: RowsRead) -> None:
        """Keep the man on screen with what is new about him, else go on to the next."""
        if fact.queue is not self.queue:
            return
        self._rows = fact.rows
        if self._from is not None and not fact.rows:
            self._from = None
            self.reload()
            return
        place = self._place(self.shown)
        if place is None:
            self._show(self._next_free(self.shown))
        else:
            self._show(self._rows[place])

    def _place(self, row: AnswerRow | None) -> int | None:
        return next((at for at, other in enumerate(self._rows) if row and other.task_id == row.task_id), None)

    def _next_free(self, row: AnswerRow | None) -> AnswerRow | None:
        """The first after `row` whom no colleague works on; then the first of all; then anybody."""
        after = [other for other in self._rows if row is None or _cursor(other) > _cursor(row)]
        free = [other for other in (*after, *self._rows) if not self.with_colleague(other)]
        return next(iter(free or after or self._rows), None)

    def with_colleague(self, row: AnswerRow) -> bool:
        """Whether somebody else works on him."""
        return row.lease_by not in (None, self.actor.username)

    # The man on screen

    def _show(self, row: AnswerRow | None) -> None:
        before, self.shown = self.shown, row
        if row is not None and (before is None or (before.task_id, before.version) != (row.task_id, row.version)):
            self.rest()
        if before is not None and (row is None or before.task_id != row.task_id):
            self._let_go(before.task_id)
        if row is not None and (before is None or before.task_id != row.task_id) and not self.with_colleague(row):
            self.read(partial(self._try_lease, row.task_id), lambda fact: fact, group=f"lease {row.task_id}")
        self._draw_man()

    def _draw_man(self) -> None:
        row, now = self.shown, self.desk.now()
        man, after = self.query_one("#answer", Static), self.query_one("#coming", Static)
        self.query_one("#tabs", Static).update(tabs(self.queue, self._counts))
        if row is None:
            man.update(calm(self.queue, self._counts))
            after.update("")
        else:
            man.update(answer(row, self.actor.username, now))
            place = self._place(row)
            after.update(coming(self._rows[(-1 if place is None else place) + 1 :][:4]))
        after.display = row is not None
        self.refresh_bindings()

    def rest(self) -> None:
        """The keys rest, and go on resting while one is held down."""
        super().rest()
        self._quiet_until = Message().time + self.REST

    def on_key(self, event: events.Key) -> None:
        """A key typed before the man on screen could be read is not for him."""
        writes = any(bound.action in self._writing for bound in self._bindings.key_to_bindings.get(event.key, ()))
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
        """Give a man back to the queue, unless he is kept."""
        if task_id in self._mine and task_id not in self._kept:
            self._mine.discard(task_id)
            work = partial(self.office.queues.put_back, self.actor, task_id)
            # On the app: the screen may be on its way out. A lease that is not given back lapses by itself.
            self.app.run_worker(work, thread=True, group="lease", exit_on_error=False)

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What needs a man rests without one; taking over is there only where a colleague works on him."""
        row = self.shown
        if action == "take_over" and (row is None or not self.with_colleague(row)):
            return False
        if action in ("hold", "case", "skip", "previous") and row is None:
            return None
        return super().check_action(action, parameters)

    def action_queue(self, queue: str) -> None:
        """Work another queue."""
        if not self.busy and Queue(queue) is not self.queue:
            self.queue, self._from, self._rows = Queue(queue), None, ()
            self.notice.clear()
            self._show(None)
            self.reload()

    def action_scroll_man(self, lines: int) -> None:
        """Read on where the window is low."""
        self.query_one("#man").scroll_relative(y=lines, animate=False)

    def action_skip(self) -> None:
        """Leave him for now."""
        place = self._place(self.shown)
        if self.busy or place is None:
            return
        if place + 1 >= len(self._rows):
            self.notice.done(_("That was the last one in the queue. ← goes back."))
            return
        self.notice.clear()
        self._show(self._rows[place + 1])
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
            self._show(self._rows[place - 1])
        elif self._from is not None:
            self._from, self._rows = None, ()
            self._show(None)
            self.reload()
        else:
            self.notice.done(_("This is the first one in the queue."))

    def action_back(self) -> None:
        """Leave the session; the man on screen goes back to the queue."""
        self._kept.clear()
        for task_id in tuple(self._mine):
            self._let_go(task_id)
        super().action_back()

    def action_hold(self) -> None:
        """Keep him from colleagues and go on; a kept one is given back."""
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
        """Take him over from a colleague."""
        if self.shown is not None:
            take = partial(self.office.queues.take, self.actor, self.shown.task_id, take_over=True)
            self.write(take, _("The task is yours for now."))

    def action_case(self) -> None:
        """The whole case."""
        if self.shown is not None:
            self.desk.open_case(self.shown.person_id)

    def done_with(self, row: AnswerRow) -> None:
        """He has left the queue: the one who is read already comes up at once; the window is read again behind him."""
        self._mine.discard(row.task_id)
        self._kept.discard(row.task_id)
        self._rows = tuple(other for other in self._rows if other.task_id != row.task_id)
        if self.shown is not None and self.shown.task_id == row.task_id:
            self._show(self._next_free(row))


def _cursor(row: AnswerRow) -> _Cursor:
    return row.opened_at, row.task_id
