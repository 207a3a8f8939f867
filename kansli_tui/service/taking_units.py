"""Taking a unit's message in: matched on our referral number and the person, and given to the module of its kind."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select

from db.models import LabMessage, Person, Referral
from db.queries.people import numbers_of
from kansli_tui.pathway.merging import MERGED, MERGED_FIX
from kansli_tui.pathway.referrals import ReferralKind
from kansli_tui.pathway.steps import ClosedReason, Step
from kansli_tui.pathway.unit_answers import (
    FIXES,
    MATCHABLE,
    MessageFacts,
    NoEffect,
    ReferralFacts,
    UnitJudgement,
    UnitReason,
    doubts,
)
from kansli_tui.rows.answers import MessageState
from kansli_tui.rows.referral_messages import BookingEvent, BookingMessage, MriReport, OutcomeEvent, OutcomeLine
from kansli_tui.service import referring, taking_bookings, taking_mri, taking_outcomes
from kansli_tui.service.context import local_date
from kansli_tui.service.taking import Held, Taking, Took
from kansli_tui.service.walk import Walk

UnitItem = MriReport | BookingMessage | OutcomeLine
_LONGEST_NUMBER = 60


def kind_of(item: UnitItem) -> ReferralKind:
    """The kind of referral that a message is about."""
    return ReferralKind.UROLOGY if isinstance(item, OutcomeLine) else ReferralKind.MRI


def take(taking: Taking, message: LabMessage, item: UnitItem, *, same_id: bool) -> Took | Held:
    """Take a message in by its referral number. `same_id` says that another message with its id came before."""
    if same_id:
        return _held(UnitReason.SAME_ID_OTHER_CONTENT)
    if item.order_number is None:
        return _held(UnitReason.NO_REFERRAL_NUMBER)
    referral = taking.session.scalar(select(Referral).where(Referral.number == item.order_number))
    if referral is None:
        return _held(UnitReason.UNKNOWN_REFERRAL)
    message.region = taking.session.get_one(Person, referral.person_id).region
    return _try(taking, message, item, referral, frozenset())


def match(taking: Taking, message: LabMessage, item: UnitItem, referral: Referral) -> Took | Held:
    """Apply a held message to the referral that a person has chosen; or why it still cannot count.

    One that was taken back is chosen only where no other referral of its kind holds in the round.
    """
    person = taking.session.get_one(Person, referral.person_id)
    holding = referring.of_round(taking.session, person, referral.kind)
    overruled = MATCHABLE if holding is None else MATCHABLE - {UnitReason.TAKEN_BACK}
    return _try(taking, message, item, referral, overruled)


def _held(reason: UnitReason) -> Held:
    return Held(reason.value, FIXES[reason])


def _try(
    taking: Taking, message: LabMessage, item: UnitItem, referral: Referral, overruled: frozenset[UnitReason]
) -> Took | Held:
    session, walk = taking.session, taking.walk
    person = session.get_one(Person, referral.person_id, with_for_update=True)
    # The referral follows its person's lock: what another transaction has written meanwhile is read now.
    session.refresh(referral)
    numbers = frozenset(numbers_of(session, person.id))
    stated, others = taking.numbers(item.identities, numbers)
    days = tuple(_days(item))
    facts = MessageFacts(
        numbers=stated,
        birth_date=item.birth_date if person.birth_date_known else None,
        kind=kind_of(item),
        on=days[0] if days else None,
        days=days,
    )
    ours = ReferralFacts(
        numbers=numbers,
        birth_date=person.birth_date,
        kind=referral.kind,
        state=referral.state,
        made_on=local_date(referral.made_at),
        round=referral.round_number,
        person_round=person.round_number,
        dead=person.closed_reason is ClosedReason.DEAD,
        # Who has left with a cancer that was found here: what comes later about it is taken in all the same.
        closed=person.step is Step.CLOSED and person.closed_reason is not ClosedReason.CANCER_FOUND,
        booked_on=_ends(walk, item, referral),
    )
    for reason in doubts(facts, ours, walk.today):
        if reason not in overruled:
            if reason is UnitReason.CLOSED and person.closed_reason is ClosedReason.NUMBER_REPLACED:
                return Held(MERGED, MERGED_FIX)
            return _held(reason)
    if UnitReason.NUMBER_TAKEN not in overruled and taking.taken(others):
        return _held(UnitReason.NUMBER_TAKEN)
    judgement = _judge(walk, item, referral, overruled)
    if judgement.reason is not None and judgement.reason not in overruled:
        return _held(judgement.reason)
    if judgement.no_effect is not None:
        taking.mark(message, person, MessageState.NO_EFFECT)
        if judgement.no_effect is NoEffect.KNOWN:
            _hear(referral, item)
        taking.record(person, f"{message.kind}.note", f"referral:{referral.number}")
        return Took(MessageState.NO_EFFECT, judgement.no_effect.value)
    if stated & numbers:
        # Only beside a number of ours is another one his: a person may match a message that names a stranger.
        taking.link(person, others)
    taking.mark(message, person, MessageState.APPLIED)
    _hear(referral, item)
    _apply(walk, item, person, referral, judgement, message)
    taking.record(person, f"{message.kind}.take", f"referral:{referral.number}")
    return Took(MessageState.APPLIED, "Taken in")


def _judge(walk: Walk, item: UnitItem, referral: Referral, overruled: frozenset[UnitReason]) -> UnitJudgement:
    match item:
        case MriReport():
            return taking_mri.judge(walk, item, referral, overruled)
        case BookingMessage():
            return taking_bookings.judge(walk, item, referral)
        case OutcomeLine():
            return taking_outcomes.judge(walk, item, referral)


def _apply(
    walk: Walk, item: UnitItem, person: Person, referral: Referral, judgement: UnitJudgement, message: LabMessage
) -> None:
    match item:
        case MriReport():
            taking_mri.apply(walk, item, person, referral, judgement, message)
        case BookingMessage():
            taking_bookings.apply(walk, item, person, referral, judgement, message)
        case OutcomeLine():
            taking_outcomes.apply(walk, item, person, referral, judgement, message)


def _hear(referral: Referral, item: UnitItem) -> None:
    """Note the unit's own number, and when it wrote the newest message that counts."""
    if item.unit_number is not None and referral.unit_number is None:
        referral.unit_number = item.unit_number[:_LONGEST_NUMBER]
    if item.sent_at is not None and (referral.last_message_at is None or referral.last_message_at < item.sent_at):
        referral.last_message_at = item.sent_at


def _ends(walk: Walk, item: UnitItem, referral: Referral) -> date | None:
    """The day of the open appointment, where the message tells what became of it. What moves or declines it comes before."""
    other = isinstance(item, BookingMessage) and item.event not in (BookingEvent.DONE, BookingEvent.NO_SHOW)
    if other or (isinstance(item, OutcomeLine) and item.event in (OutcomeEvent.DECLINED, OutcomeEvent.TREATMENT)):
        return None
    booked = referring.booking_of(walk.session, referral)
    return local_date(booked.starts_at) if booked is not None else None


def _days(item: UnitItem) -> Iterator[date]:
    """The days on which the message says that something has happened, the deciding one first."""
    match item:
        case MriReport():
            yield from (local_date(at) for at in (item.examined_at, item.reported_at) if at is not None)
        case BookingMessage():
            if item.event in (BookingEvent.DONE, BookingEvent.NO_SHOW) and item.starts_at is not None:
                yield local_date(item.starts_at)
        case OutcomeLine():
            yield item.on
