"""Reports are read back out of their PDF: every figure that may be shown, nothing that is hidden, on pages that hold together."""

import re
from dataclasses import replace
from io import BytesIO

import pytest
from pypdf import PdfReader

from kansli_tui.pathway.availability import WAITING_LISTS
from kansli_tui.pathway.indicators import INDICATORS, Coverage
from kansli_tui.pathway.lead_times import LEAD_TIMES
from kansli_tui.pathway.municipalities import MUNICIPALITIES
from kansli_tui.pathway.stats_definitions import DAY_MEANINGS, FACT_MEANINGS
from kansli_tui.rows.stats_report import BalanceLine, ReportKind
from reports import page
from reports.stats_definitions import _PEOPLE
from reports.stats_report import stats_report_pdf
from reports.stats_words import count, decimal, indicator_words, share, sv
from tests.reports import stats_factory as made_up
from tests.reports.pdf_reading import characters, page_texts
from tests.reports.stats_factory import figures, plain

YEAR = made_up.report()


@pytest.fixture(scope="module")
def year() -> bytes:
    return stats_report_pdf(YEAR)


@pytest.fixture(scope="module")
def texts(year) -> list[str]:
    return page_texts(year)


def section(texts: list[str], title: str, until: str) -> str:
    """The pages from a section's own page to where the next begins, the contents left out."""
    begins = next(number for number, text in enumerate(texts[2:], start=2) if f" {title} " in f" {text} ")
    ends = next((number for number in range(begins + 1, len(texts)) if until in texts[number]), len(texts))
    return " ".join(texts[begins:ends])


def test_every_total_stands_with_its_parts_share_interval_and_published_figure(texts):
    flow = section(texts, "Flödet", "Täckning")
    findings = section(texts, "Fynd", "Ledtider")
    everything = " ".join(texts)
    totals = {row.indicator: row for row in YEAR.statistics.rows if (row.region, row.born) == ("all", "all")}
    for one in INDICATORS:
        row = totals[one.name]
        assert figures(row) in flow + findings, one.name
        if one.reference:
            assert f"{figures(row)} {plain(one.reference)}" in flow + findings, one.name
    assert "12 480" in flow
    for row in totals.values():
        assert (
            plain(f"{count(row.numerator)}/{count(row.denominator)} {share(row.percent)}") in everything
            or row.indicator == "rounds"
        )


def test_coverage_has_a_line_for_every_reason_and_they_become_all(texts):
    coverage = section(texts, "Täckning", "Deltagande Andel")
    totals = [row for row in YEAR.statistics.rows if (row.region, row.born) == ("all", "all")]
    reasons = [row for row in totals if row.indicator == "offered" or row.indicator.startswith("not_offered_")]
    assert sum(row.numerator for row in reasons) == 24_960
    for row in reasons:
        name = (
            "Erbjudna" if row.indicator == "offered" else indicator_words(row.indicator).removeprefix("Inte erbjuden: ")
        )
        assert plain(f"{name[1:]} {count(row.numerator)} {share(row.percent)}") in coverage
    assert "Alla i registret 24 960 100,0 %" in coverage
    assert "stämmer inte" not in coverage


def test_what_does_not_add_up_is_said():
    rows = tuple(
        made_up.stats_row(row.indicator, 7, row.denominator) if row.indicator == "not_offered_held" else row
        for row in YEAR.statistics.rows
    )
    lines = (*YEAR.balance[:2], BalanceLine("08", 8_322, 12))
    texts = page_texts(stats_report_pdf(replace(YEAR, statistics=replace(YEAR.statistics, rows=rows), balance=lines)))
    assert "Raderna blir 24 926, inte 24 960: summan stämmer inte." in " ".join(texts)
    found = next(text for text in texts if "Underskrifter" in text)
    assert "Summan stämmer inte: 12 personer saknar plats." in found
    assert "Kalmar län 8 322 12 stämmer inte" in found


def test_participation_of_every_group_has_its_interval(texts):
    pages = section(texts, "Deltagande", "Fynd")
    for row in YEAR.statistics.rows:
        if row.indicator == "participated" and row.born != "all" and row.region == "all":
            assert f"{row.born} {figures(row)}" in pages
        if row.indicator == "participated" and row.born != "all" and row.region != "all":
            assert plain(f"{count(row.numerator)} av {count(row.denominator)} {share(row.percent)}") in pages
    for breakdown in (YEAR.by_region, YEAR.by_municipality, YEAR.by_age, YEAR.by_round):
        for group in breakdown.groups:
            row = next(one for one in group.rows if one.indicator == "participated")
            assert figures(row) in pages
    for town in MUNICIPALITIES.values():
        assert f" {town.name} " in pages


def test_lead_times_stand_with_those_who_wait_still(texts):
    pages = section(texts, "Ledtider", "Tillgänglighet")
    for row in (*YEAR.leads, *(one for one in YEAR.leads_by_unit if one.unit)):
        within = "– –" if row.target is None else f"{count(row.within)} {share(row.percent)}"
        over = "–" if row.target is None else count(row.waiting_over)
        median = decimal(row.median).removesuffix(",0")
        said = f"{count(row.rounds)} {median} {row.first_quartile:.0f}–{row.third_quartile:.0f} {within} {count(row.waiting)} {over} {row.longest_waiting}"
        assert plain(said) in pages, row
    assert "mål 14 dagar" in pages
    assert "Röntgenkliniken" in pages


