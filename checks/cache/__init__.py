"""The cache: verdicts with their evidence, kept from one run to the next."""
