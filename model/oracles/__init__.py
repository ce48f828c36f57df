"""Lamport's specifications whose numbers of states are published: the engine is held against them."""
