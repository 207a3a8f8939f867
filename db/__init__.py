"""The database room: tables, queries by noun, audit. Functions take a session and never commit."""
