"""The register on a tree of replicas, in worlds."""
