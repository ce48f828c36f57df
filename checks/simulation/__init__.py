"""Simulation: random runs of a world, what they decide, how much they saw, and shrinking them."""
