"""Appointments and a unit's week as rows: slots merged with appointments that have none, and who waits to be booked."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.orm import Session

from db.models import Person, Slot, Unit
from db.queries import bookings
from db.queries.bookings import Found
from kansli_tui.errors import RefusedError
from kansli_tui.i18n import _
from kansli_tui.rows.office import Actor
from kansli_tui.rows.referrals import BookingRow, BookingState, SlotRow, ToBook, WeekRow
from kansli_tui.service.context import STOCKHOLM, local_date
from kansli_tui.service.naming import shown_name, shown_number
from kansli_tui.service.units import unit_row

_HIDDEN = "–"
_WEEK = 7


def moment(at: datetime) -> datetime:
    """A time as it is stored (UTC). Without a zone, or with Sweden's, it is what the clock on the wall shows.

    RefusedError for a time that the clocks jump over in spring.
    """
    if at.tzinfo is None or at.tzinfo is STOCKHOLM:
        wall = at.replace(tzinfo=STOCKHOLM)
        stored = wall.astimezone(UTC)
        if stored.astimezone(STOCKHOLM).replace(tzinfo=None, fold=0) != at.replace(tzinfo=None, fold=0):
            raise RefusedError("The clocks jump over {at}: choose another time.", at=f"{at:%Y-%m-%d %H:%M}")
        return stored
    return at.astimezone(UTC)


def span(first: date, days: int) -> tuple[datetime, datetime]:
    """From the first midnight of some days in Sweden until the midnight after them; a day may have 23 or 25 hours."""
    begin = datetime.combine(first, time(), STOCKHOLM)
    return begin.astimezone(UTC), datetime.combine(first + timedelta(days=days), time(), STOCKHOLM).astimezone(UTC)


def booking_row(found: Found, actor: Actor, now: datetime) -> BookingRow:
    """An appointment. Of somebody whom another region has taken over only the time is shown."""
    booking, referral, person = found
    hidden = booking.region not in actor.regions
    return BookingRow(
        booking_id=booking.id,
        referral_id=referral.id,
        referral_number=referral.number,
        person_id=person.id,
        region=booking.region,
        number=_HIDDEN if hidden else shown_number(person),
        name=_HIDDEN if hidden else shown_name(person),
        starts_at=booking.starts_at,
        minutes=booking.minutes,
        state=booking.state,
        source=booking.source,
        made_by=booking.made_by,
        why="" if hidden else booking.why,
        late=booking.state is BookingState.BOOKED and booking.starts_at <= now,
    )


def week_row(session: Session, actor: Actor, unit: Unit, monday: date, now: datetime) -> WeekRow:
    """The seven days from `monday`. `booked` counts appointments that stand or stood; moved and cancelled ones are gone."""
    begin, end = span(monday, _WEEK)
    slots = bookings.slots_between(session, unit.id, begin, end)
    appointments = [
        (found[0].slot_id, booking_row(found, actor, now))
        for found in bookings.that_stood(session, unit.id, begin, end)
    ]
    rows = _merged(slots, appointments)
    days = [monday + timedelta(days=number) for number in range(_WEEK)]
    return WeekRow(
        unit=unit_row(unit),
        monday=monday,
        days=tuple((day, tuple(row for row in rows if local_date(row.starts_at) == day)) for day in days),
        capacity=sum(slot.open for slot in slots) if slots else unit.weekly_capacity,
        booked=len(appointments),
        to_book=_to_book(session, actor, unit, local_date(now)),
    )


def _merged(slots: Iterable[Slot], appointments: list[tuple[int | None, BookingRow]]) -> list[SlotRow]:
    """Every slot with the appointment that fills it, and every other appointment in a row of its own, by time."""
    rows: list[SlotRow] = []
    placed: set[int] = set()
    for slot in slots:
        there = [
            (row.state is not BookingState.BOOKED, slot_id is None, -row.booking_id, row)
            for slot_id, row in appointments
            if slot_id == slot.id or (slot_id is None and row.starts_at == slot.starts_at)
        ]
        filling = min(there)[-1] if there else None
        if filling is not None:
            placed.add(filling.booking_id)
        rows.append(SlotRow(slot.id, slot.starts_at, slot.minutes, slot.open, slot.closed_reason, filling))
    rows += [
        SlotRow(None, row.starts_at, row.minutes or 0, open=True, closed_reason="", booking=row)
        for _slot_id, row in appointments
        if row.booking_id not in placed
    ]
    # Rows of one time stay as they are: the slot first.
    return sorted(rows, key=lambda row: row.starts_at)


def _to_book(session: Session, actor: Actor, unit: Unit, today: date) -> tuple[ToBook, ...]:
    found = [pair for pair in bookings.waiting(session, unit.id) if pair[0].region in actor.regions]
    notes = bookings.notes_to_book(session, [referral.id for referral, _person in found])
    return tuple(
        ToBook(
            referral_id=referral.id,
            person_id=person.id,
            region=referral.region,
            number=shown_number(person),
            name=shown_name(person),
            referral_number=referral.number,
            waiting_days=(today - local_date(referral.made_at)).days,
            orphan=referral.orphaned,
            why=_why(person, notes.get(referral.id, "")),
            version=referral.version_id,
        )
        for referral, person in found
    )


def _why(person: Person, note: str) -> str:
    if person.blocked:
        return _("The person is held: see to the register task first.")
    return _(note) if note else ""
