"""Certificates: the reachable set as a file, for somebody else to check again."""
