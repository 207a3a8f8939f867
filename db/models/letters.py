"""Letters, the batches they leave in, their ways out of the house, and the texts they are set from."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Binary, Key
from db.types import EnumByValue, UtcDateTime
from kansli_tui.pathway.letter_types import LetterType
from kansli_tui.rows.letter_states import AttemptOutcome, BatchState, Channel, LetterState, ReturnReason, TextState


class Letter(Base):
    """One letter to one person: prepared → printed → posted, or stopped. Its content freezes when it is printed."""

    __tablename__ = "letter"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    round_number: Mapped[int]
    type: Mapped[LetterType] = mapped_column(EnumByValue(LetterType))
    language: Mapped[str] = mapped_column(String(12), default="sv")
    channel: Mapped[Channel] = mapped_column(EnumByValue(Channel), default=Channel.PAPER)
    enclosure: Mapped[str] = mapped_column(Text, default="")
    """What somebody has written to this person, on a page of its own."""
    again_of: Mapped[int | None] = mapped_column(ForeignKey("letter.id"), index=True)
    """The letter that this one says once more: it came back, was not read, or was lost."""
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
    returned_on: Mapped[date | None]
    return_reason: Mapped[ReturnReason | None] = mapped_column(EnumByValue(ReturnReason))

    __table_args__ = (Index("ix_letter_state", "state", "region", "type", "id"),)


class LetterBatch(Base):
    """Letters of one region, type and channel that are printed, and confirmed as posted, together.

    Prepared (what each letter says is frozen) → rendered (the PDF is set and kept) → printed (its files have been written) →
    posted (counted and handed over); or cancelled. A reprint is a batch of its own, which names the one it stands for and why.
    """

    __tablename__ = "letter_batch"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    number: Mapped[str] = mapped_column(Binary, unique=True)
    region: Mapped[str] = mapped_column(String(2))
    type: Mapped[LetterType] = mapped_column(EnumByValue(LetterType))
    by_hand: Mapped[bool] = mapped_column(default=False)
    channel: Mapped[Channel] = mapped_column(EnumByValue(Channel), default=Channel.PAPER)
    state: Mapped[BatchState] = mapped_column(EnumByValue(BatchState))
    reprint_of: Mapped[str] = mapped_column(String(40), default="")
    """The number of the batch that this one prints again."""
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why the batch was reprinted or cancelled."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(80))
    letters: Mapped[int]
    pages: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    pdf: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    page_map: Mapped[list[list[Any]] | None] = mapped_column(JSON, deferred=True)
    """Of each letter in the PDF what `reports.letters.LetterPages` holds, in its order."""
    left_out: Mapped[dict[str, Any]] = mapped_column(JSON)
    printed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    printed_by: Mapped[str | None] = mapped_column(String(80))
    sheets: Mapped[int | None]
    """Sheets counted when the batch was confirmed as posted."""
    envelopes: Mapped[int | None]
    """Envelopes counted and handed over."""
    posted_on: Mapped[date | None]
    posted_by: Mapped[str | None] = mapped_column(String(80))
    version_id: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 — SQLAlchemy's own form


class LetterAttempt(Base):
    """One thing that a channel has done, or told us, about a letter: handed over, delivered, read, failed, returned."""

    __tablename__ = "letter_attempt"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    channel: Mapped[Channel] = mapped_column(EnumByValue(Channel))
    outcome: Mapped[AttemptOutcome] = mapped_column(EnumByValue(AttemptOutcome))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(80))


class LetterText(Base):
    """One version of a letter's text, or of a part that many share. What it says never changes; a new version is a new row.

    `name` is a letter type's value, or "shared_" and the part's name. `region` is "" for the text of all regions; a region's
    own text goes before it. Written by one, signed by another, in force from `valid_from`.
    """

    __tablename__ = "letter_text"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(12))
    region: Mapped[str] = mapped_column(String(2), default="")
    version: Mapped[str] = mapped_column(String(12))
    body: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    state: Mapped[TextState] = mapped_column(EnumByValue(TextState))
    comment: Mapped[str] = mapped_column(Text, default="")
    written_by: Mapped[str] = mapped_column(String(80))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed_by: Mapped[str | None] = mapped_column(String(80))
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("name", "language", "region", "version", name="uq_letter_text_version"),)
