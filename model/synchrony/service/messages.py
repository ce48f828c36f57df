"""What clients and servers say to one another, and what servers tell their group.

A client has sessions, and a session has one request under way, under the next number. A request
that is repeated, maybe at another server, keeps its number: the client's node, its session and the
number say which one it is.
"""

from attrs import frozen

from coterie.model.call import Call
from coterie.model.machine import Node

STABLE = "stable"
STALE = "stale"

APART = "it is in no view"
REBUILDING = "it does not know the log yet"
LEAVING = "it leaves the group"
BUSY = "too much is waiting"
UNKNOWN = "there is no such operation"
TOO_LARGE = "it is too large"

Value = None | bool | int | str | bytes
"""What a key may hold; None stands for a key that is not there."""

Result = Value | tuple[Value, ...]
"""What a call gives; several where it is several calls."""


@frozen(cache_hash=True)
class Submit:
    """A request to do `call`, in its turn among all that are submitted.

    Attributes:
        session: which of the client's sessions.
        number: which of the session's requests, from 1 on.
        call: what to do: see `store.executed`.
    """

    session: int
    number: int
    call: Call


@frozen(cache_hash=True)
class Look:
    """A request to read one key as this server has it, which costs the others nothing.

    Attributes:
        session: which of the client's sessions.
        number: which of the session's requests.
        key: which key.
        level: `STABLE` for a state in which all is that the server has by now and that the session
            has seen, once it is durable everywhere; `STALE` for what the server has, at once.
        after: how much of the log the session has seen.
    """

    session: int
    number: int
    key: str
    level: str
    after: int = 0


@frozen(cache_hash=True)
class Done:
    """A submitted call has been done, and is durable everywhere.

    Attributes:
        session: of the request.
        number: of the request.
        result: what the call gives.
        position: how much of the log the server has applied.
    """

    session: int
    number: int
    result: Result
    position: int


@frozen(cache_hash=True)
class Read:
    """What a key holds.

    Attributes:
        session: of the request.
        number: of the request.
        value: None where the key is not there.
        position: how much of the log that is the state after.
    """

    session: int
    number: int
    value: Value
    position: int


@frozen(cache_hash=True)
class NotNow:
    """The server cannot serve the request now; another may.

    Attributes:
        session: of the request.
        number: of the request.
        why: for people.
    """

    session: int
    number: int
    why: str


@frozen(cache_hash=True)
class Command:
    """A call in the log, and who wants it.

    Attributes:
        client: who has submitted it.
        session: in which session.
        number: under which number.
        call: what to do.
    """

    client: Node
    session: int
    number: int
    call: Call


@frozen(cache_hash=True)
class Batch:
    """What a server multicasts at once: commands, in the order in which they are done."""

    commands: tuple[Command, ...]


Request = Submit | Look
Answer = Done | Read | NotNow
