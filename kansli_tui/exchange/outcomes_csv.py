"""Urology visits, biopsies, pathology and treatment as CSV, one event a row: order;pnr;event;at;isup;treatment.

A grade stands with pathology and a treatment with treatment, and nowhere else: a row that says otherwise is held.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

from kansli_tui.exchange.csv_rows import CsvRow, csv_rows, row_head
from kansli_tui.exchange.lab_values import read_iso_time, stockholm
from kansli_tui.rows.lab import Unreadable
from kansli_tui.rows.lab_reasons import Reason
from kansli_tui.rows.referral_messages import OutcomeEvent, OutcomeLine, Treatment

HEADINGS: Final = ("order", "pnr", "event", "at", "isup", "treatment")

_EVENTS: Final = {event.value: event for event in OutcomeEvent}
_TREATMENTS: Final = {treatment.value: treatment for treatment in Treatment}
_ISUP: Final = re.compile("[0-5]", re.ASCII)


def read_outcomes_csv(raw: bytes) -> Iterator[OutcomeLine | Unreadable]:
    """Read every row; `position` is the line number in the file.

    Raises:
        UnreadableFileError: a heading is missing or stands twice.
    """
    for row in csv_rows(raw, HEADINGS):
        yield _outcome(row) if isinstance(row, CsvRow) else row


def _outcome(row: CsvRow) -> OutcomeLine | Unreadable:
    cells = row.cells
    event = _EVENTS.get(cells["event"].lower())
    moment = read_iso_time(cells["at"])
    grade, treatment = cells["isup"], cells["treatment"].lower()
    if not cells["pnr"]:
        return row.held(Reason.ROW_NO_NUMBER)
    if event is None:
        return row.held(Reason.ROW_OUTCOME_EVENT)
    if moment is None:
        return row.held(Reason.ROW_TIME)
    if (grade and event is not OutcomeEvent.PATHOLOGY) or (treatment and event is not OutcomeEvent.TREATMENT):
        return row.held(Reason.ROW_MISPLACED)
    if event is OutcomeEvent.PATHOLOGY and not _ISUP.fullmatch(grade):
        return row.held(Reason.ROW_ISUP)
    if event is OutcomeEvent.TREATMENT and treatment not in _TREATMENTS:
        return row.held(Reason.ROW_TREATMENT)
    return OutcomeLine(
        **row_head(row),
        event=event,
        on=_day(moment),
        isup=int(grade) if grade else None,
        treatment=_TREATMENTS.get(treatment),
    )


def _day(moment: datetime) -> date:
    return moment.astimezone(stockholm()).date()
