"""Gossip: protocols in which peers tell each other what they know."""
