"""Letters and the batches they are printed in."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Binary, Key
from db.types import EnumByValue, UtcDateTime
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letter_states import BatchState, LetterState


class Letter(Base):
    """One letter to one person: prepared → printed → posted, or stopped. Its content freezes when it is printed."""

    __tablename__ = "letter"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    round_number: Mapped[int]
    type: Mapped[LetterType] = mapped_column(EnumByValue(LetterType))
    language: Mapped[str] = mapped_column(String(5), default="sv")
    by_hand: Mapped[bool] = mapped_column(default=False)
    """Never in a batch: protected identity, or an address that a person must see to."""
    values: Mapped[dict[str, str]] = mapped_column(JSON)
    state: Mapped[LetterState] = mapped_column(EnumByValue(LetterState))
    prepared_at: Mapped[datetime] = mapped_column(UtcDateTime)
    prepared_by: Mapped[str] = mapped_column(String(80))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("letter_batch.id"), index=True)
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """The frozen row that the letter was rendered from."""
    printed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    posted_on: Mapped[date | None]
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stop_reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_letter_state", "state", "region", "type", "id"),)


class LetterBatch(Base):
    """Letters of one region and type that are printed, and confirmed as posted, together."""

    __tablename__ = "letter_batch"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    number: Mapped[str] = mapped_column(Binary, unique=True)
    region: Mapped[str] = mapped_column(String(2))
    type: Mapped[LetterType] = mapped_column(EnumByValue(LetterType))
    by_hand: Mapped[bool] = mapped_column(default=False)
    state: Mapped[BatchState] = mapped_column(EnumByValue(BatchState))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(80))
    letters: Mapped[int]
    pages: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    pdf: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    page_map: Mapped[list[list[Any]] | None] = mapped_column(JSON, deferred=True)
    """[letter id, first page, pages, postcode] of each letter in the PDF."""
    left_out: Mapped[dict[str, Any]] = mapped_column(JSON)
    posted_on: Mapped[date | None]
    posted_by: Mapped[str | None] = mapped_column(String(80))
    version_id: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 — SQLAlchemy's own form
