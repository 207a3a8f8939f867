"""The section of availability: who waits for what and why, as regions know it, and how it has been over the year."""

from collections.abc import Iterable, Sequence
from typing import Any

from reportlab.platypus import CondPageBreak, KeepTogether, PageBreak, Spacer
from reportlab.platypus import Table as Place

from kansli_tui.pathway.availability import BY_NAME as LISTS
from kansli_tui.rows.availability import NO_CAUSE, AvailabilityReport, WaitingPoint, WaitingRow
from kansli_tui.rows.watch import DeviationCause
from reports import styles
from reports.address import MM
from reports.stats_charts import axis, bar, scale, series
from reports.stats_figures import Figures
from reports.stats_paper import HEIGHT, WIDTH, Heading, text
from reports.stats_plots import legend, over_time
from reports.stats_tables import Table, are_alone
from reports.stats_words import (
    ALL,
    HIDDEN,
    NOTHING,
    count,
    day_words,
    days,
    decimal,
    listed,
    region_words,
    share,
    sv,
    words_of,
)


def availability_section(figures: Figures) -> list[Any]:
    """Who waits for what as of the day, why, and how many did at the last month ends."""
    report = figures.report.availability
    out: list[Any] = [
        Heading("Tillgänglighet"),
        text(
            f"Vilka som väntade på vad i slutet av {day_words(report.as_of)}, och i förhållande till hur många män i registret "
            "regionen har. Samma person kan vänta på två saker: listorna läggs inte ihop."
        ),
    ]
    rows = _without_double_totals(report)
    if not any(row.waiting is None or row.waiting for row in rows):
        return [*out, text("Ingen väntar på någon lista.", "lead"), *_over_time(report)]
    out += [text(f"Män i registret som inte har lämnat programmet: {_population(rows)}."), _waiting_table(rows)]
    out += [
        CondPageBreak(HEIGHT / 3),
        Heading("Varför de väntar", 1),
        text("Orsak som kansliet har noterat; de flesta som väntar inom målet har ingen."),
        _causes(rows),
    ]
    return [*out, PageBreak(), *_over_time(report)]


def _without_double_totals(report: AvailabilityReport) -> list[WaitingRow]:
    """One region is its own total."""
    one = len(report.regions) == 1
    return [row for row in report.rows if not (one and row.region == ALL)]


def _population(rows: Sequence[WaitingRow]) -> str:
    people = {row.region: row.population for row in rows}
    return listed(
        f"{region_words(code).lower() if code == ALL else region_words(code)} {count(number)}"
        for code, number in people.items()
    )


def _waiting_table(rows: Sequence[WaitingRow]) -> Any:
    along = axis([float(row.per_10_000) for row in rows if row.per_10_000 is not None], 44 * MM, zero=True)
    heads = (
        "Väntar på",
        "Väntar",
        "Median dagar",
        "Längst dagar",
        "Över målet",
        "Andel",
        "Per 10\N{NO-BREAK SPACE}000",
        scale(along, used=any(row.per_10_000 for row in rows)),
    )
    table = Table(heads, (38, 14, 15, 15, 14, 15, 15, 44), right=range(1, 7), plot=7)
    groups = _by_list(rows)
    for title, mine in groups:
        target = mine[0].target_days
        words = f"{title}{'' if target is None else f' (mål {target} dagar)'}"
        if not are_alone(groups):
            table.group(words)
        for row in mine:
            drawn = "" if not row.per_10_000 else bar(along, float(row.per_10_000))
            name = words if are_alone(groups) else region_words(row.region)
            table.add(name, *_waiting_cells(row), drawn, total=row.region == ALL)
    return table.made()


def _by_list(rows: Sequence[WaitingRow]) -> list[tuple[str, list[WaitingRow]]]:
    """The rows of each waiting list under its name."""
    names = dict.fromkeys(row.name for row in rows)
    return [(sv(LISTS[name].label), [row for row in rows if row.name == name]) for name in names]


