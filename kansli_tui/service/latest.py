"""The latest facts about a person that several services show."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Decided, Person, PsaAnswer
from kansli_tui.rows.answers import DecisionState


def latest_answer(session: Session, person: Person) -> PsaAnswer | None:
    """The newest answer that holds."""
    return session.scalar(
        select(PsaAnswer)
        .where(PsaAnswer.person_id == person.id, PsaAnswer.replaced_at.is_(None))
        .order_by(PsaAnswer.id.desc())
        .limit(1)
    )


def latest_decision(session: Session, person: Person) -> Decided | None:
    """The newest decision of the latest round that is proposed or confirmed."""
    return session.scalar(
        select(Decided)
        .where(
            Decided.person_id == person.id,
            Decided.round_number == person.round_number,
            Decided.state != DecisionState.SUPERSEDED,
        )
        .order_by(Decided.id.desc())
        .limit(1)
    )
