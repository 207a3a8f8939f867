"""The calendar: units' slots and the appointments that staff make, move, cancel and account for.

What an appointment does to its referral and its person is decided in `booking` and `referring`; nothing else is written here.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.models import Booking, Person, Referral, Slot, Unit
from db.queries import bookings
from db.queries.bookings import Found
from db.queries.people import by_id
from kansli_tui.errors import ChangedBySomeoneElseError, NotFoundError, RefusedError
from kansli_tui.pathway.referrals import ReferralEvent, ReferralState
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.office import Actor
from kansli_tui.rows.referrals import BookingRow, BookingState, BookingWay, CutPreview, WeekRow
from kansli_tui.service import booking, cutting, referring
from kansli_tui.service.booking_rows import booking_row, moment, span, week_row
from kansli_tui.service.context import STOCKHOLM, Context, local_date, plain, require_region
from kansli_tui.service.cutting import Cut
from kansli_tui.service.walk import Walk

OUTCOMES = (BookingState.DONE, BookingState.NO_SHOW, BookingState.CANCELLED)
"""What may become of an appointment when its day is closed; a move names another time and is an act of its own."""
_MOST_WEEKS = 53
_LONGEST_MINUTES = 480
_FARTHEST = timedelta(days=366)


class BookingService:
    """Slots, appointments, and what became of them."""

    def __init__(self, context: Context) -> None:
        self._context = context

    # Looking

    def week(self, actor: Actor, unit_id: int, monday: date) -> WeekRow:
        """A unit's week, Monday first (the week that the day lies in): slots, appointments, and who waits to be booked."""
        with self._context.sessions.begin() as session:
            unit = self._unit(session, actor, unit_id)
            first = monday - timedelta(days=monday.weekday())
            now = self._context.clock()
            week = week_row(session, actor, unit, first, now)
            shown = {
                (row.booking.person_id, row.booking.region) for _day, rows in week.days for row in rows if row.booking
            }
            shown |= {(row.person_id, row.region) for row in week.to_book}
            audit.record(session, actor, now, "booking.week", region=unit.region, subject=f"unit:{unit.code}")
            audit.record_people(session, actor, now, "booking.show", sorted(shown), subject=f"unit:{unit.code}")
            return week

    def open_on(self, actor: Actor, unit_id: int, day: date) -> tuple[BookingRow, ...]:
        """A unit's appointments of a day that lack an outcome, by time."""
        with self._context.sessions.begin() as session:
            unit = self._unit(session, actor, unit_id)
            return self._shown(session, actor, bookings.open_between(session, unit.id, *span(day, 1)))

    def late(self, actor: Actor) -> tuple[BookingRow, ...]:
        """Appointments of the actor's regions whose time has passed without an outcome, the oldest first."""
        with self._context.sessions.begin() as session:
            found = bookings.passed(session, sorted(actor.regions), self._context.clock())
            return self._shown(session, actor, found)

    # Slots

    def add_slots(
        self,
        actor: Actor,
        unit_id: int,
        *,
        first: date,
        weeks: int,
        weekdays: tuple[int, ...],
        times: tuple[time, ...],
        minutes: int,
    ) -> int:
        """Slots at the same clock times (Sweden) every week from `first`; weekdays from 0, Monday. Returns how many are new.

        Slots that exist stay as they are, closed ones too; times of today that have passed are left out.
        """
        if not weekdays or not times or not set(weekdays) <= set(range(7)):
            raise RefusedError("State at least one weekday and one time.")
        if not 1 <= weeks <= _MOST_WEEKS:
            raise RefusedError("State between 1 and {count} weeks.", count=_MOST_WEEKS)
        _require_length(minutes)
        if first < self._context.today:
            raise RefusedError("Choose a first day that has not passed.")
        with self._context.sessions.begin() as session:
            # The unit is locked: two who add the same slots come one after the other.
            unit = self._unit(session, actor, unit_id, lock=True)
            days = [first + timedelta(days=number) for number in range(7 * weeks)]
            wanted = {
                moment(datetime.combine(day, at.replace(tzinfo=None), STOCKHOLM))
                for day in days
                if day.weekday() in weekdays
                for at in times
            }
            known = {slot.starts_at for slot in bookings.slots_between(session, unit.id, *span(first, 7 * weeks))}
            now = self._context.clock()
            new = sorted(at for at in wanted - known if at > now)
            session.add_all(
                Slot(unit_id=unit.id, region=unit.region, starts_at=at, minutes=minutes, open=True, closed_reason="")
                for at in new
            )
            self._record_slots(session, actor, unit, "slot.add", count=len(new))
            return len(new)

    def preview_cut(self, actor: Actor, unit_id: int, starts: tuple[datetime, ...]) -> CutPreview:
        """What closing these times would do, with a stamp that says exactly this. Nothing is changed."""
        with self._context.sessions.begin() as session:
            unit = self._unit(session, actor, unit_id)
            found = cutting.find(session, unit, starts, self._context.clock())
            self._record_slots(session, actor, unit, "slot.preview_cut", count=len(found.slots))
            return self._preview(session, actor, found)

    def cut(self, actor: Actor, unit_id: int, starts: tuple[datetime, ...], *, stamp: str, reason: str) -> CutPreview:
        """Close exactly what the preview showed; whoever loses an appointment is booked first. Returns what was done.

        ChangedBySomeoneElseError when it is no longer the same.
        """
        reason = _required(reason, "Write why the times are closed.")
        with self._context.sessions.begin() as session:
            unit = self._unit(session, actor, unit_id)
            walk, now = self._walk(session, actor), self._context.clock()
            # People are locked before slots, as those who book do.
            before = cutting.find(session, unit, starts, now, lock=False)
            bookings.lock_people(session, {person.id for _booking, _referral, person in before.lost})
            found = cutting.find(session, unit, starts, now)
            if found.stamp != stamp or before.stamp != stamp:
                raise ChangedBySomeoneElseError("The times have changed since the preview. Look at it again.")
            preview = self._preview(session, actor, found)
            for slot in found.slots:
                if slot.open:
                    slot.open, slot.closed_reason = False, reason
                    slot.closed_at, slot.closed_by = walk.at, actor.username
            for lost, referral, person in found.lost:
                booking.cancel(walk, person, referral, why=reason, orphaned=True)
                self._record(walk, lost, referral, "booking.orphan", why=reason)
            self._record_slots(session, actor, unit, "slot.cut", count=len(found.slots), why=reason)
            return preview

    def reopen(self, actor: Actor, unit_id: int, starts: tuple[datetime, ...], *, reason: str) -> int:
        """Open closed slots again. Returns how many were closed."""
        reason = _required(reason, "Write why the times are opened.")
        with self._context.sessions.begin() as session:
            unit = self._unit(session, actor, unit_id)
            wanted = cutting.moments(starts)
            slots = bookings.slots_at(session, unit.id, wanted)
            if len(slots) < len(wanted):
                raise RefusedError("The unit has no slot at some of these times. Look at the week again.")
            closed = [slot for slot in slots if not slot.open]
            for slot in closed:
                slot.open, slot.closed_reason, slot.closed_at, slot.closed_by = True, "", None, None
            self._record_slots(session, actor, unit, "slot.reopen", count=len(closed), why=reason)
            return len(closed)

    # Appointments

    def book(
        self,
        actor: Actor,
        referral_id: int,
        *,
        version: int,
        starts_at: datetime,
        minutes: int | None = None,
        why: str = "",
    ) -> BookingRow:
        """Book a time for a referral as it was shown, in the unit's slot or as it has been agreed with the man or the unit.

        `starts_at` without a zone is Swedish clock time. A time that has passed, or that is no slot of a unit that gives us slots,
        needs a why.
        """
        starts = moment(starts_at)
        with self._context.sessions.begin() as session:
            referral = session.get(Referral, referral_id)
            if referral is None:
                raise NotFoundError("There is no such referral.")
            require_region(actor, referral.region)
            person = by_id(session, referral.person_id, lock=True)
            session.refresh(referral)
            if referral.version_id != version:
                raise ChangedBySomeoneElseError("The referral has changed since it was shown. Look at it again.")
            if referral.state is ReferralState.BOOKED:
                raise RefusedError("The referral has an appointment: move that one.")
            walk = self._walk(session, actor)
            return self._book(walk, person, referral, starts, minutes, plain(why), "booking.book")

    def move(self, actor: Actor, booking_id: int, *, starts_at: datetime, why: str) -> BookingRow:
        """Another time in one step: the new appointment is made and the old one ended, with who and why."""
        starts, why = moment(starts_at), _required(why, "Write why the appointment is moved.")
        with self._context.sessions.begin() as session:
            walk, (old, referral, person) = self._open(session, actor, booking_id)
            if old.starts_at == starts:
                raise RefusedError("The appointment is at that time already.")
            return self._book(walk, person, referral, starts, None, why, "booking.move")

    def cancel(self, actor: Actor, booking_id: int, *, why: str) -> BookingRow:
        """Take the appointment away; the office books another."""
        return self._end(actor, booking_id, BookingState.CANCELLED, _required(why, "Write why it is cancelled."))

    def no_show(self, actor: Actor, booking_id: int, *, why: str) -> BookingRow:
        """He did not come: somebody settles what happens instead."""
        return self._end(actor, booking_id, BookingState.NO_SHOW, _required(why, "Write what is known of it."))

    def done(self, actor: Actor, booking_id: int, *, why: str = "") -> BookingRow:
        """He came: the unit is to answer."""
        return self._end(actor, booking_id, BookingState.DONE, plain(why))

    def close_day(
        self, actor: Actor, unit_id: int, day: date, outcomes: Mapping[int, BookingState], *, why: str
    ) -> int:
        """Give every open appointment of a unit's day its outcome at once, by booking id; none may be left. Returns how many.

        `why` may be empty when everybody came.
        """
        why = plain(why)
        if day > self._context.today:
            raise RefusedError("Choose a day that is not in the future.")
        if not set(outcomes.values()) <= {*OUTCOMES, BookingState.BOOKED}:
            raise RefusedError("A move needs its new time: move the appointment first, then close the day.")
        if not why and set(outcomes.values()) - {BookingState.DONE, BookingState.BOOKED}:
            raise RefusedError("Write what is known of those who did not come.")
        with self._context.sessions.begin() as session:
            unit = self._unit(session, actor, unit_id)
            begin, end = span(day, 1)
            bookings.lock_people(
                session, {person.id for _b, _r, person in bookings.open_between(session, unit.id, begin, end)}
            )
            session.expire_all()
            found = bookings.open_between(session, unit.id, begin, end)
            if set(outcomes) - {appointment.id for appointment, _referral, _person in found}:
                raise ChangedBySomeoneElseError(
                    "The day's appointments have changed since they were shown. Look again."
                )
            lacking = sum(
                outcomes.get(found_one[0].id, BookingState.BOOKED) is BookingState.BOOKED for found_one in found
            )
            if lacking:
                raise RefusedError(
                    "Appointments of the day without an outcome: {count}. State what became of each.", count=lacking
                )
            walk = self._walk(session, actor)
            for appointment, referral, person in found:
                self._account_for(walk, (appointment, referral, person), outcomes[appointment.id], why)
            self._record_slots(session, actor, unit, "booking.close_day", count=len(found), why=why)
            return len(found)

    # Within

    def _book(
        self,
        walk: Walk,
        person: Person,
        referral: Referral,
        starts: datetime,
        minutes: int | None,
        why: str,
        action: str,
    ) -> BookingRow:
        if minutes is not None:
            _require_length(minutes)
        self._require_bookable(walk, person, referral, starts, why)
        made = booking.book(walk, person, referral, starts_at=starts, minutes=minutes, why=why)
        self._record(walk, made, referral, action, why=why)
        walk.session.flush()
        return booking_row((made, referral, person), walk.actor, walk.at)

    def _require_bookable(self, walk: Walk, person: Person, referral: Referral, starts: datetime, why: str) -> None:
        if person.step is Step.CLOSED:
            raise RefusedError("The person has left the programme: nothing can be booked.")
        if person.blocked:
            raise RefusedError("The person is held: see to the register task first.")
        if referral.state is ReferralState.CREATED:
            raise RefusedError("The referral has not been sent yet: send it first.")
        if local_date(starts) < local_date(referral.made_at):
            raise RefusedError(
                "The referral was made on {on}; choose that day or a later one.", on=local_date(referral.made_at)
            )
        if starts > walk.at + _FARTHEST:
            raise RefusedError("The time is more than a year ahead: check the date.")
        if starts <= walk.at and not why:
            raise RefusedError("The time has passed. Write why it is entered afterwards.")
        unit = walk.session.get_one(Unit, referral.unit_id)
        slot = walk.session.scalar(select(Slot.id).where(Slot.unit_id == unit.id, Slot.starts_at == starts))
        if unit.books is BookingWay.OWN_SLOTS and slot is None and not why:
            raise RefusedError("The unit has no slot at this time. Choose a slot, or write what has been agreed.")

    def _end(self, actor: Actor, booking_id: int, outcome: BookingState, why: str) -> BookingRow:
        with self._context.sessions.begin() as session:
            walk, found = self._open(session, actor, booking_id)
            self._account_for(walk, found, outcome, why)
            session.flush()
            return booking_row(found, actor, walk.at)

    def _account_for(self, walk: Walk, found: Found, outcome: BookingState, why: str) -> None:
        """What became of an appointment, dated on its day."""
        appointment, referral, person = found
        day = local_date(appointment.starts_at)
        if outcome is BookingState.CANCELLED:
            booking.cancel(walk, person, referral, why=why)
        elif outcome is BookingState.NO_SHOW:
            if appointment.starts_at > walk.at:
                raise RefusedError("The appointment has not been yet: cancel or move it instead.")
            referring.advance(walk, person, referral, ReferralEvent.NO_SHOW, on=day, note=why)
        else:
            if day > walk.today:
                raise RefusedError("The appointment has not been yet: cancel or move it instead.")
            referring.advance(walk, person, referral, ReferralEvent.DONE, on=day, note=why)
        self._record(walk, appointment, referral, f"booking.{outcome.value}", why=why)

    def _open(self, session: Session, actor: Actor, booking_id: int) -> tuple[Walk, Found]:
        """An appointment that stands, under its person's lock."""
        appointment = session.get(Booking, booking_id)
        if appointment is None:
            raise NotFoundError("There is no such appointment.")
        require_region(actor, appointment.region)
        by_id(session, appointment.person_id, lock=True)
        session.expire_all()
        found = bookings.one(session, booking_id)
        if found[0].state is not BookingState.BOOKED:
            raise ChangedBySomeoneElseError("The appointment has changed since it was shown. Look at it again.")
        return self._walk(session, actor), found

    def _preview(self, session: Session, actor: Actor, found: Cut) -> CutPreview:
        return CutPreview(free=found.free, orphans=self._shown(session, actor, found.lost), stamp=found.stamp)

    def _shown(self, session: Session, actor: Actor, found: list[Found]) -> tuple[BookingRow, ...]:
        """Rows of some appointments, and lines that their people have been shown."""
        now = self._context.clock()
        audit.record_people(
            session, actor, now, "booking.show", ((person.id, appointment.region) for appointment, _r, person in found)
        )
        return tuple(booking_row(one, actor, now) for one in found)

    def _unit(self, session: Session, actor: Actor, unit_id: int, *, lock: bool = False) -> Unit:
        unit = session.get(Unit, unit_id, with_for_update=lock or None)
        if unit is None:
            raise NotFoundError("There is no such unit.")
        require_region(actor, unit.region)
        return unit

    def _walk(self, session: Session, actor: Actor) -> Walk:
        return Walk(session, actor, self._context.clock(), self._context.rules(session))

    def _record(self, walk: Walk, appointment: Booking, referral: Referral, action: str, *, why: str) -> None:
        audit.record(
            walk.session,
            walk.actor,
            walk.at,
            action,
            person_id=referral.person_id,
            region=referral.region,
            subject=f"referral:{referral.number}",
            why=why,
            detail={"booking": appointment.id},
        )

    def _record_slots(
        self, session: Session, actor: Actor, unit: Unit, action: str, *, count: int, why: str = ""
    ) -> None:
        audit.record(
            session,
            actor,
            self._context.clock(),
            action,
            region=unit.region,
            subject=f"unit:{unit.code}",
            why=why,
            detail={"count": count},
        )


def _require_length(minutes: int) -> None:
    if not 1 <= minutes <= _LONGEST_MINUTES:
        raise RefusedError("State between 1 and {count} minutes.", count=_LONGEST_MINUTES)


def _required(text: str, words: str) -> str:
    written = plain(text)
    if not written:
        raise RefusedError(words)
    return written
