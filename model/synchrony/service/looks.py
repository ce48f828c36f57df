"""Looks at a server's own state: what waits, and what is answered.

Source: Jha et al., Derecho, ACM TOCS 2019, section 2 (queries of a stable state).
"""

from attrs import frozen

from coterie.model.machine import Node, Send
from coterie.model.synchrony.service.messages import Look, Read
from coterie.model.synchrony.service.store import Contents


@frozen(cache_hash=True)
class Waiting:
    """A look that is not answered yet.

    Attributes:
        client: whose it is.
        look: what it asks for.
        until: how much of the log must be durable everywhere before it is answered.
    """

    client: Node
    look: Look
    until: int


def without_older(waiting: tuple[Waiting, ...], newer: Waiting) -> tuple[Waiting, ...]:
    """Return who waits, but for an older look of the same session: nobody waits for that."""
    session = (newer.client, newer.look.session)
    return tuple(each for each in waiting if (each.client, each.look.session) != session)


def answer(waiting: Waiting, contents: Contents, position: int) -> Send:
    """Return the answer to a look: what its key holds after so much of the log."""
    look, value = waiting.look, contents.values.get(waiting.look.key)
    return Send(waiting.client, Read(look.session, look.number, value, position))
