"""A register on a tree of replicas, of which b may be Byzantine, without signatures."""
