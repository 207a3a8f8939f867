"""statistics that supervisors sign"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "follow_up",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quarter", sa.String(length=6), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("area", sa.String(length=80), nullable=False),
        sa.Column("measure", sa.String(length=60), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("responsible", sa.String(length=80), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("results", sa.Text(), nullable=False),
        sa.Column("challenges", sa.Text(), nullable=False),
        sa.Column("override", sa.String(length=40), nullable=True),
        sa.Column("override_comment", sa.Text(), nullable=False),
        sa.Column("override_by", sa.String(length=80), nullable=False),
        sa.Column("override_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("carried_from", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("direction", sa.String(length=40), nullable=True),
        sa.Column("green", sa.String(length=40).with_variant(sa.Numeric(), "postgresql"), nullable=True),
        sa.Column("yellow", sa.String(length=40).with_variant(sa.Numeric(), "postgresql"), nullable=True),
        sa.Column("target_from", sa.Date(), nullable=True),
        sa.Column("numerator", sa.Integer(), nullable=True),
        sa.Column("denominator", sa.Integer(), nullable=True),
        sa.Column("value", sa.String(length=40).with_variant(sa.Numeric(), "postgresql"), nullable=True),
        sa.Column("computed", sa.String(length=40), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["carried_from"], ["follow_up.id"], name=op.f("fk_follow_up_carried_from_follow_up")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
    )
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_up_carried_from"), ["carried_from"], unique=False)
        batch_op.create_index("ix_follow_up_quarter", ["quarter", "region", "id"], unique=False)

    op.create_table(
        "follow_up_plan",
        sa.Column("quarter", sa.String(length=6), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("quarter", "region", name=op.f("pk_follow_up_plan")),
    )
    op.create_table(
        "indicator_target",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("measure", sa.String(length=60), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("direction", sa.String(length=40), nullable=True),
        sa.Column("green", sa.String(length=40).with_variant(sa.Numeric(), "postgresql"), nullable=True),
        sa.Column("yellow", sa.String(length=40).with_variant(sa.Numeric(), "postgresql"), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("set_by", sa.String(length=80), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_target")),
    )
    op.create_index(
        "ix_indicator_target_measure", "indicator_target", ["measure", "region", "valid_from"], unique=False
    )

    op.create_table(
        "follow_up_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["follow_up.id"], name=op.f("fk_follow_up_change_line_id_follow_up")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_change")),
    )
    with op.batch_alter_table("follow_up_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_follow_up_change_line_id"), ["line_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("follow_up_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_follow_up_change_line_id"))

    op.drop_table("follow_up_change")
    op.drop_index("ix_indicator_target_measure", table_name="indicator_target")

    op.drop_table("indicator_target")
    op.drop_table("follow_up_plan")
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.drop_index("ix_follow_up_quarter")
        batch_op.drop_index(batch_op.f("ix_follow_up_carried_from"))

    op.drop_table("follow_up")
