"""Units, referrals, appointments and examinations as frozen rows."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from kansli_tui.pathway.decide import Decision
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.rows.cases import Happening


class BookingWay(StrEnum):
    """How a unit books: the office in slots the unit gives it, the unit with messages to us, or the unit by calling the man itself."""

    OWN_SLOTS = "own_slots"
    MESSAGES = "messages"
    CALLS = "calls"


class BookingState(StrEnum):
    """What became of an appointment. `BOOKED` is the only open one."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    NO_SHOW = "noshow"
    DONE = "done"


class DecisionKind(StrEnum):
    """What a decision was made on."""

    PSA = "psa"
    MRI = "mri"
    PATHOLOGY = "pathology"


class HandoverState(StrEnum):
    """A move between regions: offered by the one, taken over or sent back by the other."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit of the directory. `weekly_capacity` counts MRI appointments or first visits a week; 0 is not stated."""

    unit_id: int
    code: str
    region: str
    kind: ReferralKind
    name: str
    hsa_id: str
    phone: str
    hours: str
    weekly_capacity: int
    exam_code: str
    exam_text: str
    books: BookingWay
    writes_itself: bool
    """Whether the unit sends the man its own call; otherwise the office writes the MRI call letter."""
    active: bool
    version: int


@dataclass(frozen=True, slots=True)
class ReferralForm:
    """What the form for a new referral shows: the case in short, units of the region (the usual one first), and what the unit asks."""

    person_id: int
    kind: ReferralKind
    number: str
    name: str
    reason: str
    question: str
    units: tuple[UnitRow, ...]
    asks: tuple[str, ...]
    """Questions about the man that the unit needs answered; each answer is recorded."""
    phone_first: bool
    """He is phoned before the referral is made."""
    version: int
    blocked_by: tuple[str, ...] = ()
    """Open blocks and open questions to the physician: with a question the referral needs a written reason (`despite`)."""


@dataclass(frozen=True, slots=True)
class ReferralRow:
    """One referral on the clock: where it is, who holds the man, how old the state is and when it is overdue.

    `days` have passed since the referral was made, `overdue` days since its limit (0 when within). `holder` is a message id.
    A PSA order is listed as kind 'psa' with the laboratory as its unit (`unit_id` 0).
    """

    referral_id: int
    kind: str
    number: str
    person_id: int
    region: str
    person_number: str
    name: str
    unit_id: int
    unit: str
    unit_phone: str
    state: str
    state_since: datetime
    due_on: date | None
    days: int
    overdue: int
    holder: str
    receipt: str | None
    booked_at: datetime | None
    reminded_on: date | None
    cause: str | None
    """The deviation cause noted on it, as its value."""
    version: int


@dataclass(frozen=True, slots=True)
class BookingRow:
    """One appointment. `late_by` says that it lies in the past with no outcome."""

    booking_id: int
    referral_id: int
    referral_number: str
    person_id: int
    region: str
    number: str
    name: str
    starts_at: datetime
    minutes: int | None
    state: BookingState
    source: str
    made_by: str
    why: str
    late: bool


@dataclass(frozen=True, slots=True)
class SlotRow:
    """One slot of a unit's week: free, closed, or with the booking that fills it."""

    slot_id: int | None
    starts_at: datetime
    minutes: int
    open: bool
    closed_reason: str
    booking: BookingRow | None


@dataclass(frozen=True, slots=True)
class ToBook:
    """Somebody who waits for an appointment. `orphan` lost his because capacity was cut: he comes first."""

    referral_id: int
    person_id: int
    region: str
    number: str
    name: str
    referral_number: str
    waiting_days: int
    orphan: bool
    why: str
    version: int


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A unit's week: its slots and appointments day by day (Monday first), and who waits to be booked."""

    unit: UnitRow
    monday: date
    days: tuple[tuple[date, tuple[SlotRow, ...]], ...]
    capacity: int
    booked: int
    to_book: tuple[ToBook, ...]


@dataclass(frozen=True, slots=True)
class CutPreview:
    """What closing slots would do: how many free ones go, and whose appointments would be lost. `stamp` says exactly these."""

    free: int
    orphans: tuple[BookingRow, ...]
    stamp: str


@dataclass(frozen=True, slots=True)
class ProseScoreRow:
    """A score read from prose with the sentence it came from."""

    score: int
    sentence: str


@dataclass(frozen=True, slots=True)
class MriAnswerRow:
    """An MRI answer to assess: what the unit wrote, what is suggested and why, and what the rules make of the suggestion."""

    task_id: int
    decision_id: int
    person_id: int
    region: str
    number: str
    name: str
    masked: bool
    age: int
    round_number: int
    referral_number: str
    unit: str
    unit_phone: str
    examined_at: datetime | None
    received_at: datetime
    status: str
    text: str
    volume_ml: Decimal | None
    volume_raw: str
    lesions: tuple[int, ...]
    prose: tuple[ProseScoreRow, ...]
    suggested: int | None
    """The highest coded score, else the highest in prose: a suggestion only."""
    suggested_from: str
    """Where the suggestion comes from (message id or the sentence itself)."""
    psa: str
    sampled_at: datetime | None
    proposal: Decision | None
    """What the rules say if the suggestion is right; None without a suggestion."""
    consequence: str
    corrected: bool
    blocked_by: tuple[str, ...]
    lease_by: str | None
    opened_at: datetime
    timeline: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True)
class PathologyRow:
    """A pathology answer to confirm."""

    task_id: int
    decision_id: int
    person_id: int
    region: str
    number: str
    name: str
    masked: bool
    age: int
    referral_number: str
    unit: str
    biopsied_on: date
    reported_on: date
    isup: int
    proposed: Outcome
    reason: str
    consequence: str
    corrected: bool
    blocked_by: tuple[str, ...]
    lease_by: str | None
    opened_at: datetime
    timeline: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True)
class ReferralDetail:
    """One referral with its history, the newest first, and the events that may happen to it now."""

    row: ReferralRow
    question: str
    answers: tuple[tuple[str, str], ...]
    history: tuple[Happening, ...]
    possible: frozenset[ReferralEvent]


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """A hand-over between two regions as both sides see it."""

    handover_id: int
    person_id: int
    from_region: str
    to_region: str
    number: str
    name: str
    step_label: str
    state: HandoverState
    reason: str
    at: datetime
    by: str
    end_reason: str


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """An answer that changed after something had gone out: everything one needs to set it right."""

    task_id: int
    person_id: int
    region: str
    number: str
    name: str
    what: str
    """'psa', 'mri' or 'pathology'."""
    before: str
    now: str
    wrong_person: bool
    letters: tuple[str, ...]
    orders: tuple[str, ...]
    rules_say: str
    step_label: str
    draft: str
    """The correction letter as text; '' when no letter has gone out."""
    letter_prepared: bool
    version: int
