"""The latest facts about a person that several services show."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Person, PsaAnswer


def latest_answer(session: Session, person: Person) -> PsaAnswer | None:
    """The newest answer that holds."""
    return session.scalar(
        select(PsaAnswer)
        .where(PsaAnswer.person_id == person.id, PsaAnswer.replaced_at.is_(None))
        .order_by(PsaAnswer.id.desc())
        .limit(1)
    )
