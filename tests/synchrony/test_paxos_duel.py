"""Two proposers in each other's way: the run for ever, with ballots that really grow."""

from typing import Any

import pytest
from attrs import evolve, fields, has
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.checks.catalogue.synchrony.paxos.duel import DIAL, dueling, world
from coterie.checks.component import Happening
from coterie.checks.engine.explore import explore
from coterie.checks.result import Trace
from coterie.checks.view import WorldView
from coterie.checks.world import Step, Values, World
from coterie.model.oracles.paxos import NONE
from coterie.model.synchrony.paxos.proposer import once_refused
from coterie.spec.synchrony.paxos import duel as spec
from coterie.spec.synchrony.paxos.single import everything_learnt

BALLOTS = {"ballot", "promised", "voted_ballot", "refused"}
BOTH = (once_refused, once_refused)


def on_the_dial(thing: Any) -> Any:
    """Return `thing` with every ballot in it as the dial shows it."""
    if isinstance(thing, tuple | frozenset):
        return type(thing)(map(on_the_dial, thing))
    if not has(type(thing)):
        return thing
    shown = {
        each.name: _shown(value) if each.name in BALLOTS else on_the_dial(value)
        for each in fields(type(thing))
        for value in [getattr(thing, each.name)]
    }
    return evolve(thing, **shown)


def _shown(ballot: int) -> int:
    return ballot if ballot == NONE else ballot % DIAL.size


def step_like(made: World, values: Values, wanted: Happening) -> Step:
    """Return the step of the world that, on the dial, is caused by what is wanted."""
    (found,) = [
        step for step in made.successors(values) if on_the_dial(step.happenings[0]) == wanted
    ]
    return found


def lasso(acceptors: int) -> Trace:
    trace = explore(dueling(acceptors=acceptors, attempts=BOTH), [spec.decided_in_the_end])[
        spec.decided_in_the_end.name
    ].trace
    assert trace is not None
    assert trace.loop is not None
    return trace


def highest(values: Values, proposers: tuple[int, ...]) -> int:
    return max(int(values[slot].state.ballot) for slot in proposers)


@pytest.mark.parametrize("acceptors", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_run_for_ever_is_one_of_real_ballots_which_grow_without_end(acceptors: int) -> None:
    trace, made = lasso(acceptors), world(acceptors=acceptors, attempts=BOTH)
    assert trace.loop is not None
    leaders = tuple(made.slots[each] for each in made.machines if each.role == "proposer")
    (values,) = made.initial()
    assert on_the_dial(values) == trace.start
    ballots = []

    for step in (*trace.steps, *trace.steps[trace.loop :] * 9):
        values = step_like(made, values, step.happenings[0]).values
        assert on_the_dial(values) == step.values
        assert not everything_learnt(WorldView(made, values))
        ballots.append(highest(values, leaders))

    assert ballots[-1] >= 9 * DIAL.size


def test_in_the_run_for_ever_every_message_arrives() -> None:
    trace, made = lasso(1), world(acceptors=1, attempts=BOTH)
    assert trace.loop is not None
    links = {key: slot for key, slot in made.slots.items() if key not in made.machines}

    for slot in links.values():
        held = [step.values[slot] for step in trace.steps[trace.loop :]]
        assert () in held


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.integers(1, 3), st.data())
def test_the_dial_shows_what_ballots_without_end_would(acceptors: int, data: st.DataObject) -> None:
    shown, real = (
        dueling(acceptors=acceptors, attempts=BOTH),
        world(acceptors=acceptors, attempts=BOTH),
    )
    (seen,), (true,) = shown.initial(), real.initial()

    for _ in range(50):
        steps, others = list(shown.successors(seen)), list(real.successors(true))
        assert [on_the_dial(each.happenings[0]) for each in others] == [
            each.happenings[0] for each in steps
        ]
        if not steps:
            break
        pick = data.draw(st.integers(0, len(steps) - 1))
        seen, true = steps[pick].values, others[pick].values
        assert on_the_dial(true) == seen
