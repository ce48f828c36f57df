"""Histories of operations: what users called and got, and which consistency that has."""
