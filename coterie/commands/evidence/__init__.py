"""What a verdict rests on: kept for the next run, or written down for somebody else to check."""
