"""The figures of a report by their names, and what they mean in plain Swedish. Counts nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from kansli_tui.pathway.indicators import INDICATORS, PEOPLE_MEANINGS
from kansli_tui.rows.statistics import Breakdown, LeadRow, Statistics, StatsRow
from kansli_tui.rows.stats_report import StatsReport
from reports.stats_words import (
    ALL,
    HIDDEN,
    NOTHING,
    count,
    days,
    decimal,
    interval_of,
    is_hidden,
    listed,
    part_of,
    region_words,
    share,
    share_of,
)

MAIN = ("participated", "psa_raised", "mri_done", "biopsied_of_raised", "isup_2_or_more", "reoffered_in_time")
"""The figures that are compared between groups."""


@dataclass(frozen=True)
class Figures:
    """A report's rows to be asked by name. A row that was not counted has nothing of nothing."""

    report: StatsReport

    @cached_property
    def _now(self) -> Mapping[tuple[str, str, str], StatsRow]:
        return _by_key(self.report.statistics)

    @cached_property
    def _before(self) -> Mapping[tuple[str, str, str], StatsRow]:
        return _by_key(self.report.earlier)

    def row(self, name: str, region: str = ALL, born: str = ALL) -> StatsRow:
        """An indicator of one region and birth year, else of all."""
        return self._now.get((name, region, born)) or _nothing(name, region, born)

    def before(self, name: str) -> StatsRow:
        """The same indicator of all in the period before."""
        return self._before.get((name, ALL, ALL)) or _nothing(name, ALL, ALL)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every indicator that was counted, in the order of the rows."""
        return tuple(dict.fromkeys(row.indicator for row in self.report.statistics.rows))

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """The regions of the report by code."""
        return tuple(sorted(self.report.filter.regions))

    @cached_property
    def born(self) -> tuple[str, ...]:
        """The birth years that were counted, the oldest first."""
        return tuple(sorted({row.born for row in self.report.statistics.rows} - {ALL}))

    def reasons(self) -> list[StatsRow]:
        """Why people have not been offered, with those who have first: together everybody in the register."""
        names = [name for name in self.names if name.startswith("not_offered_")]
        return [self.row(name) for name in ("offered", *names)]

    def lead(self, name: str) -> LeadRow | None:
        """A lead time of all regions together."""
        return next((one for one in self.report.leads if one.lead == name and one.region == ALL), None)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was offered and nobody is in the register."""
        return not any(row.numerator or row.denominator or row.suppressed for row in self.report.statistics.rows)


def group_rows(breakdown: Breakdown, indicator: str) -> list[tuple[str, StatsRow]]:
    """Each group of a breakdown with its row of an indicator, the total first; groups without rounds of their own are left out."""
    found = []
    for group in breakdown.groups:
        row = next((one for one in group.rows if one.indicator == indicator), None)
        if row is not None and (row.suppressed or row.denominator != 0 or group.name == ALL):
            found.append((group.name, _bare(row)))
    return found


def _by_key(statistics: Statistics) -> Mapping[tuple[str, str, str], StatsRow]:
    return {(row.indicator, row.region, row.born): _bare(row) for row in statistics.rows}


def _bare(row: StatsRow) -> StatsRow:
    """A hidden row without any figure that somebody may have left in it."""
    if not row.suppressed:
        return row
    return replace(row, numerator=None, denominator=None, percent=None, low=None, high=None)


def _nothing(name: str, region: str, born: str) -> StatsRow:
    return StatsRow(name, region, born, 0, 0, None)


def changed(now: StatsRow, then: StatsRow) -> Decimal | None:
    """The difference in percentage points; None where it cannot be shown."""
    if is_hidden(now) or is_hidden(then) or now.percent is None or then.percent is None:
        return None
    return now.percent - then.percent


