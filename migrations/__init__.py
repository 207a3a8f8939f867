"""Migrations of the schema, one set for SQLite (batch mode) and PostgreSQL."""
