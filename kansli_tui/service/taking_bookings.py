"""Taking an appointment's message in: booked, moved, cancelled, not come, done, or the referral returned."""

from collections.abc import Mapping

from db.models import LabMessage, Person, Referral, Unit
from kansli_tui.pathway.referrals import ReferralEvent
from kansli_tui.pathway.unit_answers import UnitJudgement, UnitReason, judge_booking
from kansli_tui.rows.lab_reasons import Remark
from kansli_tui.rows.referral_messages import BookingEvent, BookingMessage
from kansli_tui.service import booking, referring
from kansli_tui.service.context import local_date
from kansli_tui.service.walk import Walk

EVENTS: Mapping[BookingEvent, ReferralEvent] = {
    BookingEvent.BOOKED: ReferralEvent.BOOKED,
    BookingEvent.MOVED: ReferralEvent.MOVED,
    BookingEvent.CANCELLED: ReferralEvent.BOOKING_CANCELLED,
    BookingEvent.NO_SHOW: ReferralEvent.NO_SHOW,
    BookingEvent.DONE: ReferralEvent.DONE,
    BookingEvent.RETURNED: ReferralEvent.RETURNED,
}
"""What each kind of message wants to happen to the referral."""


def judge(walk: Walk, item: BookingMessage, referral: Referral) -> UnitJudgement:
    """What the message may do as the referral stands. A day without a time is none to call a man to."""
    open_one = referring.booking_of(walk.session, referral)
    judgement = judge_booking(
        EVENTS[item.event],
        referral.state,
        starts_at=item.starts_at,
        booked_for=open_one.starts_at if open_one else None,
        sent_at=item.sent_at,
        newest_at=referral.last_message_at,
    )
    day_only = Remark.NO_TIME_OF_DAY.value in item.warnings
    if judgement.event in _BOOKING and day_only and not walk.session.get_one(Unit, referral.unit_id).writes_itself:
        return UnitJudgement(reason=UnitReason.NO_TIME)
    return judgement


def apply(
    walk: Walk, item: BookingMessage, person: Person, referral: Referral, judgement: UnitJudgement, message: LabMessage
) -> None:
    """Let the message happen."""
    event = judgement.event
    assert event is not None
    on = local_date(item.starts_at) if event is ReferralEvent.DONE and item.starts_at is not None else None
    if judgement.late:
        referring.note_late(walk, referral, event, on=on or walk.today, note=item.why, message_id=message.id)
    elif event in _BOOKING:
        assert item.starts_at is not None
        booking.book(
            walk,
            person,
            referral,
            starts_at=item.starts_at,
            minutes=item.minutes,
            source="message",
            why=item.why,
            message_id=message.id,
        )
    elif event is ReferralEvent.BOOKING_CANCELLED:
        booking.cancel(walk, person, referral, why=item.why, message_id=message.id)
    else:
        referring.advance(walk, person, referral, event, on=on, note=item.why, message_id=message.id)


_BOOKING = (ReferralEvent.BOOKED, ReferralEvent.MOVED)
