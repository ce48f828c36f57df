"""The certifier: whether a set R of states proves what is said of a world.

It takes nothing on trust from whoever made R. It knows the plain `initial` and `successors` of a
world and the properties' own functions, and checks that

* every starting state is in R;
* every step from a state of R leads into R, so every reachable state is in R;
* every state of R, and every step from one, is as the properties say.

States in R that nobody can reach are no harm: what holds of them all holds of the reachable ones.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import attrs

from coterie.checks.result import Verdict
from coterie.checks.view import WorldView
from coterie.checks.world import Step, Values, World
from coterie.spec.property import Kind, Property
from coterie.spec.refinement import Refinement

Known = Mapping[Values, tuple[Values, int]]
PROVED = {
    (Kind.ALWAYS, Verdict.HOLDS): "it is true in every state of the set",
    (Kind.STEP_ALWAYS, Verdict.HOLDS): "it is true of every step from a state of the set",
    (Kind.REFINES, Verdict.HOLDS): "every step from a state of the set is an abstract one",
    (Kind.AT_REST, Verdict.HOLDS): "it is true in every state of the set that is at rest",
    (Kind.RECOVERABLE, Verdict.HOLDS): "a step without faults leads nearer to it, or it is true",
    (Kind.REACHABLE, Verdict.VIOLATED): "no state of the set makes it true",
}


class WrongError(Exception):
    """R does not prove what is said: the condition that fails, and the state where it fails."""

    def __init__(self, problem: str, values: Values) -> None:
        super().__init__(problem)
        self.values = values


@attrs.frozen
class Claimed:
    """What is said of a property.

    Attributes:
        ranks: for each tuple of nodes of a `recoverable` claim, a number for each state of R; where
            the claim is not true, a step without faults leads to a state with a smaller one.
    """

    claim: Property
    verdict: Verdict
    ranks: Sequence[Sequence[int]] = ()

    @property
    def case(self) -> tuple[Kind, Verdict]:
        """What kind of claim it is, and what is said of it."""
        return self.claim.kind, self.verdict


def certify(
    world: World,
    claimed: Sequence[Claimed],
    states: Sequence[Values],
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Return if `states` (the set R) prove what is `claimed`, each of a kind that is `PROVED`.

    Attributes:
        progress: called with how many states are checked.
    Raises: WrongError where they do not.
    """
    known = {values: (values, place) for place, values in enumerate(states)}
    for start in world.initial():
        if not _has(known, start):
            raise WrongError("this starting state is not in the set", start)
        for refines in (each.claim.claim for each in claimed if each.claim.kind is Kind.REFINES):
            if isinstance(refines, Refinement) and not refines.begins(WorldView(world, start)):
                raise WrongError("the abstract machine does not begin as this state does", start)
    for number, values in enumerate(states, start=1):
        for problem in _problems(world, claimed, values, known):
            raise WrongError(problem, values)
        progress(number)


def _has(known: Known, values: Values) -> bool:
    return values in known and same(known[values][0], values)


def _problems(
    world: World, claimed: Sequence[Claimed], values: Values, known: Known
) -> Iterator[str]:
    """Yield what is wrong at one state of R."""
    try:
        steps = list(world.successors(values))
        if not all(_has(known, step.values) for step in steps):
            yield "a step from this state leads out of the set"
            return
        for each in claimed:
            if not _is_right(world, each, values, steps, known):
                yield f"{each.claim.name}: here it is not so that {PROVED[each.case]}"
    except Exception as cause:  # noqa: BLE001 (a state may be none that the model knows)
        yield f"the model fails in this state: {type(cause).__name__}: {cause}"


def _is_right(
    world: World, each: Claimed, values: Values, steps: Sequence[Step], known: Known
) -> bool:
    claim, view = each.claim, WorldView(world, values)
    match each.case:
        case Kind.ALWAYS, Verdict.HOLDS:
            return claim.holds(view)
        case Kind.REACHABLE, Verdict.VIOLATED:
            return not claim.holds(view)
        case Kind.AT_REST, Verdict.HOLDS:
            moves = any(not step.fault and step.values != values for step in steps)
            return moves or claim.holds(view)
        case ((Kind.STEP_ALWAYS | Kind.REFINES), Verdict.HOLDS):
            ends = [step.values for step in steps if step.values != values]
            return all(claim.holds(view, WorldView(world, end)) for end in ends)
        case Kind.RECOVERABLE, Verdict.HOLDS:
            here, after = known[values][1], [known[s.values][1] for s in steps if not s.fault]
            return all(
                claim.claim(view, *nodes) or any(rank[place] < rank[here] for place in after)
                for nodes, rank in zip(claim.instances(view), each.ranks, strict=True)
            )
    return False


def same(one: Any, other: Any) -> bool:
    """Return whether two values are equal and of the same types throughout, unlike 1 and True."""
    if one is other:
        return True
    if type(one) is not type(other) or one != other:
        return False
    match one:
        case tuple():
            return all(map(same, one, other))
        case Mapping():
            its = {key: (key, item) for key, item in other.items()}
            return all(same((key, item), its[key]) for key, item in one.items())
        case AbstractSet():
            its = dict(zip(other, other, strict=True))
            return all(same(member, its[member]) for member in one)
    names = [each.name for each in getattr(one, "__attrs_attrs__", ())]
    names += getattr(one, "__dataclass_fields__", ())
    return all(same(getattr(one, name), getattr(other, name)) for name in names)
