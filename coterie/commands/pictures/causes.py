"""Which steps a step needs: the happened-before relation, one edge at a time.

A step needs the step before it on its node's line, and the one that sent what it receives. It needs
those as well from which it knows that a node is up or down, or has a signature to copy; and where
messages keep their order, the losses of those that stood before. Room in a channel and budgets of
faults are bounds of what is explored, not causes.

Source: Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", Communications
of the ACM 1978.
"""

from collections.abc import Iterator, Sequence

from attrs import field, frozen

from coterie.checks.component import (
    Act,
    Channel,
    IsDown,
    IsUp,
    Key,
    Lost,
)
from coterie.checks.network import Fifo
from coterie.checks.nodes import NodeComponent
from coterie.checks.signatures import Exist, Issue
from coterie.checks.world import World
from coterie.commands.pictures.post import Arrow
from coterie.commands.pictures.trail import Touch, Trail
from coterie.model.machine import Invoke, Receive
from coterie.model.signature import Signature


@frozen
class Causes:
    """What is known of the rows so far.

    Attributes:
        world: whose run it is.
        last: for each node and channel the last row that must come before its next.
        issued: the row in which a signature was issued first.
    """

    world: World
    last: dict[Key, int] = field(factory=dict)
    issued: dict[Signature, int] = field(factory=dict)

    def of(self, row: int, trail: Trail, arrows: Sequence[Arrow]) -> tuple[int, ...]:
        """Return the rows that this one needs; 0, the start, is none of them.

        Attributes:
            arrows: those that have ended so far, in this row last.
        """
        found = {need for touch in trail for need in self._needs(touch)}
        for arrow in reversed(arrows):
            if arrow.ended != row:
                break
            found.add(arrow.sent)
        for touch in trail:
            self._remember(row, touch)
        return tuple(sorted(found - {0, row}))

    def _needs(self, touch: Touch) -> Iterator[int]:
        match touch.stimulus:
            case Act() | Receive() | Invoke() | IsUp() | IsDown():
                yield self.last.get(touch.key, 0)
            case Exist(signatures):
                yield from (self.issued.get(each, 0) for each in signatures)

    def _remember(self, row: int, touch: Touch) -> None:
        component = self.world.components[touch.key]
        match touch.stimulus:
            case Act() | Receive() | Invoke() if isinstance(component, NodeComponent):
                self.last[touch.key] = row
            case Act() if isinstance(touch.key, Channel) and self._makes_way(touch):
                self.last[touch.key] = row
            case Issue(signatures):
                for each in signatures:
                    self.issued.setdefault(each, row)

    def _makes_way(self, touch: Touch) -> bool:
        """Return whether a message was lost that others had to wait for."""
        lost = any(isinstance(each, Lost) for each in touch.reaction.happenings)
        return lost and isinstance(self.world.network, Fifo)
