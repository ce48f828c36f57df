"""How it runs: the thin runtime that feeds sockets, timers and storage to the functions of `model`."""
