"""A dry run of a plan: who would be offered this week, in order, and who not, by rule, with counts that add up. Changes nothing."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Static

from kansli_tui.i18n import _, n_, number
from kansli_tui.labels import label
from kansli_tui.rows.offers import DryRun, DuePerson, PlanRow
from kansli_tui.service.balance import line_words
from screens.base import KansliScreen, keys
from screens.widgets.table import KansliTable
from screens.widgets.text import plain, right
from screens.widgets.words import shown_place

_PAGE = 50


@dataclass(frozen=True, slots=True)
class _Line:
    words: str
    people: int
    first: tuple[DuePerson, ...]


class DryRunScreen(KansliScreen):
    """Rules above with their counts, the people of the marked rule below."""

    AREA = "Dry run"
    HELP = (
        "The first line are those who would be offered now, in order of birth date; the others are not offered, each by the first "
        "rule that fits, and the lines add up to everyone of the birth years. Below stand the people of the marked line; Tab goes "
        "to them, Enter opens a case."
    )
    CSS_PATH = "dry_run.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("list.open", "list.page_next", "list.page_previous")

    class RunRead(Message):
        """The dry run."""

        def __init__(self, run: DryRun) -> None:
            super().__init__()
            self.run = run

    def __init__(self, plan: PlanRow) -> None:
        super().__init__()
        self._plan = plan
        self._lines: dict[str, _Line] = {}
        self._from = 0

    def compose_body(self) -> ComposeResult:
        """Rules, what they add up to, people."""
        yield KansliTable(id="rules")
        yield Static(id="sum")
        yield KansliTable(id="people")

    def on_mount(self) -> None:
        """Columns that fit 80 cells."""
        self.title_is(f"{shown_place(self._plan.region)} {', '.join(str(year) for year in self._plan.birth_years)}")
        self._rules.columns_are((right(_("People")), 8), (_("Rule"), 0))
        self._people.columns_are((right("#"), 5), (_("Number"), 13), (_("Name"), 0), (_("Round"), 20))

    @property
    def _rules(self) -> KansliTable:
        return self.query_one("#rules", KansliTable)

    @property
    def _people(self) -> KansliTable:
        return self.query_one("#people", KansliTable)

    def reload(self) -> None:
        """Run it."""
        self.read(partial(self.office.offers.dry_run, self.actor, self._plan.plan_id), self.RunRead)

    @on(RunRead)
    def draw(self, fact: RunRead) -> None:
        """Draw the rules and the sum."""
        run = fact.run
        now = _("Offered in week {week}", week=run.week)
        if run.why_not_now:
            now += f" · {_(run.why_not_now, week=run.week)}"
        lines = [_Line(now, len(run.due), run.due), _Line(_("Due, but in a later week"), run.later, ())]
        lines += [_Line(line_words(rule.rule), rule.people, rule.first) for rule in run.left_out]
        self._lines = {str(at): line for at, line in enumerate(lines)}
        self._rules.fill(
            (key, [right(number(line.people)), plain(line.words, "bold" if key == "0" else "")])
            for key, line in self._lines.items()
        )
        total = sum(line.people for line in lines)
        adds_up = total == run.in_birth_years
        said = n_("{count} person in the birth years", "{count} people in the birth years", run.in_birth_years)
        words = f"{'✓' if adds_up else '✗'} {number(total)} = {said}" if adds_up else f"✗ {number(total)} ≠ {said}"
        self.query_one("#sum", Static).update(plain(words, "bold"))
        self._show_people(0)

    @on(KansliTable.RowHighlighted, "#rules")
    def _rule_marked(self) -> None:
        self._show_people(0)

    @property
    def _line(self) -> _Line | None:
        return self._lines.get(self._rules.current or "")

    def _show_people(self, start: int) -> None:
        self._from = start
        people = self._line.first[start : start + _PAGE] if self._line else ()
        self._people.fill(
            (str(person.person_id), _cells(start + at, person)) for at, person in enumerate(people, start=1)
        )
        self.refresh_bindings()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Pages where there are any; a case where somebody is marked."""
        line = self._line if self.is_mounted else None
        if action == "page_next" and (line is None or self._from + _PAGE >= len(line.first)):
            return None
        if action == "page_previous" and self._from == 0:
            return None
        if action == "open" and not (self.is_mounted and self._people.current):
            return None
        return super().check_action(action, parameters)

    def action_page_next(self) -> None:
        """The next people of the line."""
        self._show_people(self._from + _PAGE)

    def action_page_previous(self) -> None:
        """The people before."""
        self._show_people(max(0, self._from - _PAGE))

    def action_open(self) -> None:
        """From a rule to its people; from a person to the case."""
        if self.focused is self._rules:
            self._people.focus()
        elif self._people.current is not None:
            self.desk.open_case(int(self._people.current))


def _cells(place: int, person: DuePerson) -> list[Text]:
    round_ = f"{person.round_number} {label(person.kind)}"
    return [right(place), plain(person.number), plain(person.name), plain(round_)]
