"""Referrals to MRI and urology with their history, and the appointments made on them."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Binary, Key
from db.types import EnumByValue, UtcDateTime
from kansli_tui.pathway.referrals import ReferralEvent, ReferralKind, ReferralState
from kansli_tui.rows.referrals import BookingState

_LIVE = text("state NOT IN ('answered', 'cancelled')")
_BOOKED = text("state = 'booked'")


class Referral(Base):
    """One referral. `number` is ours and travels to the unit and back. A person has at most one live one of a kind."""

    __tablename__ = "referral"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    number: Mapped[str] = mapped_column(Binary, unique=True)
    kind: Mapped[ReferralKind] = mapped_column(EnumByValue(ReferralKind))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    round_number: Mapped[int]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    question: Mapped[str] = mapped_column(Text, default="")
    answers: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    """[question, answer] pairs that the man was asked for the unit."""
    state: Mapped[ReferralState] = mapped_column(EnumByValue(ReferralState))
    state_since: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date | None]
    """The last day the referral may stay in its state."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(80))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    receipt: Mapped[str | None] = mapped_column(String(60))
    unit_number: Mapped[str | None] = mapped_column(String(60))
    last_message_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the unit wrote the newest appointment message we have: an older one that comes later changes nothing."""
    done_on: Mapped[date | None]
    biopsied_on: Mapped[date | None]
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str | None] = mapped_column(String(80))
    cancel_owed: Mapped[bool] = mapped_column(default=False)
    """The unit has been sent it and not been told that it no longer holds."""
    reminded_on: Mapped[date | None]
    reminder_note: Mapped[str] = mapped_column(Text, default="")
    orphaned: Mapped[bool] = mapped_column(default=False)
    """Lost its appointment because capacity was cut: booked first."""
    version_id: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 — SQLAlchemy's own form
    __table_args__ = (
        Index("ix_referral_clock", "state", "region", "due_on", "id"),
        Index(
            "uq_referral_live",
            "person_id",
            "kind",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )


class ReferralChange(Base):
    """One thing that happened to a referral: the fact behind its state."""

    __tablename__ = "referral_change"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    event: Mapped[ReferralEvent] = mapped_column(EnumByValue(ReferralEvent))
    from_state: Mapped[ReferralState | None] = mapped_column(EnumByValue(ReferralState))
    to_state: Mapped[ReferralState] = mapped_column(EnumByValue(ReferralState))
    note: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(80))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("lab_message.id"))


class Booking(Base):
    """One appointment. Never changed but for what became of it: a move is a new one that the old one names."""

    __tablename__ = "booking"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    referral_id: Mapped[int] = mapped_column(ForeignKey("referral.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    minutes: Mapped[int | None]
    state: Mapped[BookingState] = mapped_column(EnumByValue(BookingState))
    source: Mapped[str] = mapped_column(String(10))
    """'hand', 'message' or 'history'."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(80))
    why: Mapped[str] = mapped_column(Text, default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(80))
    end_reason: Mapped[str] = mapped_column(Text, default="")
    moved_to_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))

    __table_args__ = (
        Index("ix_booking_week", "unit_id", "starts_at"),
        Index("ix_booking_state", "state", "starts_at"),
        Index("uq_booking_referral", "referral_id", unique=True, sqlite_where=_BOOKED, postgresql_where=_BOOKED),
        Index("uq_booking_slot", "slot_id", unique=True, sqlite_where=_BOOKED, postgresql_where=_BOOKED),
    )
