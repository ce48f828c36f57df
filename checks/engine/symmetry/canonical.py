"""The kernel that makes states canonical: of all renamings of a state, the same one is kept.

The nodes of a block are sorted by what the state says of them. Those of which it says the same are
tied. Of tied nodes, two that can change places without a change of the state are alike; the ways to
arrange the others are all tried, and the least of the renamed states is kept.
"""

from typing import NamedTuple

import numpy as np

from coterie.checks.engine.buffers import SLOT_SHIFT, VALUE_SHIFT
from coterie.checks.engine.compiled import Ints, Words, inlined, kernel
from coterie.checks.engine.lookup import MISSING, looked_up
from coterie.checks.engine.symmetry.tables import IMAGE_BITS, MENTIONS, Tables

ASKED, RETRIES, CUT = range(3)
QUESTIONS_MOST = 1 << 12
TRIES_MOST = 720

_SLOT_SHIFT = np.uint64(SLOT_SHIFT)
_VALUE_SHIFT = np.uint64(VALUE_SHIFT)
_IMAGE_BITS = np.uint64(IMAGE_BITS)
_MENTIONS = np.uint64(MENTIONS)
_VALUE_MASK = (1 << VALUE_SHIFT) - 1


class Room(NamedTuple):
    """Where one worker makes states canonical. A position is the number that a node will get.

    Attributes:
        place: where it stands which nodes each slot's value mentions.
        weight: what the state says of each node.
        order: the node at each position.
        group: the first position of those whose nodes are tied with this one's.
        alike: the first position of those whose nodes are alike with this one's.
        arranged: for each position, from which of the alike nodes it gets one.
        taken: how many of the alike nodes, by their first position, have their position.
        image: the new number of each node.
        tried: the state as it is renamed.
        best: the least one so far.
        questions: what is not known yet.
        retry: the states that could not be made canonical yet.
        counts: ASKED questions, RETRIES, and how many states were CUT short of some renamings.
    """

    place: Ints
    weight: Words
    order: Ints
    group: Ints
    alike: Ints
    arranged: Ints
    taken: Ints
    image: Ints
    tried: Ints
    best: Ints
    questions: Words
    retry: Ints
    counts: Ints


def room(slots: int, nodes: int, states: int) -> Room:
    """Return room for so many states, each of so many slots."""
    return Room(
        place=np.zeros(slots, np.int64),
        weight=np.zeros(nodes, np.uint64),
        order=np.zeros(nodes, np.int64),
        group=np.zeros(nodes, np.int64),
        alike=np.zeros(nodes, np.int64),
        arranged=np.zeros(nodes, np.int64),
        taken=np.zeros(nodes, np.int64),
        image=np.zeros(nodes, np.int64),
        tried=np.zeros(slots, np.int64),
        best=np.zeros(slots, np.int64),
        questions=np.zeros((QUESTIONS_MOST, 2), np.uint64),
        retry=np.zeros(states, np.int64),
        counts=np.zeros(3, np.int64),
    )


@inlined
def _key(slot: int, value: int) -> np.uint64:
    return (np.uint64(slot) << _SLOT_SHIFT) | (np.uint64(value) << _VALUE_SHIFT)


@inlined
def _ask(at: Room, key: np.uint64, images: np.uint64) -> None:
    if at.counts[ASKED] < at.questions.shape[0]:
        at.questions[at.counts[ASKED], 0] = key
        at.questions[at.counts[ASKED], 1] = images
        at.counts[ASKED] += 1


@inlined
def _weigh(states: Ints, row: int, tables: Tables, at: Room) -> bool:
    """Sum up what the state says of each node; return whether all of it is known."""
    known = True
    for node in range(at.weight.size):
        at.weight[node] = 0
    for slot in range(states.shape[1]):
        key = _key(slot, states[row, slot])
        place = looked_up(tables.keys, tables.numbers, key)
        at.place[slot] = place
        if place == MISSING:
            _ask(at, key, _MENTIONS)
            known = False
        else:
            for j in range(place + 1, place + 1 + tables.mentions[place]):
                at.weight[tables.mentions[j]] += tables.weights[j]
    return known


@inlined
def _sort(tables: Tables, at: Room) -> None:
    """Sort each block's nodes by weight, and find out which are tied."""
    begin = 0
    for block in range(tables.ends.size):
        for position in range(begin, tables.ends[block]):
            at.order[position] = position
            p = position
            while p > begin and at.weight[at.order[p - 1]] > at.weight[at.order[p]]:
                at.order[p - 1], at.order[p] = at.order[p], at.order[p - 1]
                p -= 1
        for p in range(begin, tables.ends[block]):
            tied = p > begin and at.weight[at.order[p]] == at.weight[at.order[p - 1]]
            at.group[p] = at.group[p - 1] if tied else p
        begin = tables.ends[block]


@inlined
def _renamed(states: Ints, row: int, slot: int, tables: Tables, at: Room) -> int:
    """Return slot and number of a renamed value, MISSING if that is not known."""
    place, value = at.place[slot], states[row, slot]
    images, moved = np.uint64(0), False
    for j in range(tables.mentions[place]):
        node = tables.mentions[place + 1 + j]
        images |= np.uint64(at.image[node]) << (_IMAGE_BITS * np.uint64(j))
        moved = moved or at.image[node] != node
    if not moved:
        return (slot << VALUE_SHIFT) | value  # type: ignore[no-any-return]
    key = _key(slot, value)
    found = looked_up(tables.image_keys, tables.image_numbers, images)
    if found != MISSING:
        found = looked_up(tables.keys, tables.numbers, key | np.uint64(found))
    if found == MISSING:
        _ask(at, key, images)
    return found


