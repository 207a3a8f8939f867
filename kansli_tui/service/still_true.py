"""Whether a letter that has been posted once still says what is so: asked before it is sent again, and before the copy leaves."""

from datetime import datetime, timedelta

from sqlalchemy import select

from db.models import Booking, Letter, Person, Task
from kansli_tui.i18n import later
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.steps import ClosedReason, Queue, Step
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.referrals import BookingState
from kansli_tui.service.walk import Walk

NEAR = timedelta(days=3)
"""An appointment nearer than this is told by phone: a letter takes two working days, and a day to be opened."""
_RING = later("The appointment is near: ring the person, for the letter may come too late")

OFFERS = frozenset({LetterType.OFFER, LetterType.OFFER_AFTER_NO_SAMPLE, LetterType.OFFER_AFTER_INTERVAL})
AFTER_EXIT = frozenset(
    {
        LetterType.AGE_EXIT,
        LetterType.OPT_OUT_CONFIRMED,
        LetterType.REGISTER_OPT_OUT_CONFIRMED,
        LetterType.CORRECTION,
    }
)
"""Letters that are owed to somebody alive whose case is closed; no step overtakes them."""
REGIONS_OWN = frozenset({*OFFERS, LetterType.REPEAT_SAMPLE, LetterType.HANDED_OVER})
"""Letters that say what holds in the region that wrote them, and in no other."""
WAITS_FOR_SAMPLE = frozenset({Step.OFFERED, Step.ORDER_TO_SEND, Step.AWAITING_SAMPLE})
"""Where an offer or a request for a new sample still says what is so."""
_TRUE_AT = {
    **dict.fromkeys((*OFFERS, LetterType.REPEAT_SAMPLE), WAITS_FOR_SAMPLE),
    LetterType.PRE_LETTER: frozenset({Step.OFFER_PLANNED}),
    LetterType.MRI_CALL: frozenset({Step.MRI_BOOKED}),
}


_CLOSED_BY = {LetterType.OPT_OUT_CONFIRMED: ClosedReason.OPTED_OUT, LetterType.AGE_EXIT: ClosedReason.AGE}


def still_true(walk: Walk, letter: Letter, person: Person) -> bool:
    """Same round, a step that the letter fits, nothing newer of the kind, and no correction that somebody has yet to see to."""
    if letter.type in AFTER_EXIT:
        return _still_owed(letter, person)
    if person.round_number != letter.round_number or person.step not in _TRUE_AT.get(letter.type, (person.step,)):
        return False
    if letter.type in OFFERS and _asked_for_a_new_sample(walk, letter):
        return False
    if letter.type is LetterType.MRI_CALL and not appointment_stands(walk, letter):
        return False
    corrected = select(Task.id).where(
        Task.person_id == person.id, Task.queue == Queue.CORRECTION, Task.closed_at.is_(None)
    )
    return walk.session.scalar(corrected.limit(1)) is None


def nothing_is_owed(letter: Letter, person: Person) -> bool:
    """Whether a letter is of no concern any longer: its person is dead, or has left and is told nothing more of it."""
    if person.step is not Step.CLOSED:
        return False
    return person.closed_reason is ClosedReason.DEAD or letter.type not in AFTER_EXIT


def _still_owed(letter: Letter, person: Person) -> bool:
    """Whoever has come back, or is in the register again, is not told that he has left."""
    if letter.type is LetterType.REGISTER_OPT_OUT_CONFIRMED:
        return person.register_objection_on is not None
    return letter.type not in _CLOSED_BY or person.closed_reason is _CLOSED_BY[letter.type]


def _asked_for_a_new_sample(walk: Walk, offer: Letter) -> bool:
    """Whether the offer's sample has been given and a new one asked for: with another order, at another time."""
    asked = select(Letter.id).where(
        Letter.person_id == offer.person_id,
        Letter.round_number == offer.round_number,
        Letter.type == LetterType.REPEAT_SAMPLE,
        Letter.state != LetterState.STOPPED,
    )
    return walk.session.scalar(asked.limit(1)) is not None


def appointment_stands(walk: Walk, call: Letter) -> bool:
    """Whether the time that a call states is booked, and is yet to come."""
    booked = select(Booking.starts_at).where(
        Booking.person_id == call.person_id, Booking.state == BookingState.BOOKED, Booking.starts_at > walk.at
    )
    try:
        at = datetime.fromisoformat(call.values["booked_at"])
    except ValueError:
        # Written in words by an earlier version.
        return walk.session.scalar(booked.limit(1)) is not None
    return walk.session.scalar(booked.where(Booking.starts_at == at).limit(1)) is not None


def appointment_is_near(walk: Walk, call: Letter) -> bool:
    """Whether the person's coming booked time is nearer than a letter is sure to be read."""
    coming = select(Booking.id).where(
        Booking.person_id == call.person_id,
        Booking.state == BookingState.BOOKED,
        Booking.starts_at > walk.at,
        Booking.starts_at < walk.at + NEAR,
    )
    return walk.session.scalar(coming.limit(1)) is not None


def ring_about_call(walk: Walk, call: Letter, person: Person) -> None:
    """A task to ring about the time that a call states; once, also when it has been seen to."""
    subject = f"call near:{call.again_of or call.id}"
    told = select(Task.id).where(Task.queue == Queue.CONTACT, Task.subject == subject)
    if walk.session.scalar(told.limit(1)) is None:
        walk.open_task(Queue.CONTACT, subject, region=person.region, person=person, reason=_RING)
