"""The audit log: rows are added in the transaction of the act itself. There is no function that changes or removes one."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.models.office import AuditRow
from kansli_tui.rows.office import Actor


def record(
    session: Session,
    actor: Actor,
    at: datetime,
    action: str,
    *,
    person_id: int | None = None,
    region: str | None = None,
    subject: str = "",
    why: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    """Write one audit row. Refuses an act without an actor. `detail` holds numbers and codes, never personal data."""
    _require(actor)
    session.add(
        AuditRow(
            at=at,
            actor=actor.username,
            role=actor.role.value,
            action=action,
            person_id=person_id,
            region=region,
            subject=subject,
            why=why,
            detail=detail,
        )
    )


def record_people(
    session: Session,
    actor: Actor,
    at: datetime,
    action: str,
    people: Iterable[tuple[int, str]],
    *,
    subject: str = "",
    why: str = "",
) -> None:
    """Write one audit row for each (person id, region) of an act on many."""
    _require(actor)
    rows = [
        {
            "at": at,
            "actor": actor.username,
            "role": actor.role.value,
            "action": action,
            "person_id": person_id,
            "region": region,
            "subject": subject,
            "why": why,
        }
        for person_id, region in people
    ]
    if rows:
        session.execute(insert(AuditRow), rows)


def _require(actor: Actor | None) -> None:
    if actor is None or not actor.username:
        raise ValueError("nothing is done without somebody who does it")
