"""A unit's MRI answer (ORU^R01) from a message that has been split: what it says. It takes no position on whose it is.

Volume and PI-RADS count only where they are coded. What the text says of them is kept as text, and a score in it is a suggestion.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from kansli_tui.exchange import hl7_parts as parts
from kansli_tui.exchange.hl7_parts import Received, Remarks, stated
from kansli_tui.exchange.hl7_syntax import Message, Segment
from kansli_tui.exchange.lab_values import HL7_NULL, is_millilitres, visible
from kansli_tui.exchange.pirads_text import prose_scores
from kansli_tui.exchange.profile import Profile
from kansli_tui.rows.lab import Problem
from kansli_tui.rows.lab_reasons import Reason, Remark
from kansli_tui.rows.referral_messages import Lesion, MriReport

# HL7 table 0074, the diagnostic sections that make pictures.
_SECTIONS: Final = frozenset({"RAD", "RUS", "RX", "CT", "NMR", "NMS", "OUS", "VUS", "CUS", "XRC"})
_REPORT: Final = "18748-4"
_VOLUME: Final = "15315-5"
_PIRADS: Final = "1345044005"
_EXAM: Final = "719178004"
_CODES: Final = frozenset({_REPORT, _VOLUME, _PIRADS, _EXAM})

_NOT_DONE: Final = "X"
_TAKEN_BACK: Final = frozenset("WD")
_WAITING: Final = frozenset("PSRI")
_PARTIAL: Final = "A"
_SCORE: Final = re.compile("[1-5]", re.ASCII)
_PROSE_TYPES: Final = frozenset({"FT", "TX", "ST"})


def is_radiology(message: Message) -> bool:
    """Whether a message of results comes from radiology, by its sections or else by its codes alone."""
    requests = message.named("OBR")
    if requests and all(segment.part(24) in _SECTIONS for segment in requests):
        return True
    codes = {segment.part(3) for segment in message.named("OBX")} | {segment.part(4) for segment in requests}
    return bool(codes) and codes <= _CODES


def read_mri_report(message: Message, received: Received, profile: Profile) -> MriReport | Problem:
    """What the message says about the examination, or why it cannot be used."""
    remarks = Remarks()
    patient, groups = message.named("PID")[0], list(parts.groups(message))
    order_number = parts.order_of(groups)
    if isinstance(order_number, Problem):
        return order_number
    rows = [row for group in groups for row in group.rows if row.name == "OBX"]
    statuses = [row.part(parts.STATUS_FIELD).strip(" ") for row in rows]
    status = _status([group.request.part(25).strip(" ") for group in groups], statuses, remarks)
    if isinstance(status, Problem):
        return status
    birth_date = parts.birth_date(patient, remarks)
    if isinstance(birth_date, Problem):
        return birth_date
    counting = [row for row, own in zip(rows, statuses, strict=True) if own not in _TAKEN_BACK]
    lesions = _lesions([row for row in counting if _is(row, _PIRADS)])
    if isinstance(lesions, Problem):
        return lesions
    volume_rows = [row for row in counting if _is(row, _VOLUME) and not parts.silent(row)]
    text = _text([row for row in counting if not _is(row, _PIRADS, _VOLUME)], parts.notes(message, remarks), remarks)
    chosen = groups[0]
    parts.note_parties(message, parts.issuer_of(chosen), profile, remarks)
    exams = {group.request.part(4, component) for group in groups for component in (1, 4)}
    remarks.note(Remark.OTHER_EXAM, when=profile.exam_code not in exams)
    return MriReport(
        format="hl7",
        control_id=stated(message.header.part(10)),
        sender=parts.sender_of(message),
        message_type=parts.message_type(message),
        raw=received.raw,
        sha256=received.sha256,
        position=received.position,
        order_number=order_number,
        unit_number=stated(chosen.request.part(3) or (chosen.order.part(3) if chosen.order else "")),
        identities=tuple(parts.identities(patient)),
        birth_date=birth_date,
        status=status,
        completed=status != _NOT_DONE and any(own != _NOT_DONE for own in statuses),
        examined_at=parts.time(chosen.request.part(7), remarks),
        reported_at=parts.time(chosen.request.part(22), remarks),
        text=text,
        volume_ml=_volume(volume_rows, remarks),
        volume_raw=", ".join(visible(f"{row.raw(5)} {row.part(6)}".strip()) for row in volume_rows),
        lesions=lesions,
        prose_scores=prose_scores(text),
        sent_at=parts.time(message.header.part(7), remarks),
        warnings=remarks.values(),
    )


def _status(requests: Sequence[str], rows: Sequence[str], remarks: Remarks) -> str | Problem:
    """OBR-25, unless the rows say that less of the answer stands than it claims: withdrawn, or not final yet.

    OBR-25 is of HL7 table 0123, where A is a part of the results; among rows (table 0085) it is an amendment.
    """
    stated_statuses = {status for status in requests if status}
    if len(stated_statuses) > 1:
        return Problem(Reason.SEVERAL_STATUSES)
    status = visible(next(iter(stated_statuses), ""))
    if status == _PARTIAL:
        remarks.note(Remark.PARTIAL_REPORT)
        status = "P"
    own = {row for row in rows if row}
    if own and own <= _TAKEN_BACK:
        return min(own)
    remarks.note(Remark.ROWS_TAKEN_BACK, when=bool(own & _TAKEN_BACK))
    waiting = min(own & _WAITING, default=None)
    if waiting is not None and status not in (_NOT_DONE, *_WAITING):
        remarks.note(Remark.ROW_NOT_FINAL)
        return waiting
    return status or (visible(own.pop()) if len(own) == 1 and all(rows) else "")


def _is(row: Segment, *codes: str) -> bool:
    """Whether a row has one of the codes, as its own or as the alternative."""
    return row.part(3) in codes or row.part(3, 4) in codes


def _lesions(rows: Sequence[Segment]) -> tuple[Lesion, ...] | Problem:
    """One score a row. A row that does not state one of the five scores stops the answer: it may be the highest."""
    lesions = []
    for row in rows:
        if parts.silent(row) and row.part(parts.STATUS_FIELD).strip(" ") == _NOT_DONE:
            continue
        # A score has no unit: where something stands for one, a separator too many has put the lesion's number before it.
        has_unit = row.raw(6) not in ("", HL7_NULL) and not row.raw(6).startswith("{")
        if has_unit or row.part(2) not in ("NM", *_PROSE_TYPES) or not _SCORE.fullmatch(row.raw(5).strip(" ")):
            return Problem(Reason.PIRADS, {"line": row.line})
        lesions.append(Lesion(number=stated(row.part(4)) or "", score=int(row.raw(5))))
    return tuple(lesions)


def _volume(rows: Sequence[Segment], remarks: Remarks) -> Decimal | None:
    """The one volume in ml. Several that differ, a limit, another unit or none at all is no volume; nothing is converted."""
    found: set[Decimal | None] = set()
    for row in rows:
        number = parts.number(row, remarks)
        usable = number is not None and number.comparator is None and number.value > 0
        right = row.repetitions(6) == 1 and is_millilitres(row.part(6))
        found.add(number.value if number is not None and usable and right else None)
    volume = found.pop() if len(found) == 1 else None
    remarks.note(Remark.VOLUME, when=bool(rows) and volume is None)
    return volume


def _text(rows: Sequence[Segment], notes: str, remarks: Remarks) -> str:
    """The report as it reads: prose as it stands, other rows with their names, notes last."""
    lines = []
    for row in rows:
        if parts.silent(row):
            continue
        parts.note_escapes(row, 5, remarks)
        if row.part(2) in _PROSE_TYPES:
            lines.append(row.text(5))
        else:
            name = row.part(3, 2) or row.part(3)
            lines.append(f"{name}: {row.text(5)} {row.part(6)}".rstrip())
    return visible("\n".join([*lines, notes] if notes else lines))
