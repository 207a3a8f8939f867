"""A queue as a list of tasks, oldest first, a page at a time: for queues that are worked case by case.

Contacts, questions, corrections, addresses and register care are finished here with what came of them; referrals and
protected letters end with what is done in the case or with the letter.
"""

from datetime import datetime
from functools import partial
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, ago, n_
from kansli_tui.labels import label
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.cases import TaskRow
from screens.asking import AskPath
from screens.base import KansliScreen, keys
from screens.dialogs import AskReason, Confirm, Told
from screens.mri_week import MriWeekScreen
from screens.referral_form import ReferralFormScreen
from screens.returned_task import RETURNED, ReturnedTaskScreen
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right
from screens.widgets.words import shown_place

FINISHED_HERE = frozenset({Queue.CONTACT, Queue.MEDICAL, Queue.REGISTER, Queue.ADDRESS, Queue.CORRECTION})
_PAGE = 50
_REFERRAL = "referral:"
"""How the subject of a task about a referral begins; its key follows."""
_After = tuple[datetime, int] | None


class TasksScreen(KansliScreen):
    """Pages by key: `+` asks for what comes after the last row, `-` goes back the way one came."""

    AREA = "Queue"
    HELP = (
        "The oldest task stands first. Enter opens the case. T takes a task so that colleagues see who works on it; "
        "a task that a colleague has can be taken over, which is logged. D finishes a task with what came of it."
    )
    BINDINGS: ClassVar[list[BindingType]] = keys(
        "list.open",
        "tasks.finish",
        "tasks.paper",
        "tasks.take",
        "tasks.put_back",
        "list.page_next",
        "list.page_previous",
        "tasks.last_page",
    )

    class TasksRead(Message):
        """A page of the queue, and where it begins (None: at its start; no place: its end)."""

        def __init__(self, pages: list[_After], rows: tuple[TaskRow, ...]) -> None:
            super().__init__()
            self.pages = pages
            self.rows = rows

    def __init__(self, queue: Queue) -> None:
        super().__init__()
        self._queue = queue
        self._pages: list[_After] = [None]
        self._at_end = False
        self._rows: dict[str, TaskRow] = {}

    def compose_body(self) -> ComposeResult:
        """The list, and the whole reason of the marked task under it."""
        yield KansliTable(id="tasks")
        yield Static(id="reason")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one("#reason").styles.height = 2
        self.query_one(KansliTable).columns_are(
            (right(_("waits")), 8), (_("Number"), 13), (_("Name"), 17), ("", 3), (_("What"), 0), (_("Taken by"), 8)
        )

    @property
    def area(self) -> str:
        """The queue's own name."""
        return label(self._queue)

    # Reading

    def reload(self) -> None:
        """Read the page again."""
        self._read_page(self._pages)

    def _read_page(self, pages: list[_After]) -> None:
        work = partial(self.office.queues.page, self.actor, self._queue, after=pages[-1], limit=_PAGE)
        self.read(work, partial(self.TasksRead, pages))

    @on(TasksRead)
    def draw(self, fact: TasksRead) -> None:
        """Draw the page; when another task has come under the cursor the write keys rest."""
        self._pages = fact.pages
        self._rows = {str(row.task_id): row for row in fact.rows}
        if self.query_one(KansliTable).fill((key, self._cells(row)) for key, row in self._rows.items()):
            self.rest()
        count = n_("{count} task", "{count} tasks", len(fact.rows))
        page = _("page {number}", number=len(self._pages)) if len(self._pages) > 1 else ""
        self.title_is(" · ".join(part for part in (count, page) if part))
        self._show_reason()
        self.refresh_bindings()

    def _cells(self, row: TaskRow) -> list[Text]:
        name = plain(row.name, "italic" if row.masked else "")
        what = plain(_(row.reason) if row.reason else label(row.queue))
        waits = right(ago(row.opened_at, self.desk.now()))
        return [waits, plain(row.number), name, plain(shown_place(row.region)), what, plain(row.lease_by or "")]

    @on(KansliTable.RowHighlighted)
    def _show_reason(self) -> None:
        row = self._marked
        self.query_one("#reason", Static).update(plain(_(row.reason) if row and row.reason else "", "dim"))

    @property
    def _marked(self) -> TaskRow | None:
        return self._rows.get(self.query_one(KansliTable).current or "")

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What cannot be done with the marked task is greyed."""
        row = self._marked if self.is_mounted else None
        if action == "finish" and self._queue not in FINISHED_HERE:
            return False
        if action == "paper" and self._queue is not Queue.MEDICAL:
            return False
        if action in ("finish", "take", "put_back", "paper") and row is None:
            return None
        if action == "put_back" and (row is None or row.lease_by is None):
            return None
        if action == "open" and (row is None or row.person_id is None):
            return None
        if action == "page_next" and len(self._rows) < _PAGE:
            return None
        if action == "page_previous" and len(self._pages) < 2:
            return None
        return super().check_action(action, parameters)

    def action_open(self) -> None:
        """Open where the task is done: the referral form, the week of the MRI unit, the returned letter, else the case."""
        row = self._marked
        if row is None or row.person_id is None:
            return
        if row.queue in (Queue.MRI_REFERRAL, Queue.UROLOGY_REFERRAL):
            self.app.push_screen(ReferralFormScreen(row.person_id, row))
        elif row.queue is Queue.MRI_BOOKING and row.subject.startswith(_REFERRAL):
            self.app.push_screen(MriWeekScreen(referral_id=int(row.subject.removeprefix(_REFERRAL))))
        elif row.subject.startswith(RETURNED):
            self.app.push_screen(ReturnedTaskScreen(int(row.subject.removeprefix(RETURNED))))
        else:
            self.desk.open_case(row.person_id)

    def action_page_next(self) -> None:
        """What comes after the last row."""
        last = list(self._rows.values())[-1]
        self._read_page([*self._pages, (last.opened_at, last.task_id)])

    def action_page_previous(self) -> None:
        """Back the way one came."""
        self._read_page(self._pages[:-1])

    def action_last_page(self) -> None:
        """The end of the queue."""
        work = partial(self.office.queues.last_page, self.actor, self._queue, limit=_PAGE)
        self.read(work, partial(self.TasksRead, [None, None]))

    def action_finish(self) -> None:
        """Finish the task with what came of it."""
        row = self._marked
        if row is not None:
            dialog = AskReason(label(row.queue), (_(row.reason),) if row.reason else (), text=_("What came of it"))
            self.ask(dialog, partial(self._finish, row))

    def _finish(self, row: TaskRow, told: Told) -> None:
        self.write(partial(self.office.queues.finish, self.actor, row.task_id, told.text), _("The task is done."))

    def action_paper(self) -> None:
        """Save the question as a page for the physician."""
        row = self._marked
        if row is not None:
            lines = (_("The files hold personal data: choose a folder that only the office can read."),)
            dialog = AskPath(_("Save the question"), lines, text=_("Folder"), given="~/kansli-brev", folder=True)
            self.ask(dialog, partial(self._save_paper, row))

    def _save_paper(self, row: TaskRow, folder: Path) -> None:
        self.write(
            partial(self.office.papers.physician_question, self.actor, row.task_id, folder),
            lambda file: _("Saved: {file}", file=file),
        )

    def action_take(self) -> None:
        """Take the task; from a colleague only after a question."""
        row = self._marked
        if row is None:
            return
        if row.lease_by in (None, self.actor.username):
            self._take(row, take_over=False)
        else:
            lines = (_("{who} is working on this.", who=row.lease_by), _("Taking over is logged."))
            self.ask(Confirm(_("Take over the task?"), lines), lambda _yes: self._take(row, take_over=True))

    def _take(self, row: TaskRow, *, take_over: bool) -> None:
        self.write(
            partial(self.office.queues.take, self.actor, row.task_id, take_over=take_over),
            _("The task is yours for now."),
        )

    def action_put_back(self) -> None:
        """Give the task back to the queue."""
        row = self._marked
        if row is not None:
            self.write(
                partial(self.office.queues.put_back, self.actor, row.task_id), _("The task is back in the queue.")
            )
