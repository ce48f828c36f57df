"""How much a node's channels take on, and how long they wait."""

from attrs import frozen


@frozen
class Limits:
    """Bounds on what peers can make a node hold, and its patience with them.

    Attributes:
        frame_bytes: the most that one frame carries; a longer message is sent in parts.
        message_bytes: the longest message; so much an unfinished one may occupy.
        out_bytes: how much may wait to be sent to one peer before one more message closes the
            connection.
        server_message_bytes: the longest message between servers that know each other: one who
            joins is sent all that there is.
        server_out_bytes: how much may wait to be sent between them.
        greeting_seconds: how long a peer has from its first byte until it is connected.
        strangers_most: how many accepted connections may not be connected yet; the oldest goes
            when there is one more.
        refusals_told_most: how many refusals of strangers are logged in a second; all count.
        peers_most: how many peers that this node does not dial may be connected.
        beat_seconds: how often a connection on which nothing else was sent says that it lives.
        silent_beats_most: after so many beats without a byte from the peer it is held to be dead.
        closing_seconds: how long the last bytes may take to leave when a connection is closed.
        delay_least: seconds from a failed attempt to connect to the next one; it doubles.
        delay_most: the longest such delay, in seconds.
        patience_seconds: how long a server waits to be dialled by another one of a higher name,
            before it dials by itself.
    """

    frame_bytes: int = 1 << 20
    message_bytes: int = 16 << 20
    out_bytes: int = 64 << 20
    server_message_bytes: int = 1 << 30
    server_out_bytes: int = 2 << 30
    greeting_seconds: float = 5.0
    strangers_most: int = 64
    refusals_told_most: int = 20
    peers_most: int = 1024
    beat_seconds: float = 1.0
    silent_beats_most: int = 10
    closing_seconds: float = 3.0
    delay_least: float = 0.05
    delay_most: float = 2.0
    patience_seconds: float = 1.0