def test_availability_has_every_list_now_by_cause_and_over_the_year(texts):
    pages = section(texts, "Tillgänglighet", "Regionerna jämförda")
    for row in YEAR.availability.rows:
        past = "–" if row.past is None else count(row.past)
        part = share(row.share)
        median = decimal(row.median_days).removesuffix(",0")
        assert plain(f"{count(row.waiting)} {median} 77 {past} {part} {decimal(row.per_10_000)}") in pages
        causes = [row.causes[""], row.causes["capacity"]]
        assert plain(" ".join(map(count, (row.waiting, *causes)))) in pages
    for one in WAITING_LISTS:
        assert sv(one.label) in pages
        months = [
            point.waiting for point in YEAR.availability.over_time if (point.name, point.region) == (one.name, "06")
        ]
        assert plain(" ".join(map(count, months))) in pages


def test_the_period_before_stands_beside_with_the_difference(texts):
    pages = section(texts, "Jämfört med perioden före", "Uppföljningsplan")
    before = {row.indicator: row for row in YEAR.earlier.rows if (row.region, row.born) == ("all", "all")}
    now = {row.indicator: row for row in YEAR.statistics.rows if (row.region, row.born) == ("all", "all")}
    row, then = now["participated"], before["participated"]
    change = decimal(row.percent - then.percent)
    said = f"{count(row.numerator)} av {count(row.denominator)} {share(row.percent)} {count(then.numerator)} av {count(then.denominator)} {share(then.percent)} {change}"
    assert plain(said) in pages
    assert "räknade per slutet av 31 mars 2025" in pages


def test_the_plan_shows_target_result_and_words(texts):
    pages = section(texts, "Uppföljningsplan", "Balans och underskrift Räknad")
    assert "≥ 95 % gul ≥ 87,5 % 96,2 % 962 av 1 000 grön" in pages
    assert "70,0 % 70 av 100 gul (satt för hand)" in pages
    assert "901 av 1 000 40 väntar, 6 för sent" in pages
    assert "8 av 10 för få att bedöma" in pages
    assert "Varför läget är satt för hand: Två enheter saknar svar än." in pages
    assert "Åtgärd: Extra mottagning två lördagar. (Enhetschefen, klart 30 juni 2026)" in pages
    assert "Inte stängd" in pages


def test_the_balance_has_sums_and_room_to_sign(texts):
    found = next(text for text in texts if "Underskrifter" in text)
    assert "Summan stämmer. Alla 24 963 i registret" in found
    assert "Kalmar län 8 322 0 stämmer Alla 24 963 0 stämmer" in found
    assert found.count("Datum Underskrift Namn och befattning") == 3


def test_everything_is_defined(texts):
    pages = section(texts, "Definitioner", "Datakvalitet och små tal Det")
    assert set(FACT_MEANINGS) >= {fact for one in INDICATORS for fact in (one.numerator, one.denominator)}
    for one in INDICATORS:
        assert f"({one.name})" in pages.replace("- ", "-")
    for name in _PEOPLE:
        assert f"({name})" in pages
    for status in set(Coverage) - {Coverage.OFFERED, Coverage.NOT_DUE}:
        assert f"(not_offered_{status})" in pages
    for lead in LEAD_TIMES:
        assert plain(sv(DAY_MEANINGS[lead.end])) in pages
    assert pages.count("Tidsregel:") == 4


def test_cover_contents_and_pages(texts, year):
    assert "Årsrapport 2025" in texts[0]
    for words in ("Styrgruppen för prostatacancertestning", "Årlig uppföljning", "Ulla Ek", "slutet av 31 mars 2026"):
        assert words in texts[0]
    assert "1 januari 2025 till och med 31 december 2025" in texts[0]
    total = len(texts)
    assert [f"sida {number} av {total}" in text for number, text in enumerate(texts, start=1)] == [True] * total
    listed = re.findall(r"([^.\d]+?) (?:\. ?)+(\d+)", texts[1].partition("Innehåll")[2])
    assert len(listed) >= 15
    for title, number in listed:
        assert title.strip() in texts[int(number) - 1]
    reader = PdfReader(BytesIO(year))
    assert reader.trailer["/Root"]["/Lang"] == "sv-SE"
    assert reader.metadata.title == "Årsrapport 2025"
    assert "Flödet" in str(reader.outline)


def test_every_font_is_in_the_file_and_everything_inside_the_paper(year):
    for one in PdfReader(BytesIO(year)).pages:
        assert all("+SourceSansPro" in font.get_object()["/BaseFont"] for font in one["/Resources"]["/Font"].values())
    paper = page.Box(19, 4, 172, 288)
    for number in (0, 3, 6, 8, 12, 17):
        assert [item.char for item in characters(year, number) if not paper.holds(item.box)] == []


def test_made_up_people_and_exact_figures_are_marked_on_every_page(texts):
    assert all("PÅHITTADE PERSONER" in text for text in texts)
    assert all("* Döljs: färre än 5" in text for text in texts)
    assert "Får inte lämna kansliet" not in " ".join(texts)
    exact = page_texts(stats_report_pdf(replace(YEAR, kind=ReportKind.SUMMARY, exact=True, invented=False)))
    assert "Exakta tal. Får inte lämna kansliet." in exact[0]
    assert "PÅHITTADE" not in exact[0]
    assert "Döljs" not in exact[0]
