"""Checks of the replicated store."""
