"""The lives of a letter and of a batch."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kansli_tui.pathway.letter_types import LetterType


class LetterState(StrEnum):
    """Prepared → printed → posted; or stopped before it left the house; or returned by the post."""

    PREPARED = "prepared"
    PRINTED = "printed"
    POSTED = "posted"
    STOPPED = "stopped"
    RETURNED = "returned"


class BatchState(StrEnum):
    """A batch is printed once and then confirmed as posted, or cancelled (its letters become prepared again)."""

    PRINTED = "printed"
    POSTED = "posted"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class WaitingLetters:
    """Prepared letters of one region and type that no batch holds yet."""

    region: str
    type: LetterType
    by_hand: bool
    letters: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch in the list. `to_post` is what must still be handed over: letters stopped after printing are taken out."""

    batch_id: int
    number: str
    region: str
    type: LetterType
    by_hand: bool
    state: BatchState
    made_at: datetime
    made_by: str
    letters: int
    to_post: int
    take_out: tuple[str, ...]
    pages: int | None
    posted_on: date | None
    posted_by: str | None
    left_out: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter in a batch or on a case."""

    letter_id: int
    person_id: int
    region: str
    number: str
    name: str
    type: LetterType
    state: LetterState
    prepared_at: datetime
    posted_on: date | None
    stop_reason: str | None
