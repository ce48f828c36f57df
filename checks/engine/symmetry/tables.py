"""The Python side of renaming: a value is renamed once for each way its nodes are renamed."""

from itertools import chain
from typing import NamedTuple

import numpy as np

from coterie.checks.engine.answers import Answers
from coterie.checks.engine.buffers import FIELD_MASK, SLOT_SHIFT, VALUE_SHIFT
from coterie.checks.engine.compiled import Codes, Ints, Words
from coterie.checks.engine.lookup import Lookup
from coterie.checks.engine.symmetry.keys import mentioned, weight
from coterie.checks.engine.symmetry.renaming import (
    Block,
    Renaming,
    blocks_of,
    is_multiset,
    renamed,
)
from coterie.checks.errors import ModelError
from coterie.checks.world import World
from coterie.model.machine import Node

IMAGE_BITS = 4
NODES_MOST = 16
IMAGE_MASK = NODES_MOST - 1
MENTIONS = 0xFFFF_FFFF_FFFF_FFFF
_ROOM = 1 << 10


class Tables(NamedTuple):
    """What was found out about values and their renamings; interchangeable nodes have numbers.

    Attributes:
        ends: where each block of interchangeable nodes ends.
        keys: for `slot, value`, and for `slot, value, images` ...
        numbers: ... the place in `mentions`, and the renamed slot and value (`VALUE_SHIFT` apart).
        image_keys: for the new numbers of the nodes that a value mentions, IMAGE_BITS each ...
        image_numbers: ... the number of these images, above 0.
        mentions: how many nodes a value mentions (its slot's key included), and which.
        weights: beside each of them, what the value says of it.
    """

    ends: Ints
    keys: Words
    numbers: Ints
    image_keys: Words
    image_numbers: Ints
    mentions: Codes
    weights: Words


class Book:
    """Answers the questions of the kernel that makes states canonical.

    Attributes:
        blocks: the interchangeable nodes.
        calls: how many questions were answered.
    """

    def __init__(self, world: World, answers: Answers) -> None:
        self.blocks: tuple[Block, ...] = blocks_of(world)
        self.calls = 0
        self._world, self._answers = world, answers
        self._nodes: tuple[Node, ...] = tuple(chain.from_iterable(self.blocks))
        if len(self._nodes) > NODES_MOST:
            raise ModelError(
                f"{len(self._nodes)} nodes are declared symmetric, and {NODES_MOST} are possible at"
                " most: name fewer roles in `symmetric`"
            )
        self._number = {node: number for number, node in enumerate(self._nodes)}
        self._ends: Ints = np.cumsum([len(block) for block in self.blocks], dtype=np.int64)
        self._keys = list(world.components)
        self._multisets = [is_multiset(each) for each in world.components.values()]
        self._lookup, self._images = Lookup(), Lookup()
        self._image_numbers: dict[int, int] = {}
        self._mentioned: dict[int, list[int]] = {}
        self._mentions: Codes = np.zeros(_ROOM, np.int32)
        self._weights: Words = np.zeros(_ROOM, np.uint64)
        self._end = 0

    def __len__(self) -> int:
        return len(self._nodes)

    def tables(self) -> Tables:
        """Return what is known, as the kernel reads it."""
        known, images = self._lookup, self._images
        numbers = (known.keys, known.numbers, images.keys, images.numbers)
        return Tables(self._ends, *numbers, self._mentions, self._weights)

    def answer(self, questions: Words) -> None:
        """Find out what the kernel asked for: rows of `slot, value` and images, or MENTIONS."""
        new: dict[int, int] = {}
        images = {code for _, code in questions.tolist()} - self._image_numbers.keys() - {MENTIONS}
        fresh = {code: len(self._image_numbers) + 1 + i for i, code in enumerate(sorted(images))}
        self._image_numbers |= fresh
        self._images.put(fresh)
        for key, code in questions.tolist():
            self.calls += 1
            if code == MENTIONS:
                new[key] = self._mention(key)
            else:
                new[key | self._image_numbers[code]] = self._renamed(key, code)
        self._lookup.put(new)

    def _mention(self, key: int) -> int:
        """Write down which nodes a value mentions, and what it says of them; return where."""
        slot, number = key >> SLOT_SHIFT, key >> VALUE_SHIFT & FIELD_MASK
        name, value = self._keys[slot], self._answers.value(slot, number)
        nodes = mentioned((name, value), self._number)
        self._mentioned[key] = [self._number[node] for node in nodes]
        multiset = self._multisets[slot]
        weights = [
            weight(name, value, node, among=self._number, multiset=multiset) for node in nodes
        ]
        place, end = self._end, self._end + 1 + len(nodes)
        if end > self._mentions.size:
            self._mentions = np.concatenate([self._mentions, np.zeros(end, np.int32)])
            self._weights = np.concatenate([self._weights, np.zeros(end, np.uint64)])
        self._mentions[place:end] = [len(nodes), *self._mentioned[key]]
        self._weights[place + 1 : end] = np.array(weights, np.uint64)
        self._end = end
        return place

    def _renamed(self, key: int, code: int) -> int:
        """Return the slot and the number of a renamed value."""
        slot, number = key >> SLOT_SHIFT, key >> VALUE_SHIFT & FIELD_MASK
        renaming = Renaming(
            {
                self._nodes[node]: self._nodes[code >> IMAGE_BITS * place & IMAGE_MASK]
                for place, node in enumerate(self._mentioned[key])
            }
        )
        to = self._world.slots[renaming(self._keys[slot])]
        value = renamed(renaming, self._answers.value(slot, number), multiset=self._multisets[slot])
        return to << VALUE_SHIFT | self._answers.number(to, value)
