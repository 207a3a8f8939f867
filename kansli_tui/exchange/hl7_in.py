"""One HL7 v2 message from the laboratory: what it says, as values. It takes no position on whose answer it is.

Strict where a damaged byte could move a value to another man or another order (one PID, known segments, one order), lenient
where the meaning is plain all the same; every leniency is noted among the warnings.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from kansli_tui.exchange.hl7_syntax import Message, Segment, holds_unknown_escape, split_message
from kansli_tui.exchange.lab_values import (
    HL7_NULL,
    Number,
    canonical_unit,
    is_psa,
    read_birth_date,
    read_hl7_time,
    read_number,
    read_structured_number,
    visible,
)
from kansli_tui.exchange.profile import Profile
from kansli_tui.rows.incoming import IncomingItem
from kansli_tui.rows.lab import LabAnswer, Observation, OtherMessage, PatientId, Problem, Unreadable
from kansli_tui.rows.lab_reasons import Reason, Remark

# Segments of ORU^R01 in versions 2.3 to 2.8. A damaged name must not make a result row disappear unseen.
_SEGMENTS: Final = frozenset(
    {
        "MSH",
        "SFT",
        "UAC",
        "PID",
        "PD1",
        "NTE",
        "NK1",
        "ARV",
        "PRT",
        "PV1",
        "PV2",
        "ORC",
        "OBR",
        "TQ1",
        "TQ2",
        "CTD",
        "OBX",
        "FT1",
        "CTI",
        "SPM",
        "ROL",
        "EVN",
        "DG1",
        "BLG",
    }
)
_OTHER_TYPES: Final = frozenset(
    {"SIU", "OML", "OMG", "ORM", "ORL", "ORG", "ORR", "ACK", "ADT", "MDM", "OUL", "SRM", "SRR"}
)
# HL7 table 0074, the diagnostic sections that make pictures.
_RADIOLOGY: Final = frozenset({"RAD", "RUS", "RX", "CT", "NMR", "NMS", "OUS", "VUS", "CUS", "XRC"})
_RADIOLOGY_CODES: Final = frozenset({"18748-4", "15315-5", "1345044005", "719178004"})
_STATUS_FIELD: Final = 11


def read_message(raw: bytes, position: int, profile: Profile, *, cut_off: bool = False) -> IncomingItem:
    """Read one message.

    Args:
        raw: its bytes, from MSH on, without framing.
        position: its number in the file, from 1.
        profile: the counterpart's.
        cut_off: the file says that this message does not end where it should.
    """
    raw = raw.rstrip(b"\r\n")
    sha256 = hashlib.sha256(raw).hexdigest()
    message = Problem(Reason.CUT_OFF) if cut_off else split_message(raw, profile)
    read: LabAnswer | Problem
    if isinstance(message, Problem):
        read = message
    elif other := _other_kind(message):
        if other.reason is not Reason.UNKNOWN_TYPE:
            return OtherMessage(position, _message_type(message), raw, sha256, other.reason, other.values)
        read = other
    else:
        read = _answer(message, raw, sha256, position, profile)
    if isinstance(read, Problem):
        return Unreadable(position, raw, sha256, read.reason, read.values)
    return read


def _message_type(message: Message) -> str:
    return visible("^".join(part for part in (message.header.part(9, 1), message.header.part(9, 2)) if part))[:20]


def _other_kind(message: Message) -> Problem | None:
    """Why this is not a laboratory answer; None when it may be one."""
    type_ = _message_type(message)
    kind = message.header.part(9, 1)
    if type_ != "ORU^R01":
        return Problem(Reason.OTHER_TYPE if kind in _OTHER_TYPES else Reason.UNKNOWN_TYPE, {"type": type_})
    requests = message.named("OBR")
    codes = {segment.part(3) for segment in message.named("OBX")} | {segment.part(4) for segment in requests}
    if requests and all(segment.part(24) in _RADIOLOGY for segment in requests):
        return Problem(Reason.RADIOLOGY)
    return Problem(Reason.RADIOLOGY) if codes and codes <= _RADIOLOGY_CODES else None


@dataclass(frozen=True, slots=True)
class _Group:
    """An OBR with the ORC before it and the segments that follow it."""

    order: Segment | None
    request: Segment
    rows: tuple[Segment, ...]


def _groups(message: Message) -> Iterator[_Group]:
    order: Segment | None = None
    request: Segment | None = None
    rows: list[Segment] = []
    for segment in message.segments:
        if segment.name in ("ORC", "OBR") and request is not None:
            yield _Group(order, request, tuple(rows))
            order, request, rows = None, None, []
        if segment.name == "ORC":
            order = segment
        elif segment.name == "OBR":
            request = segment
        elif segment.name in ("OBX", "SPM"):
            rows.append(segment)
    if request is not None:
        yield _Group(order, request, tuple(rows))


class _Remarks(list[Remark]):
    """Remarks in the order they were made, each once."""

    def note(self, remark: Remark, *, when: bool = True) -> None:
        if when and remark not in self:
            self.append(remark)


def _structure_problem(message: Message, profile: Profile) -> Problem | None:
    header = message.header
    if profile.processing_id == "P" and header.part(11) != "P":
        return Problem(Reason.TEST_MESSAGE, {"processing": visible(header.part(11))[:5]})
    for segment in message.segments[1:]:
        if segment.name not in _SEGMENTS - {"MSH"} and not segment.name.startswith("Z"):
            return Problem(Reason.BROKEN_SEGMENT, {"line": segment.line})
    if len(message.named("PID")) > 1:
        return Problem(Reason.SEVERAL_PATIENTS)
    for name, reason in (("PID", Reason.NO_PATIENT), ("OBR", Reason.NO_REQUEST), ("OBX", Reason.NO_RESULT)):
        if not message.named(name):
            return Problem(reason)
    last = message.segments[-1]
    if last.name == "OBX" and len(last.fields) <= _STATUS_FIELD:
        # The bytes end inside the result row: the digits before may be half a number.
        return Problem(Reason.CUT_OFF)
    return None


def _answer(message: Message, raw: bytes, sha256: str, position: int, profile: Profile) -> LabAnswer | Problem:
    if problem := _structure_problem(message, profile):
        return problem
    remarks = _Remarks()
    header, patient = message.header, message.named("PID")[0]
    groups = [
        (group, [_observation(row, remarks) for row in group.rows if row.name == "OBX"]) for group in _groups(message)
    ]
    with_psa = [group for group, rows in groups if any(is_psa(row, profile) for row in rows)]
    candidates = with_psa or [group for group, _ in groups]
    orders = [_order_number(group) for group in candidates]
    for order in orders:
        if isinstance(order, Problem):
            return order
    if len(set(orders)) > 1:
        return Problem(Reason.SEVERAL_ORDERS)
    chosen, order_number = candidates[0], orders[0]
    assert not isinstance(order_number, Problem)
    sampled = _sample_time(chosen)
    birth_date = _birth_date(patient, remarks)
    for read in (sampled, birth_date):
        if isinstance(read, Problem):
            return read
    assert not isinstance(sampled, Problem)
    assert not isinstance(birth_date, Problem)
    name = _legal_name(patient)
    comment = "\n".join(segment.text(3) for segment in message.named("NTE") if segment.raw(3) not in ("", HL7_NULL))
    _note_parties(message, chosen, profile, remarks)
    remarks.note(
        Remark.ESCAPE, when=any(holds_unknown_escape(note.raw(3), note.codec) for note in message.named("NTE"))
    )
    return LabAnswer(
        format="hl7",
        control_id=_stated(header.part(10)),
        sender=visible(header.part(4) or header.part(3)),
        message_type=_message_type(message),
        raw=raw,
        sha256=sha256,
        position=position,
        order_number=order_number,
        lab_number=_stated(chosen.request.part(3) or (chosen.order.part(3) if chosen.order else "")),
        identities=tuple(_identities(patient)),
        birth_date=birth_date,
        family=_stated(patient.part(5, 1, repetition=name)) or "",
        given=_stated(patient.part(5, 2, repetition=name)) or "",
        sampled_at=sampled,
        reported_at=_time(chosen.request.part(22), remarks),
        observations=tuple(row for _, rows in groups for row in rows),
        comment=visible(comment),
        warnings=tuple(remark.value for remark in remarks),
    )


def _stated(text: str) -> str | None:
    """Text that says something: an empty field and the HL7 null say nothing here."""
    return visible(text.strip(" ")) if text.strip(" ") not in ("", HL7_NULL) else None


def _order_number(group: _Group) -> str | Problem | None:
    numbers = {
        number
        for number in (_stated(group.request.part(2)), _stated(group.order.part(2)) if group.order else None)
        if number is not None
    }
    if len(numbers) > 1:
        return Problem(Reason.ORDER_CONTRADICTION)
    return next(iter(numbers), None)


def _sample_time(group: _Group) -> datetime | Problem | None:
    """OBR-7, else the time in SPM-17. A time that cannot be read is a problem: rules on late samples stand on it."""
    written = [group.request.part(7), *(row.part(17) for row in group.rows if row.name == "SPM")]
    for text in written:
        if _stated(text) is not None:
            return read_hl7_time(text) or Problem(Reason.SAMPLE_TIME)
    return None


def _birth_date(patient: Segment, remarks: _Remarks) -> date | Problem | None:
    written = patient.part(7)
    if _stated(written) is None:
        return None
    try:
        birth_date = read_birth_date(written)
    except ValueError:
        return Problem(Reason.BIRTH_DATE)
    remarks.note(Remark.PARTIAL_BIRTH_DATE, when=birth_date is None)
    return birth_date


def _time(written: str, remarks: _Remarks) -> datetime | None:
    if _stated(written) is None:
        return None
    moment = read_hl7_time(written)
    remarks.note(Remark.TIME, when=moment is None)
    return moment


def _identities(patient: Segment) -> Iterator[PatientId]:
    """PID-3, every repetition with a number. The OID stands in the second part of CX-4, or alone in its first."""
    for repetition in range(1, patient.repetitions(3) + 1):
        number = _stated(patient.part(3, 1, repetition=repetition))
        if number is not None:
            authority = patient.part(3, 4, repetition=repetition, subcomponent=2) or patient.part(
                3, 4, repetition=repetition
            )
            yield PatientId(number=number, authority_oid=visible(authority))


def _legal_name(patient: Segment) -> int:
    """Which repetition of PID-5 is the legal name (type L), else the first."""
    return next((n for n in range(1, patient.repetitions(5) + 1) if patient.part(5, 7, repetition=n) == "L"), 1)


def _note_parties(message: Message, group: _Group, profile: Profile, remarks: _Remarks) -> None:
    header = message.header
    remarks.note(Remark.NO_CONTROL_ID, when=_stated(header.part(10)) is None)
    remarks.note(Remark.NO_CHARSET, when=not message.charset_stated)
    remarks.note(Remark.OTHER_SENDER, when=header.part(4) != profile.their_facility)
    remarks.note(Remark.OTHER_RECEIVER, when=header.part(6) not in ("", profile.our_facility))
    issuer = group.request.part(2, 2) or (group.order.part(2, 2) if group.order else "")
    remarks.note(Remark.OTHER_ORDER_ISSUER, when=issuer not in ("", profile.our_facility, profile.our_application))


def _observation(row: Segment, remarks: _Remarks) -> Observation:
    value_type, raw_value = row.part(2), row.raw(5)
    unit_raw = row.part(6)
    number = _number(row, value_type, raw_value, remarks)
    value: Decimal | None = number.value if number else None
    unit = canonical_unit(unit_raw) if row.repetitions(6) == 1 else None
    silent = raw_value.strip(" ") in ("", HL7_NULL)
    remarks.note(Remark.NO_VALUE_TYPE, when=not value_type and not silent)
    return Observation(
        code=visible(row.part(3)),
        code_system=visible(row.part(3, 3)),
        code_text=visible(row.part(3, 2)),
        value_type=visible(value_type),
        raw_value=visible(raw_value),
        value=value,
        comparator=number.comparator if number else None,
        unit_raw=visible(unit_raw),
        unit=unit,
        status=visible(row.part(_STATUS_FIELD)).strip(" "),
        flag=visible(row.part(8)),
        analysed_at=_time(row.part(19) or row.part(14), remarks),
        text=None if number or silent else visible(row.text(5)),
    )


def _number(row: Segment, value_type: str, raw_value: str, remarks: _Remarks) -> Number | None:
    """The one number of a result. Escapes, components and repetitions have no place in a number."""
    if value_type not in ("NM", "SN", "ST", "TX", "FT"):
        return None
    if row.repetitions(5) > 1:
        remarks.note(Remark.SEVERAL_VALUES, when=value_type in ("NM", "SN"))
        return None
    if value_type == "SN":
        return read_structured_number(raw_value.split("^"))
    number = read_number(raw_value, dot_is_decimal=value_type == "NM")
    remarks.note(Remark.NOT_A_PLAIN_NUMBER, when=number is not None and value_type == "NM" and not number.plain)
    return number
