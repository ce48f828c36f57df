"""The service that PBFT replicates: a deterministic state machine that answers each call once."""

from collections.abc import Callable
from typing import Any

from attrs import frozen

from coterie.model.machine import Node

Apply = Callable[[Any, Any], tuple[Any, Any]]
"""A deterministic service: of a state and an operation, the next state and the result."""


@frozen(order=True, cache_hash=True)
class Answer:
    """The result of a client's last call that was executed.

    Attributes:
        client: whose call it was.
        timestamp: which of the client's calls it was.
        result: what came of it.
    """

    client: Node
    timestamp: int
    result: Any


@frozen(cache_hash=True)
class Service:
    """The state of the service.

    Attributes:
        value: what the operations have made of it.
        answers: the last answer to each client, by client.
    """

    value: Any = ()
    answers: tuple[Answer, ...] = ()

    def last(self, client: Node) -> Answer | None:
        """Return the last answer to `client`."""
        return next((each for each in self.answers if each.client == client), None)


def append(journal: Any, operation: Any) -> tuple[Any, Any]:
    """Write `operation` at the end of a journal; the result is its place there."""
    return (*journal, operation), len(journal)


def is_new(timestamp: int, last: int) -> bool:
    """Return whether a call is to be executed: later than the client's last that was."""
    return timestamp > last


def answered(service: Service, answer: Answer, value: Any) -> Service:
    """Return the service with this new value, and this as its last answer to a client."""
    others = [each for each in service.answers if each.client != answer.client]
    return Service(value, tuple(sorted((*others, answer), key=lambda each: each.client)))
