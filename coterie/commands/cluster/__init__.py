"""The commands that run a cluster, and talk to one."""
