"""Checks of Paxos, as nodes with channels, crashes and disks."""
