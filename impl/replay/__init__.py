"""A run of real nodes, held against the model: their journals, step by step and message by message."""
