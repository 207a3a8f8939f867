"""A laboratory's answer (ORU^R01) from a message that has been split: what it says. It takes no position on whose it is."""

from datetime import datetime

from kansli_tui.exchange import hl7_parts as parts
from kansli_tui.exchange.hl7_parts import Group, Received, Remarks, stated
from kansli_tui.exchange.hl7_syntax import Message, Segment
from kansli_tui.exchange.lab_values import canonical_unit, is_psa, read_hl7_time, visible
from kansli_tui.exchange.profile import Profile
from kansli_tui.rows.lab import LabAnswer, Observation, Problem
from kansli_tui.rows.lab_reasons import Reason, Remark


def read_lab_answer(message: Message, received: Received, profile: Profile) -> LabAnswer | Problem:
    """The answer; the order is that of the group which holds the PSA."""
    remarks = Remarks()
    header, patient = message.header, message.named("PID")[0]
    groups = [
        (group, [_observation(row, remarks) for row in group.rows if row.name == "OBX"])
        for group in parts.groups(message)
    ]
    with_psa = [group for group, rows in groups if any(is_psa(row, profile) for row in rows)]
    candidates = with_psa or [group for group, _ in groups]
    order_number = parts.order_of(candidates)
    if isinstance(order_number, Problem):
        return order_number
    chosen = candidates[0]
    sampled = _sample_time(chosen)
    if isinstance(sampled, Problem):
        return sampled
    birth_date = parts.birth_date(patient, remarks)
    if isinstance(birth_date, Problem):
        return birth_date
    name = _legal_name(patient)
    comment = parts.notes(message, remarks)
    parts.note_parties(message, parts.issuer_of(chosen), profile, remarks)
    remarks.note(Remark.OTHER_SENDER, when=header.part(4) != profile.their_facility)
    return LabAnswer(
        format="hl7",
        control_id=stated(header.part(10)),
        sender=parts.sender_of(message),
        message_type=parts.message_type(message),
        raw=received.raw,
        sha256=received.sha256,
        position=received.position,
        order_number=order_number,
        lab_number=stated(chosen.request.part(3) or (chosen.order.part(3) if chosen.order else "")),
        identities=tuple(parts.identities(patient)),
        birth_date=birth_date,
        family=stated(patient.part(5, 1, repetition=name)) or "",
        given=stated(patient.part(5, 2, repetition=name)) or "",
        sampled_at=sampled,
        reported_at=parts.time(chosen.request.part(22), remarks),
        observations=tuple(row for _, rows in groups for row in rows),
        comment=comment,
        warnings=remarks.values(),
    )


def _sample_time(group: Group) -> datetime | Problem | None:
    """OBR-7, else the time in SPM-17. A time that cannot be read is a problem: rules on late samples stand on it."""
    written = [group.request.part(7), *(row.part(17) for row in group.rows if row.name == "SPM")]
    for text in written:
        if stated(text) is not None:
            return read_hl7_time(text) or Problem(Reason.SAMPLE_TIME)
    return None


def _legal_name(patient: Segment) -> int:
    """Which repetition of PID-5 is the legal name (type L), else the first."""
    return next((n for n in range(1, patient.repetitions(5) + 1) if patient.part(5, 7, repetition=n) == "L"), 1)


def _observation(row: Segment, remarks: Remarks) -> Observation:
    value_type, unit_raw = row.part(2), row.part(6)
    number = parts.number(row, remarks)
    silent = parts.silent(row)
    remarks.note(Remark.NO_VALUE_TYPE, when=not value_type and not silent)
    return Observation(
        code=visible(row.part(3)),
        code_system=visible(row.part(3, 3)),
        code_text=visible(row.part(3, 2)),
        value_type=visible(value_type),
        raw_value=visible(row.raw(5)),
        value=number.value if number else None,
        comparator=number.comparator if number else None,
        unit_raw=visible(unit_raw),
        unit=canonical_unit(unit_raw) if row.repetitions(6) == 1 else None,
        status=visible(row.part(parts.STATUS_FIELD)).strip(" "),
        flag=visible(row.part(8)),
        analysed_at=parts.time(row.part(19) or row.part(14), remarks),
        text=None if number or silent else visible(row.text(5)),
    )
