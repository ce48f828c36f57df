"""Lemmas: what is true of any number of replicas, proved by a solver."""
