"""Paxos as nodes that can run: one decision, two leaders in each other's way, and a whole log."""
