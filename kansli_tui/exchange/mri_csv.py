"""MRI bookings and answers as CSV, one event a row: order;pnr;event;at;unit;pirads;volume_ml;text.

A result beside an event that has none holds the row: one of the two is a mistake. `at` is the time of the appointment, or of the
answer; a day alone counts as a day.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from kansli_tui.exchange.csv_rows import CsvRow, csv_rows, row_head
from kansli_tui.exchange.lab_values import read_iso_time, read_number, visible
from kansli_tui.exchange.pirads_text import prose_scores
from kansli_tui.rows.lab import Unreadable
from kansli_tui.rows.lab_reasons import Reason, Remark
from kansli_tui.rows.referral_messages import BookingEvent, BookingMessage, Lesion, MriReport

HEADINGS: Final = ("order", "pnr", "event", "at", "unit", "pirads", "volume_ml", "text")

_ANSWERED: Final = "answered"
_EVENTS: Final = {event.value: event for event in BookingEvent}
_TIMED: Final = frozenset({BookingEvent.BOOKED, BookingEvent.MOVED})
_SCORES: Final = re.compile(r"[1-5](?: ?, ?[1-5])*", re.ASCII)
_DAY: Final = 10


def read_mri_csv(raw: bytes) -> Iterator[MriReport | BookingMessage | Unreadable]:
    """Read every row; `position` is the line number in the file.

    Raises:
        UnreadableFileError: a heading is missing or stands twice.
    """
    for row in csv_rows(raw, HEADINGS):
        yield _event(row) if isinstance(row, CsvRow) else row


def _event(row: CsvRow) -> MriReport | BookingMessage | Unreadable:
    cells = row.cells
    word = cells["event"].lower()
    if not cells["pnr"]:
        return row.held(Reason.ROW_NO_NUMBER)
    if word != _ANSWERED and word not in _EVENTS:
        return row.held(Reason.ROW_MRI_EVENT)
    if cells["at"] and read_iso_time(cells["at"]) is None:
        return row.held(Reason.ROW_TIME)
    return _report(row) if word == _ANSWERED else _booking(row, _EVENTS[word])


def _booking(row: CsvRow, event: BookingEvent) -> BookingMessage | Unreadable:
    cells = row.cells
    if cells["pirads"] or cells["volume_ml"]:
        return row.held(Reason.ROW_MISPLACED)
    if event in _TIMED and not cells["at"]:
        return row.held(Reason.ROW_TIME)
    day_only = event in _TIMED and len(cells["at"]) == _DAY
    return BookingMessage(
        **row_head(row),
        warnings=(Remark.NO_TIME_OF_DAY.value,) if day_only else (),
        event=event,
        starts_at=read_iso_time(cells["at"]),
        unit=visible(cells["unit"]),
        why=visible(cells["text"]),
    )


def _report(row: CsvRow) -> MriReport | Unreadable:
    cells = row.cells
    if not (cells["pirads"] or cells["volume_ml"] or cells["text"]):
        return row.held(Reason.ROW_EMPTY_ANSWER)
    if cells["pirads"] and not _SCORES.fullmatch(cells["pirads"]):
        return row.held(Reason.ROW_PIRADS)
    volume = _volume(cells["volume_ml"])
    if cells["volume_ml"] and volume is None:
        return row.held(Reason.ROW_VOLUME)
    scores = [int(score) for score in cells["pirads"].split(",")] if cells["pirads"] else []
    text = visible(cells["text"])
    return MriReport(
        **row_head(row),
        status="F",
        completed=True,
        examined_at=None,
        reported_at=read_iso_time(cells["at"]),
        text=text,
        volume_ml=volume,
        volume_raw=visible(cells["volume_ml"]),
        lesions=tuple(Lesion(str(number), score) for number, score in enumerate(scores, start=1)),
        prose_scores=prose_scores(text),
        unit=visible(cells["unit"]),
    )


def _volume(written: str) -> Decimal | None:
    number = read_number(written, dot_is_decimal=False)
    return number.value if number is not None and number.comparator is None and number.value > 0 else None
