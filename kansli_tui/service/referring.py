"""What happens to referrals, within a service's transaction: made, moved along their own table, and the person placed where they are.

`advance` is the only way a referral changes state, except being taken back (`Walk.cancel_referral`).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Booking, Letter, Person, Referral, ReferralChange, Unit
from kansli_tui.errors import RefusedError
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.pathway.referrals import LIMITS, LIVE, PLACES, ReferralEvent, ReferralKind, ReferralState, follows
from kansli_tui.pathway.standing import STANDINGS, HeldBy
from kansli_tui.pathway.steps import MRI_PHASE, UROLOGY_PHASE, Queue, Step
from kansli_tui.rows.letter_states import LetterState
from kansli_tui.rows.referrals import BookingState, BookingWay
from kansli_tui.service.context import local_date
from kansli_tui.service.walk import Walk

PREFIX: Mapping[ReferralKind, str] = {ReferralKind.MRI: "OPTMR", ReferralKind.UROLOGY: "OPTUR"}
PHASES: Mapping[ReferralKind, frozenset[Step]] = {
    ReferralKind.MRI: MRI_PHASE,
    ReferralKind.UROLOGY: UROLOGY_PHASE,
}
PHASE_QUEUES: Mapping[ReferralKind, tuple[Queue, ...]] = {
    ReferralKind.MRI: (Queue.MRI_REFERRAL, Queue.MRI_BOOKING, Queue.MRI_CONTACT, Queue.MRI_ANSWER),
    ReferralKind.UROLOGY: (Queue.UROLOGY_REFERRAL, Queue.UROLOGY_CONTACT, Queue.PATHOLOGY),
}
_TASK_QUEUES: Mapping[Step, Queue] = {
    Step.MRI_TO_REFER: Queue.MRI_REFERRAL,
    Step.MRI_TO_BOOK: Queue.MRI_BOOKING,
    Step.MRI_TO_RESOLVE: Queue.MRI_CONTACT,
    Step.UROLOGY_TO_REFER: Queue.UROLOGY_REFERRAL,
    Step.UROLOGY_TO_RESOLVE: Queue.UROLOGY_CONTACT,
}
"""Steps held by a task about the referral. Answers to assess are held by the task of their proposal."""
_UNIT_VALUE = {ReferralKind.MRI: "mri_unit", ReferralKind.UROLOGY: "urology_unit"}


def live(session: Session, person_id: int, kind: ReferralKind) -> Referral | None:
    """The person's live referral of a kind; there is at most one."""
    return session.scalar(
        select(Referral).where(Referral.person_id == person_id, Referral.kind == kind, Referral.state.in_(LIVE))
    )


def of_round(session: Session, person: Person, kind: ReferralKind | None = None) -> Referral | None:
    """The newest referral (of a kind) in the person's round that has not been taken back."""
    statement = select(Referral).where(
        Referral.person_id == person.id,
        Referral.round_number == person.round_number,
        Referral.state != ReferralState.CANCELLED,
    )
    if kind is not None:
        statement = statement.where(Referral.kind == kind)
    return session.scalar(statement.order_by(Referral.id.desc()).limit(1))


def make(
    walk: Walk,
    person: Person,
    unit: Unit,
    *,
    question: str = "",
    answers: Sequence[tuple[str, str]] = (),
    note: str = "",
) -> Referral:
    """A referral to `unit`, to be sent; the person waits for that. RefusedError while another one of the kind is live.

    `note` stands with it in its history.
    """
    kind = unit.kind
    if live(walk.session, person.id, kind) is not None:
        raise RefusedError("A referral is open already. Take it back first if another one is needed.")
    referral = Referral(
        # The running number is the row's own, which is known once the row is written.
        number=f"new {uuid4()}",
        kind=kind,
        person_id=person.id,
        region=person.region,
        round_number=person.round_number,
        unit_id=unit.id,
        question=question,
        answers=[list(pair) for pair in answers],
        state=ReferralState.CREATED,
        state_since=walk.at,
        due_on=_due(walk, person.region, kind, ReferralState.CREATED, walk.today),
        made_at=walk.at,
        made_by=walk.actor.username,
    )
    walk.session.add(referral)
    walk.session.flush()
    referral.number = f"{PREFIX[kind]}-{walk.today.year}-{referral.id:06d}"
    _remember(walk, referral, ReferralEvent.MADE, None, note, None)
    _name_unit_in_letters(walk, person, unit)
    place(walk, person, referral)
    return referral


def sent_event(unit: Unit) -> ReferralEvent:
    """What sending a referral to a unit is: from then on it books, or we do in the slots it gives us."""
    own = unit.kind is ReferralKind.MRI and unit.books is BookingWay.OWN_SLOTS
    return ReferralEvent.SENT_TO_BOOK if own else ReferralEvent.SENT


