"""How it works: pure transition functions on frozen records. No I/O, no clock, no randomness."""
