"""The sections that compare: the regions side by side, a funnel plot, the period before, and every figure by region."""

from collections.abc import Sequence
from typing import Any

from reportlab.platypus import CondPageBreak, PageBreak, Spacer

from kansli_tui.pathway.municipalities import MUNICIPALITIES
from kansli_tui.rows.statistics import StatsRow
from reports.address import MM
from reports.stats_charts import DARK, MIDDLE, Series, axis, change, scale, series
from reports.stats_figures import Figures, are_apart, change_words, changed, group_rows
from reports.stats_paper import HEIGHT, WIDTH, Heading, text
from reports.stats_plots import Point, funnel_plot, legend
from reports.stats_tables import Table, drawn, figures, joined, share_axis, shown
from reports.stats_words import (
    ALL,
    HIDDEN,
    NOTHING,
    count,
    day_words,
    decimal,
    group_words,
    indicator_words,
    is_hidden,
    listed,
    part_of,
    region_short,
    region_words,
    share,
    share_of,
    span_words,
)

_COMPARED = (
    "offered",
    "participated",
    "psa_raised",
    "mri_done",
    "biopsy_indicated",
    "biopsied",
    "isup_2_or_more",
    "reoffered_in_time",
)


def comparison_sections(figures_of: Figures) -> list[Any]:
    """The regions, the funnel plot, and the period before."""
    out: list[Any] = []
    if len(figures_of.regions) > 1:
        out += [*_regions(figures_of), PageBreak()]
    out += [*_funnel(figures_of), PageBreak(), *_before(figures_of)]
    return [*out, *_everything(figures_of), PageBreak()]


def _regions(figures_of: Figures) -> list[Any]:
    looks = series(figures_of.regions)
    table = Table(
        ("Region", "n", "av N", "Andel", "95 % intervall", ""), (40, 16, 17, 15, 22, 60), right=(1, 2, 3, 4), plot=5
    )
    for name in _COMPARED:
        rows = [figures_of.row(name, code) for code in figures_of.regions]
        total = figures_of.row(name)
        if not any(row.denominator or row.suppressed for row in (total, *rows)):
            continue
        along = share_axis([total, *rows], 60 * MM)
        table.group(indicator_words(name), scale(along, used=bool(shown([total, *rows]))))
        table.add("Alla", *figures(total), drawn(total, along, Series(DARK, None, "diamond"), total), total=True)
        for row in rows:
            table.add(region_words(row.region), *figures(row), drawn(row, along, looks[row.region], total))
    said = (
        "Regionerna sida vid sida med 95 % intervall; den streckade linjen är andelen för alla. Går två intervall inte i "
        "varandra är skillnaden större än slumpen brukar ge. Vad den beror på säger talen inte: regionerna kan ha olika "
        "åldrar, startår och avstånd."
    )
    return [Heading("Regionerna jämförda"), text(said), table.made() if table.rows else text("Inget att visa.", "lead")]


def _funnel(figures_of: Figures) -> list[Any]:
    out: list[Any] = [Heading("Jämlik testning: trattdiagram")]
    total = figures_of.row("participated")
    looks = series(figures_of.regions)
    points = _points(figures_of, looks)
    if not points or not shown([total]) or not total.denominator or total.numerator is None:
        return [*out, text("Inget att visa: deltagandet är dolt eller har inte räknats.", "lead")]
    common = total.numerator / total.denominator
    kinds = {code: Series(look.colour, (0.1, 100), look.marker) for code, look in looks.items()}
    out += [
        text(
            "Varje märke är en kommun (ihåligt) eller en region (fyllt): deltagande mot antalet erbjudanden. Vågrät linje: andelen "
            "för alla. Streckad tratt: där 95 av 100 hamnar av slump om alla hade samma andel. Hel tratt: 998 av 1\N{NO-BREAK SPACE}000."
        ),
        legend(kinds, {code: f"{region_words(code)} ({region_short(code)})" for code in figures_of.regions}, WIDTH),
        Spacer(1, 3 * MM),
        funnel_plot(points, common, WIDTH, 112 * MM),
        Spacer(1, 4 * MM),
        *(text(words) for words in _outside(points, common)),
    ]
    return out


def _points(figures_of: Figures, looks: dict[str, Series]) -> list[Point]:
    found = []
    # One region is the common share itself.
    for code in figures_of.regions if len(figures_of.regions) > 1 else ():
        row = figures_of.row("participated", code)
        if not is_hidden(row) and row.numerator is not None and row.denominator:
            found.append(
                Point(
                    region_words(code), row.numerator, row.denominator, looks[code], big=True, label=region_short(code)
                )
            )
    other = Series(MIDDLE, None, "diamond")
    for name, row in group_rows(figures_of.report.by_municipality, "participated"):
        known = MUNICIPALITIES.get(name)
        if known is None or is_hidden(row) or row.numerator is None or not row.denominator:
            continue
        found.append(
            Point(group_words("municipality", name), row.numerator, row.denominator, looks.get(known.region, other))
        )
    return found


