"""All journals as one run: an order of all steps in which each receipt comes after its send.

Steps of one node keep their order, and a receipt waits for the send that it is matched with; what
is left open is decided by the clocks of the nodes, which may be wrong: they choose among orders of
which each is a run of the model. When every node waits there is no order. Then either somebody
waits for what was never sent, or nodes wait for one another in a circle.

A node without a journal may have sent anything, and its receipts are its own affair.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import define, field

from coterie.impl.replay.differences import first_difference, nearest, words
from coterie.impl.replay.divergence import (
    CYCLE,
    REPEATED,
    UNSENT,
    Divergence,
    DivergenceError,
    Side,
)
from coterie.impl.replay.happening import Happened, Taken
from coterie.impl.replay.ways import Sent, Way
from coterie.model.machine import Node, Receive, Send


@define
class Lane:
    """One node of the run, and how far it has come.

    Attributes:
        node: which.
        happened: what is still to come.
        next: what comes next; None at the end.
    """

    node: Node
    happened: Iterator[Happened]
    next: Happened | None = None

    def advance(self) -> None:
        """Go on to what comes next."""
        self.next = next(self.happened, None)


@define
class Merged:
    """One order of what has happened at several nodes.

    Attributes:
        nodes: what has happened at each node that has a journal.
        ordered: whether messages keep their order on their way, and arrive once.
        ways: what was sent and received, by sender and receiver.
    """

    nodes: Mapping[Node, Iterator[Happened]]
    ordered: bool = True
    ways: dict[tuple[Node, Node], Way] = field(init=False)
    _lanes: dict[Node, Lane] = field(init=False)
    _waiting: dict[Node, tuple[Node, Node]] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        self._lanes = {node: Lane(node, happened) for node, happened in self.nodes.items()}
        self.ways = {
            (one, other): Way(self.ordered)
            for one in self.nodes
            for other in self.nodes
            if one != other
        }

    def happened(self) -> Iterator[Happened]:
        """Yield what has happened, in one order.

        Raises: DivergenceError where there is none.
        """
        for lane in self._lanes.values():
            lane.advance()
        while (first := self._first()) is not None:
            now = first.next
            assert now is not None
            if isinstance(now, Taken):
                if not self._may(now):
                    continue
                self._sends(now)
            yield now
            first.advance()
        waiting = [self._lanes[node] for node in self._waiting]
        if waiting:
            raise self._stuck(waiting)

    def _first(self) -> Lane | None:
        """Return the node whose turn it is, by the clocks, of those that need not wait."""
        best: Lane | None = None
        for lane in self._lanes.values():
            if lane.next is None or lane.node in self._waiting:
                continue
            if best is None or best.next is None or lane.next.at < best.next.at:
                best = lane
        return best

    def _may(self, taken: Taken) -> bool:
        """Return whether the message that a step receives has been sent; if not the node waits."""
        way = self._way_of(taken)
        if way is None or self.ways[way].receive(_message(taken)) is not None:
            return True
        self._waiting[taken.node] = way
        return False

    def _way_of(self, taken: Taken) -> tuple[Node, Node] | None:
        """Return the way on which a step receives, if both its ends have journals."""
        cause = taken.step.cause
        if not isinstance(cause, Receive):
            return None
        way = (cause.sender, taken.node)
        return way if way in self.ways else None

    def _sends(self, taken: Taken, *, to_all: bool = False) -> None:
        """Take note of what a step sends; who waits for something from there looks again.

        Attributes:
            to_all: whether also of what is sent to nodes that take no more steps.
        """
        for effect in taken.step.effects:
            if isinstance(effect, Send):
                way = (taken.node, effect.to)
                if way in self.ways:
                    is_there = to_all or self._lanes[effect.to].next is not None
                    known = self.ways[way]
                    known.send(effect.message, taken.place, leaves=taken.counts, is_there=is_there)
                    if self._waiting.get(effect.to) == way:
                        del self._waiting[effect.to]

    # Where there is no order.

    def _stuck(self, waiting: list[Lane]) -> DivergenceError:
        """Return why nobody can go on."""
        stuck = [lane.next for lane in waiting if isinstance(lane.next, Taken)]
        stuck.sort(key=lambda taken: taken.at)
        for lane in self._lanes.values():
            self._look_ahead(lane)
        sources = {taken.node: self._source(taken) for taken in stuck}
        for taken in stuck:
            if sources[taken.node] is None:
                return self._unsent(taken)
        return self._circle(stuck, sources)

    def _look_ahead(self, lane: Lane) -> None:
        """Take note of all that a node sends from here on, whatever it has to wait for."""
        while lane.next is not None:
            if isinstance(lane.next, Taken):
                self._sends(lane.next, to_all=True)
            lane.advance()

    def _source(self, taken: Taken) -> Sent | None:
        way = self._way_of(taken)
        return None if way is None else self.ways[way].receive(_message(taken))

    def _unsent(self, taken: Taken) -> DivergenceError:
        """Return the error for a message that was never sent, with the nearest one that was."""
        cause, way = taken.step.cause, self._way_of(taken)
        assert isinstance(cause, Receive)
        assert way is not None
        message, known = cause.message, self.ways[way]
        notes = [
            f"{cause.sender} was to send it at {sent.place}, in a turn that was never committed, as"
            " its next start shows."
            for sent in known.never
            if sent.message == message
        ]
        near = nearest(message, known.candidates(), lambda sent: sent.message)
        sides = [Side(f"received from {cause.sender}", (words(message),))]
        difference, kind = None, UNSENT
        if near is None:
            notes.append(f"{cause.sender} has sent nothing to {taken.node}.")
        else:
            difference = first_difference(message, near.message, "message")
            sides.append(Side(f"the nearest, sent at {near.place}", (words(near.message),)))
            if difference is None:
                kind = REPEATED
                notes.append(
                    "That one was sent, but it has arrived before, or others that were sent after"
                    " it have: a connection carries messages in order, and once."
                )
        divergence = Divergence(
            kind,
            str(taken.node),
            taken.place,
            words(cause),
            difference,
            tuple(sides),
            tuple(notes),
        )
        return DivergenceError(divergence)

    def _circle(self, stuck: list[Taken], sources: Mapping[Node, Sent | None]) -> DivergenceError:
        """Return the error for nodes that wait for one another."""
        by_node = {taken.node: taken for taken in stuck}
        path = [stuck[0]]
        while True:
            cause = path[-1].step.cause
            assert isinstance(cause, Receive)
            following = by_node.get(cause.sender)
            if following is None or following in path:
                break
            path.append(following)
        lines = []
        for taken in path:
            source = sources[taken.node]
            assert source is not None
            lines.append(
                f"{taken.place} receives what is sent at {source.place}, which comes after"
                " the next of these lines"
            )
        first = path[0]
        sides = (Side("each of them waits", tuple(lines)),)
        return DivergenceError(
            Divergence(CYCLE, str(first.node), first.place, words(first.step.cause), None, sides)
        )


def _message(taken: Taken) -> Any:
    cause = taken.step.cause
    assert isinstance(cause, Receive)
    return cause.message
