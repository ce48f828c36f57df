"""Schedules: who sends which block to whom in which step, so that all nodes get all blocks.

The nodes have ranks from 0 on; the message is with rank 0, the root, and is cut into blocks. In one
step a node may send one block and receive one. A schedule says for one rank and one step what is
sent and what is received; nobody needs to know what the others do, and there is no one who plans.

Source: Behrens, Jha, Birman, Tremel: RDMC: A Reliable RDMA Multicast for Large Objects, DSN 2018.
"""

from abc import ABC, abstractmethod

from attrs import frozen

ROOT = 0
"""The rank of the node that has the message."""


@frozen(cache_hash=True)
class Transfer:
    """One block that goes from one rank to another.

    Attributes:
        sender: the rank of who sends it.
        receiver: the rank of who receives it.
        block: which block of the message.
    """

    sender: int
    receiver: int
    block: int


@frozen(cache_hash=True)
class Schedule(ABC):
    """The transfers of one message.

    Attributes:
        nodes: how many nodes there are, the root included: two or more.
        blocks: how many blocks the message has: one or more.
    """

    nodes: int
    blocks: int

    @property
    @abstractmethod
    def steps(self) -> int:
        """How many steps it takes; they are counted from 0."""

    @abstractmethod
    def sent(self, rank: int, step: int) -> Transfer | None:
        """Return what `rank` sends in `step`."""

    @abstractmethod
    def received(self, rank: int, step: int) -> Transfer | None:
        """Return what `rank` receives in `step`."""

    def transfers(self, step: int) -> list[Transfer]:
        """Return all that is sent in `step`, by rank: what each knows of itself, put together."""
        sent = (self.sent(rank, step) for rank in range(self.nodes))
        return [each for each in sent if each is not None]


def doublings(nodes: int) -> int:
    """Return how often 1 must be doubled to be `nodes` or more."""
    return (nodes - 1).bit_length()


def fewest_steps(nodes: int, blocks: int) -> int:
    """Return the steps that no schedule can do without.

    Why: the root needs a step for each block, and until the last block has left it nobody else has
    that. From then on the nodes that have it at most double from step to step.
    """
    return blocks - 1 + doublings(nodes)
