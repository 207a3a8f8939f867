"""The sections about time: lead times by region and unit, who waits for what, why, and how it has been over the year."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from reportlab.platypus import CondPageBreak, KeepTogether, PageBreak, Spacer
from reportlab.platypus import Table as Place

from kansli_tui.pathway.availability import BY_NAME as LISTS
from kansli_tui.pathway.lead_times import BY_NAME as LEADS
from kansli_tui.rows.availability import NO_CAUSE, AvailabilityReport, WaitingPoint, WaitingRow
from kansli_tui.rows.statistics import LeadRow
from kansli_tui.rows.watch import DeviationCause
from reports.address import MM
from reports.stats_charts import axis, bar, box, scale, series
from reports.stats_figures import Figures
from reports.stats_paper import HEIGHT, WIDTH, Heading, safe, text
from reports.stats_plots import legend, over_time
from reports.stats_tables import Table
from reports.stats_words import (
    ALL,
    HIDDEN,
    NOTHING,
    count,
    day_words,
    days,
    decimal,
    lead_words,
    listed,
    region_short,
    region_words,
    share,
    sv,
    words_of,
)


def waiting_sections(figures: Figures) -> list[Any]:
    """Lead times and availability, each on a page of its own."""
    return [
        *_leads(figures),
        CondPageBreak(HEIGHT * 0.55),
        Spacer(1, 4 * MM),
        *_units(figures),
        PageBreak(),
        *_availability(figures),
        PageBreak(),
    ]


def _leads(figures: Figures) -> list[Any]:
    rows = figures.report.leads
    out: list[Any] = [
        Heading("Ledtider"),
        text(
            "Dagar från en händelse till nästa. Medianen är det mittersta värdet: hälften tog kortare tid. Mellan kvartilerna "
            "ligger hälften av omgångarna. De som ännu väntar finns inte i kvartilerna utan räknas för sig: en kort median med "
            "många väntande kan därför bli lång."
        ),
        text(
            "I ritningen: tjock linje mellan kvartilerna, romb vid medianen, streckad linje vid målet. Målen är kansliets egna.",
            "note",
        ),
    ]
    if not any(_counted(row) for row in rows):
        return [*out, text("Inget att visa: ingen ledtid har avslutats och ingen väntar.", "lead")]
    return [*out, _lead_table(rows, lambda row: region_words(row.region), "Region")]


def _units(figures: Figures) -> list[Any]:
    rows = [row for row in figures.report.leads_by_unit if row.region != ALL]
    out: list[Any] = [Heading("Ledtider efter enhet"), text("Bara de ledtider som en enhet råder över.")]
    if not any(_counted(row) for row in rows):
        return [*out, text("Inget att visa: ingen enhet har haft någon omgång.", "lead")]
    return [*out, _lead_table(rows, _unit, "Enhet", 42)]


def _unit(row: LeadRow) -> str:
    return f"{safe(row.unit) or 'Okänd enhet'} ({region_short(row.region)})"


def _counted(row: LeadRow) -> bool:
    return row.rounds is None or row.waiting is None or bool(row.rounds or row.waiting)


def _lead_table(rows: Sequence[LeadRow], name: Callable[[LeadRow], str], first: str, wide: float = 30) -> Any:
    """Each lead time with its groups; the first column is `wide` millimetres, the drawing has what is left."""
    groups = []
    for lead in dict.fromkeys(row.lead for row in rows):
        mine = [row for row in rows if row.lead == lead]
        # One region is its own total.
        mine = mine[:1] if len(mine) == 2 and mine[0].region == ALL else mine
        target = LEADS[lead].target
        groups.append((f"{lead_words(lead)}{'' if target is None else f' (mål {target} dagar)'}", mine))
    alone = first == "Region" and _are_alone(groups)
    wide = 44 if alone else wide
    ends = [value for row in rows for value in (row.third_quartile, row.median, row.target) if value is not None]
    drawn = any(row.median is not None for row in rows)
    along = axis([float(value) for value in ends], (64 - wide) * MM, zero=True, unit=" d")
    heads = (
        "Ledtid" if alone else first,
        "Klara",
        "Median",
        "Kvartiler",
        "Inom målet",
        "Andel",
        "Väntar",
        "Över målet",
        "Längst",
        scale(along, used=drawn),
    )
    widths = (wide, 12.5, 13, 18, 13, 13.5, 12.5, 11.5, 12, 64 - wide)
    table = Table(heads, widths, right=range(1, 9), plot=9)
    for title, mine in groups:
        if not alone:
            table.group(title)
        for row in mine:
            words = title if alone else name(row)
            table.add(words, *_lead_cells(row), _drawn(row, along), total=row.region == ALL and len(mine) > 1)
    return table.made()


def _are_alone(groups: Sequence[tuple[str, Sequence[object]]]) -> bool:
    """Whether every group has one row, which then needs no name but the group's."""
    return all(len(rows) == 1 for _title, rows in groups)


def _lead_cells(row: LeadRow) -> tuple[str, ...]:
    unknown = NOTHING if row.rounds == 0 else HIDDEN
    quartiles = unknown
    if row.first_quartile is not None and row.third_quartile is not None:
        quartiles = f"{days(row.first_quartile)}–{days(row.third_quartile)}"
    within = part = NOTHING if row.target is None or row.rounds == 0 else HIDDEN
    if row.within is not None and row.rounds:
        within, part = count(row.within), share(row.percent)
    over = NOTHING if row.target is None else count(row.waiting_over)
    longest = days(row.longest_waiting) if row.longest_waiting is not None else NOTHING if row.waiting == 0 else HIDDEN
    median = unknown if row.median is None else days(row.median)
    return count(row.rounds), median, quartiles, within, part, count(row.waiting), over, longest


def _drawn(row: LeadRow, along: Any) -> Any:
    if row.first_quartile is None or row.median is None or row.third_quartile is None:
        return ""
    return box(along, row.first_quartile, row.median, row.third_quartile, row.target)


def _availability(figures: Figures) -> list[Any]:
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
        scale(along, used=any(row.per_10_000 is not None for row in rows)),
    )
    table = Table(heads, (38, 14, 15, 15, 14, 15, 15, 44), right=range(1, 7), plot=7)
    groups = _by_list(rows)
    for title, mine in groups:
        target = mine[0].target_days
        words = f"{title}{'' if target is None else f' (mål {target} dagar)'}"
        if not _are_alone(groups):
            table.group(words)
        for row in mine:
            drawn = "" if row.per_10_000 is None else bar(along, float(row.per_10_000))
            name = words if _are_alone(groups) else region_words(row.region)
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
        if not _are_alone(groups):
            table.group(title)
        for row in mine:
            table.add(
                title if _are_alone(groups) else region_words(row.region),
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
        )
    ]


def _line(points: Iterable[WaitingPoint], name: str, region: str) -> list[tuple[Any, float | None]]:
    return [
        (one.on, None if one.per_10_000 is None else float(one.per_10_000))
        for one in points
        if one.name == name and one.region == region
    ]
