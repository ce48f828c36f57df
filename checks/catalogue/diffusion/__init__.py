"""Checks of quorum diffusion."""
