"""The forms of the follow-up plan: a new line, the texts of a line, a target. What is typed is checked in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Label, TextArea

from kansli_tui.follow_up_labels import AREAS, FIELDS, limits_text, measure_words
from kansli_tui.i18n import _, number
from kansli_tui.pathway.follow_up import Direction, Limits, PlanMeasure, Unit, fault_in
from kansli_tui.rows.follow_up import JOINT, FollowUpRow
from kansli_tui.rows.office import REGION_SHORT
from screens.base import keys
from screens.dialogs import Dialog, parse_day
from screens.lines import Line, Lines
from screens.widgets.field import Field
from screens.widgets.text import plain


@dataclass(frozen=True, slots=True)
class LineDraft:
    """What was written for a new line."""

    area: str
    activity: str
    responsible: str
    due: date | None


@dataclass(frozen=True, slots=True)
class TargetDraft:
    """What was written for a target; without `limits` the one before ends."""

    region: str
    limits: Limits | None
    valid_from: date
    why: str


class LineForm(Lines[LineDraft]):
    """Area, activity, responsible and day of a new line; only the area must be there."""

    def __init__(self, measure: PlanMeasure, today: date) -> None:
        suggested = ", ".join(_(area) for area in AREAS)
        super().__init__(_("New line"), (measure_words(measure), _("Areas, for example: {areas}.", areas=suggested)))
        self._today = today

    def fields(self) -> Mapping[str, Line]:
        """One field each."""
        return {
            "area": Line(_(FIELDS["area"]), example=_(AREAS[0]), longest=80),
            "activity": Line(_(FIELDS["activity"]), longest=500),
            "responsible": Line(_(FIELDS["responsible"]), longest=80),
            "due": Line(_(FIELDS["due"]), example="2026-12-01"),
        }

    def action_accept(self) -> None:
        """Answer with an area and a day that can be read, or none."""
        due = parse_day(self.typed("due"), self._today) if self.typed("due") else None
        if not self.typed("area"):
            self.missing("area", _("State the area, for example participation."))
        elif self.typed("due") and due is None:
            self.missing("due", _("Write a day, for example 2026-12-01, 1/12 or +14."))
        else:
            self.dismiss(LineDraft(self.typed("area"), self.typed("activity"), self.typed("responsible"), due))


class TextsForm(Dialog[dict[str, str | date | None]]):
    """Everything that is written in a line. Enter goes to the next field and is a new line in the texts; Ctrl+S saves."""

    CSS_PATH = "follow_up.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys("follow.save")
    _ONE_LINE = ("area", "activity", "responsible", "due")
    _LONG = ("results", "challenges")

    def __init__(self, row: FollowUpRow, today: date, most: int) -> None:
        super().__init__(
            f"{row.area}: {measure_words(row.measure)}", (_("Write nobody's name or number of the people."),)
        )
        self._row, self._today, self._most = row, today, most

    def compose_answer(self) -> ComposeResult:
        """Short fields on a line each, then the two texts."""
        for name in self._ONE_LINE:
            given = getattr(self._row, name)
            with Horizontal(classes="line"):
                yield Label(plain(_(FIELDS[name])))
                yield Field("" if given is None else str(given), id=name, max_length=500, select_on_focus=False)
        for name in self._LONG:
            yield Label(plain(_(FIELDS[name])), classes="long")
            yield TextArea(getattr(self._row, name), id=name, soft_wrap=True, tab_behavior="focus")

    def on_mount(self) -> None:
        """Begin where most is written."""
        super().on_mount()
        self.query_one("#results").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter belongs to the fields; saving rests a moment like every answer."""
        if action == "accept":
            return False
        return None if self.resting and action == "save" else super().check_action(action, parameters)

    @on(Input.Submitted)
    def _next(self) -> None:
        self.focus_next()

    def action_save(self) -> None:
        """Answer when every field can be read."""
        written: dict[str, str | date | None] = {
            name: self.query_one(f"#{name}", Input).value.strip() for name in self._ONE_LINE
        }
        written |= {name: self.query_one(f"#{name}", TextArea).text.strip() for name in self._LONG}
        due = parse_day(str(written["due"]), self._today) if written["due"] else None
        long = next((name for name in self._LONG if len(str(written[name])) > self._most), "")
        if written["due"] and due is None:
            self.wrong(_("Write a day, for example 2026-12-01, 1/12 or +14."))
            self.query_one("#due").focus()
        elif not written["area"]:
            self.wrong(_("State the area, for example participation."))
            self.query_one("#area").focus()
        elif long:
            self.wrong(_("The text is too long: at most {most} characters.", most=number(self._most)))
            self.query_one(f"#{long}").focus()
        else:
            self.dismiss({**written, "due": due})


class TargetForm(Lines[TargetDraft]):
    """The limits of a target, for whom, from when and why; `direction` None asks for the end of one."""

    def __init__(
        self,
        measure: PlanMeasure,
        direction: Direction | None,
        *,
        lines: tuple[str, ...],
        regions: tuple[str, ...],
        region: str,
        today: date,
    ) -> None:
        super().__init__(_("Target") if direction is not None else _("The target ends"), lines)
        self._measure, self._direction = measure, direction
        self._regions, self._region, self._today = regions, region, today

    def fields(self) -> Mapping[str, Line]:
        """Limits only where a target is set."""
        unit = {Unit.PERCENT: "%", Unit.DAYS: _("days"), Unit.COUNT: _("number")}[self._measure.unit]
        known = " ".join(REGION_SHORT[code] for code in self._regions)
        limits = {
            "green": Line(_("Limit of green, {unit}", unit=unit), longest=10),
            "yellow": Line(_("Limit of yellow, {unit}", unit=unit), longest=10),
        }
        return {
            "region": Line(_("Region, empty for all"), REGION_SHORT.get(self._region, ""), known),
            **(limits if self._direction is not None else {}),
            "from": Line(_("Holds from"), date(self._today.year, 1, 1).isoformat(), "2026-01-01"),
            "why": Line(_("Why"), longest=500),
        }

    def read_so_far(self) -> str:
        """The limits as the plan will show them."""
        limits = self._limits()
        return limits_text(self._measure.unit, limits) if limits is not None else ""

    def _limits(self) -> Limits | None:
        if self._direction is None:
            return None
        green, yellow = _number(self.typed("green")), _number(self.typed("yellow") or self.typed("green"))
        return Limits(self._direction, green, yellow) if green is not None and yellow is not None else None

    def action_accept(self) -> None:
        """Answer when every field can be read."""
        asked, limits = self.typed("region").upper(), self._limits()
        codes = {**{REGION_SHORT[code]: code for code in self._regions}, **{code: code for code in self._regions}}
        region = JOINT if not asked else codes.get(asked)
        valid_from = parse_day(self.typed("from"), self._today)
        fault = fault_in(self._measure.unit, limits) if limits is not None else ""
        if region is None:
            self.missing("region", _("Write one of your regions: {regions}.", regions=" ".join(codes)))
        elif self._direction is not None and limits is None:
            self.missing("green", _("Write the limits as numbers, for example 92,5."))
        elif fault:
            self.missing("green", _(fault))
        elif valid_from is None:
            self.missing("from", _("Write a day, for example 2026-12-01, 1/12 or +14."))
        elif len(self.typed("why")) < 3:
            self.missing("why", _("State why."))
        else:
            self.dismiss(TargetDraft(region, limits, valid_from, self.typed("why")))


def _number(text: str) -> Decimal | None:
    """'92,5' or '92.5 %' as a number; None when it is none."""
    try:
        found = Decimal(text.removesuffix("%").strip().replace(",", "."))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
