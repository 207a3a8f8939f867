"""The form of a new plan: region, birth years, people a week, weeks without letters, first day. What is typed is checked in words."""

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Label, Static

from kansli_tui.i18n import _
from kansli_tui.rows.office import REGION_SHORT
from screens.dialogs import Dialog, parse_day
from screens.widgets.field import Field
from screens.widgets.text import plain

_YEARS = re.compile(r"([0-9]{4})(?:-([0-9]{4}))?")
_WEEKS = re.compile(r"(?:(?:([0-9]{4})-?)?[wv])?([0-9]{1,2})(?:-([0-9]{1,2}))?", re.IGNORECASE)
_MOST_YEARS = 30
_FIELDS = ("region", "years", "per-week", "weeks", "start")


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """What was written in the form; weeks as 2026-W30."""

    region: str
    birth_years: tuple[int, ...]
    per_week: int
    no_send_weeks: tuple[str, ...]
    starts_on: date


class PlanForm(Dialog[PlanDraft]):
    """Enter in the last field, or anywhere when all is filled in, answers; the arrows move between fields."""

    CSS_PATH = "plan_form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, regions: tuple[str, ...], today: date, given: PlanDraft | None) -> None:
        super().__init__(_("New plan"), (_("A draft: somebody else approves it before anything is sent."),))
        self._regions, self._today, self._given = regions, today, given

    def compose_answer(self) -> ComposeResult:
        """One line a field."""
        given = self._given
        values = {
            "region": REGION_SHORT[given.region if given else self._regions[0]],
            "years": ", ".join(str(year) for year in given.birth_years) if given else "",
            "per-week": str(given.per_week) if given else "",
            "weeks": ", ".join(given.no_send_weeks) if given else "",
            "start": (given.starts_on if given else self._today).isoformat(),
        }
        labels = {
            "region": (_("Region"), ""),
            "years": (_("Birth years"), "1974, 1976"),
            "per-week": (_("People a week"), "200"),
            "weeks": (_("Weeks without letters"), "28-31, 52"),
            "start": (_("Begins on"), "2026-12-01"),
        }
        for name, (words, example) in labels.items():
            with Horizontal(classes="line"):
                yield Label(plain(words))
                yield Field(
                    values[name],
                    placeholder=_("for example {example}", example=example) if example else "",
                    id=name,
                    max_length=120,
                )

    def on_mount(self) -> None:
        """Begin with what is never the same."""
        super().on_mount()
        self.query_one("#years", Input).focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        empty = [field for field in self.query(Input) if not field.value.strip() and field.id != "weeks"]
        if empty and event.input.id != "start" and empty[0] is not event.input:
            empty[0].focus()
        elif not self.resting:
            self.action_accept()

    def action_accept(self) -> None:
        """Answer when every field can be read; else say which cannot."""
        typed = {name: self.query_one(f"#{name}", Input).value.strip() for name in _FIELDS}
        region = next((code for code in self._regions if typed["region"].upper() in (REGION_SHORT[code], code)), None)
        years = parse_years(typed["years"])
        starts_on = parse_day(typed["start"], self._today)
        weeks = parse_weeks(typed["weeks"], (starts_on or self._today).year)
        per_week = int(typed["per-week"]) if typed["per-week"].isdecimal() and typed["per-week"].isascii() else 0
        known = ", ".join(REGION_SHORT[code] for code in self._regions)
        wrong = {
            "region": "" if region else _("Write one of your regions: {regions}.", regions=known),
            "years": "" if years else _("Write birth years as 1974, 1976 or 1970-1974."),
            "per-week": "" if per_week else _("Write how many people a week, at least 1."),
            "weeks": "" if weeks is not None else _("Write weeks as 28-31, 52 or 2026-W52."),
            "start": "" if starts_on else _("Write a day, for example 2026-12-01, 1/12 or +14."),
        }
        for name, words in wrong.items():
            if words:
                self.wrong(words)
                self.query_one(f"#{name}", Input).focus()
                return
        if region is not None and years and weeks is not None and starts_on is not None:
            self.query_one("#dialog-wrong", Static).update("")
            self.dismiss(PlanDraft(region, years, per_week, weeks, starts_on))


def parse_years(text: str) -> tuple[int, ...]:
    """'1974, 1976' or '1970-1974' as years, sorted; () when it cannot be read."""
    years: set[int] = set()
    for part in _parts(text):
        found = _YEARS.fullmatch(part)
        if found is None:
            return ()
        first, last = int(found[1]), int(found[2] or found[1])
        if not first <= last < first + _MOST_YEARS:
            return ()
        years.update(range(first, last + 1))
    return tuple(sorted(years))


def parse_weeks(text: str, year: int) -> tuple[str, ...] | None:
    """'28-31, 52' of `year`, or '2026-W52', as ISO weeks; () for an empty text, None when it cannot be read."""
    weeks: list[str] = []
    for part in _parts(text):
        found = _WEEKS.fullmatch(part)
        if found is None:
            return None
        its_year, first = int(found[1] or year), int(found[2])
        last = int(found[3] or first)
        if not 1 <= first <= last <= date(its_year, 12, 28).isocalendar().week:
            return None
        weeks += [f"{its_year}-W{week:02d}" for week in range(first, last + 1)]
    return tuple(dict.fromkeys(weeks))


def _parts(text: str) -> list[str]:
    """What stands between commas and spaces; a range is one part, however it is written."""
    joined = re.sub(r"\s*[-–]\s*", "-", text.strip())
    return [part for part in re.split(r"[,;\s]+", joined) if part]
