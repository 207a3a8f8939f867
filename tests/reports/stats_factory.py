"""Reports with made-up figures in published proportions, built by hand: no office is behind them."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random

from kansli_tui.pathway.availability import WAITING_LISTS
from kansli_tui.pathway.follow_up import PLAN_MEASURES, Direction, Limits, Result, Status, status_of
from kansli_tui.pathway.indicators import INDICATORS, Fact, percent, wilson
from kansli_tui.pathway.lead_times import LEAD_TIMES
from kansli_tui.pathway.municipalities import MUNICIPALITIES
from kansli_tui.rows.availability import AvailabilityReport, WaitingPoint, WaitingRow
from kansli_tui.rows.follow_up import FollowUpQuarter, FollowUpRow, Override
from kansli_tui.rows.statistics import Breakdown, LeadRow, Statistics, StatsFilter, StatsGroup, StatsRow
from kansli_tui.rows.stats_report import BalanceLine, QualityNote, ReportKind, StatsReport
from kansli_tui.rows.watch import DeviationCause
from reports.stats_words import count, decimal, share

AS_OF = date(2026, 3, 31)
FILTER = StatsFilter(("05", "06", "08"), AS_OF, date(2025, 1, 1), date(2025, 12, 31))
_F = Fact
_CHAIN = (
    (_F.DECIDED, _F.OFFERED, 0.94),
    (_F.SAMPLED, _F.DECIDED, 0.36),
    (_F.UNANALYSABLE, _F.SAMPLED, 0.004),
    (_F.WITH_VALUE, _F.SAMPLED, 0.99),
    (_F.PSA_0_1, _F.WITH_VALUE, 0.66),
    (_F.PSA_1_2, _F.WITH_VALUE, 0.24),
    (_F.PSA_2_3, _F.WITH_VALUE, 0.07),
    (_F.RAISED, _F.SAMPLED, 0.029),
    (_F.PSA_3_10, _F.RAISED, 0.9),
    (_F.PSA_10_20, _F.RAISED, 0.07),
    (_F.PSA_20_100, _F.RAISED, 0.02),
    (_F.PSA_100_, _F.RAISED, 0.01),
    (_F.MRI_DONE, _F.RAISED, 0.92),
    (_F.PIRADS_1, _F.MRI_DONE, 0.35),
    (_F.PIRADS_2, _F.MRI_DONE, 0.28),
    (_F.PIRADS_3, _F.MRI_DONE, 0.2),
    (_F.PIRADS_4, _F.MRI_DONE, 0.12),
    (_F.PIRADS_5, _F.MRI_DONE, 0.05),
    (_F.INDICATED, _F.RAISED, 0.44),
    (_F.BIOPSIED, _F.INDICATED, 0.72),
    (_F.ISUP_1, _F.BIOPSIED, 0.2),
    (_F.ISUP_2_OR_MORE, _F.BIOPSIED, 0.42),
    (_F.CANCER, _F.BIOPSIED, 0.62),
    (_F.TREATED, _F.CANCER, 0.9),
    (_F.SURGERY, _F.CANCER, 0.45),
    (_F.RADIOTHERAPY, _F.CANCER, 0.15),
    (_F.SURVEILLANCE, _F.CANCER, 0.25),
    (_F.OTHER_TREATMENT, _F.CANCER, 0.05),
    (_F.NEXT_DUE, _F.OFFERED, 0.2),
    (_F.REOFFERED_IN_TIME, _F.NEXT_DUE, 0.93),
)
_COVERAGE = {
    "offered": 0.52,
    "not_offered_another_time": 0.2,
    "not_offered_closed:cancer_known": 0.03,
    "not_offered_closed:dead": 0.01,
    "not_offered_closed:moved_out": 0.02,
    "not_offered_excluded:no_prostate": 0.01,
    "not_offered_held": 0.002,
    "not_offered_not_planned": 0.12,
    "not_offered_on_its_way": 0.03,
    "not_offered_postponed": 0.008,
    "not_offered_waiting": None,
}


def stats_row(name: str, numerator: int, denominator: int, region: str = "all", born: str = "all") -> StatsRow:
    """A row with its share and interval."""
    ends = wilson(numerator, denominator)
    low, high = (None, None) if ends is None else (Decimal(end * 100).quantize(Decimal("0.1")) for end in ends)
    return StatsRow(name, region, born, numerator, denominator, percent(numerator, denominator), low, high)


def hidden(row: StatsRow) -> StatsRow:
    """The row as it leaves the office when it is small."""
    return replace(row, numerator=None, denominator=None, percent=None, low=None, high=None, suppressed=True)


def rows_of(chance: Random, offers: int, people: int, region: str = "all", born: str = "all") -> tuple[StatsRow, ...]:
    """Every indicator of one group."""
    left, rows = people, []
    for name, part in _COVERAGE.items():
        number = left if part is None else min(left, round(people * part * chance.uniform(0.8, 1.2)))
        left -= number
        rows.append(stats_row(name, number, people, region, born))
    rows.insert(
        1, stats_row("offered_of_eligible", rows[0].numerator or 0, people - round(people * 0.05), region, born)
    )
    rows.append(stats_row("opted_out", round(people * 0.011), people, region, born))
    rows.append(stats_row("open_without_next_date", 0, people, region, born))
    facts = {_F.OFFERED: offers}
    for fact, of, part in _CHAIN:
        facts[fact] = min(facts[of], round(facts[of] * part * chance.uniform(0.9, 1.1)))
    facts[_F.OVER] = facts[_F.DECIDED]
    facts[_F.WINDOW_OPEN] = facts[_F.OFFERED] - facts[_F.DECIDED]
    rows.append(stats_row("rounds", offers, offers, region, born))
    for one in INDICATORS:
        whole = facts[one.denominator]
        rows.append(stats_row(one.name, min(facts[one.numerator], whole), whole, region, born))
    return (
        tuple(rows)
        if people
        else tuple(row for row in rows if row.indicator == "rounds" or not row.indicator.startswith("not_"))
    )


def statistics(wanted: StatsFilter, born: range, offers: int, seed: int = 5) -> Statistics:
    """Every indicator of all, of each region and birth year, and of both."""
    chance = Random(seed)
    years = [str(year) for year in born]
    groups = [(region, year) for region in ("all", *wanted.regions) for year in ("all", *years)]
    rows: list[StatsRow] = []
    for region, year in groups:
        part = (1 if region == "all" else 0.34) * (1 if year == "all" else 1 / len(years))
        rows += rows_of(chance, round(offers * part), round(offers * 2 * part), region, year)
    return Statistics(wanted, tuple(rows))


def breakdown(wanted: StatsFilter, by: str, names: list[str], offers: int, seed: int = 6) -> Breakdown:
    """Every indicator of all and of each named group."""
    chance = Random(seed)
    # The total is that of `statistics`.
    groups = [StatsGroup("all", rows_of(Random(5), offers, offers * 2))]
    for name in names:
        size = round(offers / len(names) * chance.uniform(0.6, 1.4) ** 3)
        groups.append(StatsGroup(name, rows_of(chance, size, size * 2)))
    return Breakdown(wanted, by, tuple(groups))


def lead_rows(wanted: StatsFilter, units: tuple[str, ...] = (), seed: int = 7) -> tuple[LeadRow, ...]:
    """Every lead time of all and each region, or of each unit where units are given."""
    chance, rows = Random(seed), []
    for lead in LEAD_TIMES:
        if units and lead.unit is None:
            continue
        places = [("all", "", 0), *((region, "", 0) for region in wanted.regions)]
        if units:
            places[1:] = [
                (wanted.regions[place % len(wanted.regions)], unit, place + 1) for place, unit in enumerate(units)
            ]
        for region, unit, number in places:
            done, middle = chance.randrange(20, 4000), chance.uniform(5, 40)
            within = round(done * chance.uniform(0.6, 0.97))
            waiting = chance.randrange(5, 200)
            late = None if lead.target is None else round(waiting * 0.2)
            rows.append(
                LeadRow(
                    lead.name,
                    region,
                    unit,
                    number,
                    done,
                    float(round(middle * 0.7)),
                    round(middle * 2) / 2,
                    float(round(middle * 1.5)),
                    lead.target,
                    None if lead.target is None else within,
                    None if lead.target is None else percent(within, done),
                    waiting,
                    late,
                    chance.randrange(10, 120),
                )
            )
    return tuple(rows)


def availability(wanted: StatsFilter, seed: int = 8) -> AvailabilityReport:
    """Every waiting list now and over a year."""
    chance = Random(seed)
    rows, points = [], []
    days = [date(2025 + (month > 12), (month - 1) % 12 + 1, 28) for month in range(4, 15)] + [AS_OF]
    for one in WAITING_LISTS:
        base = chance.uniform(20, 300)
        for region in ("all", *wanted.regions):
            population = 150_000 if region == "all" else 50_000
            for day in days:
                waiting = round(base * (3 if region == "all" else 1) * chance.uniform(0.7, 1.3))
                past = None if one.target_days is None else round(waiting * 0.3)
                relative = Decimal(waiting * 10_000 / population).quantize(Decimal("0.1"))
                part = None if past is None else percent(past, waiting)
                points.append(WaitingPoint(one.name, region, day, waiting, past, part, population, relative))
            capacity = round(waiting * 0.25)
            causes = {"": waiting - capacity, DeviationCause.CAPACITY.value: capacity}
            middle = Decimal(str(round(chance.uniform(5, 30) * 2) / 2))
            rows.append(
                WaitingRow(
                    one.name, region, waiting, one.target_days, past, part, middle, 77, population, relative, causes
                )
            )
    return AvailabilityReport(wanted.as_of, wanted.regions, tuple(rows), tuple(points))


def plan(closed: bool = False) -> FollowUpQuarter:
    """A plan with a line of every colour and texts."""
    limits = Limits(Direction.AT_LEAST, Decimal(95), Decimal("87.5"))
    results = (
        Result(Decimal("96.2"), 962, 1000),
        Result(Decimal("90.1"), 901, 1000, waiting=40, late=6),
        Result(Decimal("70.0"), 70, 100),
        Result(Decimal("80.0"), 8, 10),
        None,
    )
    names = ("sample_to_letter_within", "urology_wait_within", "reoffered_in_time", "mri_done", "participated")
    rows = []
    for number, (name, result) in enumerate(zip(names, results, strict=True), start=1):
        measure = PLAN_MEASURES[name]
        rows.append(
            FollowUpRow(
                number,
                1,
                "Ledtider" if number < 3 else "Deltagande",
                measure,
                limits if number != 5 else None,
                date(2025, 1, 1),
                result,
                status_of(measure.unit, result, limits if number != 5 else None),
                Override(Status.YELLOW, "Två enheter saknar svar än.", "Ulla Ek", datetime(2026, 4, 1, 9, tzinfo=UTC))
                if number == 3
                else None,
                "Fler svarsbrev går ut inom målet sedan februari." if number == 1 else "",
                "Urologen i Kalmar har kort om tider till juni." if number == 2 else "",
                "Extra mottagning två lördagar." if number == 2 else "",
                "Enhetschefen" if number == 2 else "",
                date(2026, 6, 30) if number == 2 else None,
                None,
            )
        )
    at = datetime(2026, 4, 2, 8, tzinfo=UTC) if closed else None
    return FollowUpQuarter(
        "2026K1", "", date(2026, 1, 1), AS_OF, AS_OF, tuple(rows), at, "Ulla Ek" if closed else "", "", "x"
    )


def report(
    kind: ReportKind = ReportKind.YEAR,
    *,
    wanted: StatsFilter = FILTER,
    offers: int = 12_480,
    born: range = range(1971, 1977),
) -> StatsReport:
    """A whole report."""
    towns = [code for code, town in MUNICIPALITIES.items() if town.region in wanted.regions]
    units = (
        "Röntgenkliniken Vrinnevisjukhuset",
        "Bilddiagnostik Jönköping",
        "Radiologi Kalmar",
        "Urologkliniken Linköping",
    )
    before = replace(wanted, as_of=date(2025, 3, 31), since=date(2024, 1, 1), until=date(2024, 12, 31))
    return StatsReport(
        kind=kind,
        period="2025" if kind is not ReportKind.QUARTER else "2025K3",
        filter=wanted,
        made_at=datetime(2026, 4, 14, 7, 30, tzinfo=UTC),
        made_by="Ulla Ek",
        recipient="Styrgruppen för prostatacancertestning",
        purpose="Årlig uppföljning av testningen i de tre regionerna",
        exact=False,
        invented=True,
        statistics=statistics(wanted, born, offers),
        earlier=statistics(before, born, round(offers * 0.8), seed=15),
        by_region=breakdown(wanted, "region", list(wanted.regions), offers),
        by_municipality=breakdown(wanted, "municipality", towns, offers, seed=9),
        by_age=breakdown(wanted, "age", [str(2025 - year) for year in reversed(born)], offers, seed=10),
        by_round=breakdown(wanted, "round", ["first", "later"], offers, seed=11),
        leads=lead_rows(wanted),
        leads_by_unit=lead_rows(wanted, units),
        availability=availability(wanted),
        follow_up=plan(),
        balance=tuple(BalanceLine(code, 8_320 + place, 0) for place, code in enumerate(wanted.regions)),
        notes=(
            QualityNote("Rounds whose time for a sample goes on: neither participants nor non-participants.", 749, {}),
            QualityNote("MRI done, of PSA 3 or more", 12, {}),
        ),
    )


def hide_all(made: StatsReport) -> StatsReport:
    """The report when everything that can be hidden is."""

    def rows(some: tuple[StatsRow, ...]) -> tuple[StatsRow, ...]:
        return tuple(map(hidden, some))

    def groups(one: Breakdown) -> Breakdown:
        return replace(one, groups=tuple(replace(group, rows=rows(group.rows)) for group in one.groups))

    def lead(one: LeadRow) -> LeadRow:
        none = dict.fromkeys(
            (
                "rounds",
                "first_quartile",
                "median",
                "third_quartile",
                "within",
                "percent",
                "waiting",
                "waiting_over",
                "longest_waiting",
            )
        )
        return replace(one, **none)

    none = dict.fromkeys(("waiting", "past", "share", "per_10_000"))
    waiting = tuple(
        replace(one, **none, median_days=None, longest_days=None, causes=dict.fromkeys(one.causes))
        for one in made.availability.rows
    )
    return replace(
        made,
        statistics=replace(made.statistics, rows=rows(made.statistics.rows)),
        earlier=replace(made.earlier, rows=rows(made.earlier.rows)),
        by_region=groups(made.by_region),
        by_municipality=groups(made.by_municipality),
        by_age=groups(made.by_age),
        by_round=groups(made.by_round),
        leads=tuple(map(lead, made.leads)),
        leads_by_unit=tuple(map(lead, made.leads_by_unit)),
        availability=replace(
            made.availability,
            rows=waiting,
            over_time=tuple(replace(one, **none) for one in made.availability.over_time),
        ),
        follow_up=None,
        balance=tuple(replace(line, registered=None, unaccounted=None) for line in made.balance),
        notes=tuple(replace(note, count=None) for note in made.notes),
    )


def plain(words: str) -> str:
    """As the text is read back: every space the same."""
    return " ".join(words.split())


def figures(row: StatsRow) -> str:
    """A row as it is read back from a table: n, N, share and interval."""
    assert row.low is not None
    assert row.high is not None
    return plain(
        f"{count(row.numerator)} {count(row.denominator)} {share(row.percent)} {decimal(row.low)}–{decimal(row.high)}"
    )
