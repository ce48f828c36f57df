"""Checks of virtual synchrony."""
