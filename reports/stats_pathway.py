"""The sections along the pathway: flow, coverage, participation, PSA, MRI, biopsy and treatment."""

from collections.abc import Sequence
from typing import Any

from reportlab.platypus import CondPageBreak, KeepTogether, PageBreak, Spacer

from kansli_tui.pathway.indicators import FUNNEL
from kansli_tui.rows.statistics import Breakdown, StatsRow
from reports.address import MM
from reports.stats_charts import Step, axis, bar, flow, scale
from reports.stats_figures import Figures, group_rows, reference
from reports.stats_paper import HEIGHT, WIDTH, Heading, text
from reports.stats_tables import Table, figures, forest, joined, shown
from reports.stats_words import (
    ALL,
    HIDDEN,
    NOTHING,
    STEPS,
    count,
    group_words,
    indicator_words,
    is_hidden,
    listed,
    part_of,
    region_words,
    share_of,
)

_WHOLE = 20
"""So many rows of a table stay on one page."""
_EMPTY = "Inget att visa för det här urvalet."
_PSA = ("psa_0_1", "psa_1_2", "psa_2_3", "psa_3_10", "psa_10_20", "psa_20_100", "psa_100_")
_CHAIN = ("participated", "psa_raised", "mri_done", "biopsied_of_raised", "isup_2_or_more")
_DIMENSIONS = {"municipality": "kommun", "age": "ålder", "round": "omgång", "region": "region", "born": "födelseår"}


def funnel_steps(figures_of: Figures) -> tuple[list[Step], list[Step]]:
    """The flow in two parts, the second beginning with those whose PSA was raised. Hidden steps are in neither."""
    steps = []
    for name in FUNNEL:
        row = figures_of.row(name)
        if is_hidden(row) or row.numerator is None:
            continue
        said = count(row.numerator)
        if name != "rounds" and row.percent is not None:
            said += f"   {share_of(row)} av {count(row.denominator)}"
        steps.append((name, Step(STEPS[name], row.numerator, said)))
    wide, close = ([step for name, step in steps if name in part] for part in (FUNNEL[:3], FUNNEL[2:]))
    # What the first part ends with needs no bar of its own when nothing follows it.
    return wide, close if len(close) > 1 or not wide or close != wide[-1:] else []


def flow_drawing(figures_of: Figures, high: float) -> list[Any]:
    """The flow with bars `high` points apart; some words where a bar cannot be drawn, or none."""
    wide, close = funnel_steps(figures_of)
    if not any(step.number for step in (*wide, *close)):
        return [text("Inget att rita: stegen är tomma eller dolda.", "note")]
    gone = [STEPS[name] for name in FUNNEL if is_hidden(figures_of.row(name))]
    note = [text(f"Inte ritat, eftersom talen är dolda: {listed(gone)}.", "note")] if gone else []
    return [Spacer(1, 2 * MM), flow(wide, close, WIDTH, high), *note]


def flow_section(figures_of: Figures) -> list[Any]:
    """The funnel as a drawing, and as a table with what has been published."""
    out: list[Any] = [
        Heading("Flödet"),
        text(
            "Från erbjudande till besked. Varje andel räknas av steget som står i tabellen, inte alltid av steget ovanför. "
            "Den som väntar på ett steg är med i talen före det men inte efter.",
        ),
        *flow_drawing(figures_of, 17),
        Spacer(1, 4 * MM),
    ]
    names = [
        *FUNNEL[1:],
        "window_open",
        "biopsied_of_raised",
        "isup_1",
        "isup_2_or_more_of_sampled",
        "reoffered_in_time",
    ]
    table = Table(
        ("Mått", "n", "av N", "Andel", "95 % intervall", "Publicerat"), (78, 17, 17, 15, 21, 22), right=(1, 2, 3, 4)
    )
    rounds = figures_of.row("rounds")
    table.add("Erbjudanden", HIDDEN if is_hidden(rounds) else count(rounds.numerator), "", "", "", "", total=True)
    for name in names:
        table.add(indicator_words(name), *figures(figures_of.row(name)), reference(name))
    return [*out, table.made()]


