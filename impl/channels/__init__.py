"""Channels between nodes: mutual TLS 1.3, a greeting, and frames; start reading at `mesh.py`."""
