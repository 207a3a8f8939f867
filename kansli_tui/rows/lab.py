"""Values of laboratory messages: what was read from bytes, and the order that is written to them. They decide nothing.

A value here says what the message says. Whether the answer belongs to one of our orders and what it leads to is the
service's and the pathway's business.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from kansli_tui.rows.lab_reasons import FIXES, Reason

Value = str | int
"""What fills a placeholder; small enough to be stored as JSON."""


@dataclass(frozen=True, slots=True)
class PatientId:
    """A person's number as the message writes it, unchecked, with the OID of whoever gave it out ('' when not stated)."""

    number: str
    authority_oid: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something cannot be used: a message id with its values, and the message id of what to do about it."""

    reason: Reason
    values: Mapping[str, Value] = field(default_factory=dict, hash=False)

    @property
    def fix(self) -> str:
        """What a person does about it, as a message id without placeholders."""
        return FIXES[self.reason]


@dataclass(frozen=True, slots=True)
class Observation:
    """One result row (OBX, or a CSV row).

    Attributes:
        code: what was analysed, e.g. NPU08669, in `code_system` as the message names it.
        code_text: the laboratory's own words for it.
        value_type: OBX-2 (NM, SN, ST, TX, FT …), 'CSV' for a CSV row.
        raw_value: the result as written. '' is empty; '""' is the HL7 null, which is not the same.
        value: the exact number in the unit given; None when the result is not exactly one number.
        comparator: part of the value: '<', '>', '<=', '>=' or None.
        unit_raw: the unit as written.
        unit: 'ug/L' for every spelling of micrograms per litre, else None: nothing is ever converted.
        status: OBX-11 as written (F, C, P, X …), '' when missing.
        flag: the laboratory's own flag, for context only.
        analysed_at: aware time of the analysis.
        text: the result as readable text where it is not a number.
    """

    code: str
    code_system: str
    code_text: str
    value_type: str
    raw_value: str
    value: Decimal | None
    comparator: str | None
    unit_raw: str
    unit: str | None
    status: str
    flag: str
    analysed_at: datetime | None
    text: str | None


@dataclass(frozen=True, slots=True)
class LabAnswer:
    """One answer from a laboratory, readable and not yet judged.

    Attributes:
        format: 'hl7' or 'csv'.
        control_id: MSH-10; None for CSV and for a message without one.
        sender: MSH-4 (facility), else MSH-3; for CSV the profile's facility.
        message_type: e.g. 'ORU^R01'; 'CSV' for a CSV row.
        raw: the bytes of this message, without framing and without line breaks at its end; of a CSV row, the headings and the row.
            It can be read again alone.
        sha256: of `raw`, hexadecimal.
        position: HL7: the message's number in its file from 1; CSV: the line number in the file (the headings are line 1).
        order_number: our order number as echoed; None when missing.
        lab_number: the laboratory's own number.
        identities: every number in PID-3, in order; may be empty.
        birth_date: PID-7; None when missing or not a whole date.
        sampled_at: aware; a time without an offset is Europe/Stockholm, a date alone is its midnight.
        reported_at: aware, as `sampled_at`.
        comment: the laboratory's notes, one a line.
        warnings: departures from the standard that did not change the meaning, readable English message ids.
    """

    format: Literal["hl7", "csv"]
    control_id: str | None
    sender: str
    message_type: str
    raw: bytes
    sha256: str
    position: int
    order_number: str | None
    lab_number: str | None
    identities: tuple[PatientId, ...]
    birth_date: date | None
    family: str
    given: str
    sampled_at: datetime | None
    reported_at: datetime | None
    observations: tuple[Observation, ...]
    comment: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that cannot be used as it stands: held whole, with its bytes, a reason and what to do."""

    position: int
    raw: bytes
    sha256: str
    reason: Reason
    values: Mapping[str, Value] = field(default_factory=dict, hash=False)

    @property
    def fix(self) -> str:
        """What a person does about it, as a message id without placeholders."""
        return FIXES[self.reason]


@dataclass(frozen=True, slots=True)
class OtherMessage:
    """A message that reads well but is no laboratory answer: a radiology report, a booking, an order."""

    position: int
    message_type: str
    raw: bytes
    sha256: str
    reason: Reason
    values: Mapping[str, Value] = field(default_factory=dict, hash=False)

    @property
    def fix(self) -> str:
        """What a person does about it, as a message id without placeholders."""
        return FIXES[self.reason]


@dataclass(frozen=True, slots=True)
class OrderOut:
    """One PSA order as it leaves the office.

    Attributes:
        identity_number: the person's number as stored (twelve digits, or a reserve number).
        identity_oid: who gave the number out, by its kind (`kansli_tui.exchange.profile.IDENTITY_OIDS`).
        sex: administrative sex in the register, 'M', 'F' or 'U'; never derived from the number.
        street, postcode, city: '' where no address may be given.
        ordered_at: aware.
        valid_until: last day for the sample.
        region: county code, '05', '06' or '08'.
    """

    order_number: str
    identity_number: str
    identity_oid: str
    family: str
    given: str
    birth_date: date
    street: str
    city: str
    postcode: str
    ordered_at: datetime
    valid_until: date
    region: str
    sex: str = "M"
