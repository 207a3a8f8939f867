"""Tasks: what a person must do. Queues on the home screen are the open tasks by queue and region."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Key
from db.types import EnumByValue, UtcDateTime
from kansli_tui.pathway.steps import Queue


class Task(Base):
    """One piece of open (no `closed_at`) or finished work. One subject has at most one open task in a queue."""

    __tablename__ = "task"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    queue: Mapped[Queue] = mapped_column(EnumByValue(Queue))
    region: Mapped[str] = mapped_column(String(2))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    subject: Mapped[str] = mapped_column(String(60))
    """What the task is about: 'answer:12', 'message:7', 'letter:3', 'person:5'."""
    reason: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_by: Mapped[str] = mapped_column(String(80))
    lease_by: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(80))
    outcome: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("ix_task_closed", "closed_by", "closed_at"),
        Index(
            "ix_task_open",
            "queue",
            "region",
            "opened_at",
            "id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "uq_task_open_subject",
            "queue",
            "subject",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )
