"""A unit's message about an appointment (SIU^S12, S13, S15, S26) from a message that has been split. It decides nothing.

SCH-1 is our referral number and SCH-2 the unit's. The time is that of SCH-11; the resource segments keep the old one in some
systems when an appointment is moved, so they count only where SCH-11 is silent.
"""

import re
from datetime import datetime
from typing import Final

from kansli_tui.exchange import hl7_parts as parts
from kansli_tui.exchange.hl7_parts import Received, Remarks, stated
from kansli_tui.exchange.hl7_syntax import Message, Segment
from kansli_tui.exchange.lab_values import read_hl7_time
from kansli_tui.exchange.profile import Profile
from kansli_tui.rows.lab import Problem
from kansli_tui.rows.lab_reasons import Reason, Remark
from kansli_tui.rows.referral_messages import BookingEvent, BookingMessage

EVENTS: Final = {
    "SIU^S12": BookingEvent.BOOKED,
    "SIU^S13": BookingEvent.MOVED,
    "SIU^S15": BookingEvent.CANCELLED,
    "SIU^S26": BookingEvent.NO_SHOW,
}

_TIMED: Final = frozenset({BookingEvent.BOOKED, BookingEvent.MOVED})
# HL7 table 0278 in SCH-25: what each event may be called there. A word outside the table is the unit's own and says nothing.
_BOOKED_WORDS: Final = frozenset({"booked", "overbook"})
_CANCELLED_WORDS: Final = frozenset({"cancelled", "dc", "deleted"})
_STATUS_WORDS: Final = {
    BookingEvent.BOOKED: _BOOKED_WORDS,
    BookingEvent.MOVED: _BOOKED_WORDS,
    BookingEvent.CANCELLED: _CANCELLED_WORDS,
    BookingEvent.NO_SHOW: frozenset({"noshow"}),
}
_TABLE_0278: Final = frozenset(
    {"pending", "waitlist", "booked", "started", "complete", "cancelled", "dc", "deleted"}
) | {
    "blocked",
    "overbook",
    "noshow",
}
_MINUTES: Final = frozenset({"min", "mins", "minute", "minutes", "m"})
# SCH-11: quantity, interval, duration, start, end and more; a start is needed for an end, and nothing else looks like a time.
_TIMING: Final = re.compile(
    r"|[0-9]{0,3}\^[A-Z0-9]{0,6}\^[A-Z]?[0-9]{0,4}(?:\^|\^[0-9.+-]{8,24}(?:\^[0-9.+-]*(?:\^.*)?)?)?", re.ASCII
)
_LONG: Final = re.compile("[0-9]{8}", re.ASCII)
_CENTURY: Final = "20"
_TO_THE_MINUTE: Final = 12
_WHOLE: Final = re.compile("[1-9][0-9]{0,2}", re.ASCII)


def read_booking(message: Message, received: Received, profile: Profile) -> BookingMessage | Problem:
    """What the message says about the appointment, or why it cannot be used."""
    schedules = message.named("SCH")
    if len(schedules) != 1:
        return Problem(Reason.SEVERAL_APPOINTMENTS if schedules else Reason.NO_APPOINTMENT)
    remarks = Remarks()
    type_ = parts.message_type(message)
    event, schedule, patient = EVENTS[type_], schedules[0], message.named("PID")[0]
    status = schedule.part(25).strip(" ").lower()
    if status in _TABLE_0278 - _STATUS_WORDS[event]:
        return Problem(Reason.APPOINTMENT_STATUS)
    numbers = {text for text in (stated(schedule.part(1)), stated(schedule.part(26))) if text is not None}
    if len(numbers) > 1:
        return Problem(Reason.APPOINTMENT_NUMBERS)
    starts_at = _starts_at(message, schedule, event, remarks)
    if isinstance(starts_at, Problem):
        return starts_at
    birth_date = parts.birth_date(patient, remarks)
    if isinstance(birth_date, Problem):
        return birth_date
    parts.note_parties(message, schedule.part(1, 2), profile, remarks)
    why = [stated(schedule.part(6, 2) or schedule.part(6)), stated(schedule.part(7, 2)), parts.notes(message, remarks)]
    return BookingMessage(
        format="hl7",
        control_id=stated(message.header.part(10)),
        sender=parts.sender_of(message),
        message_type=type_,
        raw=received.raw,
        sha256=received.sha256,
        position=received.position,
        order_number=next(iter(numbers), None),
        unit_number=stated(schedule.part(2)),
        identities=tuple(parts.identities(patient)),
        birth_date=birth_date,
        sent_at=parts.time(message.header.part(7), remarks),
        warnings=remarks.values(),
        event=event,
        starts_at=starts_at,
        minutes=_minutes(message, schedule),
        unit=_unit(message),
        why="\n".join(dict.fromkeys(words for words in why if words)),
    )


def _resources(message: Message) -> list[Segment]:
    """The services booked (AIS) that the message does not take away."""
    return [segment for segment in message.named("AIS") if segment.part(2) != "D"]


def _starts_at(message: Message, schedule: Segment, event: BookingEvent, remarks: Remarks) -> datetime | Problem | None:
    if _out_of_place(schedule):
        return Problem(Reason.APPOINTMENT_TIME)
    first = [schedule.part(11, 4, repetition=n) for n in range(1, schedule.repetitions(11) + 1)]
    second = [segment.part(4) for segment in _resources(message)]
    sources = [{text.strip(" ") for text in source if stated(text) is not None} for source in (first, second)]
    written = next((source for source in sources if source), set())
    if not written:
        return Problem(Reason.APPOINTMENT_TIME) if event in _TIMED else None
    times = {_to_the_minute(text) for text in written}
    if len(times) > 1 or None in times:
        return Problem(Reason.APPOINTMENT_TIME)
    remarks.note(Remark.APPOINTMENT_TIMES, when=any(_to_the_minute(text) not in times for text in sources[1]))
    return times.pop()


def _out_of_place(schedule: Segment) -> bool:
    """Whether a lost or extra separator has moved the time from where it belongs, so that another would be read for it."""
    if any(_LONG.search(schedule.raw(field)) for field in (9, 10, 12)):
        return True
    return not all(_TIMING.fullmatch(timing) for timing in schedule.raw(11).split("~"))


def _to_the_minute(written: str) -> datetime | None:
    """A time of day. A day alone is no time for an appointment: half a number would read as midnight."""
    if len(written) < _TO_THE_MINUTE or not written[:_TO_THE_MINUTE].isdigit() or written[:2] != _CENTURY:
        return None
    return read_hl7_time(written)


def _minutes(message: Message, schedule: Segment) -> int | None:
    """SCH-9 with its unit in SCH-10, else AIS-7 and AIS-8; None unless it is a whole number of minutes."""
    stated_as = [(schedule.part(9), schedule.part(10))]
    stated_as += [(segment.part(7), segment.part(8)) for segment in _resources(message)]
    for length, unit in stated_as:
        if _WHOLE.fullmatch(length) and unit.strip(" ").lower() in _MINUTES:
            return int(length)
    return None


def _unit(message: Message) -> str:
    """Who examines: the facility in AIL-3, else the place itself."""
    for place in message.named("AIL"):
        if unit := stated(place.part(3, 4) or place.part(3)):
            return unit
    return ""
