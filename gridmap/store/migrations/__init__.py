"""Numbered, forward-only SQL migrations; Alembic keeps the order and the version."""
