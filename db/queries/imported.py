"""What an import of earlier rounds needs to know of the people it names: where they stand, and what has been imported of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import LabMessage, Person, PersonNumber, Round
from kansli_tui.pathway.steps import ClosedReason, ExclusionReason, Step

HISTORY = "history"
"""The kind, and the sender, of the lines of an imported file among the raw messages."""


@dataclass(slots=True)
class KnownPerson:
    """A person in the register. `lines` are the control ids of his imported lines, by round number."""

    person_id: int
    region: str
    birth_date: date
    municipality: str
    step: Step
    since: datetime
    next_on: date | None
    round_number: int
    closed_reason: ClosedReason | None
    exclusion_reason: ExclusionReason | None
    lines: dict[int, str] = field(default_factory=dict)
    last_ended_at: datetime | None = None
    last_result: str | None = None


def people_of(session: Session, numbers: Sequence[str]) -> dict[str, int]:
    """Each of the numbers that somebody has or has had, and the person's key."""
    rows = session.execute(select(PersonNumber.number, PersonNumber.person_id).where(PersonNumber.number.in_(numbers)))
    return {row.number: row.person_id for row in rows}


def known_people(session: Session, ids: Sequence[int], *, lock: bool) -> dict[int, KnownPerson]:
    """The people by key, under lock where they will be written, with their imported lines and how their latest round ended."""
    statement = (
        select(
            Person.id,
            Person.region,
            Person.birth_date,
            Person.municipality,
            Person.step,
            Person.since,
            Person.next_on,
            Person.round_number,
            Person.closed_reason,
            Person.exclusion_reason,
        )
        .where(Person.id.in_(ids))
        .order_by(Person.id)
    )
    rows = session.execute(statement.with_for_update() if lock else statement)
    found = {row[0]: KnownPerson(*row) for row in rows}
    lines = session.execute(
        select(LabMessage.person_id, LabMessage.control_id).where(
            LabMessage.person_id.in_(ids), LabMessage.sender == HISTORY, LabMessage.kind == HISTORY
        )
    )
    for person_id, control_id in lines:
        assert person_id is not None
        assert control_id is not None
        found[person_id].lines[int(control_id.partition(":")[0])] = control_id
    rounds = session.execute(
        select(Round.person_id, Round.ended_at, Round.result, Round.offered_on)
        .where(Round.person_id.in_(ids))
        .order_by(Round.number)
    )
    for person_id, ended_at, result, offered_on in rounds:
        found[person_id].last_ended_at = ended_at
        if offered_on is not None:
            found[person_id].last_result = result
    return found
