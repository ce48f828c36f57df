"""RDMC: one sender multicasts messages of many blocks, and receivers pass the blocks on."""
