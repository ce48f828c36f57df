"""Checks of state machine replication."""
