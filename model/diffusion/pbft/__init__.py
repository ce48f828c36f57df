"""PBFT: 3f + 1 replicas execute requests in one order, though f of them are Byzantine."""
