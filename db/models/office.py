"""The office itself: what kind of database this is, staff and their regions, rule sets, and the audit log."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Binary, Key
from db.types import EnumByValue, UtcDateTime
from kansli_tui.rows.office import Role


class Meta(Base):
    """Facts about the database as a whole. `kind` is 'production' or 'invented' and never changes."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Staff(Base):
    """Somebody who works in the office."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    username: Mapped[str] = mapped_column(Binary, unique=True)
    name: Mapped[str] = mapped_column(String(80))
    role: Mapped[Role] = mapped_column(EnumByValue(Role))
    password_hash: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)


class StaffRegion(Base):
    """A region that a member of staff works for."""

    __tablename__ = "staff_region"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    region: Mapped[str] = mapped_column(String(2), primary_key=True)


class RuleSetRow(Base):
    """A rule set as it was loaded. It holds from `valid_from` once somebody other than its author has signed it."""

    __tablename__ = "rule_set"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(20))
    valid_from: Mapped[date]
    body: Mapped[str] = mapped_column(Text)
    loaded_by: Mapped[str] = mapped_column(String(80))
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed_by: Mapped[str | None] = mapped_column(String(80))
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("name", "version"),)


class AuditRow(Base):
    """Who did what, to whom, when and why. Appended in the transaction of the act itself; never changed."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(60))
    person_id: Mapped[int | None] = mapped_column(Key)
    region: Mapped[str | None] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(120), default="")
    why: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    __table_args__ = (Index("ix_audit_person", "person_id", "id"), Index("ix_audit_at", "at"))
