"""Claims about whole runs: the engine, the plain search, and an enumeration of every loop."""

from collections.abc import Iterable
from itertools import chain, combinations

import pytest
from attrs import evolve, frozen
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from coterie.checks.engine import reference_runs
from coterie.checks.engine.explore import explore
from coterie.checks.errors import ModelError
from coterie.checks.fairness import Fairness, strong, weak
from coterie.checks.faults import Faults
from coterie.checks.lasso import is_fair, starved, validate
from coterie.checks.network import Bag, Fifo
from coterie.checks.result import Trace, Verdict
from coterie.checks.world import Values, World
from coterie.model.machine import Event, Machine, Node, Outcome, Receive, Send, Timeout
from coterie.spec.property import View, eventually, eventually_always, leads_to
from tests.strategies import worlds

LOOPS_MOST = 9
A, B = Node("sender"), Node("receiver")
Graph = reference_runs.Graph


def graph_of(world: World, most: int) -> Graph:
    """Return all states and steps; more states than `most` are not wanted."""
    graph: Graph = {}
    level = list(world.initial())
    while level:
        for values in level:
            graph[values] = list(world.successors(values))
        assume(len(graph) <= most)
        level = [s.values for v in level for s in graph[v] if s.values not in graph]
    return graph


def all_loops(world: World, graph: Graph, region: set[Values]) -> set[Values]:
    """Return the states of `region` that are on some fair loop, by trying every set of states."""
    states = sorted(region, key=str)
    subsets = chain.from_iterable(combinations(states, n) for n in range(1, len(states) + 1))
    found: set[Values] = set()
    for subset in map(set, subsets):
        steps = [s for v in subset for s in graph[v] if s.values in subset and s.values != v]
        if connected(subset, graph) and is_fair(world, list(subset), steps):
            found |= subset
    return found


def connected(subset: set[Values], graph: Graph) -> bool:
    """Return whether each state of `subset` can reach each other in it."""
    return all(reached(one, subset, graph) == subset for one in subset)


def reached(one: Values, subset: set[Values], graph: Graph) -> set[Values]:
    found, level = {one}, [one]
    while level:
        level = list({s.values for v in level for s in graph[v] if s.values in subset} - found)
        found.update(level)
    return found


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(st.data())
def test_a_state_is_fair_where_some_set_of_states_makes_a_fair_loop(data: st.DataObject) -> None:
    world = data.draw(worlds())
    try:
        graph = graph_of(world, 60)
    except ModelError:
        assume(condition=False)
    region = data.draw(st.sets(st.sampled_from(sorted(graph, key=str)), max_size=LOOPS_MOST))

    found = reference_runs.fair_states(world, graph, region, None)

    assert found == all_loops(world, graph, region)


@frozen(cache_hash=True)
class Turn(Timeout):
    """Go round, or ask."""

    ask: bool


@frozen
class Asker(Machine[int, None]):
    """Turns between 0 and 1 for ever; from 0 it may ask, once, and is at 2 when answered."""

    def start(self, memory: None) -> Outcome[int]:
        return Outcome(0)

    def options(self, state: int) -> Iterable[Timeout]:
        return [Turn(ask=False), *([Turn(ask=True)] if state == 0 else [])] if state < 2 else []

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        match event:
            case Receive():
                return Outcome(2)
            case Turn(ask=True) if state == 0:
                return Outcome(0, (Send(B, "ask"),))
            case Turn(ask=False) if state < 2:
                return Outcome(1 - state)
        return None


@frozen
class Answerer(Machine[int, None]):
    """Answers."""

    def start(self, memory: None) -> Outcome[int]:
        return Outcome(0)

    def options(self, state: int) -> Iterable[Timeout]:
        return ()

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        return Outcome(state, (Send(A, "answer"),)) if isinstance(event, Receive) else None


def world_of(*fairness: Fairness, **fields: object) -> World:
    return World({A: Asker(), B: Answerer()}, network=Bag(capacity=1), fairness=fairness, **fields)


@eventually
def answered(world: View) -> bool:
    """The asker is answered."""
    return bool(world[A] == 2)


