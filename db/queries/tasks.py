"""Open tasks of a queue, page by page."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Subquery, and_, or_, select, union_all

from db.models import Task
from kansli_tui.pathway.steps import Queue


def open_page(
    queue: Queue, regions: Sequence[str], *, after: tuple[datetime, int] | None, limit: int, newest: bool = False
) -> Subquery:
    """The ids (and `opened_at`) of a page of open tasks, the oldest first, after a cursor; with `newest` from the end.

    Each region is read on its own, in the order of its index, and the short lists are merged: one query over several
    regions would have to sort the whole queue, and a page would cost more the longer the queue is.
    """
    order = (Task.opened_at.desc(), Task.id.desc()) if newest else (Task.opened_at, Task.id)
    pieces = []
    for region in regions:
        piece = select(Task.id, Task.opened_at).where(
            Task.queue == queue, Task.region == region, Task.closed_at.is_(None)
        )
        if after is not None:
            opened_at, task_id = after
            piece = piece.where(or_(Task.opened_at > opened_at, and_(Task.opened_at == opened_at, Task.id > task_id)))
        pieces.append(select(piece.order_by(*order).limit(limit).subquery()))
    merged = union_all(*pieces).subquery()
    columns = (merged.c.opened_at.desc(), merged.c.id.desc()) if newest else (merged.c.opened_at, merged.c.id)
    return select(merged).order_by(*columns).limit(limit).subquery()
