"""Register care's own facts: what is written by hand, which cases are one person, what was looked at and is right, and counts."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Binary, Key
from db.types import EnumByValue, UtcDateTime
from kansli_tui.pathway.steps import ClosedReason, ExclusionReason, Step
from kansli_tui.rows.register_care import HandField

_OPEN = text("ended_at IS NULL")
_DIFFERS = text("ended_at IS NULL AND differs_at IS NOT NULL")


class HandEdit(Base):
    """Something of a person that is written by hand and holds against the register, as long as it is open (no `ended_at`).

    A hand-over of the register never changes `value`: what it says otherwise stands in `differs` until somebody has settled it.
    """

    __tablename__ = "hand_edit"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    field: Mapped[HandField] = mapped_column(EnumByValue(HandField))
    value: Mapped[dict[str, str]] = mapped_column(JSON)
    register_value: Mapped[dict[str, str]] = mapped_column(JSON)
    """What the register said when this was written, and against which it holds."""
    differs: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    differs_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(80))
    why: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(80))
    end_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("uq_hand_edit_open", "person_id", "field", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_hand_edit_differs", "id", sqlite_where=_DIFFERS, postgresql_where=_DIFFERS),
    )


class PersonMerge(Base):
    """Two cases that are one person: `merged_id` is closed and read as a part of `person_id`. No fact of either is moved.

    What the merged case and the numbers were is kept, so that taking the merge back gives just that again.
    """

    __tablename__ = "person_merge"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    merged_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    took_number: Mapped[bool]
    """Whether the kept case goes by the merged one's number from then on."""
    kept_number: Mapped[str] = mapped_column(Binary)
    merged_number: Mapped[str] = mapped_column(Binary)
    """The two numbers as they were before."""
    kept_birth_date: Mapped[date]
    kept_birth_date_known: Mapped[bool]
    merged_step: Mapped[Step] = mapped_column(EnumByValue(Step))
    merged_next_on: Mapped[date | None]
    merged_closed_reason: Mapped[ClosedReason | None] = mapped_column(EnumByValue(ClosedReason))
    merged_exclusion_reason: Mapped[ExclusionReason | None] = mapped_column(EnumByValue(ExclusionReason))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(80))
    why: Mapped[str] = mapped_column(Text)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(80))
    end_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("uq_person_merge_open", "merged_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )


class CareSettled(Base):
    """Somebody has looked at a finding: it is true, and it is right so. Other data give another fingerprint, and it is found again."""

    __tablename__ = "care_settled"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    check: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(60))
    fingerprint: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(80))
    why: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_care_settled_check", "check", "subject"),)


class CareCount(Base):
    """How many findings a check had in a region when it was last counted: the screen opens with these and counts anew."""

    __tablename__ = "care_count"

    check: Mapped[str] = mapped_column(String(40), primary_key=True)
    region: Mapped[str] = mapped_column(String(2), primary_key=True)
    found: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(80))
