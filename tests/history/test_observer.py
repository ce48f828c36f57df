"""Histories in a world: what the observer keeps, and what the properties say of it."""

from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from coterie.checks.engine.reference import explore
from coterie.checks.errors import ModelError
from coterie.checks.faults import Faults
from coterie.checks.network import Fifo
from coterie.checks.result import Verdict
from coterie.checks.world import World
from coterie.model.call import Call
from coterie.model.machine import Event, Invoke, Machine, Node, Outcome, Receive, Return, Send
from coterie.spec.history.claims import linearizable, regular, safe, sequential
from coterie.spec.history.conditions import is_linearizable, is_sequential
from coterie.spec.history.objects import REGISTER, SequentialObject
from coterie.spec.history.observer import HISTORY, Recorded, operations, recorded
from coterie.spec.history.operation import Operation

A, B, SERVER = Node("client", 0), Node("client", 1), Node("server")
Event_ = tuple[Node, Invoke | Return]
READ, WRITE = Call("read"), Call("write", 1)
CLAIMS = tuple(claim("history", REGISTER) for claim in (linearizable, sequential, regular, safe))


def history_of(*events: Event_) -> Recorded:
    history: Recorded = HISTORY.initial
    for node, seen in events:
        history = recorded(history, node, seen)
    return history


def test_calls_that_overlap_are_the_same_history_in_any_order() -> None:
    calls = ((A, Invoke(WRITE)), (B, Invoke(READ)))
    answers = ((A, Return(None)), (B, Return(1)))

    one = history_of(*calls, *answers)

    assert one == history_of(*reversed(calls), *reversed(answers))


def test_an_answer_before_a_call_is_another_history() -> None:
    overlapping = history_of((A, Invoke(READ)), (B, Invoke(READ)), (A, Return(1)))
    following = history_of((A, Invoke(READ)), (A, Return(1)), (B, Invoke(READ)))

    assert overlapping != following


def test_a_node_that_is_called_again_has_left_a_call_without_an_answer() -> None:
    first, second = operations(history_of((A, Invoke(WRITE)), (A, Invoke(READ)), (A, Return(None))))

    assert not first.is_known
    assert second.is_known


def test_an_answer_without_a_call_is_a_mistake_of_the_model() -> None:
    with pytest.raises(ValueError, match="client0 answers 1, but no call of it is under way"):
        history_of((A, Return(1)))


@given(st.lists(st.tuples(st.sampled_from([A, B, SERVER]), st.integers(0, 1)), max_size=14))
def test_what_was_answered_before_which_call_is_kept(steps: list[tuple[Node, int]]) -> None:
    events: list[Event_] = []
    exact: dict[Node, list[Operation]] = {A: [], B: [], SERVER: []}
    for time, (node, value) in enumerate(steps):
        own = exact[node]
        if own and own[-1].returned is None:
            own[-1] = evolve(own[-1], returned=time, result=value)
            events.append((node, Return(value)))
        else:
            own.append(Operation(node, Call("write", value), time))
            events.append((node, Invoke(Call("write", value))))

    coarse = operations(history_of(*events))

    fine = [op for node in sorted(exact) for op in exact[node]]
    assert [(op.process, op.call, op.result) for op in coarse] == [
        (op.process, op.call, op.result) for op in fine
    ]
    assert [[a.precedes(b) for b in coarse] for a in coarse] == [
        [a.precedes(b) for b in fine] for a in fine
    ]


class Server(Machine[Any, None]):
    """Holds a register, and answers requests."""

    def start(self, memory: None) -> Outcome[Any]:
        return Outcome(None)

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        match event:
            case Receive(client, call):
                state, result = REGISTER.step(state, call)
                answer = result if call.f == "read" else None
                return Outcome(state, [Send(client, (call, answer))])
        return None


@frozen
class Client(Machine[Call | None, None]):
    """Sends each call to the server, and waits; a hasty one does not wait for its writes."""

    hasty: bool = False

    def start(self, memory: None) -> Outcome[Call | None]:
        return Outcome(None)

    def step(self, state: Call | None, event: Event) -> Outcome[Call | None] | None:
        match event:
            case Invoke(Call("write") as call) if self.hasty and state is None:
                return Outcome(None, [Send(SERVER, call), Return(None)])
            case Invoke(call) if state is None:
                return Outcome(call, [Send(SERVER, call)])
            case Receive(_, (call, answer)) if call == state:
                return Outcome(None, [Return(answer)])
            case Receive():
                return Outcome(state)
        return None


def served(client: Client, **fields: Any) -> World:
    return World(
        machines={A: client, B: client, SERVER: Server()},
        network=Fifo(),
        links=[(A, SERVER), (B, SERVER), (SERVER, A), (SERVER, B)],
        workload={A: (WRITE, READ), B: (READ, Call("write", 2))},
        observers={"history": HISTORY},
        **fields,
    )


def test_a_single_server_is_linearizable() -> None:
    found = explore(served(Client()), CLAIMS)

    assert {each.verdict for each in found.findings} == {Verdict.HOLDS}
    assert found.states == 314  # pinned: the histories are as coarse as they may be


def test_a_crash_leaves_an_operation_that_may_yet_take_effect() -> None:
    crash = Faults(crashes=1, restarts=1, crashing=("client",))

    found = explore(served(Client(), faults=crash), CLAIMS)

    assert found["linearizable"].verdict is Verdict.HOLDS


def test_a_write_that_is_answered_too_soon_is_not_even_safe() -> None:
    found = explore(served(Client(hasty=True)), CLAIMS)

    verdicts = {each.claim.name: each.verdict for each in found.findings}
    assert verdicts == {
        "linearizable": Verdict.VIOLATED,
        "sequential": Verdict.HOLDS,
        "regular": Verdict.VIOLATED,
        "safe": Verdict.VIOLATED,
    }


def test_the_properties_carry_their_documentation() -> None:
    assert [claim.name for claim in CLAIMS] == ["linearizable", "sequential", "regular", "safe"]
    for claim in CLAIMS:
        assert claim.statement.endswith(".")
        assert "Source:" in claim.documentation
    assert linearizable("history", REGISTER, broken_by="hasty").broken_by == ("hasty",)


def test_a_call_that_the_object_has_not_is_an_error_that_says_what_it_has() -> None:
    world = World(
        machines={A: Client(hasty=True), SERVER: Server()},
        workload={A: (Call("write", 1),)},
        observers={"history": HISTORY},
    )
    other = SequentialObject("ticket dispenser", 0, lambda count, call: REGISTER.step(0, Call("x")))

    with pytest.raises((ValueError, ModelError), match="a register has no operation x"):
        explore(world, [linearizable("history", other)])


def test_an_object_of_ones_own_takes_calls_of_ones_own() -> None:
    tickets = SequentialObject("ticket dispenser", 0, lambda count, call: (count + 1, count))

    twice = [Operation(A, "take", 0, 1, 0), Operation(B, "take", 2, 3, 0)]
    turned = [Operation(A, "take", 0, 1, 1), Operation(B, "take", 2, 3, 0)]

    assert not is_sequential(twice, tickets)
    assert is_sequential(turned, tickets)
    assert not is_linearizable(turned, tickets)
