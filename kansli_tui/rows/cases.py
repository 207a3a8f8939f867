"""Queues, the home screen and the case as frozen rows."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from kansli_tui.pathway.steps import Queue, Step
from kansli_tui.rows.letter_states import Channel
from kansli_tui.rows.watch import CheckRow


@dataclass(frozen=True, slots=True)
class QueueCount:
    """Open tasks of one queue: how many per region (by code) and since when the oldest waits."""

    queue: Queue
    by_region: dict[str, int]
    oldest: datetime | None

    @property
    def total(self) -> int:
        """All regions together."""
        return sum(self.by_region.values())


@dataclass(frozen=True, slots=True)
class WaitingCount:
    """Work that is done in batches, or people who wait: a label id, how many per region, the earliest date."""

    label: str
    by_region: dict[str, int]
    oldest: date | None


@dataclass(frozen=True, slots=True)
class Home:
    """Everything the home screen says, in one read."""

    queues: tuple[QueueCount, ...]
    batches: tuple[WaitingCount, ...]
    waiting: tuple[WaitingCount, ...]
    register_reviews: int
    done_today: int
    balance: dict[str, tuple[int, int]]
    """Region → (people, difference), as the balance last said; empty until it has been run."""
    watch: tuple[CheckRow, ...] = ()
    """Every check of the watch: whose duty it is, when it was last run, and whether it is late."""


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task in a queue list. The cursor for the next page is (`opened_at`, `task_id`)."""

    task_id: int
    queue: Queue
    person_id: int | None
    region: str
    number: str
    name: str
    masked: bool
    opened_at: datetime
    reason: str
    subject: str
    lease_by: str | None


@dataclass(frozen=True, slots=True)
class PersonHit:
    """A person in search results."""

    person_id: int
    number: str
    matched_number: str
    name: str
    birth_date: date
    region: str
    municipality: str
    step: Step
    masked: bool
    blocked: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a timeline. `what` is a ready Swedish-or-English sentence, `kind` groups it.

    With `whole_day` only the day is known, and the time in `at` means nothing.
    """

    at: datetime
    kind: str
    what: str
    by: str
    detail: str
    whole_day: bool = False


@dataclass(frozen=True, slots=True)
class NextStep:
    """What happens next, when (None: when somebody acts), and who acts."""

    what: str
    on: date | None
    by: str


@dataclass(frozen=True, slots=True)
class PsaFacts:
    """The latest valid PSA answer."""

    value: Decimal | None
    comparator: str | None
    unit: str
    status: str
    sampled_at: datetime | None


@dataclass(frozen=True, slots=True)
class MriFacts:
    """What a person has confirmed of the round's MRI answer: PI-RADS, volume in ml, density in µg/L per ml, unrounded."""

    pirads: int
    volume_ml: Decimal | None
    density: Decimal | None


@dataclass(frozen=True, slots=True)
class HolderFacts:
    """Who holds the person now: the unit of his live referral, how it is reached, and the referral's number and state."""

    unit: str
    phone: str
    hours: str
    referral_id: int
    referral_number: str
    state: str
    receipt: str | None


class CaseAction(StrEnum):
    """What can be done with a case; `Case.actions` holds those that are open now."""

    ACCEPT = "accept"
    DECLINE = "decline"
    OPT_OUT = "opt_out"
    POSTPONE = "postpone"
    EXCLUDE = "exclude"
    READMIT = "readmit"
    CLOSE = "close"
    REOPEN = "reopen"
    REFER = "refer"
    """Opens the referral form; done by `ReferralService.refer`."""
    REBOOK = "rebook"
    RESEND = "resend"
    REFER_AGAIN = "refer_again"
    TO_UROLOGY = "to_urology"
    NEW_OFFER_LATER = "new_offer_later"
    UNDO = "undo"
    UNBLOCK = "unblock"
    RESUME = "resume"
    OFFER_NOW = "offer_now"


@dataclass(frozen=True, slots=True)
class OtherCase:
    """Another case of the same person: merged into this one, or this one into it. `number` is its own, as it is shown."""

    person_id: int
    number: str
    region: str
    merge_id: int


@dataclass(frozen=True, slots=True)
class Case:
    """One person on one screen: where he stands, why, what happens next and when, what blocks it, and everything so far."""

    person_id: int
    number: str
    earlier_numbers: tuple[str, ...]
    name: str
    masked: bool
    protection: str
    birth_date: date
    age: int
    region: str
    municipality: str
    address: tuple[str, ...]
    step: Step
    step_label: str
    since: datetime
    round_number: int
    rule_set: str
    reason: str
    next: NextStep
    blocked_by: tuple[str, ...]
    tasks: tuple[TaskRow, ...]
    timeline: tuple[Happening, ...]
    psa: PsaFacts | None
    mri: MriFacts | None
    holder: HolderFacts | None
    actions: frozenset["CaseAction"]
    version: int
    referrals: tuple[HolderFacts, ...] = ()
    """The round's referrals that were not taken back, the newest first: what is entered by hand goes onto one of them."""
    letter_language: str = "sv"
    letter_channel: Channel = Channel.PAPER
    register_objection_on: date | None = None
    """What the person has asked for: letters in a language and by a channel, and since when not to be in the quality register."""
    merged: tuple[OtherCase, ...] = ()
    """Cases that have been merged into this one; their history stands in the timeline."""
    merged_into: OtherCase | None = None


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One line of the balance of a region and birth year: how many people stand there, and which of them lack what holds them."""

    region: str
    born: int
    line: str
    people: int


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """Everyone in the register of a region and birth year against the sum of the lines."""

    region: str
    born: int
    in_register: int
    lines: dict[str, int]
    difference: int


@dataclass(frozen=True, slots=True)
class Unaccounted:
    """Somebody the balance cannot account for, and why."""

    person_id: int
    number: str
    region: str
    why: str


@dataclass(frozen=True, slots=True)
class Balance:
    """The whole balance at a time; `adds_up` when every difference is zero."""

    at: datetime
    rows: tuple[BalanceRow, ...]
    unaccounted: tuple[Unaccounted, ...]

    @property
    def adds_up(self) -> bool:
        """Whether everyone is accounted for."""
        return all(row.difference == 0 for row in self.rows) and not self.unaccounted


@dataclass(frozen=True, slots=True)
class SignedBalanceRow:
    """A balance that somebody has put their name to. `totals` are (people, difference) by region; `sha256` is of its PDF."""

    balance_id: int
    at: datetime
    by: str
    totals: dict[str, tuple[int, int]]
    adds_up: bool
    sha256: str
