"""Placement: which part of the skeleton becomes an object's tree.

A tree node is usable in a view while 3b + 1 or more of its 4b + 1 replicas are present: holes are
like silent replicas, and take from the b that the node can do without. A tree node with more holes
than b answers nobody, so no tree is laid through it; what stands beyond it is out of reach until
enough of its replicas are back. A tree that was laid before stays as it is, and waits.

The rule grows a tree from the origin, one tree node at a time, always by the newest usable
neighbour of what it has. A tree node is newer than its parent, so the tree goes up only when all
that can be had below is in it: old nodes are spared.

Load theorem. Let every tree node be the origin of at most w objects, each of at most k tree nodes,
all placed in one view, with whatever holes, or each in any earlier stage of a world that grows by
one tree node after the other. Then no tree node bears more than w k (d (k - 1) + 1) objects,
however many tree nodes there are; one that has fewer than k - 1 above it, h of them, bears no more
than w (h + 1) (d (k - 1) + 1). Where all objects are placed, and have k tree nodes, the mean is
w k: so the load is within the factor d (k - 1) + 1 of the mean.

Why: let j bear an object from the origin o, and t be the top of its tree. Then t is j or one of the
k - 1 nodes above it, since the tree is connected. Either o is t, or o is below a child c of t, and
then all that is usable below c is in the tree: fewer than k nodes, for each of the d children of t.
(In a world that grows, o is one of the first k - 1 nodes below c.) So each t has at most
d (k - 1) + 1 origins.

What it costs: such a tree may be deeper than a balanced one of as many nodes; it is never deeper
than the skeleton.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 6, whose rule is
"a topic of ongoing investigation": it should prefer subtrees with newer nodes. The rule, the
theorem and the treatment of holes are ours.
"""

from collections.abc import Callable, Collection

from attrs import frozen

from coterie.model.diffusion.quorums import is_answered
from coterie.model.diffusion.service.objects import Sname
from coterie.model.diffusion.service.skeleton import Skeleton
from coterie.model.diffusion.service.world_view import WorldView


@frozen(cache_hash=True)
class Tree:
    """Tree(v): the tree nodes of an object, a connected part of its skeleton."""

    skeleton: Skeleton
    nodes: frozenset[int]

    def neighbours(self, node: int) -> tuple[int, ...]:
        """Return IN_N(v): the tree nodes beside `node`, the oldest first."""
        return tuple(other for other in self.skeleton.neighbours(node) if other in self.nodes)

    @property
    def replicas(self) -> frozenset[int]:
        """Replicas(v): the numbers of all its replicas, holes included."""
        return frozenset(n for node in self.nodes for n in self.skeleton.members(node))


Rule = Callable[[Skeleton, Collection[int], int, int], frozenset[int]]
"""Skeleton, usable tree nodes, origin, how many: the tree nodes chosen, fewer if there are not."""


def newest_neighbour(
    skeleton: Skeleton, usable: Collection[int], origin: int, count: int
) -> frozenset[int]:
    """Grow from `origin` by the newest neighbour, again and again: the rule."""
    return _grown(skeleton, usable, origin, count, newest=True)


def oldest_neighbour(
    skeleton: Skeleton, usable: Collection[int], origin: int, count: int
) -> frozenset[int]:
    """Grow by the oldest neighbour, which loads the old nodes with all that ever comes."""
    return _grown(skeleton, usable, origin, count, newest=False)


def newest_of_all(
    skeleton: Skeleton, usable: Collection[int], origin: int, count: int
) -> frozenset[int]:
    """Take in the newest node within reach, with the way to it, then the next newest.

    The paper's wish to the letter: of all connected choices it is that with the newest node, and
    of those that with the second newest, and so on. The way leads through old nodes.
    """
    chosen = frozenset({origin} & set(usable))
    for node in sorted(usable, reverse=True):
        extended = chosen | _way(skeleton, origin, node)
        if len(extended) <= count and extended <= set(usable):
            chosen = extended
    return chosen


def usable_nodes(
    skeleton: Skeleton, view: WorldView, suffices: Callable[[int, int], bool] = is_answered
) -> frozenset[int]:
    """Return the tree nodes of which enough replicas are present."""
    begun = range(skeleton.node_of(view.last) + 1) if view.last else ()
    return frozenset(
        node for node in begun if suffices(sum(map(view.has, skeleton.members(node))), skeleton.b)
    )


def tree_of(
    sname: Sname,
    degree: int,
    rule: Rule = newest_neighbour,
    suffices: Callable[[int, int], bool] = is_answered,
) -> Tree | None:
    """Return the tree of that object, the same for whoever asks; None where there is no room.

    There is none where the origin is not usable in the creator's view, or fewer tree nodes than
    the level asks for can be reached from it. Such an object is not created.
    """
    skeleton = Skeleton(sname.b, degree)
    usable = usable_nodes(skeleton, sname.view, suffices)
    chosen = rule(skeleton, usable, sname.origin, sname.nodes)
    return Tree(skeleton, chosen) if len(chosen) == sname.nodes else None


def load_bound(degree: int, nodes: int, objects: int, above: int | None = None) -> int:
    """Return how many objects a tree node bears at most, by the load theorem.

    Attributes:
        nodes: k, the tree nodes of an object, at most.
        objects: w, the objects of which one tree node is the origin, at most.
        above: h, how many tree nodes are above this one; None for any tree node.
    """
    tops = nodes if above is None else min(nodes, above + 1)
    return objects * tops * (degree * (nodes - 1) + 1)


def _grown(
    skeleton: Skeleton, usable: Collection[int], origin: int, count: int, *, newest: bool
) -> frozenset[int]:
    chosen: set[int] = set()
    beside = {origin} & set(usable)
    while beside and len(chosen) < count:
        node = max(beside) if newest else min(beside)
        chosen.add(node)
        beside |= set(skeleton.neighbours(node)) & set(usable)
        beside -= chosen
    return frozenset(chosen)


def _way(skeleton: Skeleton, one: int, other: int) -> frozenset[int]:
    """Return the tree nodes between the two, and they: the newer end climbs until they meet."""
    way = {one, other}
    while one != other:
        one, other = min(one, other), skeleton.parent(max(one, other)) or 0
        way |= {one, other}
    return frozenset(way)
