"""Checks of gossip."""
