"""Questions to the physician: which are open about a person, and that nothing is confirmed or referred past one in silence."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Block, Task
from kansli_tui.errors import RefusedError
from kansli_tui.i18n import _
from kansli_tui.labels import label
from kansli_tui.pathway.steps import Queue


def open_about(session: Session, person_id: int, queues: tuple[Queue, ...] = (Queue.MEDICAL,)) -> tuple[str, ...]:
    """The person's open blocks, and his open tasks of some queues, as lines that can be read."""
    blocks = session.scalars(
        select(Block.reason).where(Block.person_id == person_id, Block.ended_at.is_(None)).order_by(Block.id)
    )
    tasks = session.execute(
        select(Task.queue, Task.reason)
        .where(Task.person_id == person_id, Task.queue.in_(queues), Task.closed_at.is_(None))
        .order_by(Task.id)
    )
    return (*(_(block) for block in blocks), *(f"{label(queue)}: {reason}" for queue, reason in tasks))


def is_asked(session: Session, person_id: int) -> bool:
    """Whether a question to the physician is open about the person."""
    found = select(Task.id).where(Task.person_id == person_id, Task.queue == Queue.MEDICAL, Task.closed_at.is_(None))
    return session.scalar(found.limit(1)) is not None


def refuse_while_asked(session: Session, person_id: int, reason: str) -> None:
    """RefusedError while a question to the physician is open and no `reason` for going on is written."""
    if not reason.strip() and is_asked(session, person_id):
        raise RefusedError("A question to the physician is open: finish it, or write why you go on.")
