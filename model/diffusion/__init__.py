"""Quorum diffusion: clients ask a small group of replicas, and replicas tell one another."""
