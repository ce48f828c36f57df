"""Lamport's specifications with published numbers of states, to hold the engine against."""
