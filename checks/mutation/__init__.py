"""Mutation testing: small changes to a model, each of which a property should notice."""
