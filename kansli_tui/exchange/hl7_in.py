"""One incoming HL7 v2 message: which kind it is, and what it says as values. It takes no position on whose it is."""

import hashlib
from typing import Final

from kansli_tui.exchange.hl7_parts import Received, message_type, results_problem, structure_problem
from kansli_tui.exchange.hl7_syntax import Message, split_message
from kansli_tui.exchange.lab_in import read_lab_answer
from kansli_tui.exchange.profile import Profile
from kansli_tui.exchange.radiology_in import is_radiology, read_mri_report
from kansli_tui.exchange.scheduling_in import EVENTS, read_booking
from kansli_tui.rows.incoming import IncomingItem
from kansli_tui.rows.lab import LabAnswer, OtherMessage, Problem, Unreadable
from kansli_tui.rows.lab_reasons import Reason
from kansli_tui.rows.referral_messages import BookingMessage, MriReport

# Segments of versions 2.3 to 2.8. A damaged name must not make a result row disappear unseen.
_RESULT_SEGMENTS: Final = frozenset(
    [
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
    ]
)
_BOOKING_SEGMENTS: Final = frozenset(
    [
        "SFT",
        "UAC",
        "SCH",
        "TQ1",
        "NTE",
        "PID",
        "PD1",
        "ARV",
        "PRT",
        "PV1",
        "PV2",
        "OBX",
        "DG1",
        "RGS",
        "AIS",
        "AIG",
        "AIL",
        "AIP",
    ]
)
_OTHER_TYPES: Final = frozenset(
    {"SIU", "OML", "OMG", "ORM", "ORL", "ORG", "ORR", "ACK", "ADT", "MDM", "OUL", "SRM", "SRR"}
)


def read_message(raw: bytes, position: int, profile: Profile, *, cut_off: bool = False) -> IncomingItem:
    """Read one message.

    Args:
        raw: its bytes, from MSH on, without framing.
        position: its number in the file, from 1.
        profile: the counterpart's.
        cut_off: the file says that this message does not end where it should.
    """
    raw = raw.rstrip(b"\r\n")
    received = Received(raw, hashlib.sha256(raw).hexdigest(), position)
    message = Problem(Reason.CUT_OFF) if cut_off else split_message(raw, profile)
    read = message if isinstance(message, Problem) else _read(message, received, profile)
    if isinstance(read, Problem):
        return Unreadable(position, raw, received.sha256, read.reason, read.values)
    return read


def _read(
    message: Message, received: Received, profile: Profile
) -> LabAnswer | MriReport | BookingMessage | OtherMessage | Problem:
    type_ = message_type(message)
    if type_ == "ORU^R01":
        problem = structure_problem(message, profile, _RESULT_SEGMENTS) or results_problem(message)
        if problem:
            return problem
        read = read_mri_report if is_radiology(message) else read_lab_answer
        return read(message, received, profile)
    if type_ in EVENTS:
        problem = structure_problem(message, profile, _BOOKING_SEGMENTS)
        return problem or read_booking(message, received, profile)
    values: dict[str, str | int] = {"type": type_}
    if message.header.part(9, 1) in _OTHER_TYPES:
        return OtherMessage(received.position, type_, received.raw, received.sha256, Reason.OTHER_TYPE, values)
    return Problem(Reason.UNKNOWN_TYPE, values)
