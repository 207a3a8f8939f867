"""People whom nothing moves on, and units without room for those who wait. Reads only."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from db.models import Block, Booking, LabMessage, Person, PsaOrder, Referral, Slot, Unit
from db.queries.balance import is_lost
from db.queries.watch_finding import Hit, Terms, run
from kansli_tui.pathway.referrals import LIVE, ReferralKind, ReferralState
from kansli_tui.pathway.standing import STANDINGS, HeldBy
from kansli_tui.pathway.steps import OWED, REFERRED, Step
from kansli_tui.pathway.watch import Check
from kansli_tui.rows.answers import MessageState
from kansli_tui.rows.referrals import BookingState, BookingWay

_ENDED = (Step.CLOSED, Step.EXCLUDED)
_DATED = tuple(
    step for step, standing in STANDINGS.items() if standing.held_by is HeldBy.DATE and step is not Step.NOT_DUE
)
_OPEN = tuple(step for step in Step if step not in (*_ENDED, Step.NOT_DUE))
_MOVED_ON_THE_DAY = (Step.OFFER_PLANNED, Step.POSTPONED)
_MOVED_AFTER_THE_DAY = (Step.OFFERED, Step.ORDER_TO_SEND, Step.AWAITING_SAMPLE)


# People


def _people(since: Any) -> Select[*tuple[Any, ...]]:
    return select(
        Person, Person.region.label("region"), Person.id.label("key"), since.label("since"), Person.step.label("step")
    ).order_by(Person.id)


def no_next_step(session: Session, check: Check, terms: Terms) -> tuple[list[Hit], int]:
    """Nothing holds the person, or the date that holds him is long passed, or no referral is out where he waits for one."""
    last = terms.today - timedelta(days=check.grace_days)
    out = exists().where(Referral.person_id == Person.id, Referral.state.in_(LIVE))
    statement = _people(Person.next_on).where(
        Person.step.in_(_OPEN),
        Person.region.in_(terms.regions),
        or_(
            is_lost(),
            and_(Person.step.in_(_DATED), Person.next_on < last),
            and_(Person.step.in_(tuple(REFERRED)), not_(out)),
        ),
    )
    return run(session, statement, terms, subject="person", what="Stands at: {step}")


def not_due_without_date(session: Session, check: Check, terms: Terms) -> tuple[list[Hit], int]:
    """People who wait for an offer with no date for it."""
    del check
    statement = _people(Person.since).where(
        Person.step == Step.NOT_DUE, Person.next_on.is_(None), Person.region.in_(terms.regions)
    )
    return run(session, statement, terms, subject="person", what="Stands at: {step}")


def new_offer_late(session: Session, check: Check, terms: Terms) -> tuple[list[Hit], int]:
    """People due for a new offer for so long that no plan seems to cover them. First offers follow the plan's pace."""
    last = terms.today - timedelta(days=check.grace_days)
    statement = _people(Person.next_on).where(
        Person.step == Step.NOT_DUE,
        Person.next_on < last,
        Person.region.in_(terms.regions),
        Person.round_number > 0,
        Person.blocked.is_(False),
    )
    return run(session, statement, terms, subject="person", what="Has waited for a new offer since the date")


def answer_silent(session: Session, check: Check, terms: Terms) -> tuple[list[Hit], int]:
    """People whose sample has been taken and who have had no final answer."""
    before = terms.midnight(terms.today - timedelta(days=check.grace_days))
    statement = _people(Person.since).where(
        Person.step == Step.AWAITING_ANSWER, Person.since < before, Person.region.in_(terms.regions)
    )
    return run(session, statement, terms, subject="person", what="Stands at: {step}")


def blocked(session: Session, check: Check, terms: Terms) -> tuple[list[Hit], int]:
    """People who are held while an answer or care is owed."""
    before = terms.midnight(terms.today - timedelta(days=check.grace_days))
    began = (
        select(func.min(Block.began_at))
        .where(Block.person_id == Person.id, Block.ended_at.is_(None))
        .correlate(Person)
        .scalar_subquery()
    )
    statement = _people(began).where(
        Person.step.in_(tuple(OWED)), Person.blocked.is_(True), began < before, Person.region.in_(terms.regions)
    )
    return run(session, statement, terms, subject="person", what="Stands at: {step}")


