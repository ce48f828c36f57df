"""Whether claims have the same truth in renamed states.

As with steps: what a claim was evaluated for is renamed, again and again, until there is nothing
new. A claim is evaluated once for what it reads; states in which it reads the same may differ in
what it reads of them once they are renamed, so a sample of all states is renamed as well.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from attrs import frozen

from coterie.checks.engine.symmetry.renaming import (
    RENAMED_MOST,
    Action,
    asymmetric,
    difference,
    generators,
)
from coterie.checks.view import Lens, WorldView
from coterie.checks.world import Values, World
from coterie.model.machine import Node
from coterie.spec.property import Property

SAMPLED_MOST = 600
"""How many truths of sampled states are compared."""


@frozen
class Evaluated:
    """A claim, made of a tuple of nodes, in a state (or in those before and after a step)."""

    claim: Property
    nodes: tuple[Node, ...]
    states: tuple[Values, ...]


def check_truths(world: World, evaluated: Iterable[Evaluated]) -> tuple[int, bool]:
    """Hold the truth of claims against their truth in the renamed states, of the renamed nodes.

    Returns how many truths there were, and whether they are all there are up to renaming.
    Raises: ModelError where renaming makes a difference.
    """
    actions, seen, whole = generators(world), set[Hashable](), True
    queue: list[tuple[Evaluated, bool]] = []
    for each in evaluated:
        truth, read = _read(world, each)
        if read not in seen:
            seen.add(read)
            queue.append((each, truth))
    most = len(queue) + RENAMED_MOST
    for each, truth in queue:
        for action in actions:
            other, read = _compared(world, action, each, truth=truth)
            if read not in seen and len(queue) < most:
                queue.append((other, truth))
                seen.add(read)
            whole = whole and read in seen
    return len(queue), whole


def sample_size(world: World, claims: Sequence[Property]) -> int:
    """Return how many states `check_sample` may look at."""
    instances = sum(len(claim.instances(WorldView(world, ()))) for claim in claims)
    return SAMPLED_MOST // (max(1, instances) * max(1, 2 * len(generators(world))))


def check_sample(world: World, claims: Sequence[Property], states: Iterable[Values]) -> int:
    """Hold the truth of every claim about a state against its truth in renamed states.

    Returns how many states there were.
    Raises: ModelError where renaming makes a difference.
    """
    actions, count = generators(world), 0
    for values in states:
        count += 1
        for claim in claims:
            for nodes in claim.instances(WorldView(world, ())):
                each = Evaluated(claim, nodes, (values,))
                truth, _ = _read(world, each)
                for action in (*actions, *actions):
                    each, _ = _compared(world, action, each, truth=truth)
    return count


def _compared(
    world: World, action: Action, each: Evaluated, *, truth: bool
) -> tuple[Evaluated, Hashable]:
    """Return what `each` becomes and what that hangs on, after comparing its truth."""
    name = each.claim.name
    nodes = _tuple(world, action, each)
    other = Evaluated(each.claim, nodes, tuple(map(action.state, each.states)))
    try:
        also, read = _read(world, other)
    except Exception as cause:
        problem = f"when renamed, the property {name} raises {type(cause).__name__}: {cause}"
        raise asymmetric(action, problem) from cause
    if truth != also:
        problem = f"the property {name} is {truth} of a state, and {also} of the renamed one"
        raise asymmetric(action, problem, difference(world, each.states[0], other.states[0]))
    return other, read


class _Noting(WorldView):
    """A view that notes what is read."""

    def __init__(self, world: World, values: Values, reads: list[Hashable]) -> None:
        super().__init__(world, values)
        self._reads = reads

    def read(self, slot: int, lens: Lens) -> Any:
        seen = super().read(slot, lens)
        self._reads.append((slot, lens.identity, seen))
        return seen


def _read(world: World, each: Evaluated) -> tuple[bool, Hashable]:
    """Return the truth of a claim, and what it hangs on."""
    reads: list[list[Hashable]] = [[] for _ in each.states]
    views = [_Noting(world, *state) for state in zip(each.states, reads, strict=True)]
    truth = bool(each.claim.claim(*views, *each.nodes))
    return truth, (each.claim.name, each.nodes, tuple(map(tuple, reads)))


def _tuple(world: World, action: Action, each: Evaluated) -> tuple[Node, ...]:
    """Return the tuple of nodes after renaming: as it is, or as the claim has its nodes."""
    renamed: tuple[Node, ...] = tuple(map(action.renaming, each.nodes))
    instances = each.claim.instances(WorldView(world, ()))
    if renamed in instances:
        return renamed
    for other in instances:
        if sorted(other) == sorted(renamed):
            return other
    old, new = (" and ".join(map(str, nodes)) for nodes in (each.nodes, renamed))
    problem = f"the property {each.claim.name} is claimed of {old}, and not of {new}"
    raise asymmetric(action, problem)
