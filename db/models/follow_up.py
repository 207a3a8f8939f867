"""The office's targets and its follow-up plan per quarter: what holds now, and every change of it."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Key
from db.types import EnumByValue, ExactDecimal, UtcDateTime
from kansli_tui.pathway.follow_up import Direction, Status
from kansli_tui.rows.follow_up import ChangeWhat


class IndicatorTarget(Base):
    """A target of a measure, common (region '') or a region's own. Never changed: the newest that is valid on a day holds."""

    __tablename__ = "indicator_target"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    measure: Mapped[str] = mapped_column(String(60))
    region: Mapped[str] = mapped_column(String(2))
    direction: Mapped[Direction | None] = mapped_column(EnumByValue(Direction))
    """None, with the limits, where the row only says that the target before it ends."""
    green: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    yellow: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    valid_from: Mapped[date]
    set_by: Mapped[str] = mapped_column(String(80))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    why: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_indicator_target_measure", "measure", "region", "valid_from"),)


class FollowUpPlan(Base):
    """The plan of a quarter and region: open, or closed with a name on it. Who writes a line holds this row."""

    __tablename__ = "follow_up_plan"

    quarter: Mapped[str] = mapped_column(String(6), primary_key=True)
    region: Mapped[str] = mapped_column(String(2), primary_key=True)
    as_of: Mapped[date | None]
    """The day whose numbers were frozen."""
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str] = mapped_column(String(80), default="")


class FollowUp(Base):
    """One line of a plan. Target and result are empty until the quarter is closed, and frozen from then on."""

    __tablename__ = "follow_up"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    quarter: Mapped[str] = mapped_column(String(6))
    region: Mapped[str] = mapped_column(String(2))
    area: Mapped[str] = mapped_column(String(80))
    measure: Mapped[str] = mapped_column(String(60))
    activity: Mapped[str] = mapped_column(Text, default="")
    responsible: Mapped[str] = mapped_column(String(80), default="")
    due: Mapped[date | None]
    results: Mapped[str] = mapped_column(Text, default="")
    challenges: Mapped[str] = mapped_column(Text, default="")
    override: Mapped[Status | None] = mapped_column(EnumByValue(Status))
    override_comment: Mapped[str] = mapped_column(Text, default="")
    override_by: Mapped[str] = mapped_column(String(80), default="")
    override_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    carried_from: Mapped[int | None] = mapped_column(ForeignKey("follow_up.id"), index=True)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    direction: Mapped[Direction | None] = mapped_column(EnumByValue(Direction))
    green: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    yellow: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    target_from: Mapped[date | None]
    numerator: Mapped[int | None]
    denominator: Mapped[int | None]
    waiting: Mapped[int] = mapped_column(default=0)
    late: Mapped[int] = mapped_column(default=0)
    value: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    computed: Mapped[Status | None] = mapped_column(EnumByValue(Status))
    version_id: Mapped[int] = mapped_column(default=1)

    __table_args__ = (Index("ix_follow_up_quarter", "quarter", "region", "id"),)
    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 — SQLAlchemy's own form


class FollowUpChange(Base):
    """One change of a line, never changed itself."""

    __tablename__ = "follow_up_change"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("follow_up.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(80))
    what: Mapped[ChangeWhat] = mapped_column(EnumByValue(ChangeWhat))
    field: Mapped[str] = mapped_column(String(40), default="")
    before: Mapped[str] = mapped_column(Text, default="")
    after: Mapped[str] = mapped_column(Text, default="")
    why: Mapped[str] = mapped_column(Text, default="")
