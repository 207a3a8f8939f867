"""Letters as they stand on a case, and a letter that the post has brought back."""

from dataclasses import dataclass
from datetime import date, datetime

from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letter_states import AttemptOutcome, BatchState, Channel, LetterState, ReturnReason


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a channel has done, or told us, about a letter."""

    at: datetime
    channel: Channel
    outcome: AttemptOutcome
    note: str


@dataclass(frozen=True, slots=True)
class PersonLetter:
    """A letter of one person. `sent_to` is where it went, () before it is printed or when the person's data are masked.

    `booked_at` is the appointment that the letter states (aware), `batch_state` that of the batch that holds it.
    """

    letter_id: int
    type: LetterType
    state: LetterState
    language: str
    channel: Channel
    by_hand: bool
    prepared_at: datetime
    printed_at: datetime | None
    posted_on: date | None
    returned_on: date | None
    return_reason: ReturnReason | None
    stop_reason: str | None
    batch: str
    enclosure: str
    again_of: int | None
    sent_to: tuple[str, ...]
    attempts: tuple[Attempt, ...]
    booked_at: datetime | None = None
    batch_state: BatchState | None = None


@dataclass(frozen=True, slots=True)
class PersonLetters:
    """Whose letters they are, masked as everywhere, and the letters with the newest first."""

    person_id: int
    number: str
    name: str
    masked: bool
    letters: tuple[PersonLetter, ...]


@dataclass(frozen=True, slots=True)
class ReturnedLetter:
    """A letter that came back: where it went, and where the register says that the person lives today.

    Of a person whose data are masked no address is shown. `task_id` is the open task about it, `again` the letter that has been
    prepared in its place; both may be None. `same` when the address of today is the one it came back from, or there is none.
    `booked_at` is the appointment that the letter states (aware).
    """

    letter_id: int
    type: LetterType
    person_id: int
    number: str
    name: str
    masked: bool
    region: str
    posted_on: date | None
    returned_on: date | None
    reason: ReturnReason | None
    sent_to: tuple[str, ...]
    now_at: tuple[str, ...]
    same: bool
    again: int | None
    task_id: int | None
    lease_by: str | None
    booked_at: datetime | None = None
