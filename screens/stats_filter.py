"""The filter of the statistics: regions, birth years, municipality, rounds, period and day. What is typed is checked in words."""

import re
from calendar import monthrange
from datetime import date
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Label

from kansli_tui.i18n import _
from kansli_tui.pathway.municipalities import MUNICIPALITIES
from kansli_tui.rows.office import REGION_SHORT
from kansli_tui.rows.statistics import RoundsWanted, StatsFilter
from screens.dialogs import Dialog, parse_day
from screens.plan_form import parse_years
from screens.widgets.field import Field
from screens.widgets.text import plain

_FIELDS = ("regions", "years", "municipality", "rounds", "period", "as-of")
_PERIOD = re.compile(r"([0-9]{4})(?:[kq]([1-4]))?", re.IGNORECASE)


class StatsFilterForm(Dialog[StatsFilter]):
    """Enter answers from any field; an empty field means all, an empty day today."""

    CSS_PATH = "plan_form.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, regions: tuple[str, ...], today: date, given: StatsFilter) -> None:
        super().__init__(_("What is counted"), (_("An empty field means all."),))
        self._regions, self._today, self._given = regions, today, given

    def compose_answer(self) -> ComposeResult:
        """One line a field."""
        given = self._given
        everywhere = given.regions == self._regions
        values = {
            "regions": "" if everywhere else " ".join(REGION_SHORT[code] for code in given.regions),
            "years": ", ".join(map(str, given.born)),
            "municipality": municipality_name(given.municipality),
            "rounds": {RoundsWanted.FIRST: "1", RoundsWanted.LATER: "2"}.get(given.rounds, ""),
            "period": period_text(given.since, given.until),
            "as-of": "" if given.as_of == self._today else given.as_of.isoformat(),
        }
        labels = {
            "regions": (_("Regions"), " ".join(REGION_SHORT[code] for code in self._regions)),
            "years": (_("Birth years"), "1974, 1976"),
            "municipality": (_("Municipality"), "Motala"),
            "rounds": (_("Rounds"), _("1 first, 2 later")),
            "period": (_("Offered in"), "2026, 2026K3"),
            "as-of": (_("As it was known"), "2026-01-31"),
        }
        for name, (words, example) in labels.items():
            with Horizontal(classes="line"):
                yield Label(plain(words))
                yield Field(
                    values[name], placeholder=_("for example {example}", example=example), id=name, max_length=120
                )

    @on(Input.Submitted)
    def _submitted(self) -> None:
        if not self.resting:
            self.action_accept()

    def action_accept(self) -> None:
        """Answer when every field can be read; else say which cannot."""
        typed = {name: self.query_one(f"#{name}", Input).value.strip() for name in _FIELDS}
        regions = self._read_regions(typed["regions"])
        years = parse_years(typed["years"]) if typed["years"] else ()
        municipality = _read_municipality(typed["municipality"])
        rounds = {"": RoundsWanted.ALL, "1": RoundsWanted.FIRST, "2": RoundsWanted.LATER}.get(typed["rounds"])
        period = parse_period(typed["period"], self._today)
        as_of = parse_day(typed["as-of"], self._today) if typed["as-of"] else self._today
        known = " ".join(REGION_SHORT[code] for code in self._regions)
        wrong = {
            "regions": "" if regions else _("Write one or more of your regions: {regions}.", regions=known),
            "years": "" if years or not typed["years"] else _("Write birth years as 1974, 1976 or 1970-1974."),
            "municipality": ""
            if municipality is not None
            else _("Write the name or the four digits of a municipality of the three regions."),
            "rounds": "" if rounds else _("Write 1 for first rounds, 2 for later ones, or nothing for all."),
            "period": ""
            if period
            else _("Write a year as 2026, a quarter as 2026K3, or two days with a space between."),
            "as-of": "" if as_of and as_of <= self._today else _("Write a day that has been, for example 2026-01-31."),
        }
        for name, words in wrong.items():
            if words:
                self.wrong(words)
                self.query_one(f"#{name}", Input).focus()
                return
        if regions and municipality is not None and rounds and period and as_of:
            self.dismiss(StatsFilter(regions, as_of, *period, years, municipality, rounds))

    def _read_regions(self, text: str) -> tuple[str, ...]:
        """The codes of 'RÖ 06'; all for nothing; () when one is not known."""
        asked = text.upper().replace(",", " ").split()
        found = [code for code in self._regions if REGION_SHORT[code] in asked or code in asked]
        return self._regions if not asked else tuple(found) if len(found) == len(asked) else ()


def parse_period(text: str, today: date) -> tuple[date | None, date | None] | None:
    """The first and last day of '2026', '2026K3' or two days; None for each where nothing is said; None when it cannot be read."""
    if not text:
        return None, None
    found = _PERIOD.fullmatch(text.replace(" ", ""))
    if found is not None:
        year, quarter = int(found[1]), found[2]
        if quarter is None:
            return date(year, 1, 1), date(year, 12, 31)
        last = int(quarter) * 3
        return date(year, last - 2, 1), date(year, last, monthrange(year, last)[1])
    days = [parse_day(part, today) for part in text.replace("–", " ").split()]
    if len(days) == 2 and days[0] and days[1] and days[0] <= days[1]:
        return days[0], days[1]
    return None


def period_text(since: date | None, until: date | None) -> str:
    """A period as `parse_period` reads it: '2026', '2026K3' or two days; '' for none."""
    if since is None or until is None:
        return ""
    for text in (str(since.year), f"{since.year}K{(since.month + 2) // 3}"):
        if parse_period(text, since) == (since, until):
            return text
    return f"{since.isoformat()} {until.isoformat()}"


def _read_municipality(text: str) -> str | None:
    if not text or text in MUNICIPALITIES:
        return text
    return next((one.code for one in MUNICIPALITIES.values() if one.name.casefold() == text.casefold()), None)


def municipality_name(code: str) -> str:
    """The name of a code; the code itself where it is not known."""
    return MUNICIPALITIES[code].name if code in MUNICIPALITIES else code
