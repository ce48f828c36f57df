"""Histories of real systems: read from files, judged key by key, violations made small."""
