"""Plans, releases and rounds."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Key
from db.types import EnumByValue, UtcDateTime
from kansli_tui.rows.offers import PlanState, RoundKind


class OfferPlan(Base):
    """Which birth years a region offers, how many people a week, and the weeks with no sending."""

    __tablename__ = "offer_plan"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    region: Mapped[str] = mapped_column(String(2))
    birth_years: Mapped[list[int]] = mapped_column(JSON)
    per_week: Mapped[int]
    no_send_weeks: Mapped[list[str]] = mapped_column(JSON)
    """ISO weeks as '2026-W30'."""
    starts_on: Mapped[date]
    state: Mapped[PlanState] = mapped_column(EnumByValue(PlanState))
    author: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_by: Mapped[str | None] = mapped_column(String(80))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")
    last_release: Mapped[str | None] = mapped_column(String(8))
    version_id: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 — SQLAlchemy's own form


class OfferRelease(Base):
    """One week's people of a plan, released together. A plan has at most one release a week."""

    __tablename__ = "offer_release"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("offer_plan.id"))
    region: Mapped[str] = mapped_column(String(2))
    week: Mapped[str] = mapped_column(String(8))
    released_by: Mapped[str] = mapped_column(String(80))
    released_at: Mapped[datetime] = mapped_column(UtcDateTime)
    people: Mapped[int]
    left_out: Mapped[dict[str, Any]] = mapped_column(JSON)
    """How many were not offered, by rule."""

    __table_args__ = (UniqueConstraint("plan_id", "week"),)


class Round(Base):
    """One offer to one person and what came of it. Unique by person and number: two offers for one round cannot exist."""

    __tablename__ = "round"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    region: Mapped[str] = mapped_column(String(2))
    number: Mapped[int]
    kind: Mapped[RoundKind] = mapped_column(EnumByValue(RoundKind))
    release_id: Mapped[int | None] = mapped_column(ForeignKey("offer_release.id"))
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    municipality: Mapped[str] = mapped_column(String(4), default="", server_default="")
    """Where the person lived when the round began."""
    pre_letter_on: Mapped[date | None]
    offered_on: Mapped[date | None]
    valid_until: Mapped[date | None]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    result: Mapped[str | None] = mapped_column(String(40))

    __table_args__ = (
        UniqueConstraint("person_id", "number"),
        Index(
            "uq_round_open",
            "person_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
