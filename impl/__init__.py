"""How it runs: a thin runtime that feeds sockets, timers and storage to `model`."""
