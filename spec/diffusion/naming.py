"""What creating objects promises, while replicas come and go and views are old."""

from collections import Counter
from collections.abc import Iterable
from functools import reduce
from itertools import pairwise

from coterie.model.diffusion.quorums import is_answered, node_size
from coterie.model.diffusion.service.names import number_of
from coterie.model.diffusion.service.naming import Knowing, Object, Watching
from coterie.model.diffusion.service.objects import Sname
from coterie.model.diffusion.service.placement import load_bound, usable_nodes
from coterie.model.diffusion.service.skeleton import Skeleton
from coterie.model.diffusion.service.world_view import WorldView, knows, merged
from coterie.model.machine import Node
from coterie.spec.property import View, always, at_rest, each, reachable, step_always

DEGREE = 2
"""The degree of the skeleton trees of these worlds."""


def made(state: Knowing) -> frozenset[Object]:
    """Return the objects that a client has created."""
    return state.made


def heard(state: Knowing) -> frozenset[Object]:
    """Return the objects of which a client has been told."""
    return state.heard


def view_of(state: Knowing | Watching) -> WorldView:
    """Return the world view that a client or a steward has."""
    return state.view


def created(world: View) -> frozenset[Object]:
    """Return the objects that any client has created."""
    return frozenset(one for node in world.nodes("client") for one in world.see(node, made))


def told(world: View) -> frozenset[Object]:
    """Return the objects as those know them who were told."""
    return frozenset(one for node in world.nodes("client") for one in world.see(node, heard))


def truth(world: View) -> WorldView:
    """Return who takes part: what all stewards together know."""
    return reduce(merged, (world.see(node, view_of) for node in world.nodes("steward")))


def names(objects: Iterable[Object]) -> frozenset[Sname]:
    """Return the objects' system names."""
    return frozenset(one.sname for one in objects)


def skeleton_of(one: Object) -> Skeleton:
    """Return the skeleton tree that the object's tree is a part of."""
    return Skeleton(one.sname.b, DEGREE)


def holes(one: Object, view: WorldView) -> list[int]:
    """Return how many replicas of each of the object's tree nodes are missing in `view`."""
    return [sum(not view.has(number_of(name)) for name in node) for node in one.replicas]


@always(broken_by="forgets_holes")
def a_name_is_read_as_it_was_written(world: View) -> bool:
    """Whoever hears of an object knows the system name that its creator gave it.

    Why: everything else is computed from it.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 6: Sname(v)
    contains (1)-(5).
    """
    return names(told(world)) <= names(created(world))


@always(broken_by="creates_twice")
def a_unique_name_is_unique(world: View) -> bool:
    """No two objects have one Uname.

    In symbols: Uname(v) = Uname(w) implies Sname(v) = Sname(w).
    Why: who asks for an object by its name would get one of two.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 6: Uname(v),
    a unique name for the data object.
    """
    known = names(created(world))
    return len({sname.uname for sname in known}) == len(known)


@always(broken_by="places_by_own_view")
def one_name_one_tree(world: View) -> bool:
    """All who know an object know the same tree, with the same replicas in the same nodes.

    In symbols: Sname(v) = Sname(w) implies Tree(v) = Tree(w).
    Why: a reader at a tree node that the writer does not know would never see what is written. The
    tree is computed in the creator's view, which is in the name, and not in one's own.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 6: "for
    future reference".
    """
    known = created(world) | told(world)
    return len(known) == len(names(known))


@always(broken_by="overlapping")
def each_replica_is_in_one_tree_node(world: View) -> bool:
    """Every tree node has 4b + 1 replicas, and none is in two.

    Why: quorums of 3b + 1 of them meet as they should, and a faulty replica counts once.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4: "with
    4b + 1 distinct replicas in each node".
    """
    return all(
        len({name for node in one.replicas for name in node}) == sum(map(len, one.replicas))
        and all(len(node) == node_size(one.sname.b) for node in one.replicas)
        for one in created(world)
    )


@always(broken_by="scattered")
def a_tree_is_connected_around_its_origin(world: View) -> bool:
    """A tree has the tree nodes that its level asks for, its origin among them, all connected.

    In symbols: every node of Tree(v) but the oldest has its parent in Tree(v).
    Why: updates pass from neighbour to neighbour only.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 6: subtrees
    of a single skeleton tree.
    """
    return all(
        len(one.nodes) == one.sname.nodes
        and one.sname.origin in one.nodes
        and all(skeleton_of(one).parent(node) in one.nodes for node in one.nodes[1:])
        for one in created(world)
    )


@always(broken_by="ignores_holes")
def a_new_tree_can_answer(world: View) -> bool:
    """In its creator's view no tree node of an object has more than b holes.

    In symbols: present(N) >= 3b + 1 for every node N of Tree(v).
    Why: a hole answers as little as a silent replica. With more than b of them nobody ever hears
    3b + 1 answers, not even from replicas that are all correct.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 6: holes can
    be tolerated due to the resistance to failures; the bound b is ours.
    """
    return all(
        is_answered(node_size(one.sname.b) - missing, one.sname.b)
        for one in created(world)
        for missing in holes(one, one.sname.view)
    )


def _way_up(one: Object) -> list[int]:
    """Return the tree nodes from the origin up to the oldest of the tree."""
    way = [one.sname.origin]
    while way[-1] > one.nodes[0]:
        way.append(skeleton_of(one).parent(way[-1]) or 0)
    return way


def _below(one: Object, node: int) -> set[int]:
    """Return the usable tree nodes in the part of the skeleton below `node`, and `node`."""
    skeleton = skeleton_of(one)
    usable = usable_nodes(skeleton, one.sname.view)
    found = [node]
    for each_found in found:
        found += [child for child in skeleton.children(each_found) if child in usable]
    return set(found)


