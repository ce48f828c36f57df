"""Durable memory as rows that an operator can read: in SQLite, or in PostgreSQL."""
