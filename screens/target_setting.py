"""Setting a target, from wherever a measure is marked: which way, limits, for whom, from when and why. What holds now is shown first."""

from functools import partial

from textual import on
from textual.message import Message

from kansli_tui.follow_up_labels import limits_text, measure_words
from kansli_tui.i18n import _, day_full
from kansli_tui.pathway.follow_up import Direction, PlanMeasure
from kansli_tui.rows.follow_up import JOINT, TargetRow, TargetsRow
from kansli_tui.rows.office import REGION_SHORT, REGIONS
from screens.dialogs import Choice, Choose
from screens.follow_up_changes import Change, ChangesScreen
from screens.follow_up_forms import TargetDraft, TargetForm
from screens.follow_up_view import target_lines
from screens.stats_screen import StatsScreen

_END = "end"


class TargetSetting(StatsScreen):
    """A view where a supervisor sets targets."""

    class TargetsKnown(Message):
        """What holds now for the measure that a target is to be set for."""

        def __init__(self, measure: str, region: str, rows: tuple[TargetsRow, ...]) -> None:
            super().__init__()
            self.measure, self.region, self.rows = measure, region, rows

    class HistoryRead(Message):
        """Every target of a measure."""

        def __init__(self, measure: PlanMeasure, rows: tuple[TargetRow, ...]) -> None:
            super().__init__()
            self.measure, self.rows = measure, rows

    def set_target(self, measure: str, region: str) -> None:
        """Begin with what holds now."""
        read = partial(self.office.targets.rows, self.actor)
        self.read(read, partial(self.TargetsKnown, measure, region), group="targets")

    @on(TargetsKnown)
    def _ask_direction(self, fact: TargetsKnown) -> None:
        row = next((row for row in fact.rows if row.measure.name == fact.measure), None)
        if row is None:
            return
        choices = [
            Choice(Direction.AT_LEAST.value, _("At least: more is better")),
            Choice(Direction.AT_MOST.value, _("At most: less is better")),
        ]
        if row.own:
            choices.append(Choice(_END, _("No target any longer"), _("A region then follows the common one.")))
        lines = (measure_words(row.measure), *held_lines(row))
        dialog = Choose(_("Which way?"), tuple(choices), lines)
        self.ask(dialog, lambda way: self._ask_limits(row, fact.region, lines, way))

    def _ask_limits(self, row: TargetsRow, region: str, lines: tuple[str, ...], way: str) -> None:
        direction = None if way == _END else Direction(way)
        own = tuple(sorted(self.actor.regions))
        form = TargetForm(row.measure, direction, lines=lines, regions=own, region=region, today=self.today)
        self.ask(form, lambda draft: self._set(row.measure.name, draft))

    def _set(self, measure: str, draft: TargetDraft) -> None:
        targets, region, why = self.office.targets, draft.region, draft.why
        if draft.limits is None:
            end = partial(targets.end, self.actor, measure=measure, region=region, why=why)
            self.write(partial(end, valid_from=draft.valid_from), _("The target has ended."))
        else:
            set_ = partial(targets.set, self.actor, measure=measure, region=region, why=why, limits=draft.limits)
            self.write(partial(set_, valid_from=draft.valid_from), _("The target is set."))

    def show_history(self, measure: PlanMeasure) -> None:
        """Every target of a measure, the newest first."""
        read = partial(self.office.targets.history, self.actor, measure.name)
        self.read(read, partial(self.HistoryRead, measure), group="targets")

    @on(HistoryRead)
    def _show_history(self, fact: HistoryRead) -> None:
        unit = fact.measure.unit
        changes = tuple(
            Change(row.set_at, row.set_by, *target_lines(row, limits_text(unit, row.limits))) for row in fact.rows
        )
        self.app.push_screen(ChangesScreen(measure_words(fact.measure), changes))


def held_lines(row: TargetsRow) -> tuple[str, ...]:
    """What holds now for a measure, a line for each region that has its own, and the published figure."""
    held = [
        f"{_('All') if region == JOINT else REGION_SHORT[region]}: "
        + _("{target} (from {day})", target=limits_text(row.measure.unit, own.limits), day=day_full(own.valid_from))
        for region, own in row.own.items()
        if region == JOINT or region in REGIONS
    ]
    reference = row.measure.reference
    published = [_("Published: {reference}. It is no target.", reference=reference)] if reference else []
    return (*(held or [_("The office has set no target.")]), *published)
