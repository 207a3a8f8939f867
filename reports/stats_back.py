"""The last sections of a report: the follow-up plan, the balance to sign, the quality of the data and how small numbers are hidden."""

from collections.abc import Sequence
from typing import Any

from reportlab.platypus import KeepTogether, PageBreak, Spacer
from reportlab.platypus import Table as Place

from kansli_tui.i18n import local_day
from kansli_tui.pathway.follow_up import Direction, PlanMeasure, Result, Status, Unit
from kansli_tui.rows.follow_up import FollowUpRow
from kansli_tui.rows.stats_report import StatsReport
from reports import styles
from reports.address import MM
from reports.stats_charts import sign
from reports.stats_definitions import definitions_section
from reports.stats_figures import Figures
from reports.stats_paper import WIDTH, Heading, safe, text
from reports.stats_tables import Table
from reports.stats_words import (
    HIDDEN,
    NOTHING,
    count,
    day_words,
    decimal,
    period_words,
    region_words,
    sv,
    words_of,
)

_SIGNERS = 3


def last_sections(figures: Figures) -> list[Any]:
    """The plan where there is one, the balance, the definitions, and what must be known of the data."""
    report = figures.report
    out: list[Any] = []
    if report.follow_up is not None:
        out += [*_plan(report), PageBreak()]
    out += [*_balance(report), PageBreak(), *definitions_section(), PageBreak()]
    return [*out, *_quality(figures)]


def _plan(report: StatsReport) -> list[Any]:
    plan = report.follow_up
    assert plan is not None
    place = region_words(plan.region) if plan.region else "de tre regionerna tillsammans"
    state = (
        f"Stängd {day_words(local_day(plan.closed_at))} av {safe(plan.closed_by)}."
        if plan.closed_at is not None
        else "Inte stängd: resultaten kan ändras till dess."
    )
    said = f"{place[0].upper()}{place[1:]}, räknad per slutet av {day_words(plan.as_of)}. {state}"
    out: list[Any] = [Heading(f"Uppföljningsplan för {period_words(plan.quarter, inside=True)}"), text(said)]
    if plan.quarter != report.period:
        out.append(text("Planen görs kvartal för kvartal: här står det sista i perioden."))
    if not plan.rows:
        return [*out, text("Inget att visa: planen har inga rader.", "lead")]
    table = Table(("Område", "Mått", "Mål", "Resultat", "", "Läge"), (28, 54, 24, 32, 8, 24), right=(2, 3))
    for row in plan.rows:
        status = row.status
        word = words_of(status) + (" (satt för hand)" if row.override is not None else "")
        seen = not row.hidden or status is Status.CLOSED
        table.add(
            safe(row.area),
            _measure(row.measure),
            _limit(row),
            _result(row),
            sign(status.value) if seen else "",
            word if seen else HIDDEN,
        )
    out += [
        table.made(),
        text(
            "Grön ring, gul triangel, röd fyrkant, bock för stängd, tom ring för få eller för tidigt att bedöma.",
            "note",
        ),
    ]
    if not report.exact:
        out.append(text(_WHOLE, "note"))
    written = [part for row in plan.rows if (part := _written(row))]
    if written:
        out += [Heading("Resultat, utmaningar och åtgärder", 1), *written]
    return out


def _measure(measure: PlanMeasure) -> str:
    words = sv(measure.meaning)
    if measure.lead is None:
        return words
    return f"{words}, median" if measure.unit is Unit.DAYS else f"{words}, inom {measure.lead.target} dagar"


def _amount(unit: Unit, value: Any) -> str:
    whole = value == int(value)
    said = decimal(value, 0 if whole else 2).rstrip("0") if not whole else decimal(value, 0)
    return {Unit.PERCENT: f"{said}\N{NO-BREAK SPACE}%", Unit.DAYS: f"{said}\N{NO-BREAK SPACE}dagar", Unit.COUNT: said}[
        unit
    ]


