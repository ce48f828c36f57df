"""The runtime under a virtual clock: the same nodes, on a network and disks that fail by seed."""
