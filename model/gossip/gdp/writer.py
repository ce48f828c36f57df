"""The writer of a log: the single user who may add to it."""

from attrs import frozen

from coterie.model.gossip.gdp.record import written
from coterie.model.gossip.gdp.replica import Append
from coterie.model.machine import Event, Invoke, Machine, Node, Outcome, Receive, Send


@frozen(cache_hash=True)
class Write:
    """A user makes the writer add to the log: an operation.

    Attributes:
        value: what to write, a word.
        parents: the records that the new one points at: the last one in a quiet log, an earlier
            one to make a branch, one that was never stored to make a hole.
        replica: the only one that is told.
    """

    value: str
    parents: tuple[str, ...]
    replica: Node


@frozen
class Writer(Machine[int, None]):
    """The writer; its state is how many records it has written.

    Attributes:
        name: whose signature stands under the records.
    """

    name: Node

    def start(self, memory: None) -> Outcome[int]:
        """Begin with nothing written."""
        del memory
        return Outcome(0)

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        """Make a record, sign it, and send it to one replica."""
        match event:
            case Invoke(Write(value, parents, replica)):
                entry = written(self.name, value, *parents)
                return Outcome(state + 1, (Send(replica, Append(entry)),))
            case Receive():
                return Outcome(state)
        return None
