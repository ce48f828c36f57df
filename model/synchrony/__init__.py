"""Virtual synchrony: a group that moves from view to view, and multicasts in one order."""
