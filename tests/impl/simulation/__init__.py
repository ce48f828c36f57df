"""The runtime under a virtual clock: the same nodes, with faults from a seed."""
