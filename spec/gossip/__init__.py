"""What gossip promises."""