def day_not_run(session: Session, check: Check, terms: Terms) -> tuple[list[Hit], int]:
    """One finding a region: how many people the day's run should have moved on the last office day."""
    del check
    held = (
        select(LabMessage.id)
        .join(PsaOrder, PsaOrder.number == LabMessage.order_number)
        .where(PsaOrder.person_id == Person.id, LabMessage.state == MessageState.HELD)
        .exists()
    )
    day = terms.last_office_day
    rows = session.execute(
        select(Person.region, func.count(Person.id), func.min(Person.next_on))
        .where(
            # Said once for both kinds, so that the index of steps and dates is used whatever follows.
            Person.step.in_((*_MOVED_ON_THE_DAY, *_MOVED_AFTER_THE_DAY)),
            Person.next_on <= day,
            or_(
                Person.step.in_(_MOVED_ON_THE_DAY),
                # While an answer is held nobody says that he gave no sample: the run leaves him where he is.
                and_(Person.step.in_(_MOVED_AFTER_THE_DAY), Person.next_on < day, not_(held)),
            ),
            Person.blocked.is_(False),
            Person.region.in_(terms.regions),
        )
        .group_by(Person.region)
        .order_by(Person.region)
    ).all()
    what = "The day's run should have moved {people} people"
    return [
        Hit(None, region, f"region:{region}", what, since, {"people": count}) for region, count, since in rows
    ], len(rows)


# Capacity


def no_capacity(session: Session, check: Check, terms: Terms) -> tuple[list[Hit], int]:
    """Units whose slots the office books: fewer free ones in the days ahead than people who wait for them."""
    until = terms.midnight(terms.today + timedelta(days=check.ahead_days))
    units = session.scalars(
        select(Unit)
        .where(
            Unit.region.in_(terms.regions),
            Unit.kind == ReferralKind.MRI,
            Unit.books == BookingWay.OWN_SLOTS,
            Unit.active.is_(True),
        )
        .order_by(Unit.region, Unit.id)
    ).all()
    if not units:
        return [], 0
    ids = [unit.id for unit in units]
    taken = exists().where(Booking.slot_id == Slot.id, Booking.state == BookingState.BOOKED)
    free = _counts(
        session,
        select(Slot.unit_id, func.count(Slot.id))
        .where(
            Slot.unit_id.in_(ids),
            Slot.open.is_(True),
            Slot.starts_at >= terms.now,
            Slot.starts_at < until,
            not_(taken),
        )
        .group_by(Slot.unit_id),
    )
    waiting = _counts(
        session,
        select(Referral.unit_id, func.count(Referral.id))
        .where(Referral.unit_id.in_(ids), Referral.state.in_((ReferralState.CREATED, ReferralState.TO_BOOK)))
        .group_by(Referral.unit_id),
    )
    expected = _counts(
        session,
        select(Person.region, func.count(Person.id))
        .where(Person.step == Step.MRI_TO_REFER, Person.region.in_(terms.regions))
        .group_by(Person.region),
    )
    what = "At {unit} {waiting} wait and {expected} are expected; free slots in {days} days: {free}"
    hits = []
    for unit in units:
        slots, wait, more = free.get(unit.id, 0), waiting.get(unit.id, 0), expected.get(unit.region, 0)
        if slots < wait or (slots == 0 and more > 0):
            values = {"unit": unit.name, "waiting": wait, "expected": more, "free": slots, "days": check.ahead_days}
            hits.append(Hit(None, unit.region, f"unit:{unit.id}", what, None, values))
    return hits[: terms.limit], len(hits)


def _counts(session: Session, statement: Select[*tuple[Any, ...]]) -> dict[Any, int]:
    """Key → count."""
    return {row[0]: row[1] for row in session.execute(statement)}
