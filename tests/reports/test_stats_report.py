"""Reports are read back out of their PDF: every figure that may be shown, nothing that is hidden, on pages that hold together."""

import itertools
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from kansli_tui.errors import LetterError
from kansli_tui.i18n import set_language
from kansli_tui.pathway.availability import WAITING_LISTS
from kansli_tui.pathway.indicators import INDICATORS, Coverage
from kansli_tui.pathway.lead_times import LEAD_TIMES
from kansli_tui.pathway.municipalities import MUNICIPALITIES
from kansli_tui.rows.availability import AvailabilityReport
from kansli_tui.rows.statistics import Breakdown, Statistics, StatsFilter, StatsRow
from kansli_tui.rows.stats_report import BalanceLine, ReportKind, StatsReport
from reports import page
from reports.stats_charts import series
from reports.stats_definitions import _DAYS, _FACTS, _PEOPLE
from reports.stats_report import stats_report_pdf
from reports.stats_words import choice_words, count, decimal, indicator_words, period_words, share, sv
from tests.reports import stats_factory as made_up
from tests.reports.pdf_reading import characters, page_texts

YEAR = made_up.report()
ONE = replace(made_up.FILTER, regions=("08",), since=None, until=None)


@pytest.fixture(scope="module")
def year() -> bytes:
    return stats_report_pdf(YEAR)


@pytest.fixture(scope="module")
def texts(year) -> list[str]:
    return page_texts(year)


def plain(words: str) -> str:
    """As the text is read back: every space the same."""
    return " ".join(words.split())


def section(texts: list[str], title: str, until: str) -> str:
    """The pages from a section's own page to where the next begins, the contents left out."""
    begins = next(number for number, text in enumerate(texts[2:], start=2) if f" {title} " in f" {text} ")
    ends = next((number for number in range(begins + 1, len(texts)) if until in texts[number]), len(texts))
    return " ".join(texts[begins:ends])


def figures(row: StatsRow) -> str:
    assert row.low is not None
    assert row.high is not None
    return plain(
        f"{count(row.numerator)} {count(row.denominator)} {share(row.percent)} {decimal(row.low)}–{decimal(row.high)}"
    )


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
    assert set(_FACTS) >= {fact for one in INDICATORS for fact in (one.numerator, one.denominator)}
    for one in INDICATORS:
        assert f"({one.name})" in pages.replace("- ", "-")
    for name in _PEOPLE:
        assert f"({name})" in pages
    for status in set(Coverage) - {Coverage.OFFERED, Coverage.NOT_DUE}:
        assert f"(not_offered_{status})" in pages
    for lead in LEAD_TIMES:
        assert plain(_DAYS[lead.end]) in pages
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


def with_secret(row: StatsRow) -> StatsRow:
    """A row that is hidden although somebody has left its figures in it: they must not come out."""
    return replace(row, numerator=31_313, denominator=71_717, percent=Decimal("43.7"), suppressed=True)


def test_what_is_hidden_stands_nowhere():
    hidden = made_up.hide_all(YEAR)
    rows = tuple(map(with_secret, hidden.statistics.rows))
    groups = [
        replace(one, groups=tuple(replace(group, rows=tuple(map(with_secret, group.rows))) for group in one.groups))
        for one in (hidden.by_region, hidden.by_municipality, hidden.by_age, hidden.by_round)
    ]
    names = ("by_region", "by_municipality", "by_age", "by_round")
    hidden = replace(hidden, statistics=replace(hidden.statistics, rows=rows), **dict(zip(names, groups, strict=True)))
    for kind in (ReportKind.YEAR, ReportKind.SUMMARY):
        text = " ".join(page_texts(stats_report_pdf(replace(hidden, kind=kind))))
        for secret in ("31 313", "71 717", "43,7"):
            assert secret not in text
        assert "dolt*" in text
        # Nothing but the text's own figures: no share with a decimal but the published ones and the 100 % of a sum.
        assert set(re.findall(r"(?<![\d,])\d+,\d %", text)) == set()


