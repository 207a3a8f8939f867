"""Appointments on a referral, within a service's transaction: booked, moved, cancelled. A move is one step: new made, old ended.

Whoever books (a person at the calendar, a unit's message) goes through here, so that a referral never has two appointments. The
caller holds the person's lock. What is refused is refused before anything has been written.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.exc import IntegrityError

from db.models import Booking, Letter, Person, Referral, Slot, Unit
from kansli_tui.errors import ChangedBySomeoneElseError, RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind, ReferralState, follows
from kansli_tui.pathway.steps import Queue
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.referrals import BookingState
from kansli_tui.service import referring
from kansli_tui.service.walk import Walk


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

    The slot of that time is filled where the unit has one. By hand (`source`) RefusedError when that slot is closed or taken; a
    unit's message says what is so, and an appointment in a slot that is taken stands beside it. RefusedError when no appointment
    can be made as the referral stands.
    """
    event = ReferralEvent.MOVED if referral.state is ReferralState.BOOKED else ReferralEvent.BOOKED
    _require(referral, event)
    unit = walk.session.get_one(Unit, referral.unit_id)
    slot = _slot(walk, unit, starts_at)
    if slot is not None and source == "hand":
        _refuse_unless_free(walk, slot, referral)
    fills = slot is not None and not _open_booking(walk, Booking.slot_id == slot.id, other_than=referral)
    old = walk.end_booking(referral, BookingState.MOVED, why)
    made = Booking(
        referral_id=referral.id,
        person_id=person.id,
        region=person.region,
        unit_id=unit.id,
        slot_id=slot.id if slot is not None and fills else None,
        starts_at=starts_at,
        minutes=minutes or (slot.minutes if slot is not None else old.minutes if old is not None else None),
        state=BookingState.BOOKED,
        source=source,
        made_at=walk.at,
        made_by=walk.actor.username,
        why=why,
    )
    _write(walk, made)
    if old is not None:
        old.moved_to_id = made.id
    referring.advance(walk, person, referral, event, booked_for=starts_at, note=why, message_id=message_id)
    if old is not None and old.starts_at != starts_at:
        _tell(
            walk,
            person,
            old,
            "The call to an MRI appointment that is moved has been posted: tell the person the new time",
        )
    if unit.kind is ReferralKind.MRI and not unit.writes_itself and starts_at > walk.at:
        values = {"mri_unit": unit.name, "booked_at": starts_at.isoformat(), "unit_phone": unit.phone}
        told = _told_before(walk, person)
        if told is not None and told != starts_at:
            values["instead_of"] = told.isoformat()
        walk.prepare_letter(person, LetterType.MRI_CALL, values)
    return made


def cancel(
    walk: Walk, person: Person, referral: Referral, *, why: str, message_id: int | None = None, orphaned: bool = False
) -> None:
    """Take the referral's appointment away: somebody books another. `orphaned` ones come first."""
    _require(referral, ReferralEvent.BOOKING_CANCELLED)
    ended = walk.end_booking(referral, BookingState.CANCELLED, why)
    first = orphaned or referral.orphaned
    referring.advance(walk, person, referral, ReferralEvent.BOOKING_CANCELLED, note=why, message_id=message_id)
    referral.orphaned = first
    if ended is not None:
        tell_if_called(walk, person, ended)


def tell_if_called(walk: Walk, person: Person, ended: Booking) -> None:
    """An appointment that is gone, or about to be: where its call has been posted somebody tells the person."""
    _tell(walk, person, ended, "The call to an MRI appointment that is cancelled has been posted: tell the person")


def _tell(walk: Walk, person: Person, ended: Booking, reason: str) -> None:
    if ended.starts_at > walk.at and _has_been_called(walk, ended):
        # The next call may come after the time he has been told: somebody says it to him.
        walk.open_task(Queue.CONTACT, f"booking:{ended.id}", region=person.region, person=person, reason=reason)


def _told_before(walk: Walk, person: Person) -> datetime | None:
    """The coming time that the person's latest posted call states and that no longer holds."""
    ended = walk.session.scalars(
        select(Booking)
        .where(
            Booking.person_id == person.id,
            Booking.state.in_((BookingState.MOVED, BookingState.CANCELLED)),
            Booking.starts_at > walk.at,
        )
        .order_by(Booking.id.desc())
    )
    return next((booking.starts_at for booking in ended if _has_been_called(walk, booking)), None)


def _require(referral: Referral, event: ReferralEvent) -> None:
    if follows(referral.state, event) is None:
        raise RefusedError("This cannot happen to the referral as it stands now.")


def _slot(walk: Walk, unit: Unit, starts_at: datetime) -> Slot | None:
    """The slot of that time under lock: two who book it at once come one after the other."""
    return walk.session.scalar(
        select(Slot)
        .where(Slot.unit_id == unit.id, Slot.starts_at == starts_at)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _refuse_unless_free(walk: Walk, slot: Slot, referral: Referral) -> None:
    if not slot.open:
        raise RefusedError("The slot is closed: {reason}", reason=slot.closed_reason)
    # By time: an appointment made before the unit gave us the slot stands there without being tied to it.
    there = and_(Booking.unit_id == slot.unit_id, Booking.starts_at == slot.starts_at)
    if _open_booking(walk, there, other_than=referral):
        raise RefusedError("The slot is taken. Choose another one.")


def _open_booking(walk: Walk, there: ColumnElement[bool], *, other_than: Referral) -> bool:
    found = select(Booking.id).where(there, Booking.state == BookingState.BOOKED, Booking.referral_id != other_than.id)
    return walk.session.scalar(found.limit(1)) is not None


def _write(walk: Walk, made: Booking) -> None:
    walk.session.flush()
    walk.session.add(made)
    try:
        walk.session.flush()
    except IntegrityError as problem:
        raise ChangedBySomeoneElseError("Somebody else has just booked this. Look at it again.") from problem


def _has_been_called(walk: Walk, booking: Booking) -> bool:
    posted = select(Letter.id).where(
        Letter.person_id == booking.person_id,
        Letter.type == LetterType.MRI_CALL,
        Letter.state == LetterState.POSTED,
        Letter.prepared_at >= booking.made_at,
    )
    return walk.session.scalar(posted.limit(1)) is not None
