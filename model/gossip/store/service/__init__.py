"""The store as it serves for real: requests that scale, agreed batches, and reads of many rows."""