def coverage_section(figures_of: Figures) -> list[Any]:
    """Who has been offered, and why the others have not: together everybody in the register."""
    rows = figures_of.reasons()
    out: list[Any] = [
        Heading("Täckning"),
        text("Alla i registret står på en rad, där de bor nu. Raderna blir tillsammans alla i registret."),
    ]
    if not any(row.denominator or row.suppressed for row in rows):
        return [*out, text(_EMPTY, "lead")]
    everyone = next((row.denominator for row in rows if row.denominator is not None), None)
    drawn_rows = shown(rows)
    along = axis(
        [float(row.percent) for row in drawn_rows if row.percent is not None], 52 * MM, zero=True, top=100.0, unit=" %"
    )
    table = Table(
        ("Läge", "Personer", "Andel", scale(along, used=bool(drawn_rows))), (80, 20, 18, 52), right=(1, 2), plot=3
    )
    for row in rows:
        number, _whole, share, _interval = figures(row)
        cell = "" if is_hidden(row) or row.percent is None else bar(along, float(row.percent))
        table.add(_place(row.indicator), number, share, cell)
    table.add("Alla i registret", count(everyone), "100,0 %" if everyone else NOTHING, "", total=True)
    out.append(table.made())
    known = [row.numerator for row in rows if not is_hidden(row)]
    if len(known) == len(rows) and everyone is not None and sum(number or 0 for number in known) != everyone:
        out.append(
            text(
                f"Raderna blir {count(sum(number or 0 for number in known))}, inte {count(everyone)}: summan stämmer inte.",
                "warning",
            )
        )
    out.append(text("Avrundade andelar kan tillsammans bli någon tiondel mer eller mindre än 100 %.", "note"))
    beside = Table(
        ("Mått på personer", "n", "av N", "Andel", "95 % intervall"), (95, 18, 18, 17, 22), right=(1, 2, 3, 4)
    )
    for name in ("offered", "offered_of_eligible", "opted_out", "open_without_next_date"):
        beside.add(indicator_words(name), *figures(figures_of.row(name)))
    return [*out, KeepTogether([Heading("Täckning och avböjda", 1), beside.made()]), *_coverage_by(figures_of)]


def _place(name: str) -> str:
    """Where people stand, without the words that every line but one would begin with."""
    words = "Erbjudna" if name == "offered" else indicator_words(name).removeprefix("Inte erbjuden: ")
    return words[:1].upper() + words[1:]


def _coverage_by(figures_of: Figures) -> list[Any]:
    out: list[Any] = []
    if len(figures_of.regions) > 1:
        rows = [figures_of.row("offered", code) for code in (ALL, *figures_of.regions)]
        named = [(region_words(row.region), row) for row in rows]
        out += [KeepTogether([Heading("Erbjudna efter region", 1), forest(named, "Region", "Erbjudna", "I registret")])]
    years = [(group_words("born", year), figures_of.row("offered", ALL, year)) for year in (ALL, *figures_of.born)]
    if len(years) > 1:
        out += _titled("Erbjudna efter födelseår", forest(years, "Född", "Erbjudna", "I registret"), len(years))
    return out


def _titled(title: str, made: Any, rows: int) -> list[Any]:
    """A heading with its table; one with few rows is not parted."""
    if rows <= _WHOLE:
        return [KeepTogether([Heading(title, 1), made])]
    return [CondPageBreak(HEIGHT / 3), Heading(title, 1, keep=False), made]


def participation_section(figures_of: Figures) -> list[Any]:
    """Participation by region, birth year, age, round and municipality, each share with its interval."""
    report = figures_of.report
    out: list[Any] = [
        Heading("Deltagande"),
        text(
            "Andel som lämnade prov av de erbjudanden vars provtid är över. De vars provtid pågår räknas inte med. "
            f"Publicerat: {reference('participated')}. Den streckade linjen är andelen för alla."
        ),
    ]
    born = [(group_words("born", year), figures_of.row("participated", ALL, year)) for year in (ALL, *figures_of.born)]
    if len(figures_of.regions) > 1:
        out += _by(report.by_region)
    out += _named(
        "Efter födelseår", "Född", [(name, row) for name, row in born if row.denominator != 0 or row.suppressed]
    )
    if len(figures_of.regions) > 1 and figures_of.born:
        out += _matrix(figures_of)
    for breakdown in (report.by_age, report.by_round, report.by_municipality):
        out += _by(breakdown)
    return out


def _by(breakdown: Breakdown) -> list[Any]:
    named = [(group_words(breakdown.by, name), row) for name, row in group_rows(breakdown, "participated")]
    title = _DIMENSIONS[breakdown.by]
    return _named(f"Efter {title}", title.capitalize(), named)


def _named(title: str, first: str, named: Sequence[tuple[str, StatsRow]]) -> list[Any]:
    if not named:
        return [KeepTogether([Heading(title, 1), text(_EMPTY)])]
    return _titled(title, forest(named, first, "Provtagna", "av"), len(named))


def _matrix(figures_of: Figures) -> list[Any]:
    """Participation of each birth year in each region."""
    regions = figures_of.regions
    width = 150 / len(regions)
    table = Table(
        ("Född", *(region_words(code) for code in regions)),
        (20, *[width] * len(regions)),
        right=range(1, len(regions) + 1),
    )
    for year in figures_of.born:
        rows = [figures_of.row("participated", code, year) for code in regions]
        if any(row.denominator != 0 or row.suppressed for row in rows):
            table.add(year, *(_short(row) for row in rows))
    return _titled("Efter födelseår och region", table.made(), len(table.rows))


def _short(row: StatsRow) -> str:
    """'1 204 av 3 400   35,4 %'."""
    if is_hidden(row):
        return HIDDEN
    return f"{part_of(row)}   {share_of(row)}" if row.denominator else NOTHING


