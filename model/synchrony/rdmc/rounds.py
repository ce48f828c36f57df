"""A schedule in lockstep: all nodes do one step, then all do the next.

So it can be seen whether what each node knows of itself fits together. The memory from which it
boots says how many nodes and blocks there are.

Source: Behrens, Jha, Birman, Tremel: RDMC: A Reliable RDMA Multicast for Large Objects, DSN 2018.
"""

from collections.abc import Callable, Iterable

from attrs import frozen

from coterie.model.machine import Event, Machine, Outcome, Receive, Timeout
from coterie.model.synchrony.rdmc.pipeline import Pipeline
from coterie.model.synchrony.rdmc.schedule import ROOT, Schedule, Transfer

Sizes = tuple[int, int]
"""How many nodes, and how many blocks."""


@frozen(cache_hash=True)
class Progress:
    """How far a message has come.

    Attributes:
        sizes: how many nodes and blocks there are.
        steps: how many steps are done.
        left: how many are to be done.
        held: for each rank, the blocks that it has.
        sent: what was sent in the last step.
        received: what was to be received in it, as the receivers know it.
    """

    sizes: Sizes
    steps: int
    left: int
    held: tuple[frozenset[int], ...]
    sent: frozenset[Transfer] = frozenset()
    received: frozenset[Transfer] = frozenset()


@frozen(cache_hash=True)
class Round(Timeout):
    """All nodes do the next step."""


@frozen
class Rounds(Machine[Progress, Sizes]):
    """All nodes of a group, while one message is sent.

    Attributes:
        schedule: what makes the schedule for so many nodes and blocks.
    """

    schedule: Callable[[int, int], Schedule] = Pipeline

    def start(self, memory: Sizes | None) -> Outcome[Progress]:
        """The root has all blocks; two nodes and one block where memory says nothing."""
        nodes, blocks = sizes = memory or (2, 1)
        held = [frozenset(range(blocks)) if rank == ROOT else frozenset() for rank in range(nodes)]
        return Outcome(Progress(sizes, 0, self.schedule(nodes, blocks).steps, tuple(held)))

    def options(self, state: Progress) -> Iterable[Timeout]:
        """One step after the other."""
        if state.left > 0:
            yield Round()

    def step(self, state: Progress, event: Event) -> Outcome[Progress] | None:
        """Do the next step."""
        match event:
            case Round() if state.left > 0:
                return Outcome(self._after(state))
            case Receive():
                return Outcome(state)
        return None

    def memory(self, state: Progress) -> Sizes:
        """Return how many nodes and blocks there are."""
        return state.sizes

    def _after(self, state: Progress) -> Progress:
        schedule, step = self.schedule(*state.sizes), state.steps
        sent = schedule.transfers(step)
        received = (schedule.received(rank, step) for rank in range(schedule.nodes))
        return Progress(
            state.sizes,
            step + 1,
            state.left - 1,
            tuple(
                blocks | {each.block for each in sent if each.receiver == rank}
                for rank, blocks in enumerate(state.held)
            ),
            frozenset(sent),
            frozenset(each for each in received if each is not None),
        )