def are_apart(one: StatsRow, other: StatsRow) -> bool:
    """Whether the two intervals have nothing in common."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    return one.low > other.high or one.high < other.low


def change_words(now: StatsRow, then: StatsRow) -> str:
    """The difference in percentage points, with a sign where chance seldom gives so much."""
    value = changed(now, then)
    if value is None:
        return HIDDEN if is_hidden(now) or is_hidden(then) else NOTHING
    return f"{'+' if value > 0 else ''}{decimal(value)}{' ≠' if are_apart(now, then) else ''}"


def reference(name: str) -> str:
    """The published figure beside an indicator; '–' where none is known."""
    one = next((one for one in INDICATORS if one.name == name), None)
    return (one.reference if one is not None else "") or NOTHING


def is_of_people(name: str) -> bool:
    """Whether an indicator counts people and not rounds."""
    return name.startswith("not_offered_") or (name in PEOPLE_MEANINGS and name != "rounds")


_TOLD = (
    *("rounds", "offered", "participated", "window_open", "psa_raised", "mri_done", "biopsy_indicated"),
    *("biopsied_of_raised", "isup_2_or_more", "isup_1", "open_without_next_date"),
)
"""What the sentences tell of."""


def sentences(figures: Figures) -> list[str]:
    """What the main figures say, one thought each. Of what is hidden nothing is said but, once, that something is."""
    row = figures.row
    said = [_offered(figures), _participation(figures)]
    going_on = row("window_open")
    if going_on.numerator:
        said.append(
            f"Provtiden pågår för {count(going_on.numerator)} erbjudanden. De räknas varken som deltagare eller som uteblivna."
        )
    if _is_told(row("psa_raised")):
        said.append(f"PSA var 3 eller mer i {_of(row('psa_raised'))} prov. Publicerat: {reference('psa_raised')}.")
    after = (
        ("mri_done", "gjort MR"),
        ("biopsy_indicated", "bedömts behöva biopsi"),
        ("biopsied_of_raised", "fått biopsi"),
    )
    parts = [f"{_of(row(name))} {words}" for name, words in after if _is_told(row(name))]
    if parts:
        said.append(f"Av dem med PSA 3 eller mer har {listed(parts)}.")
    found = (
        ("isup_2_or_more", "ISUP 2 eller mer, som räknas som betydelsefull cancer,"),
        ("isup_1", "ISUP 1, som oftast bara följs,"),
    )
    parts = [f"{words} hos {_of(row(name))}" for name, words in found if _is_told(row(name))]
    if parts:
        said.append(f"Biopsin visade {listed(parts)}.")
    said += [_letter(figures), _apart(figures), _lost(figures)]
    regions = [row("participated", region) for region in figures.regions]
    if any(is_hidden(one) for one in (*map(row, _TOLD), *regions)):
        said.append(f"Några tal visas inte: de är för små, eller så går små att räkna ut ur dem. De står som {HIDDEN}.")
    return [words for words in said if words]


def _of(row: StatsRow) -> str:
    """'43 av 500 (8,6 %)'."""
    return f"{part_of(row)} ({share_of(row)})"


def _is_told(row: StatsRow) -> bool:
    """Whether there is anything that the figure is a part of, and it may be shown."""
    return not is_hidden(row) and bool(row.denominator)


def _offered(figures: Figures) -> str:
    row, rounds = figures.row("offered"), figures.row("rounds")
    wanted = figures.report.filter
    when = " i perioden" if wanted.since is not None or wanted.until is not None else ""
    sent = "" if is_hidden(rounds) else _rounds(rounds)
    if not _is_told(row):
        return f"{sent} skickades{when}." if sent else ""
    said = (
        f"{count(row.numerator)} av {count(row.denominator)} män i registret erbjöds testning{when} ({share_of(row)})."
    )
    return f"{said} {sent} skickades." if sent else said


def _rounds(row: StatsRow) -> str:
    return "Inga erbjudanden" if row.numerator == 0 else f"{count(row.numerator)} erbjudanden"


def _participation(figures: Figures) -> str:
    row = figures.row("participated")
    if is_hidden(row):
        return ""
    if not row.denominator:
        return "Inget erbjudande har ännu en provtid som är över: deltagandet kan inte räknas."
    return (
        f"Av {count(row.denominator)} erbjudanden vars provtid är över ledde {count(row.numerator)} till prov: deltagandet är "
        f"{share_of(row)} (95 % intervall {interval_of(row)}). Publicerat: {reference('participated')}."
    )


def _letter(figures: Figures) -> str:
    lead = figures.lead("sample_to_letter")
    if lead is None or lead.median is None:
        return ""
    target = "" if lead.percent is None else f"; {share(lead.percent)} inom målet {lead.target} dagar"
    return f"Från prov till svarsbrev tog det i mitten {days(lead.median)} dagar{target}."


def _apart(figures: Figures) -> str:
    """The regions with the highest and the lowest participation, and whether chance may be all there is."""
    found = [figures.row("participated", region) for region in figures.regions]
    known = sorted((row for row in found if row.percent is not None), key=lambda row: (row.percent or 0, row.region))
    # One that is hidden may be the highest or the lowest.
    if len(known) < 2 or any(map(is_hidden, found)):
        return ""
    low, high = known[0], known[-1]
    apart = low.high is not None and high.low is not None and low.high < high.low
    meaning = (
        "Intervallen går inte i varandra: skillnaden är större än slumpen brukar ge."
        if apart
        else "Intervallen går i varandra: slumpen kan vara hela skillnaden."
    )
    return (
        f"Deltagandet var högst i {region_words(high.region)} ({share_of(high)}) och lägst i {region_words(low.region)} "
        f"({share_of(low)}). {meaning}"
    )


def _lost(figures: Figures) -> str:
    row = figures.row("open_without_next_date")
    if not _is_told(row):
        return ""
    return (
        "Alla i registret har ett nästa steg eller har lämnat."
        if not row.numerator
        else f"{count(row.numerator)} personer saknar nästa steg."
    )
