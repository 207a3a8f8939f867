"""Referrals as rows of the clock: where each is, who holds the man, and how late it is."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from db.models import Booking, Deviation, Person, PsaOrder, Referral, Unit
from kansli_tui.pathway.referrals import ReferralKind, ReferralState
from kansli_tui.pathway.steps import Step
from kansli_tui.rows.answers import OrderState
from kansli_tui.rows.referrals import BookingState, ReferralRow
from kansli_tui.service.context import local_date
from kansli_tui.service.naming import shown_name, shown_number

HOLDERS: Mapping[ReferralState, str] = {
    ReferralState.CREATED: "The office: to send",
    ReferralState.SENT: "The unit: to accept and book",
    ReferralState.ACCEPTED: "The unit: to book",
    ReferralState.TO_BOOK: "The office: to book",
    ReferralState.BOOKED: "The person: has an appointment",
    ReferralState.DONE: "The unit: to answer",
    ReferralState.BIOPSIED: "Pathology: to answer",
    ReferralState.RETURNED: "The office: to settle",
    ReferralState.ANSWERED: "The office: to assess",
    ReferralState.CANCELLED: "Nobody: taken back",
}
"""Who holds the person while his referral is in a state (message ids)."""
_SEEN = "The unit: biopsy or word"
_PASSED = "The office: state what came of the appointment"


def referral_rows(
    session: Session, found: list[tuple[Referral, Person, Unit]], *, today: date
) -> tuple[ReferralRow, ...]:
    """The rows of some referrals, in their order."""
    ids = [referral.id for referral, _person, _unit in found]
    booked: dict[int, datetime] = {}
    causes: dict[str, str] = {}
    if ids:
        appointments = session.execute(
            select(Booking.referral_id, Booking.starts_at).where(
                Booking.referral_id.in_(ids), Booking.state == BookingState.BOOKED
            )
        )
        booked = {referral_id: starts_at for referral_id, starts_at in appointments}  # noqa: C416 - rows are no pairs to the type checker
        causes = {
            subject: cause.value
            for subject, cause in session.execute(
                select(Deviation.subject, Deviation.cause)
                .where(Deviation.subject.in_([f"referral:{key}" for key in ids]))
                .order_by(Deviation.id)
            )
        }
    return tuple(
        ReferralRow(
            referral_id=referral.id,
            kind=referral.kind.value,
            number=referral.number,
            person_id=person.id,
            region=referral.region,
            person_number=shown_number(person),
            name=shown_name(person),
            unit_id=unit.id,
            unit=unit.name,
            unit_phone=unit.phone,
            state=referral.state.value,
            state_since=referral.state_since,
            due_on=referral.due_on,
            days=(today - local_date(referral.made_at)).days,
            overdue=max(0, (today - referral.due_on).days) if referral.due_on is not None else 0,
            holder=holder(referral, today),
            receipt=referral.receipt,
            booked_at=booked.get(referral.id),
            reminded_on=referral.reminded_on,
            cause=causes.get(f"referral:{referral.id}"),
            version=referral.version_id,
        )
        for referral, person, unit in found
    )


def holder(referral: Referral, today: date) -> str:
    """Who holds the person now (message id)."""
    if referral.state is ReferralState.BOOKED and referral.due_on is not None and referral.due_on < today:
        return _PASSED
    if referral.kind is ReferralKind.UROLOGY and referral.state is ReferralState.DONE:
        return _SEEN
    return HOLDERS[referral.state]


def late_orders(session: Session, regions: Sequence[str], today: date, limit: int) -> list[ReferralRow]:
    """PSA orders that wait for an answer although a sample has been taken, or whose window ends within a week."""
    rows = session.execute(
        select(PsaOrder, Person)
        .join(Person, Person.id == PsaOrder.person_id)
        .where(
            PsaOrder.state == OrderState.SENT,
            Person.region.in_(regions),
            or_(
                Person.step == Step.AWAITING_ANSWER,
                and_(Person.step == Step.AWAITING_SAMPLE, PsaOrder.valid_until <= today),
            ),
        )
        .order_by(PsaOrder.valid_until, PsaOrder.id)
        .limit(limit)
    )
    return [
        ReferralRow(
            referral_id=order.id,
            kind="psa",
            number=order.number,
            person_id=person.id,
            region=person.region,
            person_number=shown_number(person),
            name=shown_name(person),
            unit_id=0,
            unit="",
            unit_phone="",
            state=order.state.value,
            state_since=order.sent_at or order.ordered_at,
            due_on=person.next_on or order.valid_until,
            days=(today - local_date(order.ordered_at)).days,
            overdue=max(0, (today - (person.next_on or order.valid_until)).days),
            holder="The laboratory: to answer"
            if person.step is Step.AWAITING_ANSWER
            else "The person: to give a sample",
            receipt=order.receipt,
            booked_at=None,
            reminded_on=None,
            cause=None,
            version=0,
        )
        for order, person in rows
    ]
