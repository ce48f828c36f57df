"""What one write on a tree of replicas promises, with replicas counted instead of named."""

from collections import Counter
from collections.abc import Iterator
from enum import Enum
from functools import cache

from coterie.model.diffusion.counted import CLIENT, NOBODY, Spread, Tree
from coterie.model.diffusion.quorums import (
    is_acknowledged,
    is_answered,
    is_copied,
    is_outdated,
    is_supported,
)
from coterie.model.diffusion.scheme import least
from coterie.model.machine import Node
from coterie.spec.property import View, always, reachable, recoverable, step_always

TREE = Node("tree")


class Answer(Enum):
    """What a read may return, from the oldest timestamp to the newest; or an error."""

    OLD = 0
    NEW = 1
    FORGED = 2
    ERROR = 3


def spread(world: View) -> Spread:
    """Return how far the write has come."""
    state: Spread = world[TREE]
    return state


def fresh(state: Spread, node: int) -> int:
    """Return how many correct replicas of `node` store the update."""
    return sum(count for each, count in state.crowds[node] if each.is_active)


def stale(state: Spread, node: int) -> int:
    """Return how many correct replicas of `node` still store the old value."""
    return sum(count for each, count in state.crowds[node] if not each.is_active)


def acked(state: Spread, node: int) -> int:
    """Return how many correct replicas of `node` have acknowledged the update."""
    return sum(count for each, count in state.crowds[node] if each.acked)


def sources(state: Spread, node: int) -> Counter[int]:
    """Return how many correct replicas of `node` have the update from where."""
    found: Counter[int] = Counter()
    for each, count in state.crowds[node]:
        found[each.source] += count
    return found


@cache
def answers(new: int, old: int, liars: int, b: int) -> frozenset[Answer]:
    """Return all that a read may return at a node of so many correct replicas and so many liars.

    Whichever 3b + 1 of them answer first, and whatever the liars say: the old value, the new one,
    or one that nobody wrote with the newest timestamp of all.
    """
    return frozenset(
        _filtered({Answer.OLD: olds, Answer.NEW: news, Answer.FORGED: lies}, b)
        for lies in range(liars + 1)
        for news in range(new + liars + 1)
        for olds in range(old + liars + 1)
        if lies + max(news - new, 0) + max(olds - old, 0) <= liars
        if lies + news + olds == least(is_answered, b)
    )


def _filtered(votes: dict[Answer, int], b: int) -> Answer:
    """Return what a reader makes of so many votes: the newest that is neither stale nor unheard."""
    left = [
        answer
        for answer, count in votes.items()
        if is_supported(count, b)
        and not is_outdated(sum(n for a, n in votes.items() if a.value > answer.value), b)
    ]
    return max(left, key=lambda answer: answer.value, default=Answer.ERROR)


def away(tree: Tree, node: int, source: int) -> Iterator[int]:
    """Yield `node`, and all nodes that are behind it as seen from its neighbour `source`."""
    yield node
    for neighbour in tree.neighbours[node]:
        if neighbour != source:
            yield from away(tree, neighbour, node)


def _holds(state: Spread, node: int) -> bool:
    return fresh(state, node) >= 2 * state.tree.b + 1


@always(broken_by=("early_ack", "few_acks", "any_neighbour", "hasty_client"))
def a_completed_write_is_everywhere(world: View) -> bool:
    """When the write has completed, 2b + 1 correct replicas of every tree node store the update.

    In symbols: completed(u) implies for all nodes N: |{r in N correct: cur(r) >= u}| >= 2b + 1.
    Why: 3b + 1 acknowledgements come from 2b + 1 correct replicas, each of which has waited for
    the same from every node behind it.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4, write
    steps 5 to 7.
    """
    state = spread(world)
    return not state.completed or all(_holds(state, node) for node in range(len(state.crowds)))


