"""What the views of the statistics share: one area, digits that go from view to view, and a filter that stays on all of them."""

from importlib import import_module
from typing import ClassVar

from textual.binding import Binding, BindingType

from kansli_tui.i18n import _, day_full
from kansli_tui.keys import KEYS
from kansli_tui.rows.office import REGION_SHORT
from kansli_tui.rows.statistics import RoundsWanted, StatsFilter
from screens.base import KansliScreen, keys
from screens.stats_filter import StatsFilterForm, municipality_name, period_text

VIEWS = (
    "screens.overview:OverviewScreen",
    "screens.flow:FlowScreen",
    "screens.lead_times:LeadTimesScreen",
    "screens.availability:AvailabilityScreen",
    "screens.comparison:ComparisonScreen",
    "screens.follow_up:FollowUpScreen",
    "screens.register_care:RegisterCareScreen",
)
"""The views in the order of their digits. The first is the ground of the area; the others lie on top of it, one at a time."""
_VIEW = KEYS["stats.view"]


class StatsScreen(KansliScreen):
    """A view of the statistics. `FILTERS` is false where the filter has no meaning."""

    FILTERS: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(place), f"view({place})", _VIEW.label, id=_VIEW.id, show=place == 1, tooltip=_VIEW.tooltip)
            for place in range(1, len(VIEWS) + 1)
        ),
        *keys("stats.filter"),
    ]

    @property
    def wanted(self) -> StatsFilter:
        """What is counted: the filter chosen on any view, else everything of one's regions as of today."""
        chosen = self.desk.stats_filter
        return chosen if chosen is not None else StatsFilter(tuple(sorted(self.actor.regions)), self.today)

    @property
    def filter_says_more(self) -> bool:
        """Whether more than regions and day has been chosen, which views of what waits do not use."""
        wanted = self.wanted
        return bool(wanted.born or wanted.municipality or wanted.since or wanted.rounds is not RoundsWanted.ALL)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No filter where it has no meaning."""
        if action == "filter" and not self.FILTERS:
            return False
        return super().check_action(action, parameters)

    def action_view(self, place: int) -> None:
        """Go to another view; the one before goes away, the filter stays."""
        module, _colon, name = VIEWS[place - 1].partition(":")
        view: type[KansliScreen] = getattr(import_module(module), name)
        if isinstance(self, view) or self.busy:
            return
        while len(self.app.screen_stack) > 1 and isinstance(self.app.screen, StatsScreen):
            self.app.pop_screen()
        if place > 1:
            self.app.push_screen(view())

    def action_filter(self) -> None:
        """Choose what is counted."""
        self.ask(StatsFilterForm(tuple(sorted(self.actor.regions)), self.today, self.wanted), self._filtered)

    def _filtered(self, chosen: StatsFilter) -> None:
        self.desk.stats_filter = chosen
        self.reload()

    def filter_words(self) -> str:
        """The filter as one line: 'RÖ RJL · födda 1968, 1974 · erbjudna 2025 · per 22 november 2026'."""
        wanted = self.wanted
        words = [" ".join(REGION_SHORT[code] for code in wanted.regions)]
        if wanted.born:
            words.append(_("born {years}", years=", ".join(map(str, wanted.born))))
        if wanted.municipality:
            words.append(municipality_name(wanted.municipality))
        if wanted.rounds is RoundsWanted.FIRST:
            words.append(_("first rounds"))
        elif wanted.rounds is RoundsWanted.LATER:
            words.append(_("later rounds"))
        if wanted.since and wanted.until:
            words.append(_("offered {period}", period=period_text(wanted.since, wanted.until)))
        words.append(_("as of {day}", day=day_full(wanted.as_of)))
        return " · ".join(words)
