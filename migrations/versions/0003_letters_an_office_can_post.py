"""letters an office can post"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "letter_text",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("version", sa.String(length=12), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("written_by", sa.String(length=80), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.String(length=80), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_text")),
        sa.UniqueConstraint("name", "language", "region", "version", name="uq_letter_text_version"),
    )
    # Before anything points at it: SQLite's table is copied for the longer column and the foreign key.
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.add_column(sa.Column("channel", sa.String(length=40), nullable=False, server_default="paper"))
        batch_op.add_column(sa.Column("enclosure", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("again_of", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.add_column(sa.Column("returned_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("return_reason", sa.String(length=40), nullable=True))
        batch_op.alter_column(
            "language", existing_type=sa.String(length=5), type_=sa.String(length=12), existing_nullable=False
        )
        batch_op.create_index(batch_op.f("ix_letter_again_of"), ["again_of"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_letter_again_of_letter"), "letter", ["again_of"], ["id"])
    # These have tables that point at them, and are only added to.
    op.add_column("letter_batch", sa.Column("channel", sa.String(length=40), nullable=False, server_default="paper"))
    op.add_column("letter_batch", sa.Column("reprint_of", sa.String(length=40), nullable=False, server_default=""))
    op.add_column("letter_batch", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("letter_batch", sa.Column("printed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("letter_batch", sa.Column("printed_by", sa.String(length=80), nullable=True))
    op.add_column("letter_batch", sa.Column("sheets", sa.Integer(), nullable=True))
    op.add_column("letter_batch", sa.Column("envelopes", sa.Integer(), nullable=True))
    op.add_column("decision", sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("person", sa.Column("letter_language", sa.String(length=12), nullable=False, server_default="sv"))
    op.add_column("person", sa.Column("letter_channel", sa.String(length=40), nullable=False, server_default="paper"))
    op.add_column("person", sa.Column("register_objection_on", sa.Date(), nullable=True))

    op.create_table(
        "letter_attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("letter_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_letter_attempt_letter_id_letter")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_letter_attempt_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_attempt")),
    )
    with op.batch_alter_table("letter_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_attempt_letter_id"), ["letter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_attempt_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_table("letter_attempt")
    op.drop_table("letter_text")
    op.drop_column("decision", "superseded_at")
    for column in ("register_objection_on", "letter_channel", "letter_language"):
        op.drop_column("person", column)
    for column in ("envelopes", "sheets", "printed_by", "printed_at", "reason", "reprint_of", "channel"):
        op.drop_column("letter_batch", column)
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_letter_again_of_letter"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_letter_again_of"))
        batch_op.alter_column(
            "language", existing_type=sa.String(length=12), type_=sa.String(length=5), existing_nullable=False
        )
        for column in ("return_reason", "returned_on", "again_of", "enclosure", "channel"):
            batch_op.drop_column(column)
