"""What a working session must know of somebody in its queue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from kansli_tui.labels import label
from kansli_tui.pathway.steps import Queue

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


def questions(blocked_by: Sequence[str]) -> tuple[str, ...]:
    """Open questions to the physician among what blocks somebody: they are passed with written words only."""
    return tuple(line for line in blocked_by if line.startswith(f"{label(Queue.MEDICAL)}:"))
