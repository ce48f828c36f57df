"""The book: what there is to know of each protocol, made from the objects that the checker runs."""
