"""Properties light up where they fail, and say of whom."""

from typing import Any

import pytest
from attrs import evolve

import coterie as c
from coterie.checks.engine.explore import explore
from coterie.checks.result import Trace
from coterie.checks.world import World
from coterie.commands.explorer.standing import Light, standing
from coterie.commands.explorer.walker import Walker
from coterie.commands.selecting import selections
from coterie.spec.property import Kind, Property

ONE, OTHER = c.Node("counter", 0), c.Node("counter", 1)


class Tick(c.Timeout):
    """One more."""


class Counter(c.Machine[int, None]):
    def start(self, memory: None) -> c.Outcome[int]:
        return c.Outcome(0)

    def options(self, state: int) -> list[c.Timeout]:
        return [Tick()] if state < 2 else []

    def step(self, state: int, event: Any) -> c.Outcome[int]:
        return c.Outcome(state + 1)


WORLD = World({ONE: Counter(), OTHER: Counter()})
WALKER = Walker(WORLD, "counters")


def below(limit: int, kind: Kind = Kind.ALWAYS) -> Property:
    each = c.each("counter") if kind is not Kind.REACHABLE else (lambda view: [(ONE,)])
    return Property("below", kind, lambda world, node: world[node] < limit, each=each)


def run(*numbers: int) -> Trace:
    steps, here = [], WALKER.starts[0]
    for number in numbers:
        steps.append(WALKER.steps(here)[number])
        here = steps[-1].values
    return Trace(WALKER.starts[0], tuple(steps))


def stands(claim: Property, trace: Trace) -> tuple[Light, str]:
    found = standing(WORLD, claim, trace, WALKER.rests)
    return found.light, found.words


def test_an_invariant_is_true_or_names_the_nodes_of_which_it_is_false() -> None:
    assert stands(below(2), run(0)) == (Light.TRUE, "true here")
    assert stands(below(2), run(0, 0)) == (Light.FALSE, "false here: of counter0")
    both = stands(below(1), run(0, 1))
    assert both == (Light.FALSE, "false here: of counter0; of counter1")


def test_a_claim_at_rest_is_asked_only_at_rest() -> None:
    claim = below(2, Kind.AT_REST)

    assert stands(claim, run(0, 0))[0] is Light.OPEN
    assert stands(claim, run(0, 0, 0, 0))[0] is Light.FALSE


def test_a_claim_of_steps_is_of_the_last_one() -> None:
    def by_one(before: Any, after: Any) -> bool:
        return bool(after[ONE] == before[ONE])

    claim = Property("by_one", Kind.STEP_ALWAYS, by_one)

    assert stands(claim, run())[0] is Light.OPEN
    assert stands(claim, run(1)) == (Light.TRUE, "true of the last step")
    assert stands(claim, run(1, 0)) == (Light.FALSE, "false of the last step")


def test_a_witness_is_one_where_the_claim_is_true() -> None:
    claim = Property("two", Kind.REACHABLE, lambda world: world[ONE] == 2)

    assert stands(claim, run(0))[0] is Light.OPEN
    assert stands(claim, run(0, 0)) == (Light.TRUE, "true here: this is a witness")


def test_an_error_in_a_property_is_shown_in_its_place() -> None:
    claim = Property("wrong", Kind.ALWAYS, lambda world: world[ONE].nothing)

    light, words = stands(claim, run())

    assert light is Light.ERROR
    assert "'int' object has no attribute 'nothing'" in words


def test_a_claim_about_runs_is_false_of_a_run_without_end_alone() -> None:
    claim = Property("three", Kind.EVENTUALLY, lambda world: world[ONE] == 3)
    ended = run(0, 0, 0, 0)

    assert stands(claim, ended)[0] is Light.OPEN
    assert stands(claim, evolve(ended, loop=4)) == (Light.FALSE, "false of this run without end")


def test_a_run_that_is_not_fair_refutes_nothing() -> None:
    world = evolve(WORLD, fairness=(c.weak("timers"),))
    claim = Property("two", Kind.EVENTUALLY, lambda view: view[ONE] == 2)
    found = standing(world, claim, evolve(run(0), loop=1), WALKER.rests)

    assert found.light is Light.OPEN
    assert found.words == "false of this run without end, which is not a fair one"


@pytest.mark.parametrize("mutant", ["commit_early", "keeps_it_secret", "counts_late_votes"])
def test_whatever_the_checker_finds_lights_up_where_its_trace_ends(mutant: str) -> None:
    (selection,) = selections(("oracles.two_phase",))
    world = selection.check.mutants[mutant].world(managers=2)
    walker = Walker(world, mutant)
    lit: dict[Light, int] = {}

    for finding in explore(world, selection.check.properties).findings:
        if finding.trace is not None:
            shows = standing(world, finding.claim, finding.trace, walker.rests)
            wanted = Light.TRUE if finding.claim.kind is Kind.REACHABLE else Light.FALSE
            assert (finding.claim.name, shows.light) == (finding.claim.name, wanted)
            lit[shows.light] = lit.get(shows.light, 0) + 1

    assert set(lit) == {Light.TRUE, Light.FALSE}
