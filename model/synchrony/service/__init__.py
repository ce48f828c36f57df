"""A replicated key-value store: servers that keep one log, and clients who call any of them."""
