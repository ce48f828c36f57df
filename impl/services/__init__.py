"""The services: each is the runtime and one machine."""
