"""The Python side of the decision trees: claims are evaluated once for what they read."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from coterie.checks.engine.answers import Answers
from coterie.checks.engine.compiled import Codes, Ints
from coterie.checks.engine.lookup import MISSING, Lookup
from coterie.checks.engine.trees import BASE, LEAF, LENS, LENS_BIT, NODE_SHIFT, ROOM, SLOT, Trees
from coterie.checks.errors import ModelError
from coterie.checks.view import ITSELF, Lens, WorldView
from coterie.checks.world import Values, World
from coterie.model.machine import Node
from coterie.spec.property import Property

Read = tuple[int, Lens, Any]

ROOM_MOST = 64
LENS_ROOM = 8
SEEN_MASK = (1 << NODE_SHIFT) - 1


class _Recorder(WorldView):
    """A view that notes what is read first: (slot, lens, what the lens saw)."""

    def __init__(self, world: World, values: Values, offset: int, reads: dict[Any, Read]) -> None:
        super().__init__(world, values)
        self._offset, self._reads = offset, reads

    def read(self, slot: int, lens: Lens) -> Any:
        seen = lens.function(self.values[slot])
        slot += self._offset
        self._reads.setdefault((slot, lens.identity), (slot, lens, seen))
        return seen


class Forest:
    """The decision trees of all instances of all properties.

    Attributes:
        calls: how often a claim was evaluated.
        spans: for each property its instances, as a range of trees.
    """

    def __init__(self, world: World, properties: Sequence[Property], answers: Answers) -> None:
        self.calls = 0
        self.spans: list[tuple[int, int]] = []
        self._world, self._answers = world, answers
        self._slots = len(world.components)
        self._instances: list[tuple[Property, tuple[Node, ...]]] = []
        for claim in properties:
            nodes = _instances(claim, world)
            first = len(self._instances)
            self._instances += [(claim, each) for each in nodes]
            self.spans.append((first, len(self._instances)))
        self._roots: Ints = np.full(len(self._instances), MISSING, np.int64)
        self._nodes: Codes = np.zeros((1 << 10, 4), np.int32)
        self._nodes_end = 0
        self._branches: Codes = np.full(1 << 10, MISSING, np.int32)
        self._branches_end = 0
        self._next: dict[int, int] = {}
        self._lenses: dict[Hashable, int] = {}
        self._seen: dict[int, dict[Any, int]] = {}
        self._lookup = Lookup()

    def is_constant(self, first: int, last: int) -> bool:
        """Return whether these instances are decided without reading anything."""
        return bool((self._roots[first:last] >= LEAF).all())

    def trees(self) -> Trees:
        """Return the trees as the kernel reads them."""
        lookup = self._lookup
        return Trees(self._nodes, self._branches, lookup.keys, lookup.numbers, self._roots)

    def instance(self, tree: int) -> tuple[Property, tuple[Node, ...]]:
        """Return what a tree is of: a claim, made of a tuple of nodes."""
        return self._instances[tree]

    def evaluate(self, instance: int, *states: Sequence[int]) -> None:
        """Grow the tree of `instance` for a state (or those before and after), if it lacks it.

        Raises: ModelError where the claim raises, or does not always read the same first.
        """
        if self._known(instance, states):
            return
        claim, nodes = self._instances[instance]
        reads: dict[Any, Read] = {}
        views = [
            _Recorder(self._world, self._answers.values(numbers), i * self._slots, reads)
            for i, numbers in enumerate(states)
        ]
        self.calls += 1
        try:
            truth = bool(claim.claim(*views, *nodes))
        except ModelError as error:
            raise ModelError(f"in the property {claim.name}: {error.problem}") from error
        except Exception as cause:
            problem = f"the property {claim.name} raised {type(cause).__name__}: {cause}"
            state = {
                str(k): v for k, v in zip(self._world.slots, views[0].values, strict=True) if v
            }
            raise ModelError(problem, state, cause) from cause
        self._grow(instance, states, list(reads.values()), truth=truth)

    def _known(self, instance: int, states: Sequence[Sequence[int]]) -> bool:
        node = int(self._roots[instance])
        while 0 <= node < LEAF:
            slot, lens = self._look(node)
            seen: int | None = states[slot // self._slots][slot % self._slots]
            if lens:
                seen = self._next.get(
                    _lens_key(lens, states[slot // self._slots][slot % self._slots])
                )
            if seen is None:
                return False
            node = self._next.get(_node_key(node, seen), MISSING)
        return node >= LEAF

    def _grow(
        self, instance: int, states: Sequence[Sequence[int]], reads: list[Read], *, truth: bool
    ) -> None:
        new: dict[int, int] = {}
        at = None
        for slot, lens, seen in reads:
            number = states[slot // self._slots][slot % self._slots]
            which = (
                0
                if lens is ITSELF
                else self._lenses.setdefault((slot, lens.identity), len(self._lenses) + 1)
            )
            node = self._child(instance, at, (slot, which), new)
            if which:
                number = self._number_of(which, number, seen, new)
            at = _node_key(node, number)
        self._attach(instance, at, LEAF + int(truth), new)
        self._next |= new
        self._lookup.put({key: there for key, there in new.items() if not self._stored(key, there)})

    def _stored(self, key: int, there: int) -> bool:
        """Put a branch beside its node when it has room for it."""
        node, seen = key >> NODE_SHIFT, key & SEEN_MASK
        if key & LENS_BIT or seen >= self._nodes[node, ROOM]:
            return False
        self._branches[self._nodes[node, BASE] + seen] = there
        return True

    def _look(self, node: int) -> tuple[int, int]:
        return int(self._nodes[node, SLOT]), int(self._nodes[node, LENS])

    def _new_node(self, slot: int, lens: int) -> int:
        room = LENS_ROOM if lens else min(ROOM_MOST, self._answers.room(slot % self._slots))
        base, self._branches_end = self._branches_end, self._branches_end + room
        if self._branches_end > self._branches.size:
            more: Codes = np.full(self._branches.size + room, MISSING, np.int32)
            self._branches = np.concatenate([self._branches, more])
        node, self._nodes_end = self._nodes_end, self._nodes_end + 1
        if node == len(self._nodes):
            self._nodes = np.concatenate([self._nodes, np.zeros_like(self._nodes)])
        self._nodes[node] = (slot, lens, room, base)
        return node

    def _number_of(self, lens: int, value: int, seen: Any, new: dict[int, int]) -> int:
        try:
            numbers = self._seen.setdefault(lens, {})
            number = numbers.setdefault(seen, len(numbers))
        except TypeError:
            raise ModelError(f"what a lens sees must be hashable, not {seen!r}") from None
        if _lens_key(lens, value) not in self._next:
            new[_lens_key(lens, value)] = number
        return number

    def _child(
        self, instance: int, at: int | None, look: tuple[int, int], new: dict[int, int]
    ) -> int:
        node = (
            int(self._roots[instance]) if at is None else new.get(at, self._next.get(at, MISSING))
        )
        if node == MISSING:
            node = self._new_node(*look)
            self._attach(instance, at, node, new)
        elif node >= LEAF or self._look(node) != look:
            claim = self._instances[instance][0]
            raise ModelError(
                f"the property {claim.name} does not always read the world in the same order:"
                " does it go through a set, or ask a clock?"
            )
        return node

    def _attach(self, instance: int, at: int | None, node: int, new: dict[int, int]) -> None:
        if at is None:
            self._roots[instance] = node
        else:
            new[at] = node


def _instances(claim: Property, world: World) -> tuple[tuple[Node, ...], ...]:
    try:
        return claim.instances(WorldView(world, ()))
    except LookupError as cause:
        problem = f"the property {claim.name} is about nodes that cannot be told: {cause}"
        raise ModelError(problem, {"nodes": ", ".join(map(str, world.machines))}) from cause


def _node_key(node: int, seen: int) -> int:
    return node << NODE_SHIFT | seen


def _lens_key(lens: int, value: int) -> int:
    return LENS_BIT | lens << NODE_SHIFT | value
