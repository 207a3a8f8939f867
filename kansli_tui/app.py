"""The program on screen: which screens there are, who sits at them, themes, language and the command palette.

It holds no work of its own: screens call services, services write. Screens are imported when first opened.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import Screen

from kansli_tui import i18n
from kansli_tui.errors import KansliError
from kansli_tui.i18n import _
from kansli_tui.keys import KEYS
from kansli_tui.labels import label
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.office import Actor, Role
from kansli_tui.rows.statistics import StatsFilter
from kansli_tui.themes import NAMES, THEMES
from screens.base import KansliScreen, keys

if TYPE_CHECKING:
    from kansli_tui.service.office import Office

AREAS = {
    "home": "screens.home:HomeScreen",
    "offers": "screens.offers:OffersScreen",
    "letters": "screens.letters:LettersScreen",
    "statistics": "screens.overview:OverviewScreen",
    "register": "screens.register:RegisterScreen",
    "balance": "screens.balance:BalanceScreen",
    "orders": "screens.orders:OrdersScreen",
    "watch": "screens.watch:WatchScreen",
}
"""Areas, each a mode with its own stack of screens, constructed without arguments."""

_AT_START = ("home", "orders")
"""Areas that open at their first screen, never at what was left on top of it: a list that was narrowed there, or an armed key."""

SCREENS = {
    "sign_in": "screens.sign_in:SignInScreen",
    "search": "screens.search:SearchScreen",
    "case": "screens.case:CaseScreen",
    "help": "screens.help:HelpScreen",
    "answers": "screens.answers:AnswersScreen",
    "mri": "screens.mri_answers:MriAnswersScreen",
    "pathology": "screens.pathology:PathologyScreen",
    "held": "screens.held:HeldScreen",
    "handovers": "screens.handovers:HandoversScreen",
    "corrections": "screens.corrections:CorrectionsScreen",
    "tasks": "screens.tasks:TasksScreen",
    "referral_form": "screens.referral_form:ReferralFormScreen",
    "referrals": "screens.referrals:ReferralsScreen",
    "mri_week": "screens.mri_week:MriWeekScreen",
    "units": "screens.units:UnitsScreen",
    "letter_texts": "screens.letter_texts:LetterTextsScreen",
    "flow": "screens.flow:FlowScreen",
    "breakdown": "screens.breakdown:BreakdownScreen",
    "lead_times": "screens.lead_times:LeadTimesScreen",
    "comparison": "screens.comparison:ComparisonScreen",
    "stats_people": "screens.stats_people:StatsPeopleScreen",
    "follow_up": "screens.follow_up:FollowUpScreen",
    "targets": "screens.targets:TargetsScreen",
    "register_care": "screens.register_care:RegisterCareScreen",
    "care_findings": "screens.care_findings:CareFindingsScreen",
    "merging": "screens.merging:MergeScreen",
}
"""Screens that are opened on top of an area; queue screens take the queue, the case takes a person id."""

QUEUE_SCREENS = {
    Queue.URGENT: "answers",
    Queue.RAISED: "answers",
    Queue.UNDECIDED: "answers",
    Queue.REPEAT: "answers",
    Queue.NORMAL: "answers",
    Queue.MRI_ANSWER: "mri",
    Queue.PATHOLOGY: "pathology",
    Queue.CORRECTION: "corrections",
    Queue.HELD: "held",
    Queue.HANDOVER: "handovers",
}
"""Where a queue is worked; every other queue is a list of tasks."""


_MODES = {**AREAS, "sign_in": SCREENS["sign_in"]}


class KansliApp(App[None], inherit_bindings=False):
    """The app. `actor` is given when somebody is signed in already (demonstration, database sign-in)."""

    TITLE = "Kansli"
    CSS_PATH = "kansli.tcss"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - Textual's own declaration
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]  # noqa: RUF012 - as above
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            replace(bound, priority=bound.id in ("app.search", "app.quit"))
            for bound in keys(*(key.id for key in KEYS.values() if key.group == "app"))
            if isinstance(bound, Binding)
        ),
        Binding("ctrl+c", "help_quit", show=False, system=True),
    ]

    def __init__(
        self,
        office: "Office",
        actor: Actor | None = None,
        *,
        demo: bool = False,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        super().__init__()
        self.office = office
        self.signed_in = actor
        self.now = clock or partial(datetime.now, UTC)
        self.daily_on: date | None = None
        """The day for which the start-of-day work has been run from this workplace."""
        self.stats_filter: StatsFilter | None = None
        """What the statistics are narrowed to; it stays across their views until somebody else signs in."""
        self._demo = demo and office.facts.invented
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        for name, where in _MODES.items():
            self.add_mode(name, partial(self._make, where))

    async def on_mount(self) -> None:
        """Begin at home, or at sign-in."""
        await self.switch_mode("home" if self.signed_in else "sign_in")

    # Where to go

    def open_area(self, name: str) -> None:
        """Go to an area as it was left; home and the orders always open at their start."""
        if self.signed_in is None:
            return
        if name in _AT_START and not self._clear(name):
            self.bell()
            if isinstance(self.screen, KansliScreen):
                self.screen.notice.failed(_("Wait until what is going on is finished, and try again."))
            return
        self.switch_mode(name)

    def _clear(self, name: str) -> bool:
        """Take away what was opened on top of an area; False, and nothing done, while something is being saved there."""
        try:
            on_top = self.get_screen_stack(name)[1:]
        except KeyError:  # never opened
            return True
        if any(isinstance(screen, KansliScreen) and screen.busy for screen in on_top):
            return False
        if self.current_mode == name:
            while len(self.screen_stack) > 1 and isinstance(self.screen, KansliScreen):
                self.pop_screen()
        elif on_top:
            self.remove_mode(name)
            self.add_mode(name, partial(self._make, AREAS[name]))
        return True

    def _fatal_error(self) -> None:
        """Leave with one sentence: a trace would print what the program held, names and numbers too."""
        self.bell()
        self._exit_renderables.append(
            Text(_("The program met a fault and has stopped. Nothing was half saved: start it again."))
        )
        self._close_messages_no_wait()

    def open_screen(self, name: str, *arguments: object) -> None:
        """Open a screen on top of where one is."""
        self.push_screen(self._make(SCREENS[name], *arguments))

    def open_case(self, person_id: int) -> None:
        """Show the case of a person."""
        self.open_screen("case", person_id)

    def open_queue(self, queue: Queue) -> None:
        """Show the screen where a queue is worked."""
        self.open_screen(QUEUE_SCREENS.get(queue, "tasks"), queue)

    @staticmethod
    def _make(where: str, *arguments: object) -> Screen[Any]:
        module, _colon, name = where.partition(":")
        screen = getattr(import_module(module), name)(*arguments)
        assert isinstance(screen, Screen)
        return screen

    # Who sits here

    async def enter(self, actor: Actor) -> None:
        """Somebody sits down: everything starts anew with what he may see."""
        self.signed_in, self.stats_filter = actor, None
        await self._start_over()

    async def leave(self) -> None:
        """Sign out; nothing of what was on screen stays."""
        self.signed_in = None
        await self._start_over()

    async def _start_over(self) -> None:
        to = "home" if self.signed_in else "sign_in"
        doorway = f"{to}-again"
        self.add_mode(doorway, Screen)
        await self.switch_mode(doorway)
        for name, where in _MODES.items():
            await self.remove_mode(name)
            self.add_mode(name, partial(self._make, where))
        await self.switch_mode(to)
        await self.remove_mode(doorway)

    async def set_language(self, code: str) -> None:
        """Change the language of all screens."""
        i18n.set_language(code)
        await self._start_over()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's form
        """Before sign-in only help, palette and quit; F9 only in the demonstration."""
        if action == "switch_person":
            return self._demo and not self._writing
        if action in AREAS or action == "search":
            here = isinstance(self.screen, KansliScreen) and self.screen.AREA.lower() == action
            return self.signed_in is not None and not here
        return True

    @property
    def _writing(self) -> bool:
        return any(worker.group == "write" and not worker.is_finished for worker in self.workers)

    async def action_quit(self) -> None:
        """Leave, but never while something is being saved."""
        if self._writing:
            self.bell()
        else:
            self.exit()

    def action_help_quit(self) -> None:
        """Say how one leaves, to those who try Ctrl+C."""
        if isinstance(self.screen, KansliScreen):
            self.screen.notice.done(_("Ctrl+Q leaves the program."))

    def action_help(self) -> None:
        """Show the keys of this screen."""
        here = self.screen
        if isinstance(here, KansliScreen) and here.AREA != "Help":
            self.open_screen("help", here.AREA, here.HELP, tuple(here.active_bindings.values()))

    def action_search(self) -> None:
        """Find a person, from anywhere."""
        if not isinstance(self.screen, KansliScreen) or self.screen.AREA != "Search":
            self.open_screen("search")

    def action_home(self) -> None:
        """Go to what waits."""
        self.open_area("home")

    def action_offers(self) -> None:
        """Go to the offers."""
        self.open_area("offers")

    def action_letters(self) -> None:
        """Go to the letters."""
        self.open_area("letters")

    def action_statistics(self) -> None:
        """Go to the statistics."""
        self.open_area("statistics")

    def action_register(self) -> None:
        """Go to the register's hand-overs."""
        self.open_area("register")

    def action_balance(self) -> None:
        """Go to the balance."""
        self.open_area("balance")

    def action_orders(self) -> None:
        """Go to the orders."""
        self.open_area("orders")

    def action_watch(self) -> None:
        """Go to the watch."""
        self.open_area("watch")

    def action_switch_person(self) -> None:
        """Demonstration: go round the invented caseworker and the supervisors."""
        self.run_worker(self._switch_person(), group="switch", exclusive=True)

    async def _switch_person(self) -> None:
        here = self.signed_in
        if here is None:
            return
        try:
            staff = await asyncio.to_thread(self.office.staff.rows, here)
        except KansliError as error:
            if isinstance(self.screen, KansliScreen):
                self.screen.failed(error)
            return
        # What one supervisor writes another signs, so each of them is on the way round.
        worker = [row for row in staff if row.active and row.role is Role.CASEWORKER][:1]
        round_of = worker + [row for row in staff if row.active and row.role is Role.SUPERVISOR]
        place = next((number for number, row in enumerate(round_of) if row.username == here.username), -1)
        other = round_of[(place + 1) % len(round_of)] if round_of else None
        if other is not None:
            await self.enter(Actor(other.username, other.name, other.role, frozenset(other.regions)))

    # The command palette

    def action_command_palette(self) -> None:
        """All commands, with the question in the chosen language."""
        if not any(isinstance(screen, CommandPalette) for screen in self.screen_stack):
            self.push_screen(CommandPalette(id="--command-palette", placeholder=_("Type a command…")))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The live keys of the screen, every area and queue, languages and themes."""
        for active in screen.active_bindings.values():
            key = KEYS.get(active.binding.id or "")
            if key is not None and active.enabled and key.action != "command_palette":
                run = partial(self.run_action, active.binding.action, active.node)
                title = f"{_(key.label).capitalize()}  ({key.display})"
                yield SystemCommand(title, _(key.tooltip), run)
        if self.signed_in is not None:
            for queue in Queue:
                title = _("Queue: {queue}", queue=label(queue))
                yield SystemCommand(title, _("Open the queue"), partial(self.open_queue, queue))
            yield SystemCommand(_("Sign out"), _("Leave the place to somebody else"), self.leave)
        for code, name in (("sv", "Svenska"), ("en", "English")):
            yield SystemCommand(name, _("Language of the screens"), partial(self.set_language, code))
        for theme, name in NAMES.items():
            yield SystemCommand(_(name), _("Colours of the screens"), partial(setattr, self, "theme", theme))