@inlined
def _are_alike(
    states: Ints, row: int, one: int, other: int, tables: Tables, at: Room
) -> tuple[bool, bool]:
    """Return whether two nodes can change places without a change, and if that is known."""
    for node in range(at.image.size):
        at.image[node] = node
    at.image[one], at.image[other] = other, one
    same, known = True, True
    for slot in range(states.shape[1]):
        found = _renamed(states, row, slot, tables, at)
        if found == MISSING:
            known = False
        elif states[row, found >> VALUE_SHIFT] != found & _VALUE_MASK:
            same = False
            break
    return same, known or not same


@inlined
def _classify(states: Ints, row: int, tables: Tables, at: Room) -> bool:
    """Find out which of the tied nodes are alike, and let them stand side by side."""
    known = True
    for p in range(at.order.size):
        at.alike[p] = p
        for q in range(at.group[p], p):
            if at.alike[q] == q and at.alike[p] == p:
                same, sure = _are_alike(states, row, at.order[q], at.order[p], tables, at)
                known = known and sure
                if same and sure:
                    at.alike[p] = q
    for position in range(at.order.size):
        p = position
        while p > at.group[position] and at.alike[p - 1] > at.alike[p]:
            at.alike[p - 1], at.alike[p] = at.alike[p], at.alike[p - 1]
            at.order[p - 1], at.order[p] = at.order[p], at.order[p - 1]
            p -= 1
    before = -1
    for p in range(at.order.size):
        now = at.alike[p]
        at.alike[p] = at.alike[p - 1] if now == before and p > at.group[p] else p
        at.arranged[p] = at.alike[p]
        before = now
    return known


@inlined
def _place_nodes(at: Room) -> bool:
    """Give each node the position that is arranged for it; return whether one has moved."""
    moved = False
    for p in range(at.taken.size):
        at.taken[p] = 0
    for p in range(at.arranged.size):
        first = at.arranged[p]
        node = at.order[first + at.taken[first]]
        at.taken[first] += 1
        at.image[node] = p
        moved = moved or node != p
    return moved


@inlined
def _next_in_group(at: Room, begin: int, end: int) -> bool:
    """Arrange a group in the next way; return False when it is back at the first one."""
    turn = end - 2
    while turn >= begin and at.arranged[turn] >= at.arranged[turn + 1]:
        turn -= 1
    if turn >= begin:
        other = end - 1
        while at.arranged[other] <= at.arranged[turn]:
            other -= 1
        at.arranged[turn], at.arranged[other] = at.arranged[other], at.arranged[turn]
    low, high = turn + 1, end - 1
    while low < high:
        at.arranged[low], at.arranged[high] = at.arranged[high], at.arranged[low]
        low, high = low + 1, high - 1
    return turn >= begin


@inlined
def _next_arrangement(at: Room) -> bool:
    """Arrange the tied nodes in the next way; return False after the last one."""
    begin = 0
    while begin < at.group.size:
        end = begin + 1
        while end < at.group.size and at.group[end] == begin:
            end += 1
        if _next_in_group(at, begin, end):
            return True
        begin = end
    return False


@inlined
def _try(states: Ints, row: int, tables: Tables, at: Room) -> bool:
    """Rename the state; return whether all of it is known."""
    known = True
    for slot in range(states.shape[1]):
        found = _renamed(states, row, slot, tables, at)
        if found == MISSING:
            known = False
        else:
            at.tried[found >> VALUE_SHIFT] = found & _VALUE_MASK
    return known


@inlined
def _keep_least(at: Room, tries: int) -> None:
    """Keep what was tried if it is the first, or less than the best so far."""
    slot = 0
    while slot < at.best.size - 1 and at.tried[slot] == at.best[slot]:
        slot += 1
    if tries == 1 or at.tried[slot] < at.best[slot]:
        for each in range(at.best.size):
            at.best[each] = at.tried[each]


@kernel
def canonicalise(states: Ints, todo: Ints, tables: Tables, at: Room) -> None:
    """Make those of `states` in `todo` canonical, as far as the tables say how."""
    for i in range(todo.size):
        row = todo[i]
        known = _weigh(states, row, tables, at)
        if known:
            _sort(tables, at)
            known = _classify(states, row, tables, at)
        if known:
            tries, more = 0, True
            while more and tries < TRIES_MOST:
                tries += 1
                if _place_nodes(at):
                    complete = _try(states, row, tables, at)
                    known = known and complete
                else:
                    for slot in range(states.shape[1]):
                        at.tried[slot] = states[row, slot]
                _keep_least(at, tries)
                more = _next_arrangement(at)
            at.counts[CUT] += more and known
        if not known:
            at.retry[at.counts[RETRIES]] = row
            at.counts[RETRIES] += 1
        else:
            for slot in range(states.shape[1]):
                states[row, slot] = at.best[slot]