@always(broken_by="oldest_first")
def old_nodes_are_spared(world: View) -> bool:
    """A tree goes up from a tree node only when all that is usable below that is in it.

    Why: it bounds the load of every tree node, however many there are: by the load theorem of
    `coterie.model.diffusion.service.placement`.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 6: a good
    rule should prefer subtrees containing newer nodes; the rule is ours.
    """
    return all(
        _below(one, below) <= set(one.nodes)
        for one in created(world)
        for below, _ in pairwise(_way_up(one))
    )


def _above(skeleton: Skeleton, node: int) -> int:
    """Return how many tree nodes stand above this one."""
    parent = skeleton.parent(node)
    return 0 if parent is None else 1 + _above(skeleton, parent)


@always(broken_by="oldest_first")
def load_is_bounded(world: View) -> bool:
    """No tree node bears more objects than the load theorem allows.

    In symbols: load(j) <= w min(k, h + 1) (d (k - 1) + 1), with h tree nodes above j, for objects
    of k tree nodes, of which w have the same origin.
    Why: the load is shared by the old and the new, be there ever so many; whoever prefers old nodes
    loads the root with all that is created within its reach.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 6: balance
    the replication load between old and new; the theorem is ours.
    """
    objects = created(world)
    load = Counter((skeleton_of(one), node) for one in objects for node in one.nodes)
    same = max(Counter(one.sname.origin for one in objects).values(), default=0)
    largest = max((one.sname.nodes for one in objects), default=1)
    return all(
        borne <= load_bound(DEGREE, largest, same, _above(skeleton, node))
        for (skeleton, node), borne in load.items()
    )


@reachable(broken_by="forgets_objects")
def every_node_can_be_an_origin(world: View) -> bool:
    """An object can be created around every tree node.

    Why: a world with few objects says nothing about load.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 6: an
    Origin(v) which must be included in Tree(v).
    """
    origins = {one.sname.origin for one in created(world)}
    return origins == set(range(truth(world).last))


@always(broken_by="sums_views", each=each("client"))
def views_know_only_what_happened(world: View, client: Node) -> bool:
    """No client believes in a change that no steward has seen.

    In symbols: for all replicas r: changes(r) at a client <= changes(r).
    Why: a replica that was never there would be counted on.
    Source: ours, on the world view of Malkhi and Sella, Replication by Diffusion in Large Networks,
    2001, section 6.
    """
    return knows(truth(world), world.see(client, view_of))


@step_always(broken_by="takes_the_last", each=each("client"))
def views_only_grow(before: View, after: View, client: Node) -> bool:
    """A client never forgets a change, whatever old view reaches it.

    Why: what was merged once is in all that is merged later.
    Source: ours, on the world view of Malkhi and Sella, Replication by Diffusion in Large Networks,
    2001, section 6.
    """
    return knows(after.see(client, view_of), before.see(client, view_of))


def counts(state: Watching) -> tuple[int, int]:
    """Return how many changes a steward knows of, and how many it is still to see."""
    return sum(map(state.view.changes, range(1, state.view.last + 1))), state.left


@step_always(broken_by=("forgets_the_last", "sees_no_end"), each=each("steward"))
def stewards_count_each_change(before: View, after: View, steward: Node) -> bool:
    """A change is one more of one replica's, and leaves what is known of all others as it is.

    Why: only that steward sees these replicas; what it forgets nobody knows.
    Source: ours, on the world view of Malkhi and Sella, Replication by Diffusion in Large Networks,
    2001, section 6.
    """
    was, is_now = before.see(steward, counts), after.see(steward, counts)
    grows = knows(after.see(steward, view_of), before.see(steward, view_of))
    return grows and sum(was) == sum(is_now) and is_now[1] >= 0


@at_rest(broken_by="deaf", each=each("client"))
def everybody_knows_in_the_end(world: View, client: Node) -> bool:
    """When nothing more is told, every client knows the whole world.

    Why: merging neither loses nor invents, in whatever order views arrive.
    Source: ours, on the world view of Malkhi and Sella, Replication by Diffusion in Large Networks,
    2001, section 6.
    """
    return world.see(client, view_of) == truth(world)


@reachable(broken_by="demanding")
def holes_are_tolerated(world: View) -> bool:
    """An object can be created on a tree node with b holes.

    Why: names may be missing for a while, and new ones are yet to come.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 6.
    """
    return any(one.sname.b in holes(one, one.sname.view) for one in created(world))


@reachable(broken_by="nobody_leaves")
def a_tree_can_wait_for_its_holes(world: View) -> bool:
    """An object can have a tree node of which more than b replicas are missing by now.

    Why: it shows what an old view costs, and what a later leaving does: nobody can be told of the
    object's tree anew, so its writes wait until enough of the names are borne again.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 6: holes can
    be tolerated temporarily.
    """
    return any(max(holes(one, truth(world))) > one.sname.b for one in created(world))


@reachable(broken_by="tells_nobody")
def an_old_view_can_be_in_a_name(world: View) -> bool:
    """An object can be created in a view that its creator's world has left behind.

    Why: without it all claims would be about clients that know everything.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 6: the
    client's world view.
    """
    return any(one.sname.view != truth(world) for one in told(world))


@at_rest(broken_by="reads_no_holes", each=each("client"))
def everybody_hears_of_every_object(world: View, client: Node) -> bool:
    """When nothing more is told, every client knows the objects of all others.

    Why: a system name that is refused where it was rightly written is lost.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 6: "for
    future reference".
    """
    others = created(world) - world.see(client, made)
    return names(others) == names(world.see(client, heard))
