"""A member that keeps a log, and a process that is back, one event at a time."""

from typing import Any

from attrs import evolve

from coterie.checks.catalogue.synchrony.worlds import members
from coterie.model.detector import Suspect
from coterie.model.machine import Deliver, Machine, Node, Outcome, Receive, Record, Send
from coterie.model.synchrony.disk import Begun, Ending, Memory, Prepare, Promised, bound_of
from coterie.model.synchrony.durable import Durable, DurableMember, Keeping, State, Store
from coterie.model.synchrony.member import Member
from coterie.model.synchrony.restart import Call, Commit, Ready, Refuse, Report
from coterie.model.synchrony.returning import Apart
from coterie.model.synchrony.state import Item, row_of
from coterie.model.synchrony.table import Push, Row
from coterie.model.synchrony.transfer import Welcome
from coterie.model.synchrony.view import View, first_view

ZERO, ONE, TWO = members(3)
FIRST = first_view(ZERO, ONE, TWO)
WORD = Item(0, ONE, "word")


def keeper(name: Node, **fields: Any) -> DurableMember:
    return DurableMember(Member(name, FIRST), **fields)


def stepped(machine: Machine[Any, Any], state: State, event: Any) -> Outcome[Any]:
    outcome = machine.step(state, event)
    assert outcome is not None
    return outcome


def test_an_item_is_reported_once_every_row_says_that_it_is_stored() -> None:
    machine = keeper(ZERO)
    state = machine.start(None).state
    assert isinstance(state, Keeping)
    for writer in (ONE, TWO):
        row = Row((1, 1, 0), stored=writer is ONE)
        run = ("word",) if writer is ONE else ()
        state = stepped(machine, state, Receive(writer, Push(0, writer, row, 0, run))).state

    written = stepped(machine, state, Store())
    told = Push(0, TWO, Row((1, 1, 0), stored=1))
    reported = stepped(machine, written.state, Receive(TWO, told))

    assert row_of(written.state.inside).stored == 1
    assert not any(isinstance(effect, Deliver) for effect in written.effects)
    assert Deliver(Durable(0, 0, (WORD,))) in reported.effects
    assert machine.memory(written.state) == Memory(FIRST, (WORD,))


def test_who_has_nothing_to_write_writes_nothing() -> None:
    machine = keeper(ZERO)

    assert machine.step(machine.start(None).state, Store()) is None


def test_who_calls_to_a_restart_is_suspected_by_those_in_its_view() -> None:
    machine = keeper(ZERO)
    state = machine.start(None).state

    called = stepped(machine, state, Receive(ONE, Call(1)))

    assert called == stepped(machine, state, Suspect(ONE))
    assert stepped(machine, state, Receive(ONE, Call(0))) == Outcome(state)


def test_a_process_that_is_back_promises_and_reports_or_refuses() -> None:
    machine, memory = keeper(ONE), Memory(FIRST, (WORD,), promised=2)
    state = machine.start(memory).state

    promised = evolve(memory, promised=3)
    assert stepped(machine, state, Receive(ZERO, Call(3))) == Outcome(
        Apart(memory=promised), (Record(Promised(3)), Send(ZERO, Report(3, promised)))
    )
    assert stepped(machine, state, Receive(ZERO, Call(2))) == Outcome(
        state, (Send(ZERO, Refuse(2)),)
    )


def test_who_is_refused_calls_again_above_that() -> None:
    machine = keeper(ZERO)
    state = machine.start(Memory(FIRST)).state

    refused = stepped(machine, state, Receive(ONE, Refuse(7)))

    assert refused.effects == (Record(Promised(7)),)
    assert bound_of(refused.state.memory) == 7


def test_a_view_is_entered_when_its_restart_is_committed() -> None:
    machine, following = keeper(ONE), View(3, (ZERO, ONE))
    state = machine.start(Memory(FIRST, (), promised=3)).state

    ready = stepped(machine, state, Receive(ZERO, Prepare(FIRST, (WORD,), following)))
    entered = stepped(machine, ready.state, Receive(ZERO, Commit(3)))

    assert Send(ZERO, Ready(3)) in ready.effects
    assert entered.effects[0] == Record(Begun(following, (WORD,)))
    assert isinstance(entered.state, Keeping)
    assert machine.memory(entered.state) == Memory(following, (WORD,))


def test_a_promise_outdates_what_is_prepared_and_committed_below() -> None:
    machine = keeper(ONE)
    below = Memory(FIRST, (), Ending(View(3, (ZERO, ONE))), promised=4)
    state = machine.start(below).state
    late = Prepare(FIRST, (), View(3, (ZERO, ONE)))

    refused = Outcome(state, (Send(ZERO, Refuse(4)),))
    assert stepped(machine, state, Receive(ZERO, Commit(3))) == refused
    assert stepped(machine, state, Receive(ZERO, late)) == Outcome(state)


def test_nobody_is_let_into_a_view_twice_nor_below_a_promise() -> None:
    machine = keeper(ONE)
    view = View(3, (ZERO, ONE), (ONE,))
    welcome = Receive(ZERO, Welcome(view, (WORD,)))

    for memory in (Memory(view), Memory(FIRST, promised=3)):
        state = machine.start(memory).state
        assert stepped(machine, state, welcome) == Outcome(state)

    entered = stepped(machine, machine.start(Memory(FIRST)).state, welcome)
    assert machine.memory(entered.state) == Memory(view, (WORD,))


def test_a_process_that_is_back_reads_no_push_of_a_view_that_it_was_in() -> None:
    machine = keeper(ONE)
    state = machine.start(Memory(FIRST)).state
    old, new = (Push(number, ZERO, Row((0, 0))) for number in (0, 1))

    assert stepped(machine, state, Receive(ZERO, old)) == Outcome(state)
    assert stepped(machine, state, Receive(ZERO, new)).state.outside.early == (new,)


def test_a_process_that_was_never_let_in_takes_no_part_in_a_restart() -> None:
    machine = DurableMember(Member(Node("joiner"), FIRST))
    state = machine.start(None).state

    assert stepped(machine, state, Receive(ZERO, Call(1))) == Outcome(state)
