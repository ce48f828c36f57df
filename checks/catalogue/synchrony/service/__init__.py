"""The replicated store in worlds: what clients see, what crashes take, what mutants break."""
