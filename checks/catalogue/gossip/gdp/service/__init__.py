"""The log as it is served for real, in worlds."""
