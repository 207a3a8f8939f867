"""The directory of units that examine, and the MRI slots they give the office."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Key
from db.types import EnumByValue, UtcDateTime
from kansli_tui.pathway.referrals import ReferralKind
from kansli_tui.rows.referrals import BookingWay


class Unit(Base):
    """Somebody who takes referrals in one region."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    region: Mapped[str] = mapped_column(String(2))
    kind: Mapped[ReferralKind] = mapped_column(EnumByValue(ReferralKind))
    name: Mapped[str] = mapped_column(String(120))
    hsa_id: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    hours: Mapped[str] = mapped_column(String(120), default="")
    weekly_capacity: Mapped[int] = mapped_column(default=0)
    exam_code: Mapped[str] = mapped_column(String(40), default="")
    exam_text: Mapped[str] = mapped_column(String(120), default="")
    books: Mapped[BookingWay] = mapped_column(EnumByValue(BookingWay))
    writes_itself: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    version_id: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 — SQLAlchemy's own form


class Slot(Base):
    """A time that a unit gives the office to book. Closed ones stay, with why."""

    __tablename__ = "slot"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    region: Mapped[str] = mapped_column(String(2))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    minutes: Mapped[int]
    open: Mapped[bool] = mapped_column(default=True)
    closed_reason: Mapped[str] = mapped_column(Text, default="")
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(80))

    __table_args__ = (UniqueConstraint("unit_id", "starts_at"),)
