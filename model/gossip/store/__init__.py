"""The replicated store of an Internet of Things: a device writes, servers keep, clients read."""
