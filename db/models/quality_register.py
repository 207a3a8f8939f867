"""The exports to the national quality register: which version, what it held in numbers, and to whom. Never whom it was about."""

from datetime import date, datetime

from sqlalchemy import JSON, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Key
from db.types import UtcDateTime


class QualityExport(Base):
    """One version of one region's export. Versions are numbered per region: each region is its own controller. Never changed."""

    __tablename__ = "quality_export"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    region: Mapped[str] = mapped_column(String(2))
    version: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(80))
    recipient: Mapped[str] = mapped_column(Text)
    since: Mapped[date | None]
    until: Mapped[date | None]
    """The period of the offers; None where it has no end on that side."""
    rows: Mapped[int]
    left_out: Mapped[dict[str, int]] = mapped_column(JSON)
    """How many rounds were left out, by reason."""
    withdrawn: Mapped[int]
    """How many rounds of the version before are left out because their people object now."""
    schema: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(80))

    __table_args__ = (UniqueConstraint("region", "version"),)
