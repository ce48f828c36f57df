"""The results for machines: one file a format, and the options that ask for them."""
