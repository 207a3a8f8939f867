"""What a held message says, as pairs for the screen. It shows what stands there and judges nothing."""

from typing import TypeGuard

from kansli_tui.i18n import _, later
from kansli_tui.labels import label
from kansli_tui.pathway.identity import format_identity
from kansli_tui.rows.incoming import IncomingItem
from kansli_tui.rows.lab import LabAnswer
from kansli_tui.rows.referral_messages import BookingMessage, MriReport, OutcomeEvent, OutcomeLine
from kansli_tui.service.naming import MASKED_NAME
from kansli_tui.service.taking_bookings import EVENTS as BOOKING_EVENTS

Readable = LabAnswer | MriReport | BookingMessage | OutcomeLine
_PERSONNUMMER = 12
_OUTCOMES = {
    OutcomeEvent.VISIT: later("Visit"),
    OutcomeEvent.BIOPSY: later("Biopsy"),
    OutcomeEvent.PATHOLOGY: later("Pathology answer"),
    OutcomeEvent.TREATMENT: later("Treatment"),
    OutcomeEvent.DECLINED: later("Declined"),
}


def is_readable(item: IncomingItem) -> TypeGuard[Readable]:
    """Whether the message can be matched at all."""
    return isinstance(item, Readable)


def summary(item: Readable | None, *, masked: bool) -> tuple[tuple[str, str], ...]:
    """(message id, value) pairs; no name where one of the people it states is protected."""
    if item is None:
        return ()
    numbers = ", ".join(
        format_identity(identity.number) if len(identity.number) == _PERSONNUMMER else identity.number
        for identity in item.identities
    )
    lines = [
        ("Number", numbers),
        *(_named(item, masked=masked) if isinstance(item, LabAnswer) else ()),
        ("Birth date", item.birth_date.isoformat() if item.birth_date else ""),
        ("Order", item.order_number or ""),
    ]
    match item:
        case LabAnswer():
            lines += _laboratory(item)
        case MriReport():
            lines += _report(item)
        case BookingMessage():
            lines += _booking(item)
        case OutcomeLine():
            lines += _outcome(item)
    return tuple(line for line in lines if line[1])


def _named(item: LabAnswer, *, masked: bool) -> list[tuple[str, str]]:
    name = ", ".join(part for part in (item.family, item.given) if part)
    return [("Name", MASKED_NAME if masked else name)]


def _laboratory(item: LabAnswer) -> list[tuple[str, str]]:
    return [
        ("Sampled", item.sampled_at.isoformat() if item.sampled_at else ""),
        *(
            (seen.code, f"{seen.raw_value} {seen.unit_raw} ({seen.status or '–'})".strip())
            for seen in item.observations
        ),
        ("Comment", item.comment),
    ]


def _report(item: MriReport) -> list[tuple[str, str]]:
    return [
        (later("Unit"), item.unit or item.sender),
        (later("Status"), item.status or "–"),
        (later("Examined"), item.examined_at.isoformat() if item.examined_at else ""),
        (later("PI-RADS"), ", ".join(str(lesion.score) for lesion in item.lesions)),
        (later("Volume"), item.volume_raw),
        (later("Text"), item.text),
    ]


def _booking(item: BookingMessage) -> list[tuple[str, str]]:
    return [
        (later("Unit"), item.unit or item.sender),
        (later("Event"), label(BOOKING_EVENTS[item.event])),
        (later("Appointment"), item.starts_at.isoformat() if item.starts_at else ""),
        ("Comment", item.why),
    ]


def _outcome(item: OutcomeLine) -> list[tuple[str, str]]:
    return [
        (later("Event"), _(_OUTCOMES[item.event])),
        (later("Day"), item.on.isoformat()),
        (later("ISUP"), "" if item.isup is None else str(item.isup)),
        (later("Treatment"), label(item.treatment) if item.treatment else ""),
    ]
