"""The log as it is served for real: a writer, replicas that exchange in pages, and readers."""