@always(broken_by=("early_ack", "few_acks", "any_neighbour", "hasty_client"))
def a_read_after_the_write_is_fresh(world: View) -> bool:
    """A read at any tree node after the write has completed returns what was written.

    In symbols: completed(u) implies that every read at every node returns u.
    Why: 3b + 1 answers of 4b + 1 replicas meet the 2b + 1 that are fresh in b + 1, which support
    the update and outvote whatever is older.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4, read
    protocol; section 1 promises a safe variable.
    """
    state = spread(world)
    tree = state.tree
    return not state.completed or all(
        answers(fresh(state, node), stale(state, node), tree.faulty[node], tree.b) == {Answer.NEW}
        for node in range(len(state.crowds))
    )


@always(broken_by=("early_ack", "few_acks", "any_neighbour"))
def an_acknowledgement_covers_what_is_behind(world: View) -> bool:
    """Behind a replica that has acknowledged, 2b + 1 correct replicas of every node are fresh.

    In symbols: acked(r) implies for all nodes N away from Src(r), but r's own: |{r' in N correct:
    cur(r') >= u}| >= 2b + 1.
    Why: this is the induction behind `a_completed_write_is_everywhere`, along each path from the
    leaves to the origin.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4, write
    steps 4 and 5.
    """
    state = spread(world)
    return all(
        _holds(state, behind)
        for node, members in enumerate(state.crowds)
        for source in {each.source for each, _ in members if each.acked}
        for behind in away(state.tree, node, source)
        if behind != node
    )


@always(broken_by="credulous")
def nothing_is_stored_that_nobody_wrote(world: View) -> bool:
    """No correct replica stores the update before the client has written it.

    In symbols: active(r, u) implies written(u).
    Why: b + 1 copies contain one of a correct replica, which has not become active first either.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4, write
    step 3.
    """
    state = spread(world)
    return state.written or not any(fresh(state, node) for node in range(len(state.crowds)))


@always(broken_by="credulous")
def updates_come_from_the_origin(world: View) -> bool:
    """The source of the update at a replica is the neighbour towards the origin.

    In symbols: Src(r, u) in {unset, the next node on the path from r's to Origin(u)}.
    Why: so an update passes each edge once, and acknowledgements find the way back to the client.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4, write
    steps 2 and 3.
    """
    state = spread(world)
    return all(
        each.source in {NOBODY, _towards(state.tree, node)}
        for node, members in enumerate(state.crowds)
        for each, _ in members
    )


def _towards(tree: Tree, node: int) -> int:
    """Return the neighbour of `node` on the way to the origin; the client at the origin."""
    if node == tree.origin:
        return CLIENT
    return next(m for m in tree.neighbours[node] if tree.origin in away(tree, m, node))


@always(broken_by="eager")
def only_who_stores_it_acknowledges(world: View) -> bool:
    """A correct replica that has acknowledged the update stores it, or something newer.

    In symbols: acked(r, u) implies active(r, u).
    Why: acknowledgements that come before the update are kept, but not acted upon.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4, write
    steps 4 and 5: a u-active replica becomes u-acknowledged.
    """
    crowds = spread(world).crowds
    return all(each.is_active for members in crowds for each, _ in members if each.acked)


@always(broken_by="broadcast")
def acknowledgements_come_from_behind(world: View) -> bool:
    """A correct replica is never acknowledged by the node towards the origin.

    In symbols: for all r in node N: no 3b + 1 replicas of the node next on the path from N to
    Origin(u) acknowledge u to r.
    Why: a replica acknowledges to its source alone, and that is the next towards the origin.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4, write
    step 4.
    """
    state = spread(world)
    return all(
        _towards(state.tree, node) not in each.answered
        for node, members in enumerate(state.crowds)
        for each, _ in members
    )


@step_always(broken_by="forgetful")
def nothing_is_unheard(before: View, after: View) -> bool:
    """Of no tree node do fewer correct replicas store the update, or have acknowledged it.

    In symbols: |{r in N: active(r)}| and |{r in N: acked(r)}| never shrink.
    Why: so whatever was counted once may be counted upon, and every run comes to an end.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4.
    """
    old, new = spread(before), spread(after)
    return all(
        fresh(old, node) <= fresh(new, node) and acked(old, node) <= acked(new, node)
        for node in range(len(old.crowds))
    )


