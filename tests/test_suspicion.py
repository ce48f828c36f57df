"""Failure detectors: who is down is suspected freely, who is up at the cost of a budget."""

from typing import Any

import pytest
from attrs import evolve, frozen

from coterie.checks.adversary import Adversary
from coterie.checks.component import Crashed, Fired
from coterie.checks.engine import reference
from coterie.checks.engine.explore import explore
from coterie.checks.errors import ModelError
from coterie.checks.fairness import weak
from coterie.checks.faults import Faults
from coterie.checks.nodes import suspect_of
from coterie.checks.result import Exploration, Verdict
from coterie.checks.simulation.steps import Steps
from coterie.checks.world import Step, Values, World
from coterie.commands.words import happening
from coterie.model.detector import Suspect
from coterie.model.keyed import At
from coterie.model.machine import Effect, Event, Halt, Machine, Node, Outcome, Receive
from coterie.model.stacked import stacked
from coterie.spec.observer import Observer
from coterie.spec.property import (
    Property,
    View,
    at_rest,
    eventually,
    leads_to,
    reachable,
)
from tests.engine.alike import orbits
from tests.strategies import Table, Tick
from tests.test_closing import anything, reached

ONE, TWO, LIAR = Node("one"), Node("two"), Node("liar")
SUSPICION = Fired(ONE, Suspect(TWO))
ONE_CRASH = Faults(crashes=1, restarts=0, crashing=("two",))

Rules = dict[tuple[int, Event], tuple[int, tuple[Effect, ...]]]


def table(rules: Rules | None = None) -> Table:
    return Table(0, rules or {}, (0, 1, 2, 2), (0, 1, 2))


def watching(node: Node = TWO, **fields: Any) -> World:
    """Return a world in which node one may suspect `node`, once."""
    return World({ONE: table({(0, Suspect(node)): (1, ())}), TWO: table()}, **fields)


def first(world: World) -> list[Step]:
    return list(world.successors(next(world.initial())))


def suspicions(world: World, values: Values) -> list[Step]:
    return [step for step in world.successors(values) if SUSPICION in step.happenings]


@at_rest(broken_by="nothing")
def nobody_is_suspected(world: View) -> bool:
    """Node one is where it began."""
    return bool(world[ONE] == 0)


@eventually(broken_by="nothing")
def in_the_end_suspected(world: View) -> bool:
    """Node one moves."""
    return bool(world[ONE] == 1)


@leads_to(lambda world: not world.up(TWO), broken_by="nothing")
def a_failure_is_noticed(world: View) -> bool:
    """When node two is down, node one moves."""
    return bool(world[ONE] == 1)


def found(world: World, *claims: Property) -> Exploration:
    """Return what the engine finds, which is what the plain explorer finds."""
    exploration = explore(world, claims)
    assert exploration.summary() == reference.explore(world, claims).summary()
    return exploration


def verdict(world: World, claim: Property) -> Verdict:
    return found(world, claim).findings[0].verdict


def test_a_node_that_is_up_is_not_suspected_without_a_budget() -> None:
    assert not first(watching())


def test_a_node_that_is_down_is_suspected_freely() -> None:
    world = watching(faults=ONE_CRASH)
    (crash,) = first(world)

    (suspicion,) = world.successors(crash.values)

    assert crash.happenings == (Crashed(TWO),)
    assert suspicion.happenings == (SUSPICION,)
    assert not suspicion.fault


def test_a_false_suspicion_is_a_fault_and_spends_its_budget() -> None:
    world = watching(faults=Faults(suspicions=1))

    (suspicion,) = first(world)

    assert suspicion.happenings == (SUSPICION,)
    assert suspicion.fault
    assert suspicion.values[world.slots["suspicions"]] == 0


def test_a_suspicion_is_either_right_or_wrong() -> None:
    world = watching(faults=evolve(ONE_CRASH, suspicions=1))
    (crash,) = (step for step in first(world) if Crashed(TWO) in step.happenings)

    before, after = (suspicions(world, values) for values in (next(world.initial()), crash.values))

    assert [step.fault for step in before] == [True]
    assert [step.fault for step in after] == [False]


def test_false_suspicions_are_at_most_their_budget() -> None:
    rules: Rules = {(state, Suspect(TWO)): (state + 1, ()) for state in (0, 1, 2)}
    machines = {ONE: table(rules), TWO: table()}

    def states(**budget: Any) -> int:
        return len(reached(World(machines, faults=Faults(**budget))))

    assert [states(suspicions=number) for number in (0, 1, 2, 3, "any")] == [1, 2, 3, 4, 4]


