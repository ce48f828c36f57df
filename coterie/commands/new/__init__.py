"""`coterie new`: a protocol of one's own, laid out with checks and tests that pass."""