def _waiting_cells(row: WaitingRow) -> tuple[str, ...]:
    unknown = NOTHING if row.waiting == 0 else HIDDEN
    past = NOTHING if row.target_days is None else count(row.past)
    part = NOTHING if row.target_days is None or row.waiting == 0 else HIDDEN if row.share is None else share(row.share)
    median = unknown if row.median_days is None else days(float(row.median_days))
    longest = unknown if row.longest_days is None else days(row.longest_days)
    relative = decimal(row.per_10_000) if row.per_10_000 is not None else NOTHING if row.population == 0 else HIDDEN
    return count(row.waiting), median, longest, past, part, relative


def _causes(rows: Sequence[WaitingRow]) -> Any:
    # A cause that nobody waits for takes no room; one that is hidden does.
    names = [NO_CAUSE, *(name for name in DeviationCause if any(_cause(row, name) != "0" for row in rows))]
    heads = (
        "Väntar på",
        "Väntar",
        *("Ingen noterad" if name == NO_CAUSE else words_of(DeviationCause(name)) for name in names),
    )
    table = Table(heads, (33, 13, *[min(24.0, 124 / len(names))] * len(names)), right=range(1, len(heads)))
    groups = _by_list([row for row in rows if row.waiting != 0])
    for title, mine in groups:
        if not are_alone(groups):
            table.group(title)
        for row in mine:
            table.add(
                title if are_alone(groups) else region_words(row.region),
                count(row.waiting),
                *(_cause(row, cause) for cause in names),
                total=row.region == ALL,
            )
    return table.made()


def _cause(row: WaitingRow, cause: str) -> str:
    """How many wait for a cause: one that is not told of is none, unless all are hidden."""
    return HIDDEN if row.waiting is None else count(row.causes.get(cause, 0))


def _over_time(report: AvailabilityReport) -> list[Any]:
    """A small plot for each list, the regions told apart by dash and mark."""
    codes = report.regions
    looks = series(codes)
    plots: list[Any] = []
    width, height = (WIDTH - 20) / 3, 43 * MM
    for name in dict.fromkeys(point.name for point in report.over_time):
        lines = {code: _line(report.over_time, name, code) for code in codes}
        plots.append(over_time(sv(LISTS[name].label), lines, looks, width, height))
    if not plots:
        return []
    rows = [plots[start : start + 3] for start in range(0, len(plots), 3)]
    rows[-1] += [""] * (3 - len(rows[-1]))
    grid = Place(rows, colWidths=[WIDTH / 3] * 3, hAlign="LEFT")
    grid.setStyle(
        [
            ("FONTNAME", (0, 0), (-1, -1), styles.REGULAR),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
        ]
    )
    said = "Väntande per 10\N{NO-BREAK SPACE}000 män i registret vid varje månads slut. Skalan är egen för varje ruta."
    return [
        KeepTogether(
            [
                Heading("Det senaste året", 1),
                text(said),
                legend(looks, {code: region_words(code) for code in codes}, WIDTH),
                Spacer(1, 6),
                grid,
            ]
        ),
        CondPageBreak(HEIGHT / 3),
        *_months(report),
    ]


def _months(report: AvailabilityReport) -> list[Any]:
    """The counts behind the plots: a column for each month end and the day itself."""
    wanted = report.regions if len(report.regions) == 1 else (ALL, *report.regions)
    days_there = sorted({point.on for point in report.over_time})
    known = {(point.name, point.region, point.on): point for point in report.over_time}
    width = 128 / max(len(days_there), 1)
    heads = ("Väntar på", *(f"{day.day}/{day.month}" for day in days_there))
    table = Table(heads, (42, *[width] * len(days_there)), right=range(1, len(heads)), size=7.4)
    for name in dict.fromkeys(point.name for point in report.over_time):
        title = sv(LISTS[name].label)
        if len(wanted) > 1:
            table.group(title)
        for region in wanted:
            points = [known.get((name, region, day)) for day in days_there]
            numbers = [NOTHING if point is None else count(point.waiting) for point in points]
            first = title if len(wanted) == 1 else region_words(region)
            table.add(first, *numbers, total=region == ALL)
    span = f"Från {day_words(days_there[0])} till {day_words(days_there[-1])}."
    return [Heading("Väntande vid månadens slut", 1), text(span), table.made()]


def _line(points: Iterable[WaitingPoint], name: str, region: str) -> list[tuple[Any, float | None]]:
    return [
        (one.on, None if one.per_10_000 is None else float(one.per_10_000))
        for one in points
        if one.name == name and one.region == region
    ]