def _limit(row: FollowUpRow) -> str:
    if row.limits is None:
        return "inget mål"
    mark, unit = ("≥" if row.limits.direction is Direction.AT_LEAST else "≤"), row.measure.unit
    green, yellow = _amount(unit, row.limits.green), _amount(unit, row.limits.yellow)
    return f"{mark} {green}" if green == yellow else f"{mark} {green}\ngul {mark} {yellow}"


def _result(row: FollowUpRow) -> str:
    """What came out, of how many, and how many may still come to be counted."""
    unit, result = row.measure.unit, row.result
    if row.hidden or result is None:
        return HIDDEN if row.hidden else NOTHING
    if result.waiting:
        late = f", {count(result.late)} för sent" if result.late else ""
        return f"{_counted(unit, result)}\n{count(result.waiting)} väntar{late}"
    return _counted(unit, result)


def _counted(unit: Unit, result: Result) -> str:
    if result.value is None:
        return NOTHING
    if result.denominator is None:
        return _amount(unit, result.value)
    said = f"{decimal(result.value)}\N{NO-BREAK SPACE}%" if unit is Unit.PERCENT else _amount(unit, result.value)
    if result.numerator is None:
        return f"{said}\n{count(result.denominator)} räknade"
    return f"{said}\n{count(result.numerator)} av {count(result.denominator)}"


def _written(row: FollowUpRow) -> Any:
    """What somebody has written on a line, with its area and measure; nothing when nobody has."""
    due = f", klart {day_words(row.due)}" if row.due else ""
    who = f" ({safe(row.responsible)}{due})" if row.responsible else ""
    parts = [
        ("Resultat", row.results),
        ("Utmaningar", row.challenges),
        ("Åtgärd", f"{row.activity}{who}" if row.activity else ""),
        ("Varför läget är satt för hand", "" if row.override is None else row.override.comment),
    ]
    said = [text(f"{name}: {safe(words)}") for name, words in parts if words.strip()]
    return (
        KeepTogether([text(f"{safe(row.area)}: {_measure(row.measure)}", "strong"), *said, Spacer(1, 3)])
        if said
        else None
    )


def _balance(report: StatsReport) -> list[Any]:
    lines = report.balance
    hidden = any(line.registered is None or line.unaccounted is None for line in lines)
    everyone = None if hidden else sum(line.registered or 0 for line in lines)
    lost = None if hidden else sum(line.unaccounted or 0 for line in lines)
    known_lost = any(line.unaccounted for line in lines)
    table = Table(("Region", "I registret", "Saknar plats", "Summan"), (74, 32, 32, 32), right=(1, 2, 3))
    for line in lines:
        table.add(
            region_words(line.region), count(line.registered), count(line.unaccounted), _verdict(line.unaccounted)
        )
    if len(lines) > 1:
        table.add("Alla", count(everyone), count(lost), _verdict(lost), total=True)
    if lost == 0:
        verdict = text(
            f"Summan stämmer. Alla {count(everyone)} i registret står på en rad och har ett nästa steg eller en avslutning.",
            "lead",
        )
    elif hidden and not known_lost:
        verdict = text("Något tal är dolt. De exakta talen står på kansliets egen balans.", "lead")
    else:
        verdict = text(
            f"Summan stämmer inte{'' if lost is None else f': {count(lost)} personer saknar plats'}. Kansliets balans namnger dem.",
            "warning",
        )
    made = day_words(local_day(report.made_at))
    out: list[Any] = [
        Heading("Balans och underskrift"),
        text(f"Räknad när rapporten upprättades, {made}: var och en i registret ska stå på precis en rad."),
        verdict,
        table.made(),
        Spacer(1, 8 * MM),
    ]
    what = f"Vi har läst rapporten om {period_words(report.period, inside=True)}, räknad per slutet av {day_words(report.filter.as_of)}, och balansen ovan."
    return [*out, KeepTogether([text("Underskrifter", "h2"), text(what), Spacer(1, 6 * MM), _lines()])]


def _verdict(lost: int | None) -> str:
    return HIDDEN if lost is None else "stämmer" if lost == 0 else "stämmer inte"


