"""The first pages of a report: cover, contents with how to read it, and the main figures in words. The one-page summary too."""

from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.platypus import HRFlowable, KeepInFrame, PageBreak, Paragraph, Spacer, Table

from kansli_tui.i18n import clock, local_day
from kansli_tui.rows.statistics import StatsRow
from kansli_tui.rows.stats_report import StatsReport
from reports import styles
from reports.address import MM
from reports.stats_figures import Figures, change_words, sentences
from reports.stats_paper import HEIGHT, WIDTH, Heading, contents, kept, safe, style, text
from reports.stats_pathway import flow_drawing
from reports.stats_tables import Table as Grid
from reports.stats_words import (
    HIDDEN,
    STEPS,
    choice_words,
    count,
    day_words,
    indicator_words,
    interval_of,
    is_hidden,
    listed,
    part_of,
    period_words,
    region_words,
    share_of,
    span_words,
    title_of,
)
from reports.text import para

_TILES = (
    ("rounds", "Erbjudanden"),
    ("participated", "Deltagande"),
    ("psa_raised", "PSA 3 eller mer, av provtagna"),
    ("mri_done", "MR gjord, av PSA 3 eller mer"),
    ("biopsied_of_raised", "Biopserade, av PSA 3 eller mer"),
    ("isup_2_or_more", "ISUP 2 eller mer, av biopserade"),
)
_READING = (
    (
        "Personer och omgångar",
        (
            "En omgång är ett erbjudande med allt som följer av det. Täckningen räknar personer, allt annat omgångar: den som har "
            "fått två erbjudanden i perioden är två omgångar."
        ),
    ),
    (
        "Andel och intervall",
        (
            "Varje andel står med sina tal, till exempel 40 av 100. Intervallet säger hur mycket slumpen kan betyda: med så många "
            "omgångar ligger den verkliga andelen oftast inom det. Små grupper har breda intervall."
        ),
    ),
    (
        "De som inte är klara",
        (
            "Den vars provtid pågår är varken deltagare eller utebliven. Den som väntar på MR, besök eller svar finns i talen före "
            "steget men inte efter. Sena omgångar har därför lägre tal längre fram i flödet, och talen stiger när de blir klara."
        ),
    ),
    (
        "Publicerade tal",
        (
            "Inga nationella mål är publicerade för organiserad testning. Talen bredvid är publicerade resultat att jämföra med, "
            "inte gränser. Kansliets egna mål står i uppföljningsplanen."
        ),
    ),
)


def cover(report: StatsReport) -> list[Any]:
    """Title, period, regions, as-of day, who made it, for whom and why."""
    wanted, regions = report.filter, listed(region_words(code) for code in sorted(report.filter.regions))
    facts = [
        ("Period", f"{period_words(report.period)}: {span_words(wanted, tells_on=True)}"),
        ("Regioner", regions),
        ("Urval", choice_words(wanted)),
        ("Räknad per", f"slutet av {day_words(wanted.as_of)}"),
        ("Upprättad", f"{day_words(local_day(report.made_at))} kl. {clock(report.made_at).replace(':', '.')}"),
        ("Av", safe(report.made_by)),
        ("Mottagare", safe(report.recipient) or "ingen angiven"),
        ("Ändamål", safe(report.purpose) or "inget angivet"),
        (
            "Små tal",
            "exakta: rapporten får inte lämna kansliet"
            if report.exact
            else "dolda enligt sista avsnittet, märkta dolt*",
        ),
    ]
    rows = [[text(name, "note"), text(said, "text")] for name, said in facts]
    table = Table(rows, colWidths=[32 * MM, WIDTH - 32 * MM], hAlign="LEFT")
    table.setStyle(
        [
            ("FONTNAME", (0, 0), (-1, -1), styles.REGULAR),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 3),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, styles.TINT),
        ]
    )
    body = [
        Spacer(1, 42 * MM),
        text(title_of(report.kind, report.period), "cover"),
        Spacer(1, 4 * MM),
        text(f"Organiserad prostatacancertestning i {regions}", "lead"),
        HRFlowable(width="24%", thickness=2.4, color=styles.ACCENT, hAlign="LEFT", spaceBefore=8, spaceAfter=26 * MM),
        table,
    ]
    # A very long purpose is made smaller rather than pushed onto a page of its own.
    return [KeepInFrame(WIDTH, HEIGHT - 2, body, mode="shrink"), PageBreak()]


def contents_page() -> list[Any]:
    """The sections with their pages, and how the figures are to be read."""
    out = [
        text("Innehåll", "cover"),
        Spacer(1, 5 * MM),
        contents(),
        Spacer(1, 7 * MM),
        text("Så läser du siffrorna", "strong"),
    ]
    for name, said in _READING:
        words = f'<font name="{styles.BOLD}">{para(kept(name))}.</font> {para(kept(said))}'
        out.append(Paragraph(words, style("text")))
    return [*out, PageBreak()]


