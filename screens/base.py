"""What every screen stands on: work in threads, failures in words, keys that rest, and the frame of header, notice and key bar.

A screen names its area and keys, composes its body, reads in `reload` and draws in message handlers::

    class Plans(KansliScreen):
        AREA = "Offers"
        BINDINGS = keys("list.open", "offers.approve")

        class PlansRead(Message):
            def __init__(self, rows: tuple[PlanRow, ...]) -> None:
                super().__init__()
                self.rows = rows

        def compose_body(self) -> ComposeResult:
            yield KansliTable(id="plans")

        def reload(self) -> None:
            self.read(partial(self.office.offers.plans, self.actor), self.PlansRead)

        @on(PlansRead)
        def draw(self, fact: PlansRead) -> None:
            self.plans = {str(row.plan_id): row for row in fact.rows}
            if self.query_one(KansliTable).fill((key, [row.region]) for key, row in self.plans.items()):
                self.rest()

        def action_approve(self) -> None:
            row = self.plans.get(self.query_one(KansliTable).current or "")
            if row is not None:  # id and version are those of the key press, whatever is drawn meanwhile
                approve = partial(self.office.offers.approve, self.actor, row.plan_id, version=row.version)
                self.write(approve, _("The plan is approved."))

The rules it keeps: one worker calls one service method and posts one message; workers never touch a widget; a write keeps the
screen busy until the read that follows it is drawn, and then the write keys rest a moment, so that a key pressed once too often
for one person never acts on the next; every failure is shown.
"""

import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar, cast

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.reactive import reactive
from textual.screen import ModalScreen, Screen
from textual.worker import Worker, WorkerState, get_current_worker

from kansli_tui.errors import ChangedBySomeoneElseError, KansliError, NotAllowedError
from kansli_tui.i18n import _, day_full, local_day, number
from kansli_tui.keys import KEYS
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.office import Actor
from kansli_tui.rows.statistics import StatsFilter
from screens.widgets.key_bar import KeyBar
from screens.widgets.notice import Notice
from screens.widgets.office_header import OfficeHeader

if TYPE_CHECKING:
    from kansli_tui.service.office import Office

Result = TypeVar("Result")
Answer = TypeVar("Answer")

_log = logging.getLogger(__name__)


class Desk(Protocol):
    """What screens ask of the app."""

    office: "Office"
    signed_in: Actor | None
    daily_on: date | None
    stats_filter: StatsFilter | None

    async def enter(self, actor: Actor) -> None:
        """Somebody has signed in: begin at home with what he may see."""

    def now(self) -> datetime:
        """The injected clock, aware UTC."""

    def open_case(self, person_id: int) -> None:
        """Show the case of a person."""

    def open_queue(self, queue: Queue) -> None:
        """Show the screen where a queue is worked."""

    def open_area(self, name: str) -> None:
        """Go to an area by its name: home, offers, letters, register, balance, orders."""


def keys(*ids: str) -> list[BindingType]:
    """Bindings of the actions named in `kansli_tui.keys`; a letter works as capital too."""
    bindings: list[BindingType] = []
    for id_ in ids:
        key = KEYS[id_]
        typed = f"{key.key},{key.key.upper()}" if len(key.key) == 1 and key.key.isalpha() else key.key
        bindings.append(Binding(typed, key.action, key.label, id=id_, show=key.show, tooltip=key.tooltip))
    return bindings


def in_words(error: BaseException) -> str:
    """Any failure as a sentence for people. An unexpected one says nothing of its content: it could name somebody."""
    if isinstance(error, KansliError):
        return _(error.message, **{name: _value(value) for name, value in error.values.items()})
    if isinstance(error, OSError):
        return _("The file or folder cannot be used: {why}.", why=error.strerror or type(error).__name__)
    return _(
        "The program failed in a way nobody foresaw ({kind}). See what was saved before you try again.",
        kind=type(error).__name__,
    )


