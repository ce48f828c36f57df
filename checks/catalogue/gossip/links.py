"""A kind of channel for claims about what must happen in the end."""

from typing import Any

from coterie.checks.network import Bag


class Distinct(Bag):
    """A set: of equal messages, one is in flight at most; they arrive in any order.

    With losses and strong fairness of deliveries this is a fair-loss link: what is sent again and
    again arrives again and again. A channel that holds so many messages and drops one more is
    none, since it may be full whenever one message comes; and without a bound on its length,
    repeated messages would fill it without end.
    """

    def put(self, held: tuple[Any, ...], message: Any) -> tuple[Any, ...]:
        """Insert `message` unless it is there."""
        return held if message in held else super().put(held, message)
