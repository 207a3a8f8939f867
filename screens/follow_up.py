"""Uppföljning: the plan of a quarter, line by line with target, result and status, from the first line to the supervisor's name on it."""

from datetime import date
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import Static

from kansli_tui.follow_up_labels import measure_words
from kansli_tui.i18n import _, day_full, n_
from kansli_tui.keys import KEYS
from kansli_tui.labels import label
from kansli_tui.pathway.follow_up import BY_HAND, PLAN_MEASURES, Status
from kansli_tui.pathway.quarters import Quarter, quarter_of, read_quarter
from kansli_tui.rows.follow_up import JOINT, FollowUpChangeRow, FollowUpQuarter, FollowUpRow
from kansli_tui.rows.office import REGIONS
from kansli_tui.service.plan_lines import MOST_WRITTEN
from screens import follow_up_view as view
from screens.base import keys
from screens.dialogs import AskReason, Choice, Choose, Confirm
from screens.follow_up_changes import Change, ChangesScreen
from screens.follow_up_forms import LineDraft, LineForm, TextsForm
from screens.follow_up_people import behind, parts
from screens.stats_people import StatsPeopleScreen
from screens.target_setting import TargetSetting
from screens.targets import TargetsScreen
from screens.widgets.table import KansliTable
from screens.widgets.text import plain

_WIDE = 110
_COMPUTED = "computed"
_OF_A_LINE = frozenset({"open", "edit", "status", "remove", "target", "history"})
_SUPERVISORS = frozenset({"status", "remove", "target", "sign"})
_OPEN_ONLY = frozenset({"new", "edit", "status", "remove", "take_over", "sign"})


