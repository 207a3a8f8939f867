"""What a working session must know of somebody in its queue."""

from datetime import datetime
from typing import Protocol

Cursor = tuple[datetime, int]
"""A place in a queue: since when a task waits, and its key."""


class Waiting(Protocol):
    """What a session must know of somebody in its queue."""

    @property
    def task_id(self) -> int:
        """The task that is leased."""

    @property
    def person_id(self) -> int:
        """Whose it is."""

    @property
    def number(self) -> str:
        """The number as shown."""

    @property
    def name(self) -> str:
        """The name as shown."""

    @property
    def lease_by(self) -> str | None:
        """Who works on it."""

    @property
    def opened_at(self) -> datetime:
        """Since when it waits."""

    @property
    def version(self) -> int:
        """The person's version."""
