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
        "care_count",
        sa.Column("check", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("check", "region", name=op.f("pk_care_count")),
    )
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
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
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
        "lead_count",
        sa.Column("lead", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("unit", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("born", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("later", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("lead", "region", "unit", "days", "born", "later", "month", name=op.f("pk_lead_count")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "person_count",
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("born", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("municipality", sa.String(length=4), nullable=False),
        sa.Column("status", sa.String(length=60), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("opted_out", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("region", "born", "municipality", "status", name=op.f("pk_person_count")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "person_fact",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("born", sa.SmallInteger(), nullable=False),
        sa.Column("municipality", sa.String(length=4), nullable=False),
        sa.Column("status", sa.String(length=60), nullable=False),
        sa.Column("opted_out", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_fact")),
    )
    op.create_index("ix_person_fact_status", "person_fact", ["region", "status", "born", "person_id"], unique=False)

    op.create_table(
        "quality_export",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("withdrawn", sa.Integer(), nullable=False),
        sa.Column("schema", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quality_export")),
        sa.UniqueConstraint("region", "version", name=op.f("uq_quality_export_region_version")),
    )
    op.create_table(
        "round_count",
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("born", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("municipality", sa.String(length=4), nullable=False),
        sa.Column("later", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("participated", sa.Integer(), nullable=False),
        sa.Column("participated_when_over", sa.Integer(), nullable=False),
        sa.Column("window_open", sa.Integer(), nullable=False),
        sa.Column("psa_unanalysable", sa.Integer(), nullable=False),
        sa.Column("psa_0_1", sa.Integer(), nullable=False),
        sa.Column("psa_1_2", sa.Integer(), nullable=False),
        sa.Column("psa_2_3", sa.Integer(), nullable=False),
        sa.Column("psa_3_10", sa.Integer(), nullable=False),
        sa.Column("psa_10_20", sa.Integer(), nullable=False),
        sa.Column("psa_20_100", sa.Integer(), nullable=False),
        sa.Column("psa_100_", sa.Integer(), nullable=False),
        sa.Column("psa_raised", sa.Integer(), nullable=False),
        sa.Column("mri_done", sa.Integer(), nullable=False),
        sa.Column("pirads_1", sa.Integer(), nullable=False),
        sa.Column("pirads_2", sa.Integer(), nullable=False),
        sa.Column("pirads_3", sa.Integer(), nullable=False),
        sa.Column("pirads_4", sa.Integer(), nullable=False),
        sa.Column("pirads_5", sa.Integer(), nullable=False),
        sa.Column("biopsy_indicated", sa.Integer(), nullable=False),
        sa.Column("biopsied", sa.Integer(), nullable=False),
        sa.Column("biopsied_of_raised", sa.Integer(), nullable=False),
        sa.Column("isup_2_or_more", sa.Integer(), nullable=False),
        sa.Column("isup_1", sa.Integer(), nullable=False),
        sa.Column("isup_2_or_more_of_sampled", sa.Integer(), nullable=False),
        sa.Column("cancer", sa.Integer(), nullable=False),
        sa.Column("treated", sa.Integer(), nullable=False),
        sa.Column("treated_surgery", sa.Integer(), nullable=False),
        sa.Column("treated_radiotherapy", sa.Integer(), nullable=False),
        sa.Column("treated_surveillance", sa.Integer(), nullable=False),
        sa.Column("treated_other", sa.Integer(), nullable=False),
        sa.Column("reoffered_in_time", sa.Integer(), nullable=False),
        sa.Column("of_biopsied", sa.Integer(), nullable=False),
        sa.Column("of_cancer", sa.Integer(), nullable=False),
        sa.Column("of_decided", sa.Integer(), nullable=False),
        sa.Column("of_indicated", sa.Integer(), nullable=False),
        sa.Column("of_mri_done", sa.Integer(), nullable=False),
        sa.Column("of_next_due", sa.Integer(), nullable=False),
        sa.Column("of_offered", sa.Integer(), nullable=False),
        sa.Column("of_over", sa.Integer(), nullable=False),
        sa.Column("of_raised", sa.Integer(), nullable=False),
        sa.Column("of_sampled", sa.Integer(), nullable=False),
        sa.Column("of_with_value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("region", "born", "municipality", "later", "month", name=op.f("pk_round_count")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "round_fact",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("round_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("born", sa.SmallInteger(), nullable=False),
        sa.Column("municipality", sa.String(length=4), nullable=False),
        sa.Column("later", sa.SmallInteger(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("open", sa.SmallInteger(), nullable=False),
        sa.Column("changes_on", sa.Date(), nullable=True),
        sa.Column("mri_unit", sa.Integer(), nullable=True),
        sa.Column("urology_unit", sa.Integer(), nullable=True),
        sa.Column("pre_letter_on", sa.Date(), nullable=True),
        sa.Column("offered_on", sa.Date(), nullable=False),
        sa.Column("sampled_on", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("raised_on", sa.Date(), nullable=True),
        sa.Column("letter_on", sa.Date(), nullable=True),
        sa.Column("mri_referred_on", sa.Date(), nullable=True),
        sa.Column("mri_done_on", sa.Date(), nullable=True),
        sa.Column("mri_answered_on", sa.Date(), nullable=True),
        sa.Column("urology_referred_on", sa.Date(), nullable=True),
        sa.Column("visited_on", sa.Date(), nullable=True),
        sa.Column("biopsied_on", sa.Date(), nullable=True),
        sa.Column("pathology_on", sa.Date(), nullable=True),
        sa.Column("offered", sa.SmallInteger(), nullable=False),
        sa.Column("window_open", sa.SmallInteger(), nullable=False),
        sa.Column("decided", sa.SmallInteger(), nullable=False),
        sa.Column("over", sa.SmallInteger(), nullable=False),
        sa.Column("sampled", sa.SmallInteger(), nullable=False),
        sa.Column("unanalysable", sa.SmallInteger(), nullable=False),
        sa.Column("with_value", sa.SmallInteger(), nullable=False),
        sa.Column("psa_0_1", sa.SmallInteger(), nullable=False),
        sa.Column("psa_1_2", sa.SmallInteger(), nullable=False),
        sa.Column("psa_2_3", sa.SmallInteger(), nullable=False),
        sa.Column("psa_3_10", sa.SmallInteger(), nullable=False),
        sa.Column("psa_10_20", sa.SmallInteger(), nullable=False),
        sa.Column("psa_20_100", sa.SmallInteger(), nullable=False),
        sa.Column("psa_100_", sa.SmallInteger(), nullable=False),
        sa.Column("raised", sa.SmallInteger(), nullable=False),
        sa.Column("mri_done", sa.SmallInteger(), nullable=False),
        sa.Column("pirads_1", sa.SmallInteger(), nullable=False),
        sa.Column("pirads_2", sa.SmallInteger(), nullable=False),
        sa.Column("pirads_3", sa.SmallInteger(), nullable=False),
        sa.Column("pirads_4", sa.SmallInteger(), nullable=False),
        sa.Column("pirads_5", sa.SmallInteger(), nullable=False),
        sa.Column("indicated", sa.SmallInteger(), nullable=False),
        sa.Column("biopsied", sa.SmallInteger(), nullable=False),
        sa.Column("isup_1", sa.SmallInteger(), nullable=False),
        sa.Column("isup_2_or_more", sa.SmallInteger(), nullable=False),
        sa.Column("cancer", sa.SmallInteger(), nullable=False),
        sa.Column("treated", sa.SmallInteger(), nullable=False),
        sa.Column("surgery", sa.SmallInteger(), nullable=False),
        sa.Column("radiotherapy", sa.SmallInteger(), nullable=False),
        sa.Column("surveillance", sa.SmallInteger(), nullable=False),
        sa.Column("other_treatment", sa.SmallInteger(), nullable=False),
        sa.Column("next_due", sa.SmallInteger(), nullable=False),
        sa.Column("reoffered_in_time", sa.SmallInteger(), nullable=False),
        sa.Column("followed", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "round_number", name=op.f("pk_round_fact")),
    )
    op.create_index("ix_round_fact_cell", "round_fact", ["region", "born", "municipality", "person_id"], unique=False)
    op.create_index(
        "ix_round_fact_changes",
        "round_fact",
        ["changes_on"],
        unique=False,
        sqlite_where=sa.text("changes_on IS NOT NULL"),
        postgresql_where=sa.text("changes_on IS NOT NULL"),
    )
    op.create_index(
        "ix_round_fact_followed",
        "round_fact",
        ["region", "born", "person_id"],
        unique=False,
        sqlite_where=sa.text("followed = 1"),
        postgresql_where=sa.text("followed = 1"),
    )
    op.create_index("ix_round_fact_offered", "round_fact", ["offered_on", "person_id"], unique=False)
    op.create_index(
        "ix_round_fact_open",
        "round_fact",
        ["region", "person_id"],
        unique=False,
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open = 1"),
    )

    op.create_table(
        "stats_dirty",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stats_dirty")),
    )
    with op.batch_alter_table("stats_dirty", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stats_dirty_person_id"), ["person_id"], unique=False)

    op.create_table(
        "waiting_month",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("waiting_list", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("past", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", "waiting_list", "region", name=op.f("pk_waiting_month")),
    )
    op.create_table(
        "care_settled",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("check", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_care_settled_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_settled")),
    )
    with op.batch_alter_table("care_settled", schema=None) as batch_op:
        batch_op.create_index("ix_care_settled_check", ["check", "subject"], unique=False)
        batch_op.create_index(batch_op.f("ix_care_settled_person_id"), ["person_id"], unique=False)

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

    op.create_table(
        "hand_edit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("register_value", sa.JSON(), nullable=False),
        sa.Column("differs", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("differs_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hand_edit_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_edit")),
    )
    with op.batch_alter_table("hand_edit", schema=None) as batch_op:
        batch_op.create_index(
            "ix_hand_edit_differs",
            ["id"],
            unique=False,
            sqlite_where=sa.text("ended_at IS NULL AND differs_at IS NOT NULL"),
            postgresql_where=sa.text("ended_at IS NULL AND differs_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_hand_edit_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_hand_edit_open",
            ["person_id", "field"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "person_merge",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("merged_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("took_number", sa.Boolean(), nullable=False),
        sa.Column("kept_number", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("merged_number", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("kept_birth_date", sa.Date(), nullable=False),
        sa.Column("kept_birth_date_known", sa.Boolean(), nullable=False),
        sa.Column("merged_step", sa.String(length=40), nullable=False),
        sa.Column("merged_next_on", sa.Date(), nullable=True),
        sa.Column("merged_closed_reason", sa.String(length=40), nullable=True),
        sa.Column("merged_exclusion_reason", sa.String(length=40), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["merged_id"], ["person.id"], name=op.f("fk_person_merge_merged_id_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_merge_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge")),
    )
    with op.batch_alter_table("person_merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_merge_merged_id"), ["merged_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_merge_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_person_merge_open",
            ["merged_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.add_column("round", sa.Column("municipality", sa.String(length=4), server_default="", nullable=False))

    op.add_column("step_change", sa.Column("because", sa.String(length=40), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("step_change", "because")

    op.drop_column("round", "municipality")

    with op.batch_alter_table("person_merge", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_person_merge_open",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_person_merge_person_id"))
        batch_op.drop_index(batch_op.f("ix_person_merge_merged_id"))

    op.drop_table("person_merge")
    with op.batch_alter_table("hand_edit", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_hand_edit_open", sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL")
        )
        batch_op.drop_index(batch_op.f("ix_hand_edit_person_id"))
        batch_op.drop_index(
            "ix_hand_edit_differs",
            sqlite_where=sa.text("ended_at IS NULL AND differs_at IS NOT NULL"),
            postgresql_where=sa.text("ended_at IS NULL AND differs_at IS NOT NULL"),
        )

    op.drop_table("hand_edit")
    with op.batch_alter_table("follow_up_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_follow_up_change_line_id"))

    op.drop_table("follow_up_change")
    with op.batch_alter_table("care_settled", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_care_settled_person_id"))
        batch_op.drop_index("ix_care_settled_check")

    op.drop_table("care_settled")
    op.drop_table("waiting_month")
    with op.batch_alter_table("stats_dirty", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stats_dirty_person_id"))

    op.drop_table("stats_dirty")
    op.drop_index(
        "ix_round_fact_open",
        table_name="round_fact",
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open = 1"),
    )
    op.drop_index("ix_round_fact_offered", table_name="round_fact")
    op.drop_index(
        "ix_round_fact_followed",
        table_name="round_fact",
        sqlite_where=sa.text("followed = 1"),
        postgresql_where=sa.text("followed = 1"),
    )
    op.drop_index(
        "ix_round_fact_changes",
        table_name="round_fact",
        sqlite_where=sa.text("changes_on IS NOT NULL"),
        postgresql_where=sa.text("changes_on IS NOT NULL"),
    )
    op.drop_index("ix_round_fact_cell", table_name="round_fact")

    op.drop_table("round_fact")
    op.drop_table("round_count")
    op.drop_table("quality_export")
    op.drop_index("ix_person_fact_status", table_name="person_fact")

    op.drop_table("person_fact")
    op.drop_table("person_count")
    op.drop_table("lead_count")
    op.drop_index("ix_indicator_target_measure", table_name="indicator_target")

    op.drop_table("indicator_target")
    op.drop_table("follow_up_plan")
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.drop_index("ix_follow_up_quarter")
        batch_op.drop_index(batch_op.f("ix_follow_up_carried_from"))

    op.drop_table("follow_up")
    op.drop_table("care_count")
