"""Orders, messages, answers and decisions as frozen rows."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from kansli_tui.pathway.ruleset import Outcome


class OrderState(StrEnum):
    """Where a PSA order is."""

    CREATED = "created"
    SENT = "sent"
    ANSWERED = "answered"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class MessageState(StrEnum):
    """What became of a message from the laboratory."""

    APPLIED = "applied"
    NO_EFFECT = "no_effect"
    HELD = "held"
    MATCHED = "matched"
    REFUSED = "refused"
    RETURNED = "returned"


class DecisionState(StrEnum):
    """A decision is proposed by the rules, confirmed by a person, or superseded by a newer answer."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class ImportedItem:
    """What happened to one message or line of an answer file. `message`/`fix` are message ids with `values`."""

    position: int
    state: MessageState
    order_number: str | None
    message: str
    fix: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class LabImport:
    """What happened to one answer file."""

    file_name: str
    sha256: str
    items: tuple[ImportedItem, ...]

    def count(self, state: MessageState) -> int:
        """How many items ended in `state`."""
        return sum(item.state is state for item in self.items)

    @property
    def needs_person(self) -> bool:
        """Whether anything is held."""
        return self.count(MessageState.HELD) > 0


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """An answer with the rules' proposal: everything the working session of Provsvar shows about one person."""

    task_id: int
    decision_id: int
    person_id: int
    region: str
    number: str
    name: str
    masked: bool
    age: int
    municipality: str
    round_number: int
    value: Decimal | None
    comparator: str | None
    raw_value: str
    status: str
    laboratory: str
    sampled_at: datetime | None
    received_at: datetime
    comment: str
    context: tuple[str, ...]
    earlier: tuple[str, ...]
    proposed: Outcome
    rule_number: int
    rule_set: str
    reason: str
    new_offer_on: date | None
    consequence: str
    blocked_by: tuple[str, ...]
    lease_by: str | None
    opened_at: datetime
    timeline: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True)
class ConfirmedBatch:
    """The result of confirming many answers: how many were, and how many were left with why."""

    confirmed: int
    left: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A held message: why, what to do, and what it says (shown to those with the right)."""

    message_id: int
    task_id: int
    region: str
    file_name: str
    position: int
    received_at: datetime
    order_number: str | None
    reason: str
    fix: str
    values: dict[str, str]
    summary: tuple[tuple[str, str], ...]
    candidates: tuple["Candidate", ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An order or referral that a held message could belong to. `kind` is 'psa', 'mri' or 'urology', and `order_id` a key of that kind."""

    order_id: int
    order_number: str
    person_id: int
    number: str
    name: str
    why: str
    kind: str = "psa"


@dataclass(frozen=True, slots=True)
class OrderExport:
    """What `export` wrote: PSA orders and referrals, new ones and cancellations. `left_out` says which stay and why."""

    orders: int
    cancellations: int
    files: tuple[str, ...]
    left_out: tuple[str, ...]
    referrals: int = 0
    referral_cancellations: int = 0


@dataclass(frozen=True, slots=True)
class OrderRow:
    """A PSA order in a list."""

    order_id: int
    order_number: str
    person_id: int
    region: str
    number: str
    name: str
    state: OrderState
    ordered_at: datetime
    valid_until: date
    receipt: str | None


@dataclass(frozen=True, slots=True)
class LowPreview:
    """What confirming the low values together would do: how many, the first of them, and which are left and why."""

    count: int
    rows: tuple[AnswerRow, ...]
    stamp: str
    left_out: tuple[str, ...]
