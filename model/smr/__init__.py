"""State machine replication: replicas that apply the same commands in the same order."""
