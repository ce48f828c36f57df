"""A run of real nodes, held against the model: their journals, steps and messages."""
