"""Two replicas as one machine that does a whole exchange at once: the algorithm without a network.

What it shows holds for every shape of log and every pair of replicas, since each is a start.
"""

from collections.abc import Iterable

from attrs import evolve, field, frozen

from coterie.model.gossip.gdp.algorithm import REPAIRED, Algorithm, exchanged
from coterie.model.gossip.gdp.log import Log
from coterie.model.gossip.gdp.record import Entry
from coterie.model.machine import Event, Machine, Outcome, Receive, Timeout


@frozen(cache_hash=True)
class Pair:
    """Two replicas of one log.

    Attributes:
        written: all that the writer has written, wherever it is held; it tells shapes apart.
        one: the log of the first replica.
        other: the log of the second.
    """

    written: tuple[Entry, ...] = ()
    one: Log = field(factory=Log)
    other: Log = field(factory=Log)


@frozen(cache_hash=True)
class Meet(Timeout):
    """The replicas exchange.

    Attributes:
        first: whether the first replica is the initiator.
    """

    first: bool


@frozen
class Reconciler(Machine[Pair, Pair]):
    """Two replicas that do nothing but exchange; they never crash.

    Attributes:
        algorithm: what the messages contain.
    """

    algorithm: Algorithm = REPAIRED

    def start(self, memory: Pair | None) -> Outcome[Pair]:
        """Begin with the given logs."""
        return Outcome(Pair() if memory is None else memory)

    def options(self, state: Pair) -> Iterable[Timeout]:
        """Exchange, either way round."""
        del state
        return (Meet(first=True), Meet(first=False))

    def step(self, state: Pair, event: Event) -> Outcome[Pair] | None:
        """Do a whole exchange."""
        match event:
            case Meet(first=True):
                after = exchanged(self.algorithm, state.one, state.other)
                return Outcome(evolve(state, one=after.initiator, other=after.responder))
            case Meet(first=False):
                after = exchanged(self.algorithm, state.other, state.one)
                return Outcome(evolve(state, one=after.responder, other=after.initiator))
            case Receive():
                return Outcome(state)
        return None
