"""The yearly and quarterly report and the one-page summary as PDF, set from a `StatsReport` alone: nothing is counted here.

reportlab is loaded when the first one is set, not at import.
"""

from kansli_tui.i18n import local_day
from kansli_tui.rows.stats_report import ReportKind, StatsReport


def stats_report_pdf(report: StatsReport) -> bytes:
    """The report as PDF in Swedish; the same report gives the same bytes. A summary is exactly one page.

    Raises:
        LetterError: a character that the font lacks.
    """
    from reports.stats_back import last_sections  # noqa: PLC0415 - reportlab loads when it is needed
    from reports.stats_comparison import comparison_sections  # noqa: PLC0415
    from reports.stats_figures import Figures  # noqa: PLC0415
    from reports.stats_front import contents_page, cover, one_page, summary  # noqa: PLC0415
    from reports.stats_paper import Frames, page_break, safe, set_paper  # noqa: PLC0415
    from reports.stats_pathway import pathway_sections  # noqa: PLC0415
    from reports.stats_waiting import waiting_sections  # noqa: PLC0415
    from reports.stats_words import HIDDEN_NOTE, day_words, listed, region_words, title_of  # noqa: PLC0415

    figures = Figures(report)
    title = title_of(report.kind, report.period)
    made = f"Räknad per slutet av {day_words(report.filter.as_of)}. Upprättad {day_words(local_day(report.made_at))} av {safe(report.made_by)}."
    frames = Frames(
        title=title,
        place=listed(region_words(code) for code in figures.regions),
        foot=(made,) if report.exact else (made, HIDDEN_NOTE),
        invented=report.invented,
        exact=report.exact,
    )
    if report.kind is ReportKind.SUMMARY:
        story = one_page(report)
    else:
        story = [*cover(report), *contents_page(), *summary(figures), page_break()]
        if not figures.is_empty:
            story += [*pathway_sections(figures), *waiting_sections(figures), *comparison_sections(figures)]
        story += last_sections(figures)
    return set_paper(story, frames, report.made_at)
