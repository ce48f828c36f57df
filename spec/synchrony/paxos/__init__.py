"""What Paxos promises: one value, and one log."""
