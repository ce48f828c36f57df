"""Properties as decision trees over what they read.

The first time a claim is evaluated, what it reads is noted: slot, lens, and what the lens saw. As
the claim is a function, what it reads first is always the same, what it reads next depends on that
alone, and so on: a decision tree. The kernel walks it; Python is asked where a branch is missing.
"""

from typing import NamedTuple

import numpy as np

from coterie.checks.engine.compiled import Codes, Flags, Ints, Words, inlined, kernel
from coterie.checks.engine.layout import Layout
from coterie.checks.engine.lookup import MISSING, looked_up

ASKED = 2
LEAF = 1 << 30
SLOT, LENS, ROOM, BASE = range(4)
NODE_SHIFT = 28
LENS_BIT = 1 << 63
_NODE_SHIFT = np.uint64(NODE_SHIFT)
_LENS = np.uint64(LENS_BIT)


class Trees(NamedTuple):
    """All decision trees, as the kernel reads them.

    Attributes:
        nodes: of each node, the SLOT that it looks at (beyond the slots: in the state after a
            step), the LENS that it looks through (0 for the plain value), and that so many (ROOM)
            of the numbers that it may see have their branch in `branches` from BASE on.
        branches: the next node, a leaf, or MISSING.
        keys: for `node, number seen` beyond that, and for `lens, value` ...
        numbers: ... the branch, and the number of what the lens sees.
        roots: the instances' first nodes, MISSING before the first evaluation.
    """

    nodes: Codes
    branches: Codes
    keys: Words
    numbers: Ints
    roots: Ints


@inlined
def _decided(
    trees: Trees, root: int, rows: Words, number: int, others: Words, other: int, layout: Layout
) -> int:
    """Return the leaf's truth, or MISSING, for a state (or for a step to `others[other]`)."""
    slots = layout.word.size
    node = trees.roots[root]
    while 0 <= node < LEAF:
        slot = np.int64(trees.nodes[node, SLOT])
        if slot < slots:
            value = (rows[number, layout.word[slot]] >> layout.shift[slot]) & layout.mask[slot]
        else:
            slot -= slots
            value = (others[other, layout.word[slot]] >> layout.shift[slot]) & layout.mask[slot]
        if trees.nodes[node, LENS] > 0:
            key = _LENS | (np.uint64(trees.nodes[node, LENS]) << _NODE_SHIFT) | value
            seen = looked_up(trees.keys, trees.numbers, key)
            if seen == MISSING:
                return MISSING
            value = np.uint64(seen)
        if value < np.uint64(trees.nodes[node, ROOM]):
            node = np.int64(trees.branches[trees.nodes[node, BASE] + np.int64(value)])
        else:
            key = (np.uint64(node) << _NODE_SHIFT) | value
            node = looked_up(trees.keys, trees.numbers, key)
    truth: int = node if node < 0 else node - LEAF
    return truth


@kernel
def judge(
    trees: Trees,
    first: int,
    last: int,
    any_suffices: bool,  # noqa: FBT001 (kernels take positional arguments)
    rows: Words,
    numbers: Ints,
    others: Words,
    layout: Layout,
    truth: Flags,
    asked: Ints,
) -> int:
    """Write the truth of one claim (instances `first` to `last`) for each of the states `numbers`.

    Where a branch is missing, the truth is ASKED, and (position, instance) is put into `asked` as
    long as there is room. Return how many are asked.
    """
    count = 0
    for i in range(numbers.size):
        if truth[i] != ASKED:
            continue
        result, missing = 0 if any_suffices else 1, -1
        for root in range(first, last):
            found = _decided(trees, root, rows, numbers[i], others, i, layout)
            if found == MISSING:
                missing = root
            elif (found == 1) == any_suffices:
                result, missing = found, -1
                break
        if missing < 0:
            truth[i] = result
        elif count < asked.shape[0]:
            asked[count, 0], asked[count, 1] = i, missing
            count += 1
        else:
            break
    return count
