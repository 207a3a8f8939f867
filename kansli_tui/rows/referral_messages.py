"""What units send about referrals: MRI bookings, MRI answers and outcomes of urology, as values. They decide nothing.

A value says what the message or line says. Whose it is, and what it leads to, is the service's and the pathway's business.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from kansli_tui.rows.lab import PatientId


@dataclass(frozen=True, slots=True, kw_only=True)
class FromUnit:
    """What every message or line of a unit says about itself and whose it is.

    Attributes:
        format: 'hl7' or 'csv'.
        control_id: MSH-10; None for CSV.
        sender: MSH-4 (facility), else MSH-3; '' for CSV.
        message_type: 'SIU^S12', 'ORU^R01', or 'CSV'.
        raw, sha256, position: as for `LabAnswer`; `raw` can be read again alone.
        order_number: our referral number as echoed; None when missing.
        unit_number: the unit's own number (RIS-777); None when missing.
        identities: every number of the person, as written.
        birth_date: None when missing or not a whole date.
        warnings: departures from the standard that did not change the meaning.
    """

    format: Literal["hl7", "csv"]
    control_id: str | None
    sender: str
    message_type: str
    raw: bytes
    sha256: str
    position: int
    order_number: str | None
    unit_number: str | None
    identities: tuple[PatientId, ...]
    birth_date: date | None
    warnings: tuple[str, ...] = ()
    sent_at: datetime | None = None
    """When the sender wrote the message (MSH-7, aware); None where it does not say, and for CSV."""


class BookingEvent(StrEnum):
    """What a unit says about an appointment or about the referral itself (SIU S12/S13/S15/S26, or the CSV's `event`)."""

    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    NO_SHOW = "noshow"
    DONE = "done"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingMessage(FromUnit):
    """An appointment for MRI. `starts_at` is aware (None where the line gives none); `why` is the unit's own words."""

    event: BookingEvent
    starts_at: datetime | None
    minutes: int | None = None
    unit: str = ""
    """The unit as written: the HSA-id of AIL-3 or the CSV's `unit`."""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Lesion:
    """A coded PI-RADS score (SNOMED 1345044005): `score` 1–5, `number` as the unit counts its lesions."""

    number: str
    score: int


@dataclass(frozen=True, slots=True)
class ProseScore:
    """A PI-RADS score found in prose: only ever a suggestion, shown with the sentence it came from. `score` 1–5."""

    score: int
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MriReport(FromUnit):
    """An MRI answer.

    Attributes:
        status: OBR-25 (F, C, P, X …); '' when missing; 'F' for a CSV line.
        completed: False when the unit says that the examination was not carried out or not finished (status X).
        examined_at, reported_at: aware; None when not stated.
        text: the report as readable text, line breaks kept.
        volume_ml: exact, in ml (cm³ is the same); None when not stated as a number in such a unit.
        lesions: coded scores in their order.
        prose_scores: scores found in the text that are not said to be earlier ones, in the order of the text.
    """

    status: str
    completed: bool
    examined_at: datetime | None
    reported_at: datetime | None
    text: str
    volume_ml: Decimal | None
    volume_raw: str = ""
    lesions: tuple[Lesion, ...] = ()
    prose_scores: tuple[ProseScore, ...] = ()
    unit: str = ""


class OutcomeEvent(StrEnum):
    """What happened at urology (the CSV's `event`)."""

    VISIT = "visit"
    BIOPSY = "biopsy"
    PATHOLOGY = "pathology"
    TREATMENT = "treatment"
    DECLINED = "declined"


class Treatment(StrEnum):
    """How a cancer is treated (the CSV's `treatment`)."""

    SURGERY = "surgery"
    RADIOTHERAPY = "radiotherapy"
    SURVEILLANCE = "surveillance"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeLine(FromUnit):
    """A line of the outcomes CSV. `on` is a day; `isup` 0 (benign) to 5, only with pathology; `treatment` only with treatment."""

    event: OutcomeEvent
    on: date
    isup: int | None = None
    treatment: Treatment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralOut:
    """A referral as it leaves the office.

    Attributes:
        kind: 'mri' or 'urology'.
        identity_number, identity_oid, family, given, birth_date, sex, street, postcode, city: as in `OrderOut`.
        psa_value: '3.4', with `psa_comparator` '' or one of '<', '<=', '>', '>='; µg/L.
        question: what the office asks, in Swedish, one line.
        answers: (question, answer) pairs asked of the man, e.g. about contraindications, in Swedish.
        exam_code, exam_text: from the unit's own catalogue (99LOKAL); '' when the unit has stated none.
        mri: (pirads, volume_ml, density) in words for a urology referral; None otherwise.
    """

    kind: Literal["mri", "urology"]
    number: str
    region: str
    unit_name: str
    unit_hsa_id: str
    identity_number: str
    identity_oid: str
    family: str
    given: str
    birth_date: date
    sex: str
    street: str
    postcode: str
    city: str
    made_at: datetime
    psa_value: str
    psa_comparator: str
    sampled_at: datetime | None
    question: str
    answers: tuple[tuple[str, str], ...] = ()
    exam_code: str = ""
    exam_text: str = ""
    mri: tuple[str, str, str] | None = None
    protected: bool = field(default=False)
    """A person with protected identity: no address leaves the house, and the paper says so."""
