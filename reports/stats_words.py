"""The words and numbers of a report in Swedish, whatever language the screens have. Loads no fonts and draws nothing.

A figure that may not leave the office is written `HIDDEN`; what cannot be reckoned (a share of nothing) is `NOTHING`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from kansli_tui.i18n import catalogue
from kansli_tui.labels import label_id
from kansli_tui.pathway.indicators import Coverage, meaning_of
from kansli_tui.pathway.lead_times import BY_NAME as LEADS
from kansli_tui.pathway.municipalities import MUNICIPALITIES
from kansli_tui.pathway.quarters import read_quarter
from kansli_tui.pathway.steps import ClosedReason, ExclusionReason
from kansli_tui.rows.office import REGION_SHORT, REGIONS
from kansli_tui.rows.statistics import RoundsWanted, StatsFilter, StatsRow
from kansli_tui.rows.stats_report import ReportKind
from reports.text import NO_BREAK, clean, format_date

HIDDEN = "dolt*"
NOTHING = "–"
HIDDEN_NOTE = "* Döljs: färre än 5, eller går att räkna ut ur andra tal."
ALL = "all"
_QUARTERS = ("Första", "Andra", "Tredje", "Fjärde")
_TITLES = {
    ReportKind.YEAR: "Årsrapport",
    ReportKind.QUARTER: "Kvartalsrapport",
    ReportKind.SUMMARY: "Sammanfattning",
}

STEPS: Mapping[str, str] = {
    "rounds": "Erbjudanden",
    "participated": "Lämnade prov",
    "psa_raised": "PSA 3 eller mer",
    "mri_done": "MR gjord",
    "biopsy_indicated": "Biopsi indicerad",
    "biopsied": "Biopserade",
    "isup_2_or_more": "ISUP 2 eller mer",
}
"""The steps of the flow in few words."""


def sv(message: str, /, **values: object) -> str:
    """A message in Swedish, its placeholders filled."""
    text = catalogue("sv").get(message, message)
    return text.format_map(values) if values else text


def words_of(member: StrEnum) -> str:
    """A stored value in Swedish."""
    return sv(label_id(member))


def indicator_words(name: str) -> str:
    """What an indicator counts; a reason for not offering with the reason itself."""
    words = sv(meaning_of(name))
    status, _colon, code = name.removeprefix("not_offered_").partition(":")
    if not code:
        return words
    reason = ClosedReason(code) if status == Coverage.CLOSED else ExclusionReason(code)
    return f"{words}: {words_of(reason).lower()}"


def lead_words(name: str) -> str:
    """From which day to which a lead time is."""
    return sv(LEADS[name].meaning)


def group_words(by: str, name: str) -> str:
    """A group of a breakdown: 'Östergötland', 'Motala', '50 år', 'första omgången'; 'Alla' for the total."""
    if name == ALL:
        return "Alla"
    if by == "region":
        return region_words(name)
    if by == "municipality":
        return MUNICIPALITIES[name].name if name in MUNICIPALITIES else "Okänd eller skyddad"
    if by == "round":
        return "Första omgången" if name == RoundsWanted.FIRST else "Senare omgångar"
    return f"{name}{NO_BREAK}år" if by == "age" else clean(name)


def region_words(code: str) -> str:
    """A region by its county code; 'Alla' for the total, a code without a name as it stands."""
    return "Alla" if code == ALL else REGIONS.get(code, clean(code))


def region_short(code: str) -> str:
    """A region in three letters."""
    return "Alla" if code == ALL else REGION_SHORT.get(code, clean(code))


def listed(words: Iterable[str]) -> str:
    """'a, b och c'."""
    *first, last = list(words) or [NOTHING]
    return f"{', '.join(first)} och {last}" if first else last


def count(value: int | None) -> str:
    """'12 480'; `HIDDEN` of None."""
    return HIDDEN if value is None else f"{value:,}".replace(",", NO_BREAK).replace("-", "−")


def decimal(value: Decimal | float | None, places: int = 1) -> str:
    """'3,4', halves up; `NOTHING` of None."""
    if value is None:
        return NOTHING
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{rounded:,f}".replace(",", NO_BREAK).replace(".", ",").replace("-", "−")


def share(value: Decimal | None) -> str:
    """'3,4 %'; `NOTHING` of None."""
    return NOTHING if value is None else f"{decimal(value)}{NO_BREAK}%"


def days(value: float | None) -> str:
    """Days without a decimal that says nothing: '12', '12,5'."""
    if value is None:
        return NOTHING
    return decimal(value, 0 if float(value) == int(value) else 1)


def is_hidden(row: StatsRow) -> bool:
    """Whether any of its figures may not be shown."""
    return row.suppressed or row.numerator is None or row.denominator is None


def share_of(row: StatsRow) -> str:
    """The share of a row, hidden with its counts."""
    return HIDDEN if is_hidden(row) else share(row.percent)


def interval_of(row: StatsRow) -> str:
    """'33,2–36,1', hidden with its counts."""
    if is_hidden(row):
        return HIDDEN
    return NOTHING if row.low is None or row.high is None else f"{decimal(row.low)}–{decimal(row.high)}"


def part_of(row: StatsRow) -> str:
    """'4 312 av 12 480'; `NOTHING` of nothing."""
    if row.denominator == 0 and not is_hidden(row):
        return NOTHING
    return HIDDEN if is_hidden(row) else f"{count(row.numerator)} av{NO_BREAK}{count(row.denominator)}"


def day_words(day: date | None) -> str:
    """'14 mars 2026'."""
    return NOTHING if day is None else format_date(day, "sv")


def title_of(kind: ReportKind, period: str) -> str:
    """'Årsrapport 2025', 'Kvartalsrapport 2025, tredje kvartalet'."""
    return f"{_TITLES[kind]} {period_words(period, inside=True)}"


def period_words(period: str, *, inside: bool = False) -> str:
    """'2025' as 'Året 2025', '2025K3' as 'Tredje kvartalet 2025'; anything else as it stands. `inside` a sentence or title."""
    quarter = read_quarter(period)
    if quarter is not None:
        words = f"{_QUARTERS[quarter.number - 1]} kvartalet {quarter.year}"
        return words.lower() if inside else words
    if period.isdecimal():
        return period if inside else f"Året {period}"
    return clean(period)


def span_words(wanted: StatsFilter, *, tells_on: bool = False) -> str:
    """The days of the offers that are counted: '1 januari 2025 till och med 31 december 2025'.

    A period that is not over ends with the day that is counted; with `tells_on` it is said that it goes on.
    """
    if wanted.since is None and wanted.until is None:
        return "alla erbjudanden hittills"
    since = "från början" if wanted.since is None else day_words(wanted.since)
    goes_on = wanted.until is not None and wanted.until > wanted.as_of
    last = wanted.as_of if goes_on or wanted.until is None else wanted.until
    return f"{since} till och med {day_words(last)}{' (perioden pågår)' if goes_on and tells_on else ''}"


def _years(years: Sequence[int]) -> str:
    """Years in order, those that follow on each other as a span: '1951–1960 och 1975'."""
    runs: list[list[int]] = []
    for year in years:
        if runs and runs[-1][-1] == year - 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return listed(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def choice_words(wanted: StatsFilter) -> str:
    """What is left out by the filter, in words; 'alla födelseår, kommuner och omgångar' when nothing is."""
    parts = []
    if wanted.born:
        parts.append(f"födda {_years(sorted(wanted.born))}")
    if wanted.municipality:
        parts.append(f"boende i {group_words('municipality', wanted.municipality)}")
    if wanted.rounds is not RoundsWanted.ALL:
        parts.append("bara första omgången" if wanted.rounds is RoundsWanted.FIRST else "bara senare omgångar")
    return listed(parts) if parts else "alla födelseår, kommuner och omgångar"
