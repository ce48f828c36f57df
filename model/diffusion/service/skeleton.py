"""The skeleton: the one tree, for each b and degree d, that every object's tree is a part of.

Numbers fill the tree nodes in order, 4b + 1 to a node, and tree nodes fill the d-ary tree in order,
level by level: so the sequence of names alone says where each replica stands, for ever. A tree node
is named by its index, counted from 0 at the root; a greater index is a newer node, and every node
is newer than its parent.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 6.
"""

from attrs import field, frozen
from attrs.validators import ge

from coterie.model.diffusion.quorums import node_size


@frozen(cache_hash=True)
class Skeleton:
    """The tree of all tree nodes that there will ever be.

    Attributes:
        b: how many replicas of a tree node may fail.
        degree: how many children a tree node has; with its parent it has one neighbour more.
    """

    b: int = field(validator=ge(0))
    degree: int = field(validator=ge(1))

    @property
    def size(self) -> int:
        """How many replicas a tree node has."""
        return node_size(self.b)

    def members(self, node: int) -> range:
        """Return the numbers of the replicas of `node`, the oldest first."""
        return range(node * self.size + 1, (node + 1) * self.size + 1)

    def node_of(self, number: int) -> int:
        """Return the tree node in which the replica of that number stands."""
        return (number - 1) // self.size

    def parent(self, node: int) -> int | None:
        """Return the tree node above; None at the root."""
        return (node - 1) // self.degree if node else None

    def children(self, node: int) -> range:
        """Return the tree nodes below, the oldest first."""
        return range(node * self.degree + 1, (node + 1) * self.degree + 1)

    def neighbours(self, node: int) -> tuple[int, ...]:
        """Return the tree nodes with which `node` exchanges updates, the oldest first."""
        parent = self.parent(node)
        above = () if parent is None else (parent,)
        return (*above, *self.children(node))

    def colour(self, node: int) -> int:
        """Return the colour, of d + 1, of the edge between `node` and its parent.

        No two edges that meet have one colour: the children's edges take those that follow upon
        the colour of their parent's own edge. The root's edge, which is not there, has colour 0.
        """
        parent = self.parent(node)
        if parent is None:
            return 0
        place = node - self.children(parent).start
        return (self.colour(parent) + 1 + place) % (self.degree + 1)
