"""Laboratory answers as CSV, one answer a row: order;pnr;code;value;unit;status;sampled_at;reported_at;comment."""

from collections.abc import Iterator, Mapping
from typing import Final

from kansli_tui.exchange.csv_rows import CsvRow, csv_rows
from kansli_tui.exchange.lab_values import HL7_NULL, canonical_unit, read_iso_time, read_number, visible
from kansli_tui.exchange.profile import Profile
from kansli_tui.rows.lab import LabAnswer, Observation, PatientId, Unreadable
from kansli_tui.rows.lab_reasons import Reason, Remark

HEADINGS: Final = ("order", "pnr", "code", "value", "unit", "status", "sampled_at", "reported_at", "comment")


def read_lab_csv(raw: bytes, profile: Profile) -> Iterator[LabAnswer | Unreadable]:
    """Read every row; `position` is the line number in the file.

    Raises:
        UnreadableFileError: a heading is missing or stands twice.
    """
    for row in csv_rows(raw, HEADINGS):
        yield _answer(row, profile) if isinstance(row, CsvRow) else row


def _answer(row: CsvRow, profile: Profile) -> LabAnswer | Unreadable:
    cells = row.cells
    sampled, reported = read_iso_time(cells["sampled_at"]), read_iso_time(cells["reported_at"])
    if not cells["pnr"]:
        return row.held(Reason.ROW_NO_NUMBER)
    if cells["sampled_at"] and sampled is None:
        return row.held(Reason.SAMPLE_TIME)
    return LabAnswer(
        format="csv",
        control_id=None,
        sender=profile.their_facility,
        message_type="CSV",
        raw=row.raw,
        sha256=row.sha256,
        position=row.line,
        order_number=visible(cells["order"]) or None,
        lab_number=None,
        identities=(PatientId(visible(cells["pnr"]), ""),),
        birth_date=None,
        family="",
        given="",
        sampled_at=sampled,
        reported_at=reported,
        observations=(_observation(cells),),
        comment=visible(cells["comment"]),
        warnings=(Remark.TIME.value,) if cells["reported_at"] and reported is None else (),
    )


def _observation(cells: Mapping[str, str]) -> Observation:
    number = read_number(cells["value"], dot_is_decimal=False)
    silent = cells["value"] in ("", HL7_NULL)
    return Observation(
        code=visible(cells["code"]),
        code_system="",
        code_text="",
        value_type="CSV",
        raw_value=visible(cells["value"]),
        value=number.value if number else None,
        comparator=number.comparator if number else None,
        unit_raw=visible(cells["unit"]),
        unit=canonical_unit(cells["unit"]),
        status=visible(cells["status"]),
        flag="",
        analysed_at=None,
        text=None if number or silent else visible(cells["value"]),
    )
