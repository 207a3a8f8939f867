"""Queries by noun. They take a session, page by key and never commit."""
