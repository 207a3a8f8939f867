"""PSA orders, laboratory messages as they came, answers in versions, and the decisions on them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Binary, Key
from db.types import EnumByValue, ExactDecimal, UtcDateTime
from kansli_tui.pathway.ruleset import Outcome
from kansli_tui.rows.answers import DecisionState, MessageState, OrderState
from kansli_tui.rows.referrals import DecisionKind


class PsaOrder(Base):
    """One order of a PSA sample. `number` is ours and travels to the laboratory and back."""

    __tablename__ = "psa_order"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    number: Mapped[str] = mapped_column(Binary, unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    round_number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    """'first' or 'repeat'."""
    ordered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_until: Mapped[date]
    state: Mapped[OrderState] = mapped_column(EnumByValue(OrderState))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    receipt: Mapped[str | None] = mapped_column(String(60))
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str | None] = mapped_column(String(80))
    cancel_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_psa_order_state", "state", "region", "id"),)


class LabMessage(Base):
    """One message of the laboratory as it came: raw bytes, hash and what became of it. Never changed but for its state."""

    __tablename__ = "lab_message"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    sender: Mapped[str] = mapped_column(String(120), default="")
    control_id: Mapped[str | None] = mapped_column(Binary)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    file_name: Mapped[str] = mapped_column(Text)
    position: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[MessageState] = mapped_column(EnumByValue(MessageState))
    region: Mapped[str] = mapped_column(String(2))
    """The region it was imported for, or '00' while nobody knows whose it is."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    order_number: Mapped[str | None] = mapped_column(Binary)
    held_reason: Mapped[str | None] = mapped_column(String(60))
    held_detail: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by: Mapped[str | None] = mapped_column(String(80))
    resolution: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(10), default="lab")
    """'lab', 'mri', 'booking', 'outcome' or 'history'; 'lab' also for what cannot be told apart."""

    __table_args__ = (
        Index("ix_lab_message_control", "sender", "control_id"),
        Index("ix_lab_message_state", "state", "region", "id"),
    )


class PsaAnswer(Base):
    """One version of an answer to an order. The current version has no `replaced_at`."""

    __tablename__ = "psa_answer"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    order_id: Mapped[int] = mapped_column(ForeignKey("psa_order.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("lab_message.id"))
    version: Mapped[int]
    status: Mapped[str] = mapped_column(String(2))
    value: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    comparator: Mapped[str | None] = mapped_column(String(2))
    raw_value: Mapped[str] = mapped_column(Text, default="")
    raw_unit: Mapped[str] = mapped_column(Text, default="")
    flag: Mapped[str] = mapped_column(String(10), default="")
    laboratory: Mapped[str] = mapped_column(String(120), default="")
    laboratory_number: Mapped[str | None] = mapped_column(Text)
    sampled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    analysed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    comment: Mapped[str] = mapped_column(Text, default="")
    context: Mapped[list[dict[str, str]] | None] = mapped_column(JSON)
    """Other analyses of the same answer (free PSA, ratio): shown, never decided on."""
    warnings: Mapped[list[str] | None] = mapped_column(JSON)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("order_id", "version"),
        Index(
            "uq_psa_answer_current",
            "order_id",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )


class Decided(Base):
    """A decision on an answer: what the rules proposed with which inputs, and who confirmed what."""

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    round_number: Mapped[int]
    kind: Mapped[DecisionKind] = mapped_column(EnumByValue(DecisionKind), default=DecisionKind.PSA)
    answer_id: Mapped[int] = mapped_column(ForeignKey("psa_answer.id"), index=True)
    """The PSA answer of the round that the decision stands on, also where MRI or pathology is what is decided."""
    mri_answer_id: Mapped[int | None] = mapped_column(ForeignKey("mri_answer.id"), index=True)
    pathology_id: Mapped[int | None] = mapped_column(ForeignKey("pathology_answer.id"))
    state: Mapped[DecisionState] = mapped_column(EnumByValue(DecisionState))
    rule_set: Mapped[str] = mapped_column(String(80))
    rule_number: Mapped[int]
    inputs: Mapped[dict[str, str]] = mapped_column(JSON)
    proposed: Mapped[Outcome] = mapped_column(EnumByValue(Outcome))
    outcome: Mapped[Outcome | None] = mapped_column(EnumByValue(Outcome))
    """What was confirmed; differs from `proposed` only with `confirm_reason`."""
    reason: Mapped[str] = mapped_column(Text)
    letter: Mapped[str | None] = mapped_column(String(40))
    new_offer_on: Mapped[date | None]
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(String(80))
    confirm_reason: Mapped[str] = mapped_column(Text, default="")
    superseded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when it no longer holds; None while it does, and for what was superseded before this was kept."""