def chain_section(figures_of: Figures) -> list[Any]:
    """The same few figures along the pathway for every group."""
    report = figures_of.report
    out: list[Any] = [
        Heading("Vårdkedjan i grupper"),
        text(
            "Samma mått för varje grupp, som n/N och andel. Små grupper varierar mycket av slump: läs talen med intervallen i åtanke."
        ),
    ]
    regions = (report.by_region,) if len(figures_of.regions) > 1 else ()
    for breakdown in (*regions, report.by_age, report.by_round, report.by_municipality):
        title = _DIMENSIONS[breakdown.by]
        out += _titled(f"Efter {title}", _chain(breakdown, title.capitalize()), len(breakdown.groups))
    return out


def _chain(breakdown: Breakdown, first: str) -> Any:
    groups = [(group.name, {row.indicator: row for row in group.rows}) for group in breakdown.groups]
    # Nobody was offered anything: no line. What may not leave of any group at all: no column.
    groups = [(name, rows) for name, rows in groups if name == ALL or _was_offered(rows.get("rounds"))]
    columns = [name for name in _CHAIN if any(name in rows for _group, rows in groups)]
    heads = (first, "Erbjudanden", *(STEPS.get(name, "Biopserade") for name in columns))
    table = Table(heads, (28, 17, *[25.0] * len(columns)), right=range(1, len(heads)), size=7.6)
    cells = {name: [_two(rows.get(indicator)) for indicator in columns] for name, rows in groups}
    between = joined([pair for pairs in cells.values() for pair in pairs], 25, table.size)
    for name, rows in groups:
        rounds = rows.get("rounds")
        number = NOTHING if rounds is None else HIDDEN if is_hidden(rounds) else count(rounds.numerator)
        words = group_words(breakdown.by, name)
        table.add(words, number, *(between.join(pair) for pair in cells[name]), total=name == ALL)
    return table.made() if breakdown.groups else text(_EMPTY)


def _was_offered(row: StatsRow | None) -> bool:
    return row is not None and (is_hidden(row) or row.numerator != 0)


def _two(row: StatsRow | None) -> tuple[str, ...]:
    if row is None or (row.denominator == 0 and not row.suppressed):
        return (NOTHING,)
    return (HIDDEN,) if is_hidden(row) else (f"{count(row.numerator)}/{count(row.denominator)}", share_of(row))


def findings_section(figures_of: Figures) -> list[Any]:
    """PSA classes, MRI and PI-RADS, biopsy and ISUP, treatment."""
    pirads = tuple(f"pirads_{number}" for number in range(1, 6))
    treatments = ("treated", "treated_surgery", "treated_radiotherapy", "treated_surveillance", "treated_other")
    parts = (
        ("PSA-svar", "PSA i µg/l. Gränsen för förhöjt värde är 3.", (*_PSA, "psa_raised", "psa_unanalysable")),
        (
            "MR och PI-RADS",
            "PI-RADS 4 och 5 betyder att betydelsefull cancer är trolig. Det publicerade talet gäller 4 och 5 tillsammans.",
            ("mri_done", *pirads),
        ),
        (
            "Biopsi och ISUP",
            "ISUP 2 eller mer räknas som betydelsefull cancer. ISUP 1 följs oftast bara: hittas mycket ISUP 1 kan det tala för överdiagnostik.",
            (
                "biopsy_indicated",
                "biopsied",
                "biopsied_of_raised",
                "cancer",
                "isup_1",
                "isup_2_or_more",
                "isup_2_or_more_of_sampled",
            ),
        ),
        (
            "Behandling",
            "Den första behandling som är noterad. Den som har cancer utan noterad behandling kan vänta på beslut.",
            treatments,
        ),
    )
    out: list[Any] = [Heading("Fynd")]
    for title, said, names in parts:
        out.append(KeepTogether([Heading(title, 1), text(said), _bars(figures_of, names)]))
    return out


def _bars(figures_of: Figures, names: Sequence[str]) -> Any:
    rows = [figures_of.row(name) for name in names]
    along = axis(
        [float(row.percent) for row in shown(rows) if row.percent is not None], 44 * MM, zero=True, top=100.0, unit=" %"
    )
    heads = ("Mått", "n", "av N", "Andel", "95 % intervall", "Publicerat", scale(along, used=bool(shown(rows))))
    table = Table(heads, (48, 14, 15, 13, 18, 18, 44), right=(1, 2, 3, 4), plot=6)
    for row in rows:
        cell = "" if is_hidden(row) or row.percent is None else bar(along, float(row.percent))
        table.add(indicator_words(row.indicator), *figures(row), reference(row.indicator), cell)
    return table.made()


def pathway_sections(figures_of: Figures) -> list[Any]:
    """All of them, each on a page of its own."""
    out: list[Any] = []
    for part in (flow_section, coverage_section, participation_section, chain_section, findings_section):
        out += [*part(figures_of), PageBreak()]
    return out
