"""The watch's own facts: who has which duty, who is away, what was run, why something is late, and signed balances."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Key
from db.types import EnumByValue, UtcDateTime
from kansli_tui.rows.watch import DeviationCause


class WatchDuty(Base):
    """Who owns a check, who steps in, and how often it must be run."""

    __tablename__ = "watch_duty"

    check: Mapped[str] = mapped_column(String(40), primary_key=True)
    owner: Mapped[str] = mapped_column(String(80), default="")
    deputy: Mapped[str] = mapped_column(String(80), default="")
    every_hours: Mapped[int]
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    set_by: Mapped[str] = mapped_column(String(80))


class WatchRun(Base):
    """One run of one check."""

    __tablename__ = "watch_run"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(80))
    check: Mapped[str] = mapped_column(String(40))
    regions: Mapped[list[str]] = mapped_column(JSON)
    found: Mapped[int]

    __table_args__ = (Index("ix_watch_run_check", "check", "id"),)


class Absence(Base):
    """Somebody is away, first and last day included: the deputy has the duty."""

    __tablename__ = "absence"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    username: Mapped[str] = mapped_column(String(80), index=True)
    first: Mapped[date]
    last: Mapped[date]
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    noted_by: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Taken back."""


class Deviation(Base):
    """Why something is late. The newest of a subject holds."""

    __tablename__ = "deviation"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    subject: Mapped[str] = mapped_column(String(60), index=True)
    person_id: Mapped[int | None] = mapped_column(Key, index=True)
    region: Mapped[str] = mapped_column(String(2))
    cause: Mapped[DeviationCause] = mapped_column(EnumByValue(DeviationCause))
    note: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(80))


class SignedBalance(Base):
    """A balance that somebody has put their name to, with the PDF that was signed."""

    __tablename__ = "signed_balance"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(80))
    regions: Mapped[list[str]] = mapped_column(JSON)
    totals: Mapped[dict[str, Any]] = mapped_column(JSON)
    adds_up: Mapped[bool]
    sha256: Mapped[str] = mapped_column(String(64))
    pdf: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
