"""The command line, above all rooms."""
