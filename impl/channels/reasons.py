"""Why connections are refused and closed, in a word each; and what is counted."""

import time
from collections import Counter
from collections.abc import Callable
from enum import StrEnum

from attrs import define, field


class Reason(StrEnum):
    """Why a connection was refused, or closed."""

    UNREACHABLE = "unreachable"
    """Nobody answers where the peer should be."""
    HANDSHAKE = "handshake"
    """TLS came to nothing: no certificate, one of another authority, or no TLS at all."""
    SLOW = "slow"
    """The peer was not connected in time."""
    CROWDED = "crowded"
    """There were too many connections."""
    NAME = "name"
    """The certificate is not that of the node that the peer claims to be, or should be."""
    VERSION = "version"
    """The peer speaks another version of the protocol."""
    CLUSTER = "cluster"
    """The peer belongs to another cluster."""
    MISDIRECTED = "misdirected"
    """The peer meant to reach another node."""
    OLDER = "older"
    """The peer is connected already, by a newer connection or as a newer process."""
    CROSSED = "crossed"
    """Both ends have dialled, and the other connection is the one that stays."""
    HUNG_UP = "hung up"
    """The peer closed the connection, and did not say why."""
    REPLACED = "replaced"
    """A newer connection with the same peer took its place."""
    MALFORMED = "malformed"
    """The peer sent what no node sends."""
    OVERFLOW = "overflow"
    """Too much waited to be sent."""
    SILENT = "silent"
    """Nothing was heard of the peer for too long."""
    STOPPED = "stopped"
    """A node stops."""
    UNKNOWN = "unknown"
    """The peer gave a reason that this node does not know."""

    @classmethod
    def _missing_(cls, value: object) -> "Reason":
        del value
        return cls.UNKNOWN


@define
class Counters:
    """What a node's channels have done since it started.

    Attributes:
        bytes_in: received inside of TLS, and `bytes_out` sent.
        messages_in: handed over, and `messages_out` taken to be sent.
        messages_lost: given to `send`, and not sent: for want of a connection, or too much.
        connections: how many have come to stand.
        refusals: how many attempts came to nothing at this end, by reason.
        closures: how many connections that stood were closed, by reason.
        refusals_untold: how many refusals were not logged, for there were too many at once.
    """

    bytes_in: int = 0
    bytes_out: int = 0
    messages_in: int = 0
    messages_out: int = 0
    messages_lost: int = 0
    connections: int = 0
    refusals: Counter[Reason] = field(factory=Counter)
    closures: Counter[Reason] = field(factory=Counter)
    refusals_untold: int = 0


@define
class Quota:
    """Lets so much through in each second, so that strangers cannot fill a disk with log entries.

    Attributes:
        most: how much.
        clock: tells the seconds.
    """

    most: int
    clock: Callable[[], float] = time.monotonic
    _second: int = -1
    _asked: int = 0

    def take(self) -> bool:
        """Return whether there is something left of this second's share."""
        second = int(self.clock())
        if second != self._second:
            self._second, self._asked = second, 0
        self._asked += 1
        return self._asked <= self.most
