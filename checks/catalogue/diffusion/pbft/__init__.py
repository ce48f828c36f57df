"""PBFT: its core for one request, exhaustively; the whole of it; a lookup on top."""