def _value(value: object) -> object:
    if isinstance(value, date):
        return day_full(value)
    return number(value) if isinstance(value, Decimal) else value


def _log_failure(error: BaseException) -> None:
    """Where it failed and as what; never the message, which may hold personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames[-6:]))
    _log.error("%s at %s", type(error).__name__, places)


class KansliScreen(Screen[None]):
    """The frame and the habits of every screen; see the module's example."""

    AREA: ClassVar[str] = ""
    """Message id of the area in the header."""
    HELP: ClassVar[str] = ""
    """Message id of a few sentences on how the screen is used, for F1."""
    BINDINGS: ClassVar[list[BindingType]] = keys("screen.back", "screen.reload")
    REST: ClassVar[float] = 0.4
    """Seconds that write keys rest when another person has come under them; tests set 0."""

    busy: reactive[bool] = reactive(False, bindings=True)
    """A write is going on, or the read after it."""
    resting: reactive[bool] = reactive(False, bindings=True)

    def __init__(self) -> None:
        super().__init__()
        self._dialogs = 0
        self._detail = ""
        self._reads_again = True
        self._writing = frozenset(_writing_actions(type(self)))

    # The frame

    def compose(self) -> ComposeResult:
        """Header, body, notice, keys."""
        yield OfficeHeader(self.office.facts, self.desk.signed_in)
        with Container(id="body"):
            yield from self.compose_body()
        yield Notice()
        yield KeyBar()

    def compose_body(self) -> ComposeResult:
        """The screen's own widgets."""
        yield from ()

    def on_mount(self) -> None:
        """Start the header's clock."""
        self._tick()
        self.set_interval(5, self._tick)

    def _tick(self) -> None:
        self.query_one(OfficeHeader).at = self.desk.now().replace(second=0, microsecond=0)

    def on_screen_resume(self) -> None:
        """Read when shown, and again when come back to, except after a dialog of one's own."""
        self.title_is(self._detail)
        if self._dialogs:
            self._dialogs -= 1
        else:
            self.reload()

    def title_is(self, detail: str = "") -> None:
        """Say in the header where one is; never with personal data."""
        self._detail = detail
        area = self.area
        self.query_one(OfficeHeader).area = f"{area} · {detail}" if detail else area

    @property
    def area(self) -> str:
        """The area in words, for the header."""
        return _(self.AREA)

    @property
    def key_labels(self) -> Mapping[str, str]:
        """Message ids that keys are called by their ids here, where the table's own words do not fit what is marked."""
        return {}

    # What is at hand

    @property
    def desk(self) -> Desk:
        """The app, as far as screens know it."""
        return cast("Desk", self.app)

    @property
    def office(self) -> "Office":
        """The services."""
        return self.desk.office

    @property
    def actor(self) -> Actor:
        """The person signed in. NotAllowedError on screens that are shown before."""
        if self.desk.signed_in is None:
            raise NotAllowedError("Sign in first.")
        return self.desk.signed_in

    @property
    def today(self) -> date:
        """The office's date."""
        return local_day(self.desk.now())

    @property
    def notice(self) -> Notice:
        """The line that says what happened."""
        return self.query_one(Notice)

    # Work

    def reload(self) -> None:
        """Read what the screen shows. Called when it is shown, after every write, and by the reload key."""

    def read(self, work: Callable[[], Result], told: Callable[[Result], Message], *, group: str = "read") -> None:
        """Call one reading service method in a thread and post `told(result)`; a newer read of the group replaces it."""
        self.run_worker(
            partial(self._in_thread, work, told), thread=True, exclusive=True, group=group, exit_on_error=False
        )

    def write(
        self,
        work: Callable[[], Result],
        told: str | Callable[[Result], str] | Callable[[Result], Message],
        *,
        saying: str = "",
        reads_again: bool = True,
    ) -> bool:
        """Call one writing service method in a thread; False (and nothing done) while another write goes on.

        `told` is the sentence that says it is done, or makes it (or a message) from the result. The screen reads again after it
        unless `reads_again` is false. `saying` names the work while it goes on.
        """
        if self.busy:
            self.notice.failed(_("Wait until what is going on is finished, and try again."))
            return False
        self.busy, self._reads_again = True, reads_again
        self.notice.working(saying or _("Working…"))
        done = partial(_told, told)
        self.run_worker(partial(self._in_thread, work, done), thread=True, group="write", exit_on_error=False)
        return True

    def progress(self, text: str) -> None:
        """Say from a worker's thread how far it has come."""
        self.post_message(Progressed(text))

    def _in_thread(self, work: Callable[[], Result], told: Callable[[Result], Message]) -> None:
        result = work()
        if not get_current_worker().is_cancelled:
            self.post_message(told(result))

    def on_progressed(self, fact: "Progressed") -> None:
        """Show how far a worker has come."""
        self.notice.working(fact.text)

    def on_written(self, fact: "Written") -> None:
        """Say that it is done."""
        self.notice.done(fact.text)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Show every failure; read again after a write; be busy until nothing of this screen runs any more."""
        worker = event.worker
        if worker.node is not self or not worker.is_finished:
            return
        if event.state is WorkerState.ERROR and worker.error is not None:
            if not isinstance(worker.error, KansliError):
                _log_failure(worker.error)
            self.failed(worker.error)
        wrote = worker.group == "write"
        stale = isinstance(worker.error, ChangedBySomeoneElseError)
        if wrote and ((event.state is WorkerState.SUCCESS and self._reads_again) or stale):
            self.reload()
        if not any(other.node is self and not other.is_finished for other in self.workers):
            self.busy = False

    def failed(self, error: BaseException) -> None:
        """Show a failure in words."""
        self.notice.failed(in_words(error))

    # Keys

    def rest(self) -> None:
        """Let the write keys rest: another person has come under them without the user choosing it."""
        if self.REST:
            self.resting = True
            self.set_timer(self.REST, self._rested)

    def _rested(self) -> None:
        self.resting = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's form
        """True live, False hidden, None greyed. Screens with more to say ask this first."""
        waits = (self.busy or self.resting) and action in self._writing
        return None if waits or (self.busy and action == "back") else True

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The live bindings with their labels in the chosen language."""
        return translated(super().active_bindings)

    def ask(self, dialog: ModalScreen[Answer], then: Callable[[Answer], object]) -> None:
        """Show a dialog and call `then` with its answer, unless it was left with Esc."""

        def answered(answer: Answer | None) -> None:
            if answer is not None:
                then(answer)

        # A dialog that comes up over another area is not closed into this screen: coming back here is to read again.
        self._dialogs += self.is_current
        self.app.push_screen(dialog, answered)

    def action_back(self) -> None:
        """Go back to where one came from."""
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        else:
            self.desk.open_area("home")

    def action_reload(self) -> None:
        """Read again."""
        self.notice.clear()
        self.reload()


class Written(Message):
    """A write is done; `text` says what, translated."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Progressed(Message):
    """A worker has come further; `text` says how far, translated."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


def _writing_actions(screen: type[KansliScreen]) -> set[str]:
    ids = {
        bound.id for base in screen.__mro__ for bound in vars(base).get("BINDINGS", ()) if isinstance(bound, Binding)
    }
    return {key.action for key in KEYS.values() if key.writes and key.id in ids}


def _told(told: str | Callable[[Result], str] | Callable[[Result], Message], result: Result) -> Message:
    said = told if isinstance(told, str) else told(result)
    return Written(said) if isinstance(said, str) else said


def translated(bindings: dict[str, ActiveBinding]) -> dict[str, ActiveBinding]:
    """Bindings with label and tooltip in the chosen language."""
    return {
        key: active._replace(
            binding=replace(
                active.binding, description=_(active.binding.description) if active.binding.description else ""
            ),
            tooltip=_(active.tooltip) if active.tooltip else "",
        )
        for key, active in bindings.items()
    }
