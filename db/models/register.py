"""Register hand-overs: a file becomes a change-set that a person reviews before anything changes."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Binary, Key
from db.types import EnumByValue, UtcDateTime
from kansli_tui.rows.register import ChangeKind, ImportState


class RegisterImport(Base):
    """One hand-over file under review or decided."""

    __tablename__ = "register_import"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    file_name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    format: Mapped[str] = mapped_column(String(10))
    state: Mapped[ImportState] = mapped_column(EnumByValue(ImportState))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[str] = mapped_column(String(80))
    register_stamp: Mapped[str] = mapped_column(String(80))
    """The register's state when the file was compared; another one at acceptance means: compare again."""
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    stopped_reason: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(String(80))
    version_id: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 — SQLAlchemy's own form


class RegisterImportRow(Base):
    """One line of a change-set that is not unchanged: what it would do and to whom."""

    __tablename__ = "register_import_row"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("register_import.id"))
    region: Mapped[str] = mapped_column(String(2))
    line: Mapped[int]
    kind: Mapped[ChangeKind] = mapped_column(EnumByValue(ChangeKind))
    number: Mapped[str | None] = mapped_column(Binary)
    person_id: Mapped[int | None] = mapped_column(Key)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """{'message': message id, 'values': {…}} for a problem; {'fields': [...]} for a change."""

    __table_args__ = (Index("ix_register_import_row_page", "import_id", "kind", "id"),)
