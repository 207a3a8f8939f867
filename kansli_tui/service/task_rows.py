"""A task as a row of a queue list."""

from datetime import datetime

from db.models import Person, Task
from kansli_tui.rows.cases import TaskRow
from kansli_tui.service.naming import is_masked, shown_name, shown_number


def task_row(task: Task, person: Person | None, now: datetime) -> TaskRow:
    """The row; `person` is None for a task about a message or a file."""
    leased = task.lease_until is not None and task.lease_until >= now
    return TaskRow(
        task_id=task.id,
        queue=task.queue,
        person_id=task.person_id,
        region=task.region,
        number=shown_number(person) if person else "",
        name=shown_name(person) if person else "",
        masked=is_masked(person) if person else False,
        opened_at=task.opened_at,
        reason=task.reason,
        subject=task.subject,
        lease_by=task.lease_by if leased else None,
    )
