"""Erbjudanden: plans, what each still has to do, and the weeks it has released. Who is offered is found by the service alone."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar, TypeVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, day_full, n_, number
from kansli_tui.labels import label
from kansli_tui.rows.offers import PlanRow, PlanState, ReleaseRow
from kansli_tui.rows.office import REGION_SHORT
from screens.ahead import AheadScreen
from screens.base import KansliScreen, Written, keys
from screens.dialogs import Confirm
from screens.dry_run import DryRunScreen
from screens.plan_form import PlanDraft, PlanForm
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right, visible
from screens.widgets.words import shown_place

_WEEKS_TOLD = 8
Result = TypeVar("Result")


class OffersScreen(KansliScreen):
    """Plans in a list; releases of the marked one below it."""

    AREA = "Offers"
    HELP = (
        "A plan says which birth years of a region are offered and how many people a week. N drafts one; somebody else approves it "
        "with G. T is a dry run: who would be offered, in order, and who not and by which rule. F releases this week's people "
        "after a question with the number; a week is released once. K shows when those who wait are due, years ahead."
    )
    CSS_PATH = "offers.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys(
        "offers.create", "offers.dry_run", "offers.approve", "offers.release", "offers.ahead", "offers.end"
    )

    class PlansRead(Message):
        """The plans."""

        def __init__(self, plans: tuple[PlanRow, ...]) -> None:
            super().__init__()
            self.plans = plans

    class ReleasesRead(Message):
        """What a plan has released."""

        def __init__(self, plan_id: int, releases: tuple[ReleaseRow, ...]) -> None:
            super().__init__()
            self.plan_id = plan_id
            self.releases = releases

    class PlanDrafted(Written):
        """A plan has been drafted."""

    def __init__(self) -> None:
        super().__init__()
        self._plans: dict[str, PlanRow] = {}
        self._releases: dict[int, tuple[ReleaseRow, ...]] = {}
        self._draft: PlanDraft | None = None

    def compose_body(self) -> ComposeResult:
        """The list, and all about the marked plan."""
        yield KansliTable(id="plans")
        yield Static(id="plan")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.query_one(KansliTable).columns_are(
            (_("Region"), 6),
            (_("Born"), 0),
            (right(_("a week")), 8),
            (_("State"), 10),
            (right(_("due")), 7),
            (right(_("weeks")), 6),
            (_("This week"), 16),
        )

    # Reading

    def reload(self) -> None:
        """Read the plans."""
        self._releases.clear()
        self.read(partial(self.office.offers.plans, self.actor), self.PlansRead)

    @on(PlansRead)
    def draw(self, fact: PlansRead) -> None:
        """Draw the plans; the keys rest when another plan has come under the cursor."""
        self._plans = {str(plan.plan_id): plan for plan in fact.plans}
        if self.query_one(KansliTable).fill((key, _cells(plan)) for key, plan in self._plans.items()):
            self.rest()
        self.title_is(n_("{count} plan", "{count} plans", len(fact.plans)))
        self._show_plan()
        self.refresh_bindings()

    @on(KansliTable.RowHighlighted)
    def _show_plan(self) -> None:
        plan = self._marked
        shown = self.query_one("#plan", Static)
        if plan is None:
            shown.update(plain(_("There is no plan. N drafts one; somebody else approves it before anything is sent.")))
        else:
            shown.update(_about(plan, self._releases.get(plan.plan_id)))
            if plan.plan_id not in self._releases:
                releases = partial(self.office.offers.releases, self.actor, plan.plan_id)
                self.read(releases, partial(self.ReleasesRead, plan.plan_id), group="releases")

    @on(ReleasesRead)
    def draw_releases(self, fact: ReleasesRead) -> None:
        """Show the weeks, if their plan is still the marked one."""
        self._releases[fact.plan_id] = fact.releases
        plan = self._marked
        if plan is not None and plan.plan_id == fact.plan_id:
            self.query_one("#plan", Static).update(_about(plan, fact.releases))

    @property
    def _marked(self) -> PlanRow | None:
        return self._plans.get(self.query_one(KansliTable).current or "")

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What the plan's state does not allow is greyed; who may approve is said in words by the service."""
        plan = self._marked if self.is_mounted else None
        if action in ("dry_run", "approve", "release", "end") and plan is None:
            return None
        if action == "create" and not self.actor.regions:
            return None
        if plan is not None:
            allowed = {
                "approve": plan.state is PlanState.DRAFT,
                "release": plan.state is PlanState.APPROVED and plan.next_week is not None and plan.due > 0,
                "end": plan.state is not PlanState.ENDED,
            }
            if not allowed.get(action, True):
                return None
        return super().check_action(action, parameters)

    def action_create(self) -> None:
        """Draft a plan; what was refused stands in the form again."""
        self.ask(PlanForm(tuple(sorted(self.actor.regions)), self.today, self._draft), self._create)

    def _create(self, draft: PlanDraft) -> None:
        self._draft = draft
        work = partial(
            self.office.offers.create_plan,
            self.actor,
            region=draft.region,
            birth_years=draft.birth_years,
            per_week=draft.per_week,
            no_send_weeks=draft.no_send_weeks,
            starts_on=draft.starts_on,
        )
        said = _("The plan is drafted. T shows whom it offers; somebody else approves it.")
        self.write(work, lambda _plan: self.PlanDrafted(said))

    @on(PlanDrafted)
    def _drafted(self, fact: PlanDrafted) -> None:
        self._draft = None
        self.notice.done(fact.text)

    def action_dry_run(self) -> None:
        """Who would be offered, and who not."""
        if self._marked is not None:
            self.app.push_screen(DryRunScreen(self._marked))

    def action_ahead(self) -> None:
        """When those who wait for their next offer are due."""
        self.app.push_screen(AheadScreen())

    def action_approve(self) -> None:
        """Approve what somebody else has drafted."""
        plan = self._marked
        if plan is not None:
            lines = (*_terms(plan), "", _("Drafted by {who}.", who=plan.author))
            approve = partial(self.office.offers.approve, self.actor, plan.plan_id, version=plan.version)
            self.ask(Confirm(_("Approve the plan?"), lines), lambda _yes: self._do(approve, _("The plan is approved.")))

    def action_release(self) -> None:
        """Release this week's people, after a question with number and week."""
        plan = self._marked
        if plan is not None and plan.next_week is not None:
            count = min(plan.due, plan.per_week)
            title = n_(
                "Release {count} person, week {week}?",
                "Release {count} people, week {week}?",
                count,
                week=plan.next_week,
            )
            lines = (
                *_terms(plan),
                "",
                _("Each gets a round and a prepared letter: a pre-letter first where the region wants one."),
                _("The week can be released once."),
            )
            release = partial(self.office.offers.release, self.actor, plan.plan_id, version=plan.version)
            self.ask(Confirm(title, lines), lambda _yes: self._do(release, _released))

    def action_end(self) -> None:
        """Nothing more is released from it."""
        plan = self._marked
        if plan is not None:
            lines = (*_terms(plan), "", _("Those who have been released keep their offers."))
            end = partial(self.office.offers.end, self.actor, plan.plan_id, version=plan.version)
            self.ask(Confirm(_("End the plan?"), lines), lambda _yes: self._do(end, _("The plan is ended.")))

    def _do(self, work: partial[Result], told: str | Callable[[Result], str]) -> None:
        self.write(work, told)


