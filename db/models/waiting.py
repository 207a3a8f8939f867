"""How many waited at the ends of months: counted once from the facts, and kept since it is asked for again and again."""

from datetime import date, datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import UtcDateTime


class WaitingMonth(Base):
    """One waiting list in one region at the end of a day that is over. Never changed; a row that is missing is counted again."""

    __tablename__ = "waiting_month"

    day: Mapped[date] = mapped_column(primary_key=True)
    waiting_list: Mapped[str] = mapped_column(String(40), primary_key=True)
    region: Mapped[str] = mapped_column(String(2), primary_key=True)
    waiting: Mapped[int]
    past: Mapped[int]
    """How many had waited longer than the target of the time; 0 where there was none."""
    population: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
