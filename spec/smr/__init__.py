"""What state machine replication promises, and the abstract log that it is to refine."""