def _released(row: ReleaseRow) -> str:
    return n_(
        "{count} person released, week {week}.", "{count} people released, week {week}.", row.people, week=row.week
    )


def born(plan: PlanRow) -> str:
    """'1968, 1974' or '1970–1974'."""
    years = plan.birth_years
    if len(years) > 2 and years == tuple(range(years[0], years[-1] + 1)):
        return f"{years[0]}–{years[-1]}"
    return ", ".join(str(year) for year in years)


def _terms(plan: PlanRow) -> tuple[str, ...]:
    place = REGION_SHORT.get(plan.region, plan.region)
    lines = [
        _("{region}, born {years}, {count} people a week", region=place, years=born(plan), count=number(plan.per_week)),
        _("Begins {day}", day=day_full(plan.starts_on)),
    ]
    if plan.no_send_weeks:
        lines.append(_("No letters in weeks {weeks}", weeks=", ".join(plan.no_send_weeks)))
    return tuple(lines)


def _cells(plan: PlanRow) -> list[Text]:
    style = "dim" if plan.state is PlanState.ENDED else ""
    this_week = ""
    if plan.state is PlanState.DRAFT:
        this_week = _("to approve")
    elif plan.state is PlanState.APPROVED:
        this_week = _("nothing to send") if plan.next_week is None or not plan.due else _("to release")
    return [
        plain(shown_place(plan.region), style),
        plain(born(plan), style),
        right(number(plan.per_week), style),
        plain(label(plan.state), style),
        right(number(plan.due) if plan.due else "–", style),
        right(number(plan.weeks_left) if plan.weeks_left else "–", style),
        plain(this_week, "bold" if this_week in (_("to approve"), _("to release")) else style),
    ]


def _about(plan: PlanRow, releases: tuple[ReleaseRow, ...] | None) -> Text:
    text = plain(_("Drafted by {who}", who=plan.author))
    if plan.approved_by:
        text.append(", " + _("approved by {who}", who=visible(plan.approved_by)))
    text.append(". " + ". ".join(_terms(plan)[1:]) + ".")
    text.append("\n" + _("Released:") + " ", "bold")
    if releases is None:
        return text.append("…")
    weeks = [f"{row.week} {number(row.people)} ({visible(row.released_by)})" for row in releases[:_WEEKS_TOLD]]
    if len(releases) > _WEEKS_TOLD:
        weeks.append(_("… and {count} more", count=number(len(releases) - _WEEKS_TOLD)))
    text.append(" · ".join(weeks) or _("nothing yet"))
    if releases:
        total = sum(row.people for row in releases)
        text.append("\n" + n_("{count} person in all", "{count} people in all", total))
    return text
