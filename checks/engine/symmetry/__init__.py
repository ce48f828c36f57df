"""Symmetry: states that differ only in who is who are explored once."""
