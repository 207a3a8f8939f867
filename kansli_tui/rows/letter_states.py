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
    """Prepared (frozen) → rendered (the PDF is set) → printed (its files are written) → posted; or cancelled on the way."""

    PREPARED = "prepared"
    RENDERED = "rendered"
    PRINTED = "printed"
    POSTED = "posted"
    CANCELLED = "cancelled"


OPEN_BATCHES = (BatchState.PREPARED, BatchState.RENDERED, BatchState.PRINTED)
"""Batches that have not left the house."""


class Channel(StrEnum):
    """A way out of the house: printed here, printed by a print house, or a message in 1177's inbox."""

    PAPER = "paper"
    VENDOR = "vendor"
    MESSAGE_1177 = "1177"


class AttemptOutcome(StrEnum):
    """What is known of a letter after it has been handed to a channel."""

    HANDED_OVER = "handed_over"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    UNREAD = "unread"
    RETURNED = "returned"


class ReturnReason(StrEnum):
    """Why the post brought a letter back, by what its sticker says."""

    UNKNOWN = "unknown"
    MOVED = "moved"
    INCOMPLETE = "incomplete"
    REFUSED = "refused"
    DEAD = "dead"
    NOT_SAID = "not_said"


class TextState(StrEnum):
    """A letter text is written as a draft, and signed or rejected by somebody else."""

    DRAFT = "draft"
    SIGNED = "signed"
    REJECTED = "rejected"


class Reader(StrEnum):
    """Whom a letter text is tried on."""

    MADE_UP = "made_up"
    LONG_NAMED = "long_named"
    NEXT = "next"


@dataclass(frozen=True, slots=True)
class WaitingLetters:
    """Prepared letters of one region and type that no batch holds yet."""

    region: str
    type: LetterType
    by_hand: bool
    letters: int
    oldest: datetime
    channel: Channel = Channel.PAPER


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch in the list. `to_post` is what must still be handed over: letters stopped after printing are taken out.

    `sheets_to_post` are the sheets of these (None before the PDF is set), `sheets` and `envelopes` what was counted. `reprint_of`
    is the number of the batch that this one prints again, with the reason.
    """

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
    channel: Channel = Channel.PAPER
    sheets_to_post: int | None = None
    reprint_of: str = ""
    reason: str = ""
    printed_at: datetime | None = None
    printed_by: str | None = None
    sheets: int | None = None
    envelopes: int | None = None


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter in a batch or on a case. `booked_at` is the appointment that the letter states (aware)."""

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
    pages: int | None = None
    returned_on: date | None = None
    booked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What was seen of a batch when its envelopes were scanned: `missing` and `strange` are letter ids, `twice` too."""

    seen: int
    missing: tuple[str, ...]
    strange: tuple[str, ...]
    twice: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextRow:
    """A version of a letter text. `name` is a letter type's value or "shared_…"; `region` "" for all; `in_force` today."""

    text_id: int
    name: str
    language: str
    region: str
    version: str
    body: str
    valid_from: date
    state: TextState
    comment: str
    written_by: str
    written_at: datetime
    signed_by: str | None
    signed_at: datetime | None
    in_force: bool