def test_one_hidden_row_leaves_the_others():
    two = made_up.report(wanted=replace(made_up.FILTER, regions=("06", "08")), born=range(1975, 1977))
    rows = two.statistics.rows
    gone, kept = (
        next(row for row in rows if (row.indicator, row.region) == ("participated", one)) for one in ("06", "08")
    )
    none = AvailabilityReport(made_up.AS_OF, made_up.FILTER.regions, (), ())
    some = tuple(made_up.hidden(row) if row is gone else row for row in rows)
    two = replace(two, statistics=replace(two.statistics, rows=some), availability=none)
    two = replace(two, follow_up=replace(two.follow_up, rows=(replace(two.follow_up.rows[0], result=None),)))
    text = " ".join(page_texts(stats_report_pdf(two)))
    assert "gul ≥ 87,5 % dolt* grön" in text
    assert figures(kept) in text
    assert figures(gone) not in text
    assert "Jönköpings län dolt* dolt* dolt* dolt*" in text


def test_the_summary_is_one_page_also_with_long_words():
    long = replace(
        YEAR, kind=ReportKind.SUMMARY, purpose="Uppföljning enligt avtalet om samverkan; " * 60, made_by="Anna " * 40
    )
    for one in (replace(YEAR, kind=ReportKind.SUMMARY), long, made_up.report(ReportKind.SUMMARY, offers=9_999_999)):
        texts = page_texts(stats_report_pdf(one))
        assert len(texts) == 1
        assert "sida 1 av 1" in texts[0]
        assert "33,2 %" in texts[0]
        assert "Balansen stämmer" in texts[0]


def test_one_region_needs_no_comparison_and_no_totals_twice():
    texts = page_texts(stats_report_pdf(made_up.report(wanted=ONE, offers=900)))
    text = " ".join(texts)
    assert "Regionerna jämförda" not in text
    assert "Östergötland" not in text
    assert "Efter region" not in text
    assert "alla erbjudanden hittills" in texts[0]


def test_long_tables_begin_again_with_their_heads():
    quarter = made_up.report(ReportKind.QUARTER, born=range(1951, 1976), offers=400_000)
    units = tuple(
        f"Bild- och funktionsmedicinskt centrum, mottagning {number}, Vrinnevisjukhuset" for number in range(28)
    )
    texts = page_texts(stats_report_pdf(replace(quarter, leads_by_unit=made_up.lead_rows(made_up.FILTER, units))))
    assert "Kvartalsrapport tredje kvartalet 2025" in texts[0]
    heads = [text for text in texts if "Enhet Klara Median Kvartiler" in text]
    assert len(heads) > 3
    for number in range(28):
        assert f"mottagning {number}, " in " ".join(heads)
    years = [text for text in texts if "Född Provtagna" in text]
    assert all(any(f"{year} " in text for text in years) for year in range(1951, 1976))


def test_nothing_at_all_is_said_in_words():
    def empty(by: str) -> Breakdown:
        return Breakdown(made_up.FILTER, by, ())

    nothing = replace(
        YEAR,
        statistics=Statistics(made_up.FILTER, ()),
        earlier=Statistics(made_up.FILTER, ()),
        by_region=empty("region"),
        by_municipality=empty("municipality"),
        by_age=empty("age"),
        by_round=empty("round"),
        leads=(),
        leads_by_unit=(),
        availability=AvailabilityReport(made_up.AS_OF, made_up.FILTER.regions, (), ()),
        follow_up=None,
        balance=(),
        notes=(),
    )
    for kind in ReportKind:
        assert "Inget att visa" in " ".join(page_texts(stats_report_pdf(replace(nothing, kind=kind))))
    # People in the register, and no offer in the period.
    rows = tuple(
        made_up.stats_row(row.indicator, 0, row.denominator if row.indicator == "offered" else 0)
        for row in YEAR.statistics.rows[:60]
    )
    text = " ".join(page_texts(stats_report_pdf(replace(nothing, statistics=Statistics(made_up.FILTER, rows)))))
    assert "Inget erbjudande har ännu en provtid som är över" in text
    assert "Ingen väntar på någon lista." in text


