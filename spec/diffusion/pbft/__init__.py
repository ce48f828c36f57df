"""What PBFT promises."""
