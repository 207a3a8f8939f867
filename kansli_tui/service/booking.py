"""Appointments on a referral, within a service's transaction: booked, moved, cancelled. A move is one step: new made, old ended.

Whoever books (a person at the calendar, a unit's message) goes through here, so that a referral never has two appointments.
"""

from datetime import datetime

from sqlalchemy import select

from db.models import Booking, Person, Referral, Slot, Unit
from kansli_tui.errors import RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralEvent, ReferralState
from kansli_tui.rows.referrals import BookingState
from kansli_tui.service import referring
from kansli_tui.service.context import STOCKHOLM
from kansli_tui.service.walk import Walk

_DAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")
_MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni",
    "juli", "augusti", "september", "oktober", "november", "december",
)  # fmt: skip


def book(
    walk: Walk,
    person: Person,
    referral: Referral,
    *,
    starts_at: datetime,
    minutes: int | None = None,
    source: str = "hand",
    why: str = "",
    message_id: int | None = None,
) -> Booking:
    """Give the referral an appointment; one that it has already is moved to it, in the same step.

    The slot of that time is filled where the unit has one. RefusedError when the slot is closed or taken, or when no appointment
    can be made as the referral stands.
    """
    unit = walk.session.get_one(Unit, referral.unit_id)
    slot = _free_slot(walk, unit, starts_at, referral) if source == "hand" else _slot(walk, unit, starts_at)
    moving = referral.state is ReferralState.BOOKED
    old = walk.end_booking(referral, BookingState.MOVED, why)
    made = Booking(
        referral_id=referral.id,
        person_id=person.id,
        region=person.region,
        unit_id=unit.id,
        slot_id=slot.id if slot is not None and not _taken(walk, slot) else None,
        starts_at=starts_at,
        minutes=minutes or (slot.minutes if slot is not None else None),
        state=BookingState.BOOKED,
        source=source,
        made_at=walk.at,
        made_by=walk.actor.username,
        why=why,
    )
    walk.session.add(made)
    walk.session.flush()
    if old is not None:
        old.moved_to_id = made.id
    event = ReferralEvent.MOVED if moving else ReferralEvent.BOOKED
    referring.advance(walk, person, referral, event, booked_for=starts_at, note=why, message_id=message_id)
    if not unit.writes_itself:
        walk.prepare_letter(
            person,
            LetterType.MRI_CALL,
            {"mri_unit": unit.name, "booked_at": _in_words(starts_at), "unit_phone": unit.phone},
        )
    return made


def cancel(
    walk: Walk, person: Person, referral: Referral, *, why: str, message_id: int | None = None, orphaned: bool = False
) -> None:
    """Take the referral's appointment away: somebody books another. `orphaned` ones come first."""
    walk.end_booking(referral, BookingState.CANCELLED, why)
    referring.advance(walk, person, referral, ReferralEvent.BOOKING_CANCELLED, note=why, message_id=message_id)
    referral.orphaned = orphaned


def _slot(walk: Walk, unit: Unit, starts_at: datetime) -> Slot | None:
    return walk.session.scalar(select(Slot).where(Slot.unit_id == unit.id, Slot.starts_at == starts_at))


def _free_slot(walk: Walk, unit: Unit, starts_at: datetime, referral: Referral) -> Slot | None:
    slot = _slot(walk, unit, starts_at)
    if slot is None:
        return None
    if not slot.open:
        raise RefusedError("The slot is closed: {reason}", reason=slot.closed_reason)
    if _taken(walk, slot, by_other_than=referral):
        raise RefusedError("The slot is taken. Choose another one.")
    return slot


def _taken(walk: Walk, slot: Slot, *, by_other_than: Referral | None = None) -> bool:
    taken = select(Booking.id).where(Booking.slot_id == slot.id, Booking.state == BookingState.BOOKED)
    if by_other_than is not None:
        taken = taken.where(Booking.referral_id != by_other_than.id)
    return walk.session.scalar(taken.limit(1)) is not None


def _in_words(at: datetime) -> str:
    """As the letter says it: 'tisdag 24 november 2026 kl. 10.00'."""
    local = at.astimezone(STOCKHOLM)
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year} kl. {local:%H.%M}"
