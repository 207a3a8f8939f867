"""What every incoming HL7 v2 message has: its head, its one patient, its requests with their result rows.

Strict where a damaged byte could move a value to another man or another order (one PID, known segments, one order), lenient
where the meaning is plain all the same; every leniency is noted among the remarks.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from kansli_tui.exchange.hl7_syntax import Message, Segment, holds_unknown_escape
from kansli_tui.exchange.lab_values import (
    HL7_NULL,
    Number,
    read_birth_date,
    read_hl7_time,
    read_number,
    read_structured_number,
    visible,
)
from kansli_tui.exchange.profile import Profile
from kansli_tui.rows.lab import PatientId, Problem
from kansli_tui.rows.lab_reasons import Reason, Remark

STATUS_FIELD: Final = 11
"""Where a result row (OBX) has its status."""


@dataclass(frozen=True, slots=True)
class Received:
    """The bytes of one message as they came: without framing and without line breaks at the end."""

    raw: bytes
    sha256: str
    position: int


@dataclass(frozen=True, slots=True)
class Group:
    """An OBR with the ORC before it and the segments that follow it."""

    order: Segment | None
    request: Segment
    rows: tuple[Segment, ...]


class Remarks(list[Remark]):
    """Remarks in the order they were made, each once."""

    def note(self, remark: Remark, *, when: bool = True) -> None:
        """Add it, unless it is there already."""
        if when and remark not in self:
            self.append(remark)

    def values(self) -> tuple[str, ...]:
        """As message ids."""
        return tuple(remark.value for remark in self)


def message_type(message: Message) -> str:
    """MSH-9 without the structure, such as 'ORU^R01'."""
    return visible("^".join(part for part in (message.header.part(9, 1), message.header.part(9, 2)) if part))[:20]


def structure_problem(message: Message, profile: Profile, allowed: Collection[str]) -> Problem | None:
    """Why the message may not be read on, if so: a test, a segment that has no place there, not exactly one patient."""
    header = message.header
    if profile.processing_id == "P" and header.part(11) != "P":
        return Problem(Reason.TEST_MESSAGE, {"processing": visible(header.part(11))[:5]})
    for segment in message.segments[1:]:
        if segment.name not in allowed and not segment.name.startswith("Z"):
            return Problem(Reason.BROKEN_SEGMENT, {"line": segment.line})
    patients = len(message.named("PID"))
    if patients > 1:
        return Problem(Reason.SEVERAL_PATIENTS)
    return None if patients else Problem(Reason.NO_PATIENT)


def results_problem(message: Message) -> Problem | None:
    """Why the results cannot be read, if so: no request, no result row, or the last row without its end."""
    for name, reason in (("OBR", Reason.NO_REQUEST), ("OBX", Reason.NO_RESULT)):
        if not message.named(name):
            return Problem(reason)
    last = message.segments[-1]
    if last.name == "OBX" and len(last.fields) <= STATUS_FIELD:
        # The bytes end inside the result row: the digits before may be half a number.
        return Problem(Reason.CUT_OFF)
    return None


def groups(message: Message) -> Iterator[Group]:
    """The requests of a message of results, in order."""
    order: Segment | None = None
    request: Segment | None = None
    rows: list[Segment] = []
    for segment in message.segments:
        if segment.name in ("ORC", "OBR") and request is not None:
            yield Group(order, request, tuple(rows))
            order, request, rows = None, None, []
        if segment.name == "ORC":
            order = segment
        elif segment.name == "OBR":
            request = segment
        elif segment.name in ("OBX", "SPM"):
            rows.append(segment)
    if request is not None:
        yield Group(order, request, tuple(rows))


def stated(text: str) -> str | None:
    """Text that says something: an empty field and the HL7 null say nothing here."""
    return visible(text.strip(" ")) if text.strip(" ") not in ("", HL7_NULL) else None


def order_of(candidates: list[Group]) -> str | Problem | None:
    """Our number, from OBR-2 and ORC-2 of every group; a problem where they do not all say the same."""
    orders = []
    for group in candidates:
        written = [stated(group.request.part(2)), stated(group.order.part(2)) if group.order else None]
        numbers = {number for number in written if number is not None}
        if len(numbers) > 1:
            return Problem(Reason.ORDER_CONTRADICTION)
        orders.append(next(iter(numbers), None))
    return orders[0] if len(set(orders)) == 1 else Problem(Reason.SEVERAL_ORDERS)


def birth_date(patient: Segment, remarks: Remarks) -> date | Problem | None:
    """PID-7; None where it states no whole date."""
    written = patient.part(7)
    if stated(written) is None:
        return None
    try:
        day = read_birth_date(written)
    except ValueError:
        return Problem(Reason.BIRTH_DATE)
    remarks.note(Remark.PARTIAL_BIRTH_DATE, when=day is None)
    return day


def time(written: str, remarks: Remarks) -> datetime | None:
    """A time that nothing is decided on: one that cannot be read is left out and noted."""
    if stated(written) is None:
        return None
    moment = read_hl7_time(written)
    remarks.note(Remark.TIME, when=moment is None)
    return moment


def identities(patient: Segment) -> Iterator[PatientId]:
    """PID-3, every repetition with a number. The OID stands in the second part of CX-4, or alone in its first."""
    for repetition in range(1, patient.repetitions(3) + 1):
        number = stated(patient.part(3, 1, repetition=repetition))
        if number is not None:
            authority = patient.part(3, 4, repetition=repetition, subcomponent=2) or patient.part(
                3, 4, repetition=repetition
            )
            yield PatientId(number=number, authority_oid=visible(authority))


def notes(message: Message, remarks: Remarks) -> str:
    """What the sender has noted (NTE-3), one note a line."""
    segments = [segment for segment in message.named("NTE") if segment.raw(3) not in ("", HL7_NULL)]
    for segment in segments:
        note_escapes(segment, 3, remarks)
    return visible("\n".join(segment.text(3) for segment in segments))


def note_escapes(segment: Segment, field: int, remarks: Remarks) -> None:
    """Note where a text holds an escape sequence that is not understood."""
    remarks.note(Remark.ESCAPE, when=holds_unknown_escape(segment.raw(field), segment.codec))


def note_parties(message: Message, issuer: str, profile: Profile, remarks: Remarks) -> None:
    """Note what is odd about the head, the addressee and who gave the order number (`issuer`) out."""
    header = message.header
    remarks.note(Remark.NO_CONTROL_ID, when=stated(header.part(10)) is None)
    remarks.note(Remark.NO_CHARSET, when=not message.charset_stated)
    remarks.note(Remark.OTHER_RECEIVER, when=header.part(6) not in ("", profile.our_facility))
    remarks.note(Remark.OTHER_ORDER_ISSUER, when=issuer not in ("", profile.our_facility, profile.our_application))


def issuer_of(group: Group) -> str:
    """Who gave the order number out, '' when not stated."""
    return group.request.part(2, 2) or (group.order.part(2, 2) if group.order else "")


def sender_of(message: Message) -> str:
    """MSH-4 (facility), else MSH-3."""
    return visible(message.header.part(4) or message.header.part(3))


def silent(row: Segment) -> bool:
    """Whether a result row states no result."""
    return row.raw(5).strip(" ") in ("", HL7_NULL)


def number(row: Segment, remarks: Remarks) -> Number | None:
    """The one number of a result row. Escapes, components and repetitions have no place in a number."""
    value_type, raw_value = row.part(2), row.raw(5)
    if value_type not in ("NM", "SN", "ST", "TX", "FT"):
        return None
    if row.repetitions(5) > 1:
        remarks.note(Remark.SEVERAL_VALUES, when=value_type in ("NM", "SN"))
        return None
    if value_type == "SN":
        return read_structured_number(raw_value.split("^"))
    found = read_number(raw_value, dot_is_decimal=value_type == "NM")
    remarks.note(Remark.NOT_A_PLAIN_NUMBER, when=found is not None and value_type == "NM" and not found.plain)
    return found
