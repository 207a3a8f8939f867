"""What the units found: MRI answers and pathology answers in versions, and treatments."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Key
from db.types import EnumByValue, ExactDecimal, UtcDateTime
from kansli_tui.rows.referral_messages import Treatment as TreatmentKind

_CURRENT = text("replaced_at IS NULL")


class MriAnswer(Base):
    """One version of an answer to an MRI referral. The current version has no `replaced_at`. What a person confirmed is in the decision."""

    __tablename__ = "mri_answer"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("lab_message.id"))
    """None for an answer typed in by hand."""
    entered_by: Mapped[str] = mapped_column(String(80), default="")
    why: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int]
    status: Mapped[str] = mapped_column(String(2))
    completed: Mapped[bool] = mapped_column(default=True)
    text: Mapped[str] = mapped_column(Text, default="")
    volume_ml: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    volume_raw: Mapped[str] = mapped_column(Text, default="")
    lesions: Mapped[list[int]] = mapped_column(JSON, default=list)
    """Coded PI-RADS scores in the order of the answer."""
    prose: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    """[score, sentence] read from the text: suggestions."""
    examined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sender: Mapped[str] = mapped_column(String(120), default="")
    warnings: Mapped[list[str] | None] = mapped_column(JSON)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("referral_id", "version"),
        Index("uq_mri_answer_current", "referral_id", unique=True, sqlite_where=_CURRENT, postgresql_where=_CURRENT),
    )


class PathologyAnswer(Base):
    """One version of what the pathologist found: ISUP 0 (benign) to 5."""

    __tablename__ = "pathology_answer"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("lab_message.id"))
    entered_by: Mapped[str] = mapped_column(String(80), default="")
    why: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int]
    isup: Mapped[int]
    biopsied_on: Mapped[date]
    reported_on: Mapped[date]
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        UniqueConstraint("referral_id", "version"),
        Index(
            "uq_pathology_answer_current",
            "referral_id",
            unique=True,
            sqlite_where=_CURRENT,
            postgresql_where=_CURRENT,
        ),
    )


class Treatment(Base):
    """How a cancer that was found is treated; comes also after the person has left the programme."""

    __tablename__ = "treatment"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("lab_message.id"))
    entered_by: Mapped[str] = mapped_column(String(80), default="")
    kind: Mapped[TreatmentKind] = mapped_column(EnumByValue(TreatmentKind))
    on: Mapped[date]
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
