"""The least fairness that makes a claim about whole runs true, against trying every set."""

from itertools import combinations

from attrs import evolve

from coterie.checks.engine.diagnose import candidates
from coterie.checks.engine.explore import explore
from coterie.checks.fairness import Fairness, Strength, strong, weak
from coterie.checks.faults import Faults
from coterie.checks.lasso import cause
from coterie.checks.result import Verdict
from coterie.checks.world import World
from coterie.spec.property import Property, View, eventually
from tests.engine.test_runs import A, B, Turn, answered, in_the_end, quiet, world_of


@eventually
def impossible(world: View) -> bool:
    """What never happens."""
    return bool(world[A] == 7)


def found(world: World, claim: Property) -> set[frozenset[Fairness]] | None:
    remedies = explore(world, [claim], diagnose=True).findings[0].remedies
    return None if remedies is None else set(map(frozenset, remedies))


def by_trying(world: World, claim: Property) -> set[frozenset[Fairness]]:
    """Return the smallest sets that suffice, of which no assumption can be made weak."""
    states = list(world.initial())
    for values in states:
        states += [s.values for s in world.successors(values) if s.values not in states]
    causes = [cause(step) for values in states for step in world.successors(values)]
    choices = sorted(set(candidates(causes)), key=str)
    for size in (1, 2, 3):
        enough = {
            frozenset(chosen)
            for chosen in combinations(choices, size)
            if explore(evolve(world, fairness=(*world.fairness, *chosen)), [claim])
            .findings[0]
            .verdict
            is Verdict.HOLDS
        }
        if enough:
            return {one for one in enough if not any(weakened(one) & {each} for each in enough)}
    return set()


def weakened(chosen: frozenset[Fairness]) -> set[frozenset[Fairness]]:
    """Return the sets in which one of the strong assumptions is weak instead."""
    return {
        chosen - {each} | {evolve(each, strength=Strength.WEAK)}
        for each in chosen
        if each.strength is Strength.STRONG
    }


def test_the_smallest_sets_are_found() -> None:
    worlds = [
        world_of(),
        world_of(weak("timers")),
        world_of(weak("timers"), weak("deliveries"), faults=Faults(losses="any")),
    ]
    for world in worlds:
        for claim in (answered, quiet, in_the_end):
            remedies = found(world, claim)
            assert remedies is not None
            assert remedies == by_trying(world, claim)
            assert remedies


def test_it_names_what_is_missing() -> None:
    world = world_of(weak("deliveries"))

    assert found(world, answered) == {frozenset({strong("timers", A.role, only=Turn)})}


def test_what_no_fairness_makes_true_is_said_so() -> None:
    assert found(world_of(), impossible) == set()


def test_nothing_is_said_of_what_holds_or_was_not_explored() -> None:
    fair = world_of(strong("timers"), weak("deliveries", B.role), weak("deliveries", A.role))

    assert found(fair, answered) is None
    cut = explore(world_of(), [answered], diagnose=True, max_depth=1).findings[0]
    assert cut.verdict is Verdict.VIOLATED
    assert cut.remedies is None