class FollowUpScreen(TargetSetting):
    """One quarter and region at a time: the lines, and the marked one in full below."""

    AREA = "Follow-up"
    HELP = (
        "Each line follows a measure: its target, what came out and a status, which is computed from the two unless an asterisk says that "
        "a supervisor has set it. Enter opens the people behind it. Left and right go to other quarters, R to another region. N adds a line, T takes over the open ones "
        "of the quarter before, E writes activity, results and challenges. A sets a status by hand, M a target, L shows all "
        "targets, H what has been written. S closes a quarter that is over: from then on nothing in it changes."
    )
    CSS_PATH = "follow_up.tcss"
    FILTERS: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = keys(
        "list.open", *(id_ for id_, key in KEYS.items() if key.group == "follow" and id_ != "follow.save")
    )

    class QuarterRead(Message):
        """The plan of a quarter."""

        def __init__(self, shown: FollowUpQuarter) -> None:
            super().__init__()
            self.shown = shown

    class ChangesRead(Message):
        """Everything that has been written of a line."""

        def __init__(self, row: FollowUpRow, changes: tuple[FollowUpChangeRow, ...]) -> None:
            super().__init__()
            self.row, self.changes = row, changes

    def __init__(self) -> None:
        super().__init__()
        self._quarter: Quarter | None = None
        self._region: str | None = None
        self._shown: FollowUpQuarter | None = None
        self._rows: dict[str, FollowUpRow] = {}
        self._wide: bool | None = None

    def compose_body(self) -> ComposeResult:
        """Which plan, its lines, the marked one."""
        yield Static(id="says")
        yield KansliTable(id="lines")
        with VerticalScroll(id="about", can_focus=False):
            yield Static()

    def on_resize(self, event: events.Resize) -> None:
        """A wide window shows counts and comments too."""
        wide = event.size.width >= _WIDE
        if wide != self._wide:
            self._wide = wide
            self._table.columns_are(*view.columns(wide=wide))
            self._draw_lines()

    @property
    def _table(self) -> KansliTable:
        return self.query_one("#lines", KansliTable)

    @property
    def _marked(self) -> FollowUpRow | None:
        return self._rows.get(self._table.current or "")

    @property
    def _regions(self) -> tuple[str, ...]:
        """The plans that one may see: the joint one only for those who work for all regions."""
        own = tuple(sorted(self.actor.regions))
        return (JOINT, *own) if set(own) == set(REGIONS) else own

    @property
    def _at(self) -> tuple[str, str]:
        """Quarter and region; at first this quarter, and the one region that the filter of the other views has chosen."""
        if self._quarter is None:
            self._quarter = quarter_of(self.today)
        if self._region is None:
            chosen = self.wanted.regions
            self._region = chosen[0] if len(chosen) == 1 and chosen[0] in self._regions else self._regions[0]
        return str(self._quarter), self._region

    # Reading

    def reload(self) -> None:
        """Count the plan."""
        self.read(partial(self.office.follow_up.quarter, self.actor, *self._at), self.QuarterRead)

    def _go_to(self, quarter: Quarter, region: str) -> None:
        self._quarter, self._region, self._shown = quarter, region, None
        self.notice.working(_("The quarter is counted…"))
        self.reload()

    @on(QuarterRead)
    def draw(self, fact: QuarterRead) -> None:
        """Draw the plan."""
        if (fact.shown.quarter, fact.shown.region) != self._at:
            return
        if self._shown is None:
            self.notice.clear()
        self._shown = fact.shown
        self._rows = {str(row.line_id): row for row in fact.shown.rows}
        self.query_one("#says", Static).update(view.says(fact.shown, self._colours))
        if self._draw_lines():
            self.rest()

    @property
    def _colours(self) -> dict[str, str]:
        return self.app.theme_variables

    def _draw_lines(self) -> bool:
        rows = self._rows.items()
        moved = self._table.fill((key, view.cells(row, self._colours, wide=bool(self._wide))) for key, row in rows)
        self._show_about()
        return moved

    @on(KansliTable.RowHighlighted)
    def _show_about(self) -> None:
        row, shown = self._marked, self._shown
        about = self.query_one("#about Static", Static)
        if row is not None:
            about.update(view.about(row, self._colours))
        elif shown is not None:
            about.update(plain(view.empty_words(shown)))
        self.query_one("#about", VerticalScroll).scroll_home(animate=False)
        self.refresh_bindings()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A closed quarter is read; only supervisors judge, set targets and close."""
        if action in _SUPERVISORS and not self.actor.is_supervisor:
            return False
        shown = self._shown if self.is_mounted else None
        if action in _OPEN_ONLY and (shown is None or shown.is_closed):
            return None if shown is None else False
        if action in _OF_A_LINE and (shown is None or self._marked is None):
            return None
        if action == "open" and self._marked is not None and not parts(self._marked):
            return None
        if action == "take_over" and shown is not None and not shown.earlier:
            return None
        return super().check_action(action, parameters)

    def action_earlier(self) -> None:
        """The quarter before."""
        self._move(-1)

    def action_later(self) -> None:
        """The quarter after; the next one at most."""
        self._move(1)

    def _move(self, quarters: int) -> None:
        there = read_quarter(self._at[0])
        if there is not None and there.plus(quarters) <= quarter_of(self.today).plus(1):
            self._go_to(there.plus(quarters), self._at[1])
        else:
            self.notice.failed(_("A plan is written for the next quarter at the latest."))

    def action_region(self) -> None:
        """The next region's plan."""
        quarter, region = self._at
        regions = self._regions
        there = read_quarter(quarter)
        if there is not None and len(regions) > 1:
            self._go_to(there, regions[(regions.index(region) + 1) % len(regions)])

    # Lines

    def action_open(self) -> None:
        """The people behind the marked line: which of them is asked first."""
        row, shown = self._marked, self._shown
        if row is None or shown is None or not parts(row):
            return
        choices = tuple(Choice(part.value, words) for part, words in parts(row).items())
        dialog = Choose(_("Whom do you want to see?"), choices, (measure_words(row.measure),))
        self.ask(dialog, lambda chosen: self._open(shown, row, chosen))

    def _open(self, shown: FollowUpQuarter, row: FollowUpRow, chosen: str) -> None:
        part, words = next((part, words) for part, words in parts(row).items() if part.value == chosen)
        self.app.push_screen(StatsPeopleScreen(behind(self.office, self.actor, shown, row, part, words)))

    def action_new(self) -> None:
        """Choose what is followed."""
        choices = tuple(
            Choice(
                name, measure_words(one), _("published: {reference}", reference=one.reference) if one.reference else ""
            )
            for name, one in PLAN_MEASURES.items()
        )
        at = self._at
        self.ask(Choose(_("What is followed?"), choices), lambda name: self._ask_line(at, name))

    def _ask_line(self, at: tuple[str, str], name: str) -> None:
        self.ask(LineForm(PLAN_MEASURES[name], self.today), lambda draft: self._add(at, name, draft))

    def _add(self, at: tuple[str, str], name: str, draft: LineDraft) -> None:
        add = partial(self.office.follow_up.add, self.actor, *at, area=draft.area, measure=name)
        more = {"activity": draft.activity, "responsible": draft.responsible, "due": draft.due}
        self.write(partial(add, **more), _("The line is added."))

    def action_take_over(self) -> None:
        """The open lines of the quarter before."""
        shown = self._shown
        if shown is None or not shown.earlier:
            return
        lines = (
            _("Area, measure, activity, responsible and day come with them; results and challenges are written anew."),
        )
        take_over = partial(self.office.follow_up.start, self.actor, *self._at)
        dialog = Confirm(_("Take over the open lines of {quarter}?", quarter=shown.earlier), lines)
        self.ask(dialog, lambda _yes: self.write(take_over, _taken_over))

    def action_edit(self) -> None:
        """Write in the marked line."""
        row = self._marked
        if row is not None:
            form = TextsForm(row, self.today, MOST_WRITTEN)
            self.ask(form, lambda texts: self._edit(row, texts))

    def _edit(self, row: FollowUpRow, texts: dict[str, str | date | None]) -> None:
        edit = partial(self.office.follow_up.edit, self.actor, row.line_id, version=row.version)
        self.write(partial(edit, **texts), _("The line is saved."))

    def action_status(self) -> None:
        """Judge the marked line differently from the numbers, or as they say again."""
        row = self._marked
        if row is None:
            return
        choices = [Choice(status.value, label(status)) for status in BY_HAND]
        if row.override is not None:
            choices.append(Choice(_COMPUTED, _("As computed: {status}", status=label(row.computed))))
        dialog = Choose(_("Status by hand"), tuple(choices), (f"{row.area}: {measure_words(row.measure)}",))
        self.ask(dialog, lambda chosen: self._ask_comment(row, chosen))

    def _ask_comment(self, row: FollowUpRow, chosen: str) -> None:
        status = None if chosen == _COMPUTED else Status(chosen)
        words = label(status or row.computed)
        lines = (_("The comment stands in the plan with your name."),)
        override = partial(self.office.follow_up.override, self.actor, row.line_id, status, version=row.version)
        dialog = AskReason(f"{row.area}: {words}", lines, text=_("Comment"))
        self.ask(dialog, lambda told: self.write(partial(override, comment=told.text), _("The status is set.")))

    def action_remove(self) -> None:
        """Take the marked line out: it was written by mistake."""
        row = self._marked
        if row is not None:
            remove = partial(self.office.follow_up.remove, self.actor, row.line_id, version=row.version)
            lines = (_("For lines written by mistake. What is finished gets the status closed instead."),)
            dialog = AskReason(_("Remove the line {area}?", area=row.area), lines, text=_("Why"))
            self.ask(dialog, lambda told: self.write(partial(remove, why=told.text), _("The line is removed.")))

    def action_history(self) -> None:
        """What has been written of the marked line."""
        row = self._marked
        if row is not None:
            read = partial(self.office.follow_up.history, self.actor, row.line_id)
            self.read(read, partial(self.ChangesRead, row), group="history")

    @on(ChangesRead)
    def _show_changes(self, fact: ChangesRead) -> None:
        changes = tuple(Change(one.at, one.by, *view.change_lines(one)) for one in fact.changes)
        title = f"{self._at[0]} · {fact.row.area}: {measure_words(fact.row.measure)}"
        self.app.push_screen(ChangesScreen(title, changes))

    # Targets and closing

    def action_target(self) -> None:
        """Set the target of the marked line's measure."""
        if self._marked is not None:
            self.set_target(self._marked.measure.name, self._at[1])

    def action_targets(self) -> None:
        """Every measure with its targets."""
        self.app.push_screen(TargetsScreen())

    def action_sign(self) -> None:
        """Close the quarter as it is shown."""
        shown = self._shown
        if shown is None:
            return
        if shown.as_of is None or self.today <= shown.until:
            self.notice.failed(_("The quarter can be closed when it is over, after {day}.", day=day_full(shown.until)))
            return
        if not shown.rows:
            self.notice.failed(_("There is nothing to close: the plan has no lines."))
            return
        early = sum(row.status is Status.TOO_EARLY for row in shown.rows)
        unjudged = sum(row.status not in BY_HAND for row in shown.rows)
        lines = (
            _("Targets, results and statuses are kept as they are shown, as of {day}.", day=day_full(shown.as_of)),
            _("Nothing in the quarter can be changed afterwards."),
            n_("{count} line has no colour.", "{count} lines have no colour.", unjudged) if unjudged else "",
            _("Too early to judge: {count}. Rather close when everybody is counted.", count=early) if early else "",
        )
        close = partial(self.office.follow_up.close, self.actor, *self._at, stamp=shown.stamp)
        title = _("Close {quarter} as {who}?", quarter=shown.quarter, who=self.actor.name)
        dialog = Confirm(title, tuple(filter(None, lines)))
        self.ask(
            dialog, lambda _yes: self.write(close, _("The quarter is closed."), saying=_("The quarter is counted…"))
        )


def _taken_over(count: int) -> str:
    return n_("{count} line is taken over.", "{count} lines are taken over.", count)
