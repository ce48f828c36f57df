"""Keeping an exploration on disk level by level, so that it goes on after whatever ended it."""
