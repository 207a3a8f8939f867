"""Everything that belongs to one person, read once: a case and its timeline are made from the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import BindParameter, Select, bindparam, or_, select, union_all
from sqlalchemy.orm import Session

from db.models import (
    Block,
    Booking,
    CareSettled,
    Contact,
    Decided,
    HandEdit,
    Handover,
    LabMessage,
    Letter,
    LetterAttempt,
    LetterBatch,
    MriAnswer,
    PathologyAnswer,
    PersonMerge,
    PsaAnswer,
    PsaOrder,
    Referral,
    ReferralChange,
    StepChange,
    Task,
    Treatment,
    Unit,
)
from db.queries.people import numbers_of
from kansli_tui.rows.answers import MessageState

_Row = TypeVar("_Row")
_PERSON: BindParameter[int] = bindparam("person")
_MERGES = (
    select(PersonMerge)
    .where(or_(PersonMerge.person_id == _PERSON, PersonMerge.merged_id == _PERSON))
    .order_by(PersonMerge.id)
)
_HAND_EDITS = select(HandEdit).where(HandEdit.person_id == _PERSON).order_by(HandEdit.id)
_SETTLED = select(CareSettled).where(CareSettled.person_id == _PERSON).order_by(CareSettled.id)
_CHANGES = select(StepChange).where(StepChange.person_id == _PERSON).order_by(StepChange.id)
_LETTERS = (
    select(Letter, LetterBatch.number, LetterBatch.posted_by)
    .outerjoin(LetterBatch, LetterBatch.id == Letter.batch_id)
    .where(Letter.person_id == _PERSON)
    .order_by(Letter.id)
)
_ATTEMPTS = select(LetterAttempt).where(LetterAttempt.person_id == _PERSON).order_by(LetterAttempt.id)
_ORDERS = select(PsaOrder).where(PsaOrder.person_id == _PERSON).order_by(PsaOrder.id)
_ANSWERS = (
    select(PsaAnswer, LabMessage.file_name)
    .join(LabMessage, LabMessage.id == PsaAnswer.message_id)
    .where(PsaAnswer.person_id == _PERSON)
    .order_by(PsaAnswer.id)
)
_DECISIONS = select(Decided).where(Decided.person_id == _PERSON).order_by(Decided.id)
_CONTACTS = select(Contact).where(Contact.person_id == _PERSON).order_by(Contact.id)
_BLOCKS = select(Block).where(Block.person_id == _PERSON).order_by(Block.id)
_ORDER_NUMBERS = union_all(
    select(PsaOrder.number).where(PsaOrder.person_id == _PERSON),
    select(Referral.number).where(Referral.person_id == _PERSON),
)
_MESSAGES = (
    select(LabMessage)
    .where(
        LabMessage.order_number.in_(_ORDER_NUMBERS),
        LabMessage.state.in_((MessageState.HELD, MessageState.MATCHED, MessageState.REFUSED, MessageState.RETURNED)),
    )
    .order_by(LabMessage.id)
)
_REFERRALS = (
    select(Referral, Unit)
    .join(Unit, Unit.id == Referral.unit_id)
    .where(Referral.person_id == _PERSON)
    .order_by(Referral.id)
)
_REFERRAL_CHANGES = select(ReferralChange).where(ReferralChange.person_id == _PERSON).order_by(ReferralChange.id)
_BOOKINGS = select(Booking).where(Booking.person_id == _PERSON).order_by(Booking.id)
_MRI_ANSWERS = select(MriAnswer).where(MriAnswer.person_id == _PERSON).order_by(MriAnswer.id)
_PATHOLOGY = select(PathologyAnswer).where(PathologyAnswer.person_id == _PERSON).order_by(PathologyAnswer.id)
_TREATMENTS = select(Treatment).where(Treatment.person_id == _PERSON).order_by(Treatment.id)
_HANDOVERS = select(Handover).where(Handover.person_id == _PERSON).order_by(Handover.id)
_TASKS = select(Task).where(Task.person_id == _PERSON).order_by(Task.opened_at, Task.id)


@dataclass(frozen=True, slots=True)
class History:
    """A person's rows, each kind in the order it came; `letters` with batch number and who posted, `answers` with file name."""

    numbers: Sequence[str]
    changes: Sequence[StepChange]
    letters: Sequence[tuple[Letter, str | None, str | None]]
    orders: Sequence[PsaOrder]
    answers: Sequence[tuple[PsaAnswer, str]]
    decisions: Sequence[Decided]
    contacts: Sequence[Contact]
    blocks: Sequence[Block]
    tasks: Sequence[Task]
    messages: Sequence[LabMessage]
    """Messages to his orders and referrals that a person has had to look at, or has still to."""
    referrals: Sequence[tuple[Referral, Unit]]
    referral_changes: Sequence[ReferralChange]
    bookings: Sequence[Booking]
    mri_answers: Sequence[MriAnswer]
    pathology: Sequence[PathologyAnswer]
    treatments: Sequence[Treatment]
    handovers: Sequence[Handover]
    attempts: Sequence[LetterAttempt]
    """What the channels have done with his letters, and told of them."""
    merges: Sequence[PersonMerge]
    """Every merge with another case, on either side, taken back or not."""
    hand_edits: Sequence[HandEdit]
    settled: Sequence[CareSettled]
    """What register care has found about him, and somebody has looked at."""
    person_id: int

    @property
    def merged(self) -> frozenset[int]:
        """The keys of the cases that are a part of this one."""
        return frozenset(
            merge.merged_id for merge in self.merges if merge.ended_at is None and merge.person_id == self.person_id
        )


def history_of(session: Session, person_id: int) -> History:
    """Read it all."""
    of = {"person": person_id}
    referrals = [(referral, unit) for referral, unit in session.execute(_REFERRALS, of)]
    letters = [(letter, number, by) for letter, number, by in session.execute(_LETTERS, of)]

    def about_referrals(statement: Select[_Row]) -> Sequence[_Row]:
        """What belongs to a referral is not asked for where there is none, as for most."""
        return session.scalars(statement, of).all() if referrals else ()

    return History(
        numbers=numbers_of(session, person_id),
        changes=session.scalars(_CHANGES, of).all(),
        letters=letters,
        orders=session.scalars(_ORDERS, of).all(),
        answers=[(answer, file_name) for answer, file_name in session.execute(_ANSWERS, of)],
        decisions=session.scalars(_DECISIONS, of).all(),
        contacts=session.scalars(_CONTACTS, of).all(),
        blocks=session.scalars(_BLOCKS, of).all(),
        tasks=session.scalars(_TASKS, of).all(),
        messages=session.scalars(_MESSAGES, of).all(),
        referrals=referrals,
        referral_changes=about_referrals(_REFERRAL_CHANGES),
        bookings=about_referrals(_BOOKINGS),
        mri_answers=about_referrals(_MRI_ANSWERS),
        pathology=about_referrals(_PATHOLOGY),
        treatments=about_referrals(_TREATMENTS),
        handovers=session.scalars(_HANDOVERS, of).all(),
        attempts=session.scalars(_ATTEMPTS, of).all() if letters else (),
        merges=session.scalars(_MERGES, of).all(),
        hand_edits=session.scalars(_HAND_EDITS, of).all(),
        settled=session.scalars(_SETTLED, of).all(),
        person_id=person_id,
    )