@step_always(broken_by="never_silent")
def the_silent_convince_nobody(before: View, after: View) -> bool:
    """When the Byzantine replicas are silent, it takes b + 1 correct ones to convince a replica.

    In symbols: silent and Src(r, u) := N implies |{r' in N correct: active(r', u)}| >= b + 1.
    Why: silence is the least that Byzantine replicas can do; this says that it is modelled so.
    Source: the assumption behind `the_write_completes`; Malkhi and Sella, 2001, section 2.
    """
    old, new = spread(before), spread(after)
    return not old.silent or all(
        sources(old, node)[source] >= count or is_copied(fresh(old, source), old.tree.b)
        for node in range(len(old.crowds))
        for source, count in sources(new, node).items()
        if source not in {NOBODY, CLIENT}
    )


@recoverable(broken_by=("demanding", "small_nodes"))
def the_write_completes(world: View) -> bool:
    """Whatever has happened, and whenever the Byzantine replicas fall silent, the write completes.

    In symbols: AG EF completed(u).
    Why: the 3b + 1 correct replicas of each node can do without the others; and every run ends,
    for nothing that a replica has heard is ever unheard.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 1: the
    primitives do not block.
    """
    return spread(world).completed


@reachable(broken_by="unanimous")
def a_write_does_not_wait_for_the_last(world: View) -> bool:
    """A write can complete while a correct replica of its origin has not even heard of it.

    Why: 3b + 1 acknowledgements are enough, and b of them may be lies, so 2b + 1 correct replicas
    may hear nothing until later.
    Source: the witness to `a_completed_write_is_everywhere`; Malkhi and Sella, 2001, section 4,
    write step 7.
    """
    state = spread(world)
    return state.completed and stale(state, state.tree.origin) > 0


@reachable(broken_by="wary")
def b_plus_1_copies_are_enough(world: View) -> bool:
    """A replica becomes active when b + 1 replicas of a neighbouring node have sent the update.

    In symbols: active(r, u), where Src(r, u) = N, is reachable with b + 1 active replicas in N, the
    Byzantine ones counted.
    Why: a correct one among them is all that the rule is to make sure of.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4, write
    step 3.
    """
    state = spread(world)
    return any(
        fresh(state, each.source) + state.tree.faulty[each.source] <= state.tree.b + 1
        for members in state.crowds
        for each, _ in members
        if each.is_active and each.source != CLIENT
    )


@reachable(broken_by="solemn")
def acks_of_a_bare_quorum_are_enough(world: View) -> bool:
    """A replica can acknowledge when 3b + 1 replicas of a node behind it have: 2b + 1 correct ones.

    In symbols: acked(r, u), where N is a neighbour of r's node but not Src(r, u), is reachable with
    3b + 1 replicas of N that have acknowledged, the Byzantine ones counted.
    Why: b replicas of N may be out of reach for longer than anybody cares to wait.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4, write
    step 5.
    """
    state = spread(world)
    tree = state.tree
    return any(
        acked(state, behind) + tree.faulty[behind] <= least(is_acknowledged, tree.b)
        for node, members in enumerate(state.crowds)
        for source in {each.source for each, _ in members if each.acked}
        for behind in tree.neighbours[node]
        if behind != source
    )


@reachable(broken_by="honest")
def a_write_completes_without_the_byzantine(world: View) -> bool:
    """A write can complete when the Byzantine replicas have long been silent.

    Why: silence is the least that they can do; without it `the_write_completes` would lean on
    them.
    Source: the witness to `the_write_completes`; Malkhi and Sella, 2001, section 1.
    """
    state = spread(world)
    return state.completed and state.silent


@reachable(broken_by="honest")
def a_read_may_find_no_consistent_value(world: View) -> bool:
    """While the write is under way, a read may return an error.

    Why: neither the old nor the new value need have b + 1 supporters left.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4, note on
    the error return value.
    """
    state = spread(world)
    tree = state.tree
    return any(
        Answer.ERROR in answers(fresh(state, node), stale(state, node), tree.faulty[node], tree.b)
        for node in range(len(state.crowds))
    )
