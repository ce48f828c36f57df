"""Tests of the store as it serves for real."""