@eventually_always
def quiet(world: View) -> bool:
    """The asker comes to rest."""
    return bool(world[A] == 2)


def asked(world: View) -> bool:
    """A question is under way."""
    return bool(world.in_flight(A, B))


@leads_to(asked)
def in_the_end(world: View) -> bool:
    """Whoever asks is answered."""
    return bool(world[A] == 2)


WEAK = (weak("timers"), weak("deliveries"))
STRONG = (strong("timers", only=Turn), weak("deliveries"))


@pytest.mark.parametrize("workers", [1, 2])
def test_without_fairness_a_run_may_stop_at_once(workers: int) -> None:
    world = world_of()

    found = explore(world, [answered], workers=workers)["answered"]

    assert found.verdict is Verdict.VIOLATED
    assert found.trace == Trace(next(iter(world.initial())), (), loop=0)


def test_weak_fairness_does_not_help_an_option_that_comes_and_goes() -> None:
    found = explore(world_of(*WEAK), [answered, quiet, in_the_end])

    assert found["answered"].verdict is Verdict.VIOLATED
    assert found["quiet"].verdict is Verdict.VIOLATED
    assert found["in_the_end"].verdict is Verdict.HOLDS
    trace = found["answered"].trace
    assert trace is not None
    assert len(trace.steps) - (trace.loop or 0) == 2
    assert [str(each.event) for each in starved(found.world, trace)] == ["Turn(ask=True)"]  # type: ignore[union-attr]


def test_strong_fairness_does() -> None:
    found = explore(world_of(*STRONG), [answered, quiet, in_the_end])

    assert {each.verdict for each in found.findings} == {Verdict.HOLDS}


def test_a_lossy_network_needs_strong_fairness_of_deliveries() -> None:
    lossy = Faults(losses="any")
    timers = strong("timers")

    for deliveries, verdict in ((weak, Verdict.VIOLATED), (strong, Verdict.HOLDS)):
        world = world_of(timers, deliveries("deliveries"), faults=lossy)
        assert explore(world, [answered])["answered"].verdict is verdict


def test_fairness_of_a_queue_is_of_its_head_and_of_a_bag_of_each_message() -> None:
    for network in (Bag(capacity=1), Fifo(capacity=1)):
        found = explore(evolve(world_of(*STRONG), network=network), [answered])
        assert found["answered"].verdict is Verdict.HOLDS


def test_fairness_of_a_whole_node_is_satisfied_by_any_step_of_it() -> None:
    found = explore(world_of(strong("nodes")), [answered])

    assert found["answered"].verdict is Verdict.VIOLATED


def test_a_limit_leaves_open_what_was_not_found_and_a_whole_lasso_stands() -> None:
    cut = explore(world_of(*STRONG), [answered], max_depth=1)
    assert cut["answered"].verdict is Verdict.UNDETERMINED
    assert [limit.name for limit in cut.limits if limit.hit] == ["depth"]

    cut = explore(world_of(*WEAK), [answered], max_depth=2)
    assert not cut.complete
    assert cut["answered"].verdict is Verdict.VIOLATED


def test_what_is_no_counterexample_is_refused() -> None:
    found = explore(world_of(*WEAK), [answered])["answered"]
    assert found.trace is not None
    world = world_of(*WEAK)

    with pytest.raises(ModelError, match="its loop is not fair"):
        validate(world_of(*STRONG), answered, found.trace)
    with pytest.raises(ModelError, match="its loop does not close"):
        validate(world, answered, evolve(found.trace, steps=found.trace.steps[:-1]))
    with pytest.raises(ModelError, match="does not break"):
        validate(world, in_the_end, found.trace)
    other = next(iter(world.successors(found.trace.start))).values
    with pytest.raises(ModelError, match="does not begin"):
        validate(world, answered, evolve(found.trace, start=other))


def test_fairness_of_nobody_is_refused() -> None:
    with pytest.raises(ModelError, match="no role of this world"):
        world_of(weak("timers", "stranger"))
    with pytest.raises(ValueError, match="choose among deliveries"):
        weak("everything")  # type: ignore[arg-type]
