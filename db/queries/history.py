"""Everything that belongs to one person, read once: a case and its timeline are made from the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from db.models import (
    Block,
    Contact,
    Decided,
    LabMessage,
    Letter,
    LetterBatch,
    PersonNumber,
    PsaAnswer,
    PsaOrder,
    StepChange,
    Task,
)
from kansli_tui.rows.answers import MessageState

_PERSON: BindParameter[int] = bindparam("person")
_NUMBERS = select(PersonNumber.number).where(PersonNumber.person_id == _PERSON).order_by(PersonNumber.id.desc())
_CHANGES = select(StepChange).where(StepChange.person_id == _PERSON).order_by(StepChange.id)
_LETTERS = (
    select(Letter, LetterBatch.number, LetterBatch.posted_by)
    .outerjoin(LetterBatch, LetterBatch.id == Letter.batch_id)
    .where(Letter.person_id == _PERSON)
    .order_by(Letter.id)
)
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
_MESSAGES = (
    select(LabMessage)
    .join(PsaOrder, PsaOrder.number == LabMessage.order_number)
    .where(
        PsaOrder.person_id == _PERSON,
        LabMessage.state.in_((MessageState.HELD, MessageState.MATCHED, MessageState.REFUSED, MessageState.RETURNED)),
    )
    .order_by(LabMessage.id)
)
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
    """Messages to his orders that a person has had to look at, or has still to."""


def history_of(session: Session, person_id: int) -> History:
    """Read it all."""
    of = {"person": person_id}
    return History(
        numbers=session.scalars(_NUMBERS, of).all(),
        changes=session.scalars(_CHANGES, of).all(),
        letters=[(letter, number, by) for letter, number, by in session.execute(_LETTERS, of)],
        orders=session.scalars(_ORDERS, of).all(),
        answers=[(answer, file_name) for answer, file_name in session.execute(_ANSWERS, of)],
        decisions=session.scalars(_DECISIONS, of).all(),
        contacts=session.scalars(_CONTACTS, of).all(),
        blocks=session.scalars(_BLOCKS, of).all(),
        tasks=session.scalars(_TASKS, of).all(),
        messages=session.scalars(_MESSAGES, of).all(),
    )
