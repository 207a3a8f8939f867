"""Leases: who is working on a task now. A lease lapses by itself; taking over is explicit and logged."""

from datetime import timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from db import audit
from db.models import Task
from kansli_tui.errors import ChangedBySomeoneElseError, NotFoundError
from kansli_tui.rows.office import NO_REGION, Actor
from kansli_tui.service.context import Context, require_region


def open_task(session: Session, actor: Actor, task_id: int) -> Task:
    """The open task, under lock. ChangedBySomeoneElseError when it has been done."""
    task = session.get(Task, task_id, with_for_update=True, populate_existing=True)
    if task is None:
        raise NotFoundError("There is no such task.")
    if task.region != NO_REGION:
        require_region(actor, task.region)
    if task.closed_at is not None:
        raise ChangedBySomeoneElseError("{who} has done this already.", who=task.closed_by)
    return task


def take(session: Session, context: Context, actor: Actor, task_id: int, *, take_over: bool) -> None:
    """Take a task for a while. One atomic UPDATE decides between two who press at the same time."""
    at = context.clock()
    free = or_(Task.lease_by.is_(None), Task.lease_by == actor.username, Task.lease_until < at)
    statement = update(Task).where(Task.id == task_id, Task.closed_at.is_(None))
    if not take_over:
        statement = statement.where(free)
    until = at + timedelta(minutes=context.settings.lease_minutes)
    before = session.scalar(select(Task.lease_by).where(Task.id == task_id))
    changed = session.execute(statement.values(lease_by=actor.username, lease_until=until)).rowcount  # type: ignore[attr-defined]
    task = open_task(session, actor, task_id)
    if not changed:
        raise ChangedBySomeoneElseError("{who} is working on this.", who=task.lease_by)
    if take_over and before not in (None, actor.username):
        audit.record(
            session,
            actor,
            at,
            "task.take_over",
            person_id=task.person_id,
            region=task.region,
            subject=f"task:{task_id}",
        )


def refuse_if_taken(task: Task, context: Context, actor: Actor) -> None:
    """ChangedBySomeoneElseError while another person holds the lease."""
    held = task.lease_by is not None and task.lease_until is not None and task.lease_until >= context.clock()
    if held and task.lease_by != actor.username:
        raise ChangedBySomeoneElseError("{who} is working on this.", who=task.lease_by)
