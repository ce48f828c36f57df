"""Properties evaluated along a run, as often as they can have changed.

A property is asked again when a node has changed that it has looked at, and what it saw there is
something else now. Some take the longer to evaluate the longer the run is; so beyond the first
changes they are asked less often, in proportion: after each further fiftieth of what there were
before. Every property is asked at the end. `every_step` leaves nothing out.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field

from coterie.impl.replay.claims import Claims
from coterie.impl.replay.differences import words
from coterie.impl.replay.divergence import CLAIM, Divergence, DivergenceError, Side
from coterie.impl.replay.happening import Fell, Happened, Taken
from coterie.impl.replay.view import NOWHERE, Looking, Read, RunView, Standing, UnseenError
from coterie.model.machine import Node
from coterie.spec.property import Kind, Property

DENSE = 300
"""Beyond so many changes not each of them is looked at."""
SPARSE = 50
"""From there on, when there are more by one in so many."""


@define
class Tally:
    """What came of one property.

    Attributes:
        name: of the property.
        evaluated: how many times it was evaluated.
        looked: how many changes of nodes that it reads were looked at.
        changes: how many there were.
        unseen: why it cannot be evaluated; empty where it can.
    """

    name: str
    evaluated: int = 0
    looked: int = 0
    changes: int = 0
    unseen: str = ""


@define
class Watch:
    """A property of some nodes.

    Attributes:
        claim: the property.
        nodes: which nodes it is about, as it was written for.
        looking: how it sees them.
        tally: of the property, for all nodes.
        read: what it has looked at, and what it saw there.
        readers: the nodes that it has looked at; None where it has yet to look.
        changes: how many changes there were of nodes that it has read.
        next: at which of them it is looked at again.
    """

    claim: Property
    nodes: tuple[Node, ...]
    looking: Looking
    tally: Tally
    read: list[tuple[Node, Read, Any]] = field(factory=list)
    readers: frozenset[Node] | None = None
    changes: int = 0
    next: int = 0

    def is_due(self, node: Node, *, every_step: bool) -> bool:
        """Return whether to look at a change of `node`."""
        if self.readers is not None and node not in self.readers:
            return False
        self.changes += 1
        self.tally.changes += 1
        if self.changes < self.next and not every_step:
            return False
        passed = self.changes // SPARSE if self.changes >= DENSE else 0
        self.next = self.changes + 1 + passed
        self.tally.looked += 1
        return True

    def has_read(self, read: list[tuple[Node, Read, Any]]) -> None:
        """Learn what it has looked at this time."""
        self.read = read
        self.readers = frozenset(node for node, _, _ in read) or None

    def is_stale(self, node: Node, standing: Standing) -> bool:
        """Return whether anything is different now that was read of `node`."""
        if self.readers is None:
            return True
        return any(look(standing) != seen for reader, look, seen in self.read if reader == node)


@define
class Monitor:
    """Evaluates properties along a run.

    Attributes:
        claims: what is evaluated.
        servers: the nodes that have journals.
        every_step: whether every change is looked at, however long that takes.
    """

    claims: Sequence[Claims]
    servers: Sequence[Node]
    every_step: bool = False
    tallies: list[Tally] = field(factory=list, init=False)
    _watches: list[tuple[Looking, list[Watch]]] = field(factory=list, init=False)
    _standings: dict[Node, Standing] = field(init=False)
    _last: Taken | None = field(default=None, init=False)

    def __attrs_post_init__(self) -> None:
        self._standings = dict.fromkeys(self.servers, NOWHERE)
        for claims in self.claims:
            view = RunView(self._standings, claims.looking)
            watches: list[Watch] = []
            for claim in claims.properties:
                tally = Tally(claim.name)
                self.tallies.append(tally)
                watches += (
                    Watch(claim, nodes, claims.looking, tally) for nodes in claim.instances(view)
                )
            self._watches.append((claims.looking, watches))

    def happened(self, now: Happened) -> None:
        """Take note of what has happened, and evaluate what it can have changed.

        Raises: DivergenceError where a property does not hold.
        """
        if isinstance(now, Taken):
            if not now.counts:
                return
            self._last = now
        before, after = self._standings[now.node], _standing(now)
        self._standings[now.node] = after
        for looking, watches in self._watches:
            if not looking.is_same(before, after):
                for watch in watches:
                    self._look(watch, now.node, before, after)

    def finish(self) -> None:
        """Evaluate everything for the last time."""
        for _, watches in self._watches:
            for watch in watches:
                if watch.claim.kind is Kind.ALWAYS and not watch.tally.unseen:
                    self._evaluate(watch, [self._standings])

    def _look(self, watch: Watch, node: Node, before: Standing, after: Standing) -> None:
        if watch.tally.unseen or not watch.is_due(node, every_step=self.every_step):
            return
        if watch.claim.kind.is_of_steps:
            self._evaluate(watch, [{**self._standings, node: before}, self._standings])
        elif watch.is_stale(node, after) or self.every_step:
            self._evaluate(watch, [self._standings])

    def _evaluate(self, watch: Watch, times: list[Mapping[Node, Standing]]) -> None:
        views = [RunView(standings, watch.looking) for standings in times]
        try:
            holds = bool(watch.claim.claim(*views, *watch.nodes))
        except UnseenError as error:
            watch.tally.unseen = str(error)
            return
        except Exception as error:
            raise self._violated(watch, views, f"It fails: {error!r}") from error
        watch.tally.evaluated += 1
        watch.has_read([each for view in views for each in view.read])
        if not holds:
            raise self._violated(watch, views, "It is seen after this step.")

    def _violated(self, watch: Watch, views: list[RunView], why: str) -> DivergenceError:
        assert self._last is not None
        claim, last = watch.claim, self._last
        of = f" of {', '.join(map(str, watch.nodes))}" if watch.nodes else ""
        titles = ("before the step", "after it") if len(views) > 1 else ("what it has read",)
        pairs = zip(titles, views, strict=True)
        sides = tuple(Side(title, tuple(_seen(view))) for title, view in pairs)
        notes = (f"{claim.name}{of}: {claim.statement}", why)
        cause = words(last.step.cause)
        divergence = Divergence(CLAIM, str(last.node), last.place, cause, None, sides, notes)
        return DivergenceError(divergence)


def _standing(now: Happened) -> Standing:
    """Return how a node is after what has happened."""
    if isinstance(now, Fell):
        return Standing(now.machine, None, now.memory)
    if now.is_halt:
        return Standing(now.machine, None, now.machine.memory(now.after))
    return Standing(now.machine, now.after)


def _seen(view: RunView) -> Iterator[str]:
    """Yield what a property has read of each node, once each."""
    said = dict.fromkeys(f"{node}: {words(seen)}" for node, _, seen in view.read)
    yield from said
