"""statistics follow changes: triggers that write down whose rows have changed, and what rounds and moves lacked

A migration that copies one of these tables on SQLite (batch mode) takes its triggers away: it must make them again.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

FOLLOWED = {
    "person": "id",
    "round": "person_id",
    "step_change": "person_id",
    "block": "person_id",
    "psa_answer": "person_id",
    "decision": "person_id",
    "referral": "person_id",
    "mri_answer": "person_id",
    "pathology_answer": "person_id",
    "treatment": "person_id",
    "letter": "person_id",
}
"""The tables that the statistics read, and their column of the person."""
_EVENTS = {"i": "INSERT", "u": "UPDATE", "d": "DELETE"}
_MARK = "INSERT INTO stats_dirty (person_id) VALUES ({row}.{column})"
_MARK_ONCE = (
    "INSERT INTO stats_dirty (person_id) SELECT {row}.{column} "
    "WHERE NOT EXISTS (SELECT 1 FROM stats_dirty WHERE person_id = {row}.{column})"
)
"""SQLite has one writer at a time: a mark that stands there cannot be taken away by somebody who has not seen this change."""


def upgrade() -> None:
    for statement in (
        # Nothing is counted yet, whatever an earlier program of this version has left.
        "DELETE FROM meta WHERE key = 'statistics'",
        # Of rounds before now only where people live today is known.
        "UPDATE round SET municipality = (SELECT p.municipality FROM person p WHERE p.id = round.person_id)",
        """UPDATE step_change SET because = COALESCE(
            (SELECT COALESCE(p.closed_reason, p.exclusion_reason) FROM person p WHERE p.id = step_change.person_id), '')
            WHERE to_step IN ('closed', 'excluded')
            AND id = (SELECT MAX(c.id) FROM step_change c WHERE c.person_id = step_change.person_id)""",
    ):
        op.execute(statement)
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        for column in sorted(set(FOLLOWED.values())):
            op.execute(
                f"""CREATE FUNCTION stats_mark_{column}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF TG_OP = 'DELETE' THEN {_MARK.format(row="OLD", column=column)}; RETURN OLD; END IF;
                {_MARK.format(row="NEW", column=column)}; RETURN NEW; END $$"""
            )
    for table, column in FOLLOWED.items():
        if postgresql:
            op.execute(
                f"CREATE TRIGGER stats_{table} AFTER INSERT OR UPDATE OR DELETE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION stats_mark_{column}()"
            )
            continue
        for sign, event in _EVENTS.items():
            mark = _MARK_ONCE.format(row="OLD" if sign == "d" else "NEW", column=column)
            op.execute(f"CREATE TRIGGER stats_{table}_{sign} AFTER {event} ON {table} BEGIN {mark}; END")


def downgrade() -> None:
    postgresql = op.get_bind().dialect.name == "postgresql"
    for table in FOLLOWED:
        if postgresql:
            op.execute(f"DROP TRIGGER stats_{table} ON {table}")
            continue
        for sign in _EVENTS:
            op.execute(f"DROP TRIGGER stats_{table}_{sign}")
    if postgresql:
        for column in sorted(set(FOLLOWED.values())):
            op.execute(f"DROP FUNCTION stats_mark_{column}()")
