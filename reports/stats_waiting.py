"""The sections about time: lead times by region and unit, and availability after them."""

from collections.abc import Callable, Sequence
from typing import Any

from reportlab.platypus import CondPageBreak, PageBreak, Spacer

from kansli_tui.pathway.lead_times import BY_NAME as LEADS
from kansli_tui.rows.statistics import LeadRow
from reports.address import MM
from reports.stats_availability import availability_section
from reports.stats_charts import axis, box, scale
from reports.stats_figures import Figures
from reports.stats_paper import HEIGHT, Heading, safe, text
from reports.stats_tables import Table, are_alone
from reports.stats_words import (
    ALL,
    HIDDEN,
    NOTHING,
    count,
    days,
    lead_words,
    region_short,
    region_words,
    share,
)


def waiting_sections(figures: Figures) -> list[Any]:
    """Lead times and availability, each on a page of its own."""
    return [
        *_leads(figures),
        CondPageBreak(HEIGHT * 0.55),
        Spacer(1, 4 * MM),
        *_units(figures),
        PageBreak(),
        *availability_section(figures),
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
    return [
        *out,
        _lead_table(rows, lambda row: region_words(row.region), "Region", one_region=len(figures.regions) == 1),
    ]


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


def _lead_table(
    rows: Sequence[LeadRow], name: Callable[[LeadRow], str], first: str, wide: float = 30, *, one_region: bool = False
) -> Any:
    """Each lead time with its groups; the first column is `wide` millimetres, the drawing has what is left."""
    groups = []
    for lead in dict.fromkeys(row.lead for row in rows):
        mine = [row for row in rows if row.lead == lead]
        # One region is its own total.
        mine = mine[:1] if one_region and len(mine) == 2 and mine[0].region == ALL else mine
        target = LEADS[lead].target
        groups.append((f"{lead_words(lead)}{'' if target is None else f' (mål {target} dagar)'}", mine))
    alone = one_region and are_alone(groups)
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
