"""A replicated key-value store: what its clients see, what crashes take, what mutants break."""