def advance(
    walk: Walk,
    person: Person,
    referral: Referral,
    event: ReferralEvent,
    *,
    on: date | None = None,
    booked_for: datetime | None = None,
    note: str = "",
    message_id: int | None = None,
) -> None:
    """Let `event` happen to the referral on a day (today unless said), and place the person where it is then.

    `booked_for` is the appointment of `BOOKED` and `MOVED`. RefusedError when the table does not allow it. Appointments are the
    caller's (`service.bookings`), but no appointment outlives what ends it.
    """
    to = follows(referral.state, event)
    if to is None:
        raise RefusedError("This cannot happen to the referral as it stands now.")
    day = on or walk.today
    if to not in (ReferralState.BOOKED, ReferralState.TO_BOOK) and referral.state is ReferralState.BOOKED:
        walk.end_booking(referral, _ENDS.get(event, BookingState.DONE), note)
    _remember(walk, referral, event, to, note, message_id)
    if to is not referral.state:
        referral.state_since = walk.at
    referral.state = to
    if to is ReferralState.BOOKED:
        assert booked_for is not None
        referral.due_on = local_date(booked_for)
    else:
        referral.due_on = _due(walk, referral.region, referral.kind, to, day)
    if event in (ReferralEvent.SENT, ReferralEvent.SENT_TO_BOOK):
        referral.sent_at = walk.at
    elif event is ReferralEvent.DONE:
        referral.done_on = day
    elif event is ReferralEvent.BIOPSIED:
        referral.biopsied_on = day
    if to not in (ReferralState.TO_BOOK, ReferralState.RETURNED):
        referral.orphaned = False
    walk.end_silence(person, event.value)
    place(walk, person, referral, note=note)


def note_late(
    walk: Walk,
    referral: Referral,
    event: ReferralEvent,
    *,
    on: date | None = None,
    note: str = "",
    message_id: int | None = None,
) -> None:
    """Remember what happened before the referral came to where it is, or what no longer leads anywhere: its state stays."""
    _remember(walk, referral, event, None, note, message_id)
    if event is ReferralEvent.DONE and referral.done_on is None:
        referral.done_on = on
    elif event is ReferralEvent.BIOPSIED and on is not None:
        referral.biopsied_on = on


def place(walk: Walk, person: Person, referral: Referral, *, note: str = "") -> None:
    """Put the person where his referral is. He stays where he is while something else is being looked at (a corrected answer)."""
    if person.step not in PHASES[referral.kind] or referral.round_number != person.round_number:
        return
    event, step = PLACES[referral.kind, referral.state]
    dated = STANDINGS[step].held_by is HeldBy.DATE
    next_on = referral.due_on if dated else None
    queue = _TASK_QUEUES.get(step)
    if step is person.step and queue is None:
        person.next_on = next_on
        return
    walk.close_tasks(person, referral.state.value, PHASE_QUEUES[referral.kind])
    if step is not person.step:
        walk.move(person, event, next_on=next_on, reason=note)
    if queue is not None:
        walk.session.flush()
        walk.open_task(queue, f"referral:{referral.id}", region=person.region, person=person, reason=note)


def resume(walk: Walk, person: Person, kind: ReferralKind) -> Referral | None:
    """A confirmed decision leads to a referral that the round has already: the person goes on where it is. None when there is none."""
    referral = of_round(walk.session, person, kind)
    if referral is not None:
        place(walk, person, referral)
    return referral


def booking_of(session: Session, referral: Referral) -> Booking | None:
    """The referral's open appointment."""
    return session.scalar(
        select(Booking).where(Booking.referral_id == referral.id, Booking.state == BookingState.BOOKED)
    )


_ENDS: Mapping[ReferralEvent, BookingState] = {
    ReferralEvent.NO_SHOW: BookingState.NO_SHOW,
    ReferralEvent.DECLINED: BookingState.CANCELLED,
    ReferralEvent.CONTRAINDICATED: BookingState.CANCELLED,
    ReferralEvent.RETURNED: BookingState.CANCELLED,
}
"""What becomes of an appointment that an event ends; anything else means that he came."""


def _due(walk: Walk, region: str, kind: ReferralKind, state: ReferralState, since: date) -> date | None:
    field = LIMITS.get((kind, state))
    if field is None:
        return None
    days: int = getattr(walk.rules(region), field)
    return since + timedelta(days=days)


def _remember(
    walk: Walk,
    referral: Referral,
    event: ReferralEvent,
    to: ReferralState | None,
    note: str,
    message_id: int | None,
) -> None:
    walk.session.add(
        ReferralChange(
            referral_id=referral.id,
            person_id=referral.person_id,
            region=referral.region,
            at=walk.at,
            event=event,
            from_state=None if event is ReferralEvent.MADE else referral.state,
            to_state=to or referral.state,
            note=note,
            by=walk.actor.username,
            message_id=message_id,
        )
    )


def _name_unit_in_letters(walk: Walk, person: Person, unit: Unit) -> None:
    """A letter that has not been printed names the unit that he is referred to."""
    value = _UNIT_VALUE[unit.kind]
    for letter in walk.session.scalars(
        select(Letter).where(
            Letter.person_id == person.id,
            Letter.state == LetterState.PREPARED,
            Letter.type.in_((LetterType.PSA_RAISED, LetterType.PSA_VERY_HIGH, LetterType.MRI_UROLOGY)),
        )
    ):
        if value in letter.values:
            letter.values = {**letter.values, value: unit.name}
