"""Reports of everything hidden, of nothing at all, of one region, of very much: set without fault, and nothing hidden comes out."""

import itertools
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kansli_tui.errors import LetterError
from kansli_tui.i18n import set_language
from kansli_tui.pathway.indicators import INDICATORS
from kansli_tui.rows.availability import AvailabilityReport
from kansli_tui.rows.statistics import Breakdown, Statistics, StatsFilter, StatsRow
from kansli_tui.rows.stats_report import BalanceLine, ReportKind, StatsReport
from reports import styles
from reports.stats_charts import series
from reports.stats_figures import Figures, sentences
from reports.stats_pathway import funnel_steps
from reports.stats_plots import Point, label_places
from reports.stats_report import stats_report_pdf
from reports.stats_words import choice_words, period_words, span_words
from tests.reports import stats_factory as made_up
from tests.reports.pdf_reading import page_texts
from tests.reports.stats_factory import figures, plain

YEAR = made_up.report()
ONE = replace(made_up.FILTER, regions=("08",), since=None, until=None)


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
    two = replace(
        two, follow_up=replace(two.follow_up, rows=(replace(two.follow_up.rows[0], result=None, hidden=True),))
    )
    text = " ".join(page_texts(stats_report_pdf(two)))
    assert "gul ≥ 87,5 % dolt* dolt*" in text
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


def test_the_same_report_gives_the_same_bytes_in_either_language():
    year = stats_report_pdf(YEAR)
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


def test_of_what_is_hidden_the_sentences_and_bars_say_only_that_it_is() -> None:
    gone = {"mri_done", "biopsy_indicated", "isup_1", "psa_raised"}
    rows = tuple(made_up.hidden(row) if row.indicator in gone else row for row in YEAR.statistics.rows)
    some = replace(YEAR, kind=ReportKind.SUMMARY, statistics=replace(YEAR.statistics, rows=rows))
    said = sentences(Figures(some))
    assert said[-1] == "Några tal visas inte: de är för små, eller så går små att räkna ut ur dem. De står som dolt*."
    assert not [words for words in said[:-1] if "dolt" in words or "PSA var" in words or "ISUP 1" in words]
    assert [
        words for words in said if re.fullmatch(r"Av dem med PSA 3 eller mer har [\d\s]+ av\s.* fått biopsi\.", words)
    ]
    assert "Alla i registret har ett nästa steg eller har lämnat." in said
    wide, close = funnel_steps(Figures(some))
    assert [step.name for step in wide] == ["Erbjudanden", "Lämnade prov"]
    assert [step.name for step in close] == ["Biopserade", "ISUP 2 eller mer"]
    text = " ".join(page_texts(stats_report_pdf(some)))
    assert "Inte ritat, eftersom talen är dolda: PSA 3 eller mer, MR gjord och Biopsi indicerad." in text
    assert sentences(Figures(made_up.hide_all(YEAR)))[0].startswith("Några tal visas inte")
    assert "visas inte" not in " ".join(sentences(Figures(YEAR)))


def test_a_period_that_goes_on_says_so_and_compares_no_matter_of_the_day() -> None:
    today = date(2025, 11, 22)
    wanted = replace(made_up.FILTER, as_of=today)
    assert plain(span_words(wanted, tells_on=True)).endswith("till och med 22 november 2025 (perioden pågår)")
    assert plain(span_words(wanted)).endswith("till och med 22 november 2025")
    assert plain(span_words(replace(wanted, as_of=date(2025, 12, 31)), tells_on=True)).endswith("31 december 2025")
    texts = page_texts(stats_report_pdf(replace(YEAR, filter=wanted)))
    assert "till och med 22 november 2025 (perioden pågår)" in texts[0]
    before = next(text for text in texts[2:] if " Jämfört med perioden före " in text)
    assert "Lämnade prov" in before
    assert "Provtiden pågår" not in before.partition("Alla mått")[0]
    heading = "Uppföljningsplan för första kvartalet 2026"
    assert heading in texts[1]
    assert [text for text in texts[2:] if f"{heading} De tre regionerna tillsammans, räknad per" in text]


def test_labels_of_points_that_lie_near_stand_apart_and_inside() -> None:
    look, frame = series(["05"])["05"], (34.0, 26.0, 450.0, 310.0)
    near = [(Point(name, 1, 2, look), 440 + x, 300 - x) for x, name in enumerate(("RÖ", "RJL", "RKL", "Ödeshög"))]
    marks = [(x - 4, y - 4, x + 4, y + 4) for _one, x, y in near]
    boxes = [
        (x, y, x + styles.width(one.name, 7.4, styles.BOLD), y + 6)
        for (one, *_at), (x, y) in zip(near, label_places(near, marks, frame), strict=True)
    ]
    assert all(frame[0] <= box[0] and box[2] <= frame[2] and frame[1] <= box[1] and box[3] <= frame[3] for box in boxes)
    for one, other in itertools.combinations((*boxes, marks[0], marks[3]), 2):
        if one in boxes:
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
