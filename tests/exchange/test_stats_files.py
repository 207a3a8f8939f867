"""The statistics as files: a spreadsheet finds numbers where there are numbers, nothing where something is hidden, and no formula."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

from openpyxl import load_workbook

from kansli_tui.exchange.stats_csv import stats_csv
from kansli_tui.exchange.stats_xlsx import stats_workbook
from kansli_tui.pathway.availability import WAITING_LISTS
from kansli_tui.pathway.indicators import INDICATORS
from kansli_tui.rows.availability import AvailabilityReport, WaitingPoint, WaitingRow
from kansli_tui.rows.statistics import Breakdown, LeadRow, Statistics, StatsFilter, StatsGroup, StatsRow
from kansli_tui.rows.stats_report import BalanceLine, QualityNote, ReportKind, StatsReport
from kansli_tui.service.disclosure_beside import disclosable_follow_up
from tests.reports.stats_factory import plan

DAY = date(2026, 1, 15)
ASKED = StatsFilter(("05", "06"), DAY, date(2025, 1, 1), date(2025, 12, 31))
SHOWN = StatsRow("participated", "05", "1976", 354, 1002, Decimal("35.3"), Decimal("32.4"), Decimal("38.3"))
HIDDEN = StatsRow("cancer", "05", "1976", None, None, None, suppressed=True)


def broken_down(by: str, name: str) -> Breakdown:
    return Breakdown(ASKED, by, (StatsGroup("all", (SHOWN,)), StatsGroup(name, (SHOWN, HIDDEN))))


def a_report(**more: Any) -> StatsReport:
    lists = WAITING_LISTS[0].name, WAITING_LISTS[4].name
    waiting = WaitingRow(lists[0], "05", 12, None, None, None, Decimal(3), 9, 4000, Decimal("30.0"), {"": 12})
    few = WaitingRow(
        lists[1], "05", 20, 14, None, None, Decimal(3), 9, 4000, Decimal("50.0"), {"": None, "capacity": None}
    )
    values: dict[str, Any] = {
        "kind": ReportKind.YEAR,
        "period": "2025",
        "filter": ASKED,
        "made_at": datetime(2026, 1, 15, 9, 30, tzinfo=UTC),
        "made_by": "Eva Ek",
        "recipient": "=HYPERLINK(1)",
        "purpose": "+46 styrelsen",
        "exact": False,
        "invented": True,
        "statistics": Statistics(ASKED, (SHOWN, HIDDEN)),
        "earlier": Statistics(ASKED, ()),
        "by_region": broken_down("region", "05"),
        "by_municipality": broken_down("municipality", "0580"),
        "by_age": broken_down("age", "50"),
        "by_round": broken_down("round", "first"),
        "leads": (LeadRow("mri_wait", "05", "", 0, 40, 10.0, 14.5, 20.0, None, None, None, None, None, None),),
        "leads_by_unit": (
            LeadRow("mri_wait", "05", "@MR, Linköping", 7, None, None, None, None, None, None, None, 6, None, 30),
        ),
        "availability": AvailabilityReport(
            DAY,
            ("05",),
            (waiting, few),
            (WaitingPoint(lists[0], "05", date(2025, 12, 31), 9, None, None, 4000, Decimal("22.5")),),
        ),
        "follow_up": None,
        "balance": (BalanceLine("05", 4000, None),),
        "notes": (QualityNote("Working…", None, {}),),
    }
    return StatsReport(**{**values, **more})


def sheets(report: StatsReport) -> dict[str, Any]:
    return {sheet.title: sheet for sheet in load_workbook(BytesIO(stats_workbook(report)))}


def lines(sheet: Any) -> list[dict[str, Any]]:
    heads, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def test_numbers_are_numbers_and_hidden_cells_are_empty() -> None:
    book = sheets(a_report())
    sheet = book["Indikatorer"]
    shown, hidden = lines(sheet)
    assert (shown["antal"], shown["av"], shown["födelseår"], shown["region"]) == (354, 1002, 1976, "RÖ")
    assert round(shown["procent"], 6) == 0.353
    assert sheet["G2"].number_format == "0.0 %"
    assert (hidden["antal"], hidden["av"], hidden["procent"], hidden["dolt"]) == (None, None, None, "dolt")
    assert shown["dolt"] is None
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:J3")
    assert [row["grupp"] for row in lines(book["Kommuner"])] == ["alla", "Linköping", "Linköping"]
    first, by_unit = lines(book["Ledtider"])
    assert (first["klar"], first["median"], first["dolt"]) == (40, 14.5, "dolt")
    assert (by_unit["enhet"], by_unit["väntar fortfarande"]) == ("@MR, Linköping", 6)
    waits = lines(book["Tillgänglighet"])
    assert [row["dolt"] for row in waits] == [None, None, "dolt", "dolt", "dolt", None]
    assert waits[0]["dag"].date() == DAY
    assert {one.name for one in INDICATORS} <= {row["indikator"] for row in lines(book["Definitioner"])}
    assert [row["dolt"] for row in lines(book["Datakvalitet"])] == [None, "dolt", "dolt"]


def test_a_hidden_result_of_the_plan_has_no_number_and_no_colour() -> None:
    left = disclosable_follow_up(plan())
    shown, *_more, few, _none = lines(sheets(a_report(follow_up=left))["Uppföljning"])
    assert (shown["resultat"], shown["antal"], shown["av"], shown["status"], shown["dolt"]) == (
        96,
        None,
        None,
        "grön",
        None,
    )
    assert (few["resultat"], few["antal"], few["av"], few["status"], few["dolt"]) == (None, None, None, None, "dolt")


def test_the_time_is_the_offices_own_to_the_minute() -> None:
    at = datetime(2026, 7, 15, 22, 30, 41, 123456, tzinfo=UTC)
    cell = next(row for row in sheets(a_report(made_at=at))["Översikt"].iter_rows() if row[0].value == "Gjord")[1]
    assert (cell.value, cell.number_format) == (datetime(2026, 7, 16, 0, 30), "yyyy-mm-dd hh:mm")


def test_what_comes_from_outside_is_text_whatever_it_begins_with() -> None:
    book = sheets(a_report(made_by="-1\x07"))
    said = {row["vad"]: row["uppgift"] for row in lines(book["Översikt"])}
    assert (said["Mottagare"], said["Ändamål"]) == ("=HYPERLINK(1)", "+46 styrelsen")
    assert not [cell for sheet in book.values() for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_the_same_report_gives_the_same_bytes_and_an_exact_one_says_so() -> None:
    assert stats_workbook(a_report()) == stats_workbook(a_report())
    notes = [row["uppgift"] for row in lines(sheets(replace(a_report(), exact=True))["Översikt"])]
    assert "Exakta tal: filen får inte lämna kansliet." in notes


def test_the_csv_has_commas_in_its_decimals_and_nothing_for_what_is_hidden() -> None:
    raw = stats_csv((SHOWN, replace(HIDDEN, region="=1+1")))
    read = list(csv.DictReader(StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    assert (read[0]["numerator"], read[0]["percent"], read[0]["low"], read[0]["suppressed"]) == (
        "354",
        "35,3",
        "32,4",
        "0",
    )
    assert (read[1]["numerator"], read[1]["denominator"], read[1]["percent"], read[1]["suppressed"]) == (
        "",
        "",
        "",
        "1",
    )
    assert read[1]["region"] == "'=1+1"
