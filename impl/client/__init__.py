"""Clients of the services: the same machines and channels, in the process of a user."""
