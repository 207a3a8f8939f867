"""Alembic's environment. The connection is handed over by `upgrade`; there is no address in any file."""

from alembic import context

import db.models  # noqa: F401 — registers the tables
from db.base import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=False,
)
context.run_migrations()
