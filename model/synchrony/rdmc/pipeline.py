"""The binomial pipeline: no schedule takes fewer steps, for any number of nodes and of blocks.

**2^l nodes** are the vertices of a hypercube of l dimensions; the root is vertex 0. In step j all
vertices exchange blocks across dimension j mod l. The root sends block j, or the last one when
there are no more. Another vertex has a *turn* in the steps whose dimension is a 1 in its number. In
a turn it receives the block that it sends from the next step on, up to and including its next turn:
the block of l steps before that next turn. In the steps between it receives the block of l steps
ago, from a partner that has a turn. So

    a vertex sends in step j the block t - l, where t is its first turn from j on,

and the root, which has no turns, sends j, as if its first turn were j + l. Block b leaves the root
in step b; after step b + l - 1 all vertices have it that had a turn in step b, and after step b + l
all have it. The last block is a step faster, since the root goes on to send it: l + blocks - 1
steps.

**Other numbers of nodes**, between 2^l and 2^(l+1): so many vertices as nodes are left over are
*pairs* of twins. A pair is a vertex like any other, but in each step one twin sends to outside and
the other receives from outside. They swap after each turn: who has received in the turn has the
block that is to be sent until the next one, and sends it. The other receives meanwhile. Its way out
is free, as is the way in of the twin that sends, so it hands over what it was last to receive from
outside. That is the block of l + 1 steps ago: it came in the step before, which was no turn; or in
its own last turn, and the step before was the next one. After the last exchange each twin has one
block that the other lacks, and they swap these: one step more, l + blocks in all.

Source: Ganesan and Seshadri, On Cooperative Content Distribution and the Price of Barter, ICDCS
2005; Behrens, Jha, Birman, Tremel: RDMC: A Reliable RDMA Multicast for Large Objects, DSN 2018.
Which twin does what when, and the arithmetic of turns, are ours.
"""

from functools import cached_property

from attrs import frozen

from coterie.model.synchrony.rdmc.schedule import ROOT, Schedule, Transfer, fewest_steps

NONE = -1
"""The block of who has nothing to send; so is anything below."""


@frozen(cache_hash=True)
class Pipeline(Schedule):
    """The binomial pipeline: blocks + ⌈log2 nodes⌉ − 1 steps."""

    @cached_property
    def steps(self) -> int:
        """How many steps it takes."""
        return fewest_steps(self.nodes, self.blocks)

    @cached_property
    def dimensions(self) -> int:
        """How many dimensions the hypercube has."""
        return self.nodes.bit_length() - 1

    @cached_property
    def vertices(self) -> int:
        """How many vertices the hypercube has."""
        return 1 << self.dimensions

    def sent(self, rank: int, step: int) -> Transfer | None:
        """Return what goes to another vertex, or to the twin."""
        return self.outward(rank, step) or self.handed_over(rank, step)

    def received(self, rank: int, step: int) -> Transfer | None:
        """Return what comes from another vertex, or from the twin."""
        vertex = self.vertex(rank)
        partner = self.sender(self.partner(vertex, step), step)
        for each in (self.outward(partner, step), self.handed_over(self.twin(rank), step)):
            if each is not None and each.receiver == rank:
                return each
        return None

    def outward(self, rank: int, step: int) -> Transfer | None:
        """Return what `rank` sends to another vertex; the root needs nothing."""
        vertex = self.vertex(rank)
        partner, block = self.partner(vertex, step), self.newest(vertex, step)
        is_over = step >= self.blocks + self.dimensions - 1
        if rank != self.sender(vertex, step) or is_over or partner == ROOT or block <= NONE:
            return None
        return Transfer(rank, self.receiver(partner, step), block)

    def handed_over(self, rank: int, step: int) -> Transfer | None:
        """Return what `rank` hands over to its twin."""
        twin, block = self.twin(rank), step - self.dimensions - 1
        if rank != self.receiver(self.vertex(rank), step):
            block = self.blocks - 1 if step == self.steps - 1 else NONE
        return Transfer(rank, twin, block) if twin != rank and block > NONE else None

    def newest(self, vertex: int, step: int) -> int:
        """Return the block that `vertex` sends; less than 0 while it has none."""
        return min(step + self.wait(vertex, step) - self.dimensions, self.blocks - 1)

    def wait(self, vertex: int, step: int) -> int:
        """Return the steps until the next turn of `vertex`; as many as dimensions for the root."""
        first = step % self.dimensions
        rotated = (vertex | vertex << self.dimensions) >> first
        return (rotated & -rotated).bit_length() - 1 if vertex != ROOT else self.dimensions

    def turns(self, vertex: int, step: int) -> int:
        """Return how many turns `vertex` has had before `step`."""
        rounds, first = divmod(step, self.dimensions)
        return rounds * vertex.bit_count() + (vertex & ((1 << first) - 1)).bit_count()

    def partner(self, vertex: int, step: int) -> int:
        """Return the vertex with which `vertex` exchanges blocks."""
        return vertex ^ (1 << step % self.dimensions)

    def vertex(self, rank: int) -> int:
        """Return where `rank` is: the ranks beyond the vertices are twins of 1, 2, and so on."""
        return rank if rank < self.vertices else rank - self.vertices + 1

    def twin(self, rank: int) -> int:
        """Return the other node of that vertex; `rank` itself when it is alone."""
        if rank >= self.vertices:
            return self.vertex(rank)
        other = self.vertices + rank - 1
        return other if rank != ROOT and other < self.nodes else rank

    def sender(self, vertex: int, step: int) -> int:
        """Return the node of `vertex` that sends to outside: the twins swap after each turn."""
        return self.twin(vertex) if self.turns(vertex, step) % 2 else vertex

    def receiver(self, vertex: int, step: int) -> int:
        """Return the node of `vertex` that receives from outside: the one that does not send."""
        return self.twin(self.sender(vertex, step))
