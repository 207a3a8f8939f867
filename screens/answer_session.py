"""The session of laboratory answers: five queues beside each other, and the one that must be phoned announced in all of them."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, n_
from kansli_tui.keys import KEYS
from kansli_tui.labels import ANSWER_QUEUES
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.answers import AnswerRow
from screens.answer_view import answer, calm, coming, tabs
from screens.session import WorkSession
from screens.waiting import Cursor

_QUEUE = KEYS["answers.queue"]


class AnswerSession(WorkSession[AnswerRow]):
    """Reads and draws answers; what may be decided about them stands in `answers`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(str(at), f"queue('{queue}')", _QUEUE.label, id=_QUEUE.id)
        for at, queue in enumerate(ANSWER_QUEUES, start=1)
    ]

    class CountsRead(Message):
        """How many wait in each queue of the session."""

        def __init__(self, counts: dict[Queue, int]) -> None:
            super().__init__()
            self.counts = counts

    def __init__(self, queue: Queue) -> None:
        super().__init__(queue)
        self._counts: dict[Queue, int] = {}

    def compose_body(self) -> ComposeResult:
        """Queues, the man, those who come after."""
        yield Static(id="tabs")
        yield from super().compose_body()

    # Reading

    def read_rows(self, after: Cursor | None, limit: int) -> tuple[AnswerRow, ...]:
        """Answers of the queue."""
        return self.office.decisions.rows(self.actor, self.queue, after=after, limit=limit)

    def read_counts(self) -> None:
        """Very high values are looked for, whatever else is worked on."""
        self.read(self._count, self.CountsRead, group="counts")

    def _count(self) -> dict[Queue, int]:
        return {queue: self.office.decisions.count(self.actor, queue) for queue in ANSWER_QUEUES}

    @on(CountsRead)
    def draw_counts(self, fact: CountsRead) -> None:
        """Very high values are announced wherever one is."""
        self._counts = fact.counts
        self._draw_tabs()
        left = self._counts[self.queue]
        self.title_is(f"{_(ANSWER_QUEUES[self.queue])} · {n_('{count} left', '{count} left', left)}")
        if self.shown is None:
            self.draw_nobody()
        self.refresh_bindings()

    # Drawing

    def _draw_tabs(self) -> None:
        self.query_one("#tabs", Static).update(tabs(self.queue, self._counts))

    def draw_man(self, row: AnswerRow) -> None:
        """The man with the proposal."""
        self._draw_tabs()
        self.query_one("#answer", Static).update(answer(row, self.actor.username, self.desk.now()))

    def draw_nobody(self) -> None:
        """Nothing here; what waits elsewhere."""
        self._draw_tabs()
        self.query_one("#answer", Static).update(calm(self.queue, self._counts))

    def draw_coming(self, rows: Sequence[AnswerRow]) -> None:
        """Those who come after, with their values."""
        self.query_one("#coming", Static).update(coming(rows))

    # Keys

    def action_queue(self, queue: str) -> None:
        """Work another queue."""
        if not self.busy and Queue(queue) is not self.queue:
            self.change_queue(Queue(queue))
