"""Checks of the replicated log of the Global Data Plane, as published and as repaired."""