def summary(figures: Figures) -> list[Any]:
    """The main figures and what they mean, on one page."""
    body: list[Any] = [Heading("Sammanfattning")]
    if figures.is_empty:
        return [*body, text("Inget att visa: inga erbjudanden och ingen i registret för det här urvalet.", "lead")]
    body += [tiles(figures), Spacer(1, 5 * MM)]
    body += [_point(words) for words in sentences(figures)]
    if len(figures.regions) > 1:
        body += [text("Regionerna", "h2"), _regions(figures)]
    return [*body, text("Mot samma tid före", "h2"), _changes(figures)]


def _changes(figures: Figures) -> Any:
    table = Grid(("Mått", "Nu", "Före", "Skillnad, procentenheter"), (80, 24, 24, 42), right=(1, 2, 3))
    rows = [(figures.row(name), figures.before(name)) for name, _words in _TILES[1:]]
    for now, then in rows:
        table.add(indicator_words(now.indicator), share_of(now), share_of(then), change_words(now, then))
    return table.made()


def one_page(report: StatsReport) -> list[Any]:
    """The whole report on exactly one page."""
    figures, wanted = Figures(report), report.filter
    regions = listed(region_words(code) for code in figures.regions)
    made = f"{day_words(local_day(report.made_at))} av {safe(report.made_by)}"
    for_whom = "; ".join(part for part in (safe(report.recipient), safe(report.purpose)) if part)
    body: list[Any] = [
        Heading(title_of(report.kind, report.period)),
        text(
            f"{regions}. Erbjudanden: {span_words(wanted, tells_on=True)}; {choice_words(wanted)}. Räknad per slutet av {day_words(wanted.as_of)}.",
            "text",
        ),
        text(f"Upprättad {made}. {'För ' + for_whom + '.' if for_whom else ''}", "note"),
    ]
    if figures.is_empty:
        body.append(text("Inget att visa: inga erbjudanden och ingen i registret för det här urvalet.", "lead"))
        return [_page(body)]
    body += [tiles(figures), Spacer(1, 3 * MM)]
    body += [_point(words) for words in sentences(figures)]
    body += [text("Flödet", "h2"), *flow_drawing(figures, 15)]
    if len(figures.regions) > 1:
        body += [text("Regionerna", "h2"), _regions(figures)]
    body += [text(words, "note") for words in _small_print(report)]
    return [_page(body)]


def _page(body: list[Any]) -> Any:
    return KeepInFrame(WIDTH, HEIGHT - 2, body, mode="shrink")


def _small_print(report: StatsReport) -> list[str]:
    adds_up = _balance_words(report)
    words = [
        f"{adds_up} Omgångar som väntar på ett steg räknas inte som gjorda: sena omgångar har lägre tal längre fram."
    ]
    if report.notes:
        number = "En anmärkning" if len(report.notes) == 1 else f"{len(report.notes)} anmärkningar"
        words.append(f"{number} om datakvalitet står i kvartals- och årsrapporten.")
    return words


def _balance_words(report: StatsReport) -> str:
    lost = [line.unaccounted for line in report.balance]
    if any(lost):
        number = "" if None in lost else f": {count(sum(one or 0 for one in lost))} personer saknar plats"
        return f"Balansen stämmer inte{number}."
    if None in lost:
        return "Balansen visas inte här: något tal är för litet."
    return "Balansen stämmer: alla i registret står på en rad."


def _regions(figures: Figures) -> Any:
    names = ("participated", "psa_raised", "mri_done", "biopsied_of_raised", "isup_2_or_more")
    table = Grid(
        ("Region", "Erbjudanden", *(STEPS.get(name, "Biopserade") for name in names)),
        (34, 22, *[22.8] * 5),
        right=range(1, 7),
    )
    for code in figures.regions:
        rounds = figures.row("rounds", code)
        rows = [figures.row(name, code) for name in names]
        table.add(
            region_words(code),
            HIDDEN if is_hidden(rounds) else count(rounds.numerator),
            *(share_of(row) for row in rows),
        )
    return table.made()


def tiles(figures: Figures) -> Any:
    """Six figures, large, each with the numbers it is made of."""
    wanted = figures.report.filter
    when = "hittills" if wanted.since is None and wanted.until is None else "i perioden"
    cells = [_tile(figures.row(name), words, when) for name, words in _TILES]
    table = Table([cells[:3], cells[3:]], colWidths=[WIDTH / 3] * 3, hAlign="LEFT")
    table.setStyle(
        [
            ("FONTNAME", (0, 0), (-1, -1), styles.REGULAR),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, -1), styles.TINT),
            ("INNERGRID", (0, 0), (-1, -1), 4, HexColor("#FFFFFF")),
            ("LEFTPADDING", (0, 0), (-1, -1), 9),
            ("TOPPADDING", (0, 0), (-1, -1), 6),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 7),
        ]
    )
    return table


def _tile(row: StatsRow, words: str, when: str) -> list[Any]:
    if row.indicator == "rounds":
        number = HIDDEN if is_hidden(row) else count(row.numerator)
        return [text(words, "head"), text(number, "tile"), text(when, "head")]
    below = part_of(row) if is_hidden(row) or not row.denominator else f"{part_of(row)}, intervall {interval_of(row)}"
    return [text(words, "head"), text(share_of(row), "tile"), text(below, "head")]


def _point(words: str) -> Any:
    return Paragraph(para(kept(words)), style("point"), bulletText="•")
