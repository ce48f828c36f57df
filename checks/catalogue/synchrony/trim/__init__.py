"""Checks of the ragged trim: whole runs with failures, and the end of a view by itself."""
