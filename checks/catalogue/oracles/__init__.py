"""Oracles: specifications whose numbers of states are published."""
