"""Tests of the log as it is served for real."""
