"""The dumb twin of the classifier: whole graphs, compared as sets."""

from coterie.checks.engine import reference
from coterie.checks.errors import ModelError
from coterie.checks.mutation.install import Mutant
from coterie.checks.mutation.record import Baseline
from coterie.checks.result import Verdict
from coterie.checks.world import Step, Values, World

Graph = dict[Values, frozenset[Step]]
STATES_MOST = 3_000


def graph(world: World) -> tuple[frozenset[Values], Graph]:
    """Return the starts, and for each reachable state its steps that change something."""
    starts = frozenset(world.initial())
    found: Graph = {}
    todo = list(starts)
    while todo:
        values = todo.pop()
        if values not in found:
            steps = [step for step in world.successors(values) if step.values != values]
            found[values] = frozenset(steps)
            todo += [step.values for step in steps]
            assert len(found) <= STATES_MOST
    return starts, found


def is_same_graph(mutant: Mutant, within: Baseline) -> bool:
    try:
        return graph(mutant.within(within.world)) == graph(within.world)
    except ModelError:
        return False


def is_noticed(mutant: Mutant, within: Baseline) -> bool:
    """Return whether a verdict differs, or the model goes wrong."""
    check = within.check
    try:
        found = reference.explore(mutant.within(within.world), check.properties)
    except Exception:  # noqa: BLE001 (a property may trip over what a wrong model makes)
        return True
    return any(
        each.verdict not in (check.expected(each.claim), Verdict.UNDETERMINED)
        for each in found.findings
    )


def nearest_difference(mutant: Mutant, within: Baseline) -> int:
    """Return how many steps there are to the nearest state where the steps differ."""
    world, mutated = within.world, mutant.within(within.world)
    level = set(world.initial())
    seen, depth = set(level), 0
    while level:
        for values in level:
            one, other = (
                {step for step in each.successors(values) if step.values != values}
                for each in (world, mutated)
            )
            if one != other:
                return depth
        level = {step.values for values in level for step in world.successors(values)} - seen
        seen |= level
        depth += 1
    raise AssertionError("they do not differ")