def test_a_byzantine_node_may_be_suspected_at_any_time() -> None:
    world = watching(LIAR, adversary=Adversary((LIAR,), ()))

    (suspicion,) = first(world)

    assert suspicion.happenings == (Fired(ONE, Suspect(LIAR)),)
    assert not suspicion.fault


@pytest.mark.parametrize("node", [ONE, LIAR], ids=["itself", "nobody"])
def test_whoever_is_no_other_node_cannot_be_suspected(node: Node) -> None:
    with pytest.raises(ModelError, match=f"it suspects {node}, which is no other node"):
        first(watching(node))


@frozen
class Plain(Machine[int, None]):
    """Carries what it is asked to, and nothing else."""

    def start(self, memory: None) -> Outcome[int]:
        return Outcome(0)

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        return Outcome(state)


@pytest.mark.parametrize("above", [0, 1])
def test_a_stack_suspects_as_its_layers_do(above: int) -> None:
    listening = Table(0, {(0, Suspect(TWO)): (1, ())}, None, (0, 0, 0))
    stack = stacked(listening, Plain()) if above else stacked(Plain(), listening)
    machines: dict[Node, Machine[Any, Any]] = {ONE: stack, TWO: table()}

    assert not first(World(machines))
    assert [step.fault for step in first(World(machines, faults=Faults(suspicions=1)))] == [True]


def test_a_suspicion_may_concern_one_object() -> None:
    assert suspect_of(At("key", Suspect(TWO))) == TWO
    assert suspect_of(At("key", Tick(0))) is None
    assert suspect_of(Receive(ONE, Suspect(TWO))) is None


def test_symmetric_nodes_may_suspect_one_another() -> None:
    peers = tuple(Node("peer", index) for index in range(3))
    machines = {
        peer: table({(0, Suspect(other)): (1, (Halt(),)) for other in peers if other != peer})
        for peer in peers
    }
    world = World(machines, faults=Faults(crashes=1, suspicions=1), symmetric=("peer",))
    states = reached(world)

    assert explore(world, (anything,)).states == len(orbits(world, states)) < len(states)


def test_a_world_that_only_a_false_suspicion_can_change_is_at_rest() -> None:
    world = watching(faults=Faults(suspicions=1))

    assert verdict(world, nobody_is_suspected) is Verdict.VIOLATED
    assert Steps(world).at_rest(next(world.initial()))


def test_a_world_that_owes_a_right_suspicion_is_not_at_rest() -> None:
    world = watching(faults=ONE_CRASH)
    (crash,) = first(world)

    assert Steps(world).at_rest(next(world.initial()))
    assert not Steps(world).at_rest(crash.values)


def test_fairness_does_not_demand_a_false_suspicion() -> None:
    fair = (weak("timers"),)

    assert (
        verdict(watching(faults=Faults(suspicions="any"), fairness=fair), in_the_end_suspected)
        is Verdict.VIOLATED
    )


def test_fairness_demands_a_right_suspicion() -> None:
    with_fairness = watching(faults=evolve(ONE_CRASH, suspicions=1), fairness=(weak("timers"),))

    assert verdict(with_fairness, a_failure_is_noticed) is Verdict.HOLDS
    assert verdict(evolve(with_fairness, fairness=()), a_failure_is_noticed) is Verdict.VIOLATED


def test_a_trace_prefers_a_step_without_a_fault_to_a_false_suspicion() -> None:
    rules: Rules = {(0, Suspect(TWO)): (1, ()), (0, Tick(0)): (2, ()), (2, Tick(1)): (3, ())}
    rules[1, Tick(1)] = (3, ())
    world = World({ONE: table(rules), TWO: table()}, faults=Faults(suspicions=1))

    @reachable
    def there(world: View) -> bool:
        """Node one is there."""
        return bool(world[ONE] == 3)

    trace = found(world, there).findings[0].trace

    assert trace is not None
    assert [step.fault for step in trace.steps] == [False, False]


def test_a_budget_of_suspicions_is_shown() -> None:
    statement = watching(faults=Faults(losses=1, suspicions=2)).statement()

    assert statement["faults"] == "1 losses, 2 false suspicions"


def test_the_name_of_the_budget_is_taken() -> None:
    with pytest.raises(ModelError, match="suspicions is an observer's name"):
        watching(observers={"suspicions": Observer(0, lambda value, *_: value)})


def test_a_suspicion_is_told_as_what_the_node_does() -> None:
    assert happening(SUSPICION) == "one0: Suspect(node=two0)"