def _lines() -> Any:
    """Room for three to sign, each with date, signature and name."""
    names = ("Datum", "Underskrift", "Namn och befattning")
    rows: list[list[Any]] = []
    for _signer in range(_SIGNERS):
        rows += [["", "", "", "", ""], [text(names[0], "head"), "", text(names[1], "head"), "", text(names[2], "head")]]
    widths = [32 * MM, 6 * MM, 62 * MM, 6 * MM, WIDTH - 106 * MM]
    table = Place(rows, colWidths=widths, rowHeights=[14 * MM, 6 * MM] * _SIGNERS, hAlign="LEFT")
    lines = [
        ("LINEBELOW", (column, row), (column, row), 0.7, styles.INK)
        for row in range(0, 2 * _SIGNERS, 2)
        for column in (0, 2, 4)
    ]
    table.setStyle(
        [
            ("FONTNAME", (0, 0), (-1, -1), styles.REGULAR),
            *lines,
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
    )
    return table


def _quality(figures: Figures) -> list[Any]:
    report = figures.report
    out: list[Any] = [Heading("Datakvalitet och små tal"), Heading("Det som är känt om uppgifterna", 1)]
    if report.notes:
        table = Table(("Anmärkning", "Antal"), (145, 25), right=(1,))
        for note in report.notes:
            table.add(safe(sv(note.message, **note.values)), count(note.count))
        out.append(table.made())
    else:
        out.append(text("Inget att anmärka: inga fel är funna i de uppgifter som rapporten bygger på."))
    out += [Heading("De som inte är klara", 1), *_unfinished(figures)]
    out += [Heading("Hur små tal döljs", 1), *(text(words) for words in _hiding(report))]
    return [*out, Heading("Intervall och avrundning", 1), text(_INTERVALS), text(_AGAIN)]


def _unfinished(figures: Figures) -> list[Any]:
    row = figures.row("window_open")
    known = not row.suppressed and row.numerator is not None
    going_on = (
        f"Provtiden pågår för {count(row.numerator)} erbjudanden. De" if known else "Erbjudanden vars provtid pågår"
    )
    out = [text(f"{going_on} står inte i deltagandets nämnare.")]
    waits = [one for one in figures.report.leads if one.region == "all"]
    if waits:
        out.append(
            text(
                "De som väntar på ett steg när rapporten räknas är inte med i stegets ledtid. Uppgifter om sena omgångar är därför "
                "ofullständiga åt ett håll: de senaste månadernas andelar längre fram i flödet stiger, och deras ledtider blir längre, när de "
                "väntande blir klara. Hur många som väntar står bredvid varje ledtid."
            )
        )
    return out


def _hiding(report: StatsReport) -> Sequence[str]:
    if report.exact:
        return (
            "Den här rapporten har exakta tal och får inte lämna kansliet. I rapporter som lämnas ut döljs antal under 5.",
        )
    return (
        (
            "Antal från 1 till 4 döljs, så att ingen kan kännas igen. Där ett dolt tal går att räkna ut ur summor och andra tal döljs "
            "också andra, som kan vara större. Ett dolt tal skrivs dolt*, och med antalet döljs andel, intervall och median. Noll visas."
        ),
        (
            "Personer med skyddade personuppgifter står inte i någon kommun. Dolda tal är inte ritade i diagrammen. Den som har flera "
            "rapporter med olika dagar eller urval kan ibland räkna ut mer än en rapport visar: därför antecknas varje utlämnad rapport med "
            "mottagare och ändamål."
        ),
    )


_WHOLE = (
    "Resultaten står i hela procent eller dagar utan antal; läget är räknat på det oavrundade. dolt* är ett resultat på färre än 20, "
    "eller där 1 till 4 är räknade eller återstår; läget visas då inte."
)
_INTERVALS = (
    "Intervallen är 95-procentiga enligt Wilson, trattdiagrammets gränser normalapproximation av binomialfördelningen. Andelar är "
    "avrundade till en decimal, halva uppåt. Intervallen mäter slump, inte fel i uppgifterna och inte att grupper är olika."
)
_AGAIN = (
    "Rapporten kan göras om med samma tal: den räknar det som var känt vid slutet av den angivna dagen. Rättelser som kom senare "
    "ändrar inte en rapport som räknas per samma dag."
)
