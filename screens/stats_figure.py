"""What views with a marked figure share: its people by three keys, and its definition in full."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from kansli_tui.i18n import _
from kansli_tui.rows.statistics import Part, StatsFilter, StatsPerson, StatsRow
from kansli_tui.stats_definitions import definition
from kansli_tui.stats_labels import indicator_words
from screens.base import keys
from screens.dialogs import Show
from screens.stats_files import StatsFiles
from screens.stats_people import Behind, StatsPeopleScreen
from screens.stats_words import defined, in_numbers, opens, part_words

_PARTS = {"open": Part.NUMERATOR, "others": Part.REST, "everyone": Part.DENOMINATOR}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with the filter that counts it; `of` is the group in words, '' for all. None of `filter` opens nobody."""

    row: StatsRow
    filter: StatsFilter | None
    of: str = ""


class Counted(StatsFiles):
    """A view whose figures are counted for the filter."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: StatsFilter | None = None
        """The filter of what is drawn."""

    def count(self) -> None:
        """Read the figures of `self.wanted`."""

    def reload(self) -> None:
        """Count; but what has been counted as of an earlier day is the same when one comes back to it."""
        if self.shown != self.wanted or self.wanted.as_of == self.today:
            self.recount()

    def action_reload(self) -> None:
        """Count again."""
        self.notice.clear()
        self.recount()

    def recount(self) -> None:
        """Say what goes on, and count."""
        self.notice.working(
            _("The figures are counted…")
            if self.wanted.as_of == self.today
            else _("The figures are counted as they were known then; it can take a while…")
        )
        self.count()

    def drawn(self) -> None:
        """Called when what was read is drawn."""
        self.shown = self.wanted
        self.notice.clear()
        self.refresh_bindings()


class FigureScreen(Counted):
    """`figure` is what is marked."""

    BINDINGS: ClassVar[list[BindingType]] = keys("list.open", "stats.others", "stats.everyone", "stats.define")

    @property
    def figure(self) -> Figure | None:
        """What is marked, or None."""
        return None

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """People where there are any; a definition where a figure is marked."""
        if self.is_mounted and (action in _PARTS or action == "define"):
            figure = self.figure
            if figure is None:
                return None
            if action in _PARTS and (figure.filter is None or not opens(figure.row, _PARTS[action])):
                return None
        return super().check_action(action, parameters)

    def action_open(self) -> None:
        """Those counted."""
        self._show(Part.NUMERATOR)

    def action_others(self) -> None:
        """Those of the whole who are not counted."""
        self._show(Part.REST)

    def action_everyone(self) -> None:
        """The whole."""
        self._show(Part.DENOMINATOR)

    def _show(self, part: Part) -> None:
        figure = self.figure
        if figure is None or figure.filter is None or not opens(figure.row, part):
            return
        page: Callable[..., tuple[StatsPerson, ...]] = partial(
            self.office.stats_people.of_indicator, self.actor, figure.filter, figure.row.indicator, part
        )
        named = " · ".join(filter(None, (indicator_words(figure.row.indicator), figure.of)))
        self.app.push_screen(StatsPeopleScreen(Behind(named, part_words(figure.row, part), self.filter_words(), page)))

    def action_define(self) -> None:
        """The definition in full."""
        figure = self.figure
        if figure is not None:
            text = defined(definition(figure.row.indicator), in_numbers(figure.row)).plain
            title, _break, rest = text.partition("\n")
            self.ask(Show(title, tuple(rest.split("\n"))), lambda _answer: None)