def _outside(points: Sequence[Point], common: float) -> list[str]:
    """Which lie outside the limits, and what that means."""
    far = sorted((one for one in points if one.outside(common)), key=lambda one: one.part / one.whole)
    near = [one for one in points if one.outside(common, wide=False) and one not in far]
    low = [one.name for one in far if one.part / one.whole < common]
    high = [one.name for one in far if one.part / one.whole > common]
    said = []
    if low:
        said.append(f"Under den hela tratten: {listed(low)}. Där deltar färre än slumpen kan förklara.")
    if high:
        said.append(f"Över den hela tratten: {listed(high)}. Där deltar fler än slumpen kan förklara.")
    if not far:
        said.append("Ingen ligger utanför den hela tratten.")
    said.append(
        f"Mellan trattarna: {count(len(near))} av {count(len(points))}. Av slump väntas ungefär {decimal(len(points) * 0.048, 0)}."
    )
    said.append(
        "Ett märke utanför är en fråga, inte ett svar: det säger att något skiljer, inte vad. Ett märke innanför visar inte att "
        "allt är lika; i små kommuner är tratten så vid att också stora skillnader ryms. Dolda kommuner är inte utritade."
    )
    return said


def _before(figures_of: Figures) -> list[Any]:
    earlier = figures_of.report.earlier
    out: list[Any] = [Heading("Jämfört med perioden före")]
    # How many still have time is a matter of the day, not something found.
    names = [name for name in figures_of.names if name not in ("rounds", "window_open")]
    if not earlier.rows:
        return [*out, text("Inget att jämföra med: perioden före har inga tal.", "lead")]
    rows = [(figures_of.row(name), figures_of.before(name)) for name in names]
    changes = [float(value) for two in rows if (value := changed(*two)) is not None]
    along = axis([0.0, *changes], 30 * MM)
    table = Table(
        ("Mått", "Nu", "Andel", "Före", "Andel", "Skillnad", scale(along, used=bool(changes))),
        (46, 26, 14, 26, 14, 14, 30),
        right=(1, 2, 3, 4, 5),
        plot=6,
    )
    offers, offers_before = figures_of.row("rounds"), figures_of.before("rounds")
    table.add("Erbjudanden", _number(offers), "", _number(offers_before), "", "", "", total=True)
    for now, then in rows:
        if not any(row.denominator or row.suppressed for row in (now, then)):
            continue
        value = changed(now, then)
        point = "" if value is None else change(along, float(value), sure=are_apart(now, then))
        table.add(
            indicator_words(now.indicator),
            part_of(now),
            share_of(now),
            part_of(then),
            share_of(then),
            change_words(now, then),
            point,
        )
    out.append(
        text(
            f"Före är erbjudanden från {span_words(earlier.filter)}, räknade per slutet av {day_words(earlier.filter.as_of)}. Skillnaden är "
            "i procentenheter. Tecknet ≠ och fylld stapel står där de två intervallen inte går i varandra: då är skillnaden "
            "större än slumpen brukar ge."
        )
    )
    return [*out, table.made()]


def _number(row: StatsRow) -> str:
    return HIDDEN if is_hidden(row) else count(row.numerator)


def _everything(figures_of: Figures) -> list[Any]:
    """Every indicator by region, as n of N and share."""
    codes = figures_of.regions if len(figures_of.regions) > 1 else ()
    title = "Alla mått efter region" if codes else "Alla mått"
    width = (WIDTH / MM - 54) / (len(codes) + 1)
    heads = ("Mått", "Alla", *(region_words(code) for code in codes))
    table = Table(heads, (54, *[width] * (len(codes) + 1)), right=range(1, len(codes) + 2), size=7.8)
    cells = {name: [_cell(figures_of.row(name, code)) for code in (ALL, *codes)] for name in figures_of.names}
    between = joined([pair for pairs in cells.values() for pair in pairs], width, table.size)
    for name, pairs in cells.items():
        table.add(indicator_words(name), *(between.join(pair) for pair in pairs))
    if not table.rows:
        return [Heading(title), text("Inget att visa.", "lead")]
    return [CondPageBreak(HEIGHT / 2), Spacer(1, 4 * MM), Heading(title, keep=False), table.made()]


def _cell(row: StatsRow) -> tuple[str, ...]:
    """What stands in a cell, in halves: n/N and the share."""
    if row.indicator == "rounds":
        return (_number(row),)
    if is_hidden(row):
        return (HIDDEN,)
    return (f"{count(row.numerator)}/{count(row.denominator)}", share(row.percent)) if row.denominator else (NOTHING,)
