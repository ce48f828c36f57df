"""The abstract replicated log."""

from hypothesis import given
from hypothesis import strategies as st

from coterie.model.machine import Node, Receive
from coterie.spec.smr.log import Append, Apply, Log, ReplicatedLog

MACHINE = ReplicatedLog(nodes=2, commands=("a", "b", "c"))


def test_a_log_begins_empty() -> None:
    assert MACHINE.start(None).state == Log((), (0, 0))


def test_a_command_is_chosen_for_the_next_slot() -> None:
    outcome = MACHINE.step(Log(("a",), (1, 0)), Append("b"))

    assert outcome is not None
    assert outcome.state == Log(("a", "b"), (1, 0))


def test_a_chosen_command_is_not_chosen_again() -> None:
    log = Log(("a",), (0, 0))

    assert MACHINE.step(log, Append("a")) is None
    assert Append("a") not in set(MACHINE.options(log))


def test_a_node_applies_one_command_at_a_time() -> None:
    outcome = MACHINE.step(Log(("a", "b"), (0, 1)), Apply(0))

    assert outcome is not None
    assert outcome.state == Log(("a", "b"), (1, 1))


def test_a_node_that_has_applied_all_waits() -> None:
    log = Log(("a",), (1, 0))

    assert MACHINE.step(log, Apply(0)) is None
    assert set(MACHINE.options(log)) == {Append("b"), Append("c"), Apply(1)}


def test_a_log_takes_no_messages() -> None:
    log = Log(("a",), (1, 0))

    outcome = MACHINE.step(log, Receive(Node("client"), "a"))

    assert outcome is not None
    assert outcome == type(outcome)(log)


@given(st.data())
def test_what_any_two_nodes_have_applied_are_prefixes_of_one_another(data: st.DataObject) -> None:
    log = MACHINE.start(None).state
    for _ in range(data.draw(st.integers(0, 9))):
        options = list(MACHINE.options(log))
        if not options:
            break
        outcome = MACHINE.step(log, data.draw(st.sampled_from(options)))
        assert outcome is not None
        assert outcome.state.chosen[: len(log.chosen)] == log.chosen
        log = outcome.state

    shorter, longer = sorted(log.chosen[:count] for count in log.applied)
    assert longer[: len(shorter)] == shorter
    assert max(log.applied) <= len(log.chosen)


def test_everything_is_chosen_and_applied_in_the_end() -> None:
    log, steps = MACHINE.start(None).state, 0
    while options := list(MACHINE.options(log)):
        outcome = MACHINE.step(log, options[-1])
        assert outcome is not None
        log, steps = outcome.state, steps + 1

    assert log.applied == (3, 3)
    assert sorted(log.chosen) == ["a", "b", "c"]
    assert steps == 3 + 2 * 3
