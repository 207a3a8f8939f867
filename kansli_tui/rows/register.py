"""The reviewed change-set of a register hand-over as frozen rows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ChangeKind(StrEnum):
    """What a line of the file is against our register."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    PROBLEM = "problem"
    MISSING = "missing"


class ImportState(StrEnum):
    """A change-set waits for review, is accepted, rejected, stopped whole, or stale (the register has changed since)."""

    REVIEW = "review"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ChangeSetRow:
    """One hand-over in the list."""

    import_id: int
    file_name: str
    format: str
    state: ImportState
    made_at: datetime
    made_by: str
    counts: dict[ChangeKind, int]
    stopped_reason: str | None
    stale: bool
    decided_by: str | None
    decided_at: datetime | None
    version: int

    @property
    def needs_person(self) -> bool:
        """Whether anything in it asks for a person."""
        return self.state is ImportState.STOPPED or bool(
            self.counts.get(ChangeKind.PROBLEM) or self.counts.get(ChangeKind.MISSING)
        )


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One line of the change-set. `what` says it in words: fields with old and new values, or the problem and its fix."""

    row_id: int
    line: int
    kind: ChangeKind
    region: str
    number: str
    name: str
    what: str
    message: str
    values: dict[str, str]
    effect: str