def test_the_same_report_gives_the_same_bytes_in_either_language(year):
    set_language("en")
    try:
        assert stats_report_pdf(YEAR) == year
    finally:
        set_language("sv")
    short = replace(YEAR, kind=ReportKind.SUMMARY)
    assert stats_report_pdf(replace(short, made_by="Per Alm")) != stats_report_pdf(short)


def test_a_character_that_the_font_lacks_refuses():
    for change in ({"made_by": "محمد"}, {"recipient": "🙂"}, {"purpose": "a\x07b"}):
        with pytest.raises(LetterError, match=r"U\+"):
            stats_report_pdf(replace(YEAR, kind=ReportKind.SUMMARY, **change))


def test_text_from_people_is_never_markup():
    purpose = "<b>Fet</b> & {period} <para>"
    assert purpose in page_texts(stats_report_pdf(replace(YEAR, kind=ReportKind.SUMMARY, purpose=purpose)))[0]


def test_words_of_periods_and_choices():
    assert period_words("2025K3") == "Tredje kvartalet 2025"
    assert period_words("2025", inside=True) == "2025"
    assert period_words("2025-01-01–2025-05-31") == "2025-01-01–2025-05-31"
    chosen = StatsFilter(("05",), date(2026, 1, 1), born=(1971, 1974, 1973, 1980), municipality="0580")
    assert choice_words(chosen) == "födda 1971, 1973–1974 och 1980 och boende i Linköping"


def test_regions_are_told_apart_without_colour():
    looks = series(("05", "06", "08"))
    assert len({look.marker for look in looks.values()}) == len({look.dash for look in looks.values()}) == 3
    lightness = sorted(
        0.3 * one.colour.red + 0.59 * one.colour.green + 0.11 * one.colour.blue for one in looks.values()
    )
    assert min(high - low for low, high in itertools.pairwise(lightness)) > 0.12


counts = st.one_of(st.none(), st.integers(0, 12), st.integers(0, 99_999_999))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_numbers_are_set(data):
    def row(name: str, region: str = "all", born: str = "all") -> StatsRow:
        whole = data.draw(counts)
        if whole is None:
            return made_up.hidden(made_up.stats_row(name, 1, 1, region, born))
        return made_up.stats_row(name, data.draw(st.integers(0, whole)), whole, region, born)

    names = data.draw(
        st.lists(
            st.sampled_from([one.name for one in INDICATORS] + ["rounds", "offered", "not_offered_closed:dead"]),
            unique=True,
        )
    )
    rows = tuple(row(name, region) for name in names for region in ("all", "05", "08"))
    groups = tuple(
        made_up.StatsGroup(name, tuple(row(one) for one in names[:3])) for name in ("all", "0580", "0880", "")
    )
    lead = replace(
        YEAR.leads[data.draw(st.integers(0, len(YEAR.leads) - 1))],
        rounds=data.draw(counts),
        median=data.draw(st.one_of(st.none(), st.floats(0, 4000))),
        waiting=data.draw(counts),
        longest_waiting=data.draw(counts),
    )
    point = data.draw(st.sampled_from(YEAR.availability.over_time))
    waiting = data.draw(counts)
    relative = None if waiting is None else Decimal(waiting) / 10
    wait = replace(
        YEAR.availability.rows[0], waiting=waiting, per_10_000=relative, median_days=None, causes={"": waiting}
    )
    made = replace(
        YEAR,
        kind=data.draw(st.sampled_from(list(ReportKind))),
        statistics=Statistics(made_up.FILTER, rows),
        earlier=Statistics(made_up.FILTER, rows[: len(rows) // 2]),
        by_municipality=Breakdown(made_up.FILTER, "municipality", groups),
        leads=(lead,),
        leads_by_unit=(replace(lead, region="05", unit=data.draw(st.sampled_from(["", "Röntgen", "x" * 200]))),),
        availability=AvailabilityReport(
            made_up.AS_OF, made_up.FILTER.regions, (wait,), (replace(point, per_10_000=relative),)
        ),
        balance=(BalanceLine("05", data.draw(counts), data.draw(counts)),),
    )
    assert isinstance(made, StatsReport)
    assert stats_report_pdf(made).startswith(b"%PDF")
