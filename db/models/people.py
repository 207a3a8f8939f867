"""People as the register and the programme know them, and the facts about them that belong to no other part."""

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Binary, Key
from db.types import EnumByValue, UtcDateTime
from kansli_tui.pathway.steps import ClosedReason, Event, ExclusionReason, Step
from kansli_tui.rows.letter_states import Channel
from kansli_tui.rows.population import Protection
from kansli_tui.rows.referrals import HandoverState


class Person(Base):
    """A person in the programme's register. The key is internal: numbers change, the person does not.

    `step`, `since` and `next_on` are the current state, written in the same transaction as the `StepChange` that made it.
    """

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    region: Mapped[str] = mapped_column(String(2))
    number: Mapped[str] = mapped_column(Binary, unique=True)
    birth_date: Mapped[date]
    """The register's; the first possible day where month or day is unknown, and then `birth_date_known` is false."""
    birth_date_known: Mapped[bool] = mapped_column(default=True)
    sex: Mapped[str] = mapped_column(String(1), default="")
    given_names: Mapped[str] = mapped_column(default="")
    preferred_mark: Mapped[str] = mapped_column(default="")
    middle_name: Mapped[str] = mapped_column(default="")
    family_name: Mapped[str] = mapped_column(default="")
    name_key: Mapped[str] = mapped_column(Binary, default="")
    """Folded 'family given' for search by the beginning of a name."""
    protection: Mapped[Protection] = mapped_column(EnumByValue(Protection), default=Protection.NONE)
    deregistered_code: Mapped[str | None] = mapped_column(String(10))
    deregistered_on: Mapped[str | None] = mapped_column(String(10))
    """As the register gave it, partial dates kept (2026-00-00)."""
    municipality: Mapped[str] = mapped_column(String(4), default="")
    address: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """The register's address fields by their column names (co, adr1, … sp_ort, utl1, land)."""
    registered_since: Mapped[str] = mapped_column(default="")
    letter_language: Mapped[str] = mapped_column(String(12), default="sv")
    letter_channel: Mapped[Channel] = mapped_column(EnumByValue(Channel), default=Channel.PAPER)
    """How the person has asked to get letters; paper where nothing else is said."""
    register_objection_on: Mapped[date | None]
    """Since when the person does not want to be in the national quality register; nothing of theirs goes there."""
    source: Mapped[str] = mapped_column(String(20), default="register")
    """'register', 'request' for a person added by hand, or 'history' for one known from a predecessor system."""

    step: Mapped[Step] = mapped_column(EnumByValue(Step), default=Step.NOT_DUE)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    next_on: Mapped[date | None]
    round_number: Mapped[int] = mapped_column(default=0)
    """The number of the latest round; 0 before the first offer."""
    closed_reason: Mapped[ClosedReason | None] = mapped_column(EnumByValue(ClosedReason))
    exclusion_reason: Mapped[ExclusionReason | None] = mapped_column(EnumByValue(ExclusionReason))
    blocked: Mapped[bool] = mapped_column(default=False)
    """Whether any open `Block` exists; nothing goes out to a blocked person."""
    version_id: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version_id}  # noqa: RUF012 — SQLAlchemy's own form
    __table_args__ = (
        Index("ix_person_due", "region", "step", "birth_date", "id"),
        Index("ix_person_waiting", "step", "next_on", "region", "id"),
        Index("ix_person_name", "name_key", "id"),
    )


class PersonNumber(Base):
    """Every number a person has had. Old answers keep the old number, search finds both."""

    __tablename__ = "person_number"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    number: Mapped[str] = mapped_column(Binary, unique=True)
    source: Mapped[str] = mapped_column(String(20))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StepChange(Base):
    """One move of a person: the fact behind every current state."""

    __tablename__ = "step_change"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    round_number: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    event: Mapped[Event] = mapped_column(EnumByValue(Event))
    from_step: Mapped[Step | None] = mapped_column(EnumByValue(Step))
    to_step: Mapped[Step] = mapped_column(EnumByValue(Step))
    next_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    because: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """Of a move to closed or excluded: the value of its ClosedReason or ExclusionReason."""
    by: Mapped[str] = mapped_column(String(80))


class Block(Base):
    """Something that stops everything outward for a person until somebody has looked (an open block has no `ended_at`)."""

    __tablename__ = "block"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    kind: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    began_by: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(80))
    end_reason: Mapped[str | None] = mapped_column(Text)


class Contact(Base):
    """A phone call, a message or a note on a case."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)


class Handover(Base):
    """A move between two of the regions: offered by one, taken over by the other. `region` is the one that hands over."""

    __tablename__ = "handover"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    region: Mapped[str] = mapped_column(String(2))
    to_region: Mapped[str] = mapped_column(String(2))
    state: Mapped[HandoverState] = mapped_column(EnumByValue(HandoverState))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(String(80))
    end_reason: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        Index(
            "uq_handover_open",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'offered'"),
            postgresql_where=text("state = 'offered'"),
        ),
    )
