"""The service around many objects: names, one skeleton tree for each b, views, placement."""
