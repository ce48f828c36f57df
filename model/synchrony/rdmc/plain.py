"""Three plain schedules: one after the other, along a chain, along a binomial tree.

Source: Behrens, Jha, Birman, Tremel: RDMC: A Reliable RDMA Multicast for Large Objects, DSN 2018.
"""

from attrs import frozen

from coterie.model.synchrony.rdmc.schedule import ROOT, Schedule, Transfer, doublings


@frozen(cache_hash=True)
class Sequential(Schedule):
    """The root sends all blocks to one node, then to the next: blocks × (nodes − 1) steps."""

    @property
    def steps(self) -> int:
        """How many steps it takes."""
        return self.blocks * (self.nodes - 1)

    def sent(self, rank: int, step: int) -> Transfer | None:
        """Return what the root sends."""
        return self._turn(step) if rank == ROOT else None

    def received(self, rank: int, step: int) -> Transfer | None:
        """Return what the node receives whose turn it is."""
        turn = self._turn(step)
        return turn if turn.receiver == rank else None

    def _turn(self, step: int) -> Transfer:
        before, block = divmod(step, self.blocks)
        return Transfer(ROOT, before + 1, block)


@frozen(cache_hash=True)
class Chain(Schedule):
    """Each node passes on to the next what it has just received: blocks + nodes − 2 steps."""

    @property
    def steps(self) -> int:
        """How many steps it takes."""
        return self.blocks + self.nodes - 2

    def sent(self, rank: int, step: int) -> Transfer | None:
        """Return the block that came a step before: the root's first leaves in step 0."""
        block = step - rank
        if rank + 1 == self.nodes or not 0 <= block < self.blocks:
            return None
        return Transfer(rank, rank + 1, block)

    def received(self, rank: int, step: int) -> Transfer | None:
        """Return what the node before sends."""
        return self.sent(rank - 1, step) if rank != ROOT else None


@frozen(cache_hash=True)
class BinomialTree(Schedule):
    """Who has the whole message sends it to one who has not: blocks × ⌈log2 nodes⌉ steps."""

    @property
    def steps(self) -> int:
        """How many steps it takes."""
        return self.blocks * doublings(self.nodes)

    def sent(self, rank: int, step: int) -> Transfer | None:
        """Return a block for the node as far beyond as there are nodes that have the message."""
        done, block = divmod(step, self.blocks)
        having = 1 << done
        if rank >= having or rank + having >= self.nodes:
            return None
        return Transfer(rank, rank + having, block)

    def received(self, rank: int, step: int) -> Transfer | None:
        """Return a block from the node as far before."""
        done, block = divmod(step, self.blocks)
        having = 1 << done
        return Transfer(rank - having, rank, block) if having <= rank < 2 * having else None
