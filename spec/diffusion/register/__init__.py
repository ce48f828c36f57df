"""What the register on a tree of replicas promises."""
