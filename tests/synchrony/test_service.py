"""The replicated store: one event at a time, and two servers that talk until nothing is left."""

from collections import deque
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from immutables import Map

from coterie.model.call import Call
from coterie.model.detector import Suspect
from coterie.model.machine import (
    Deliver,
    Halt,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Return,
    Send,
)
from coterie.model.synchrony.disk import Memory
from coterie.model.synchrony.durable import DurableMember, Keeping, Store
from coterie.model.synchrony.member import Leave, Member
from coterie.model.synchrony.restart import Call as CallToRestart
from coterie.model.synchrony.returning import Apart
from coterie.model.synchrony.service.client import Calling, Client, Query, Retry
from coterie.model.synchrony.service.messages import (
    APART,
    BUSY,
    LEAVING,
    REBUILDING,
    STABLE,
    STALE,
    TOO_LARGE,
    UNKNOWN,
    Batch,
    Command,
    Done,
    Look,
    NotNow,
    Read,
    Submit,
)
from coterie.model.synchrony.service.server import CallRestart, Server, Serving
from coterie.model.synchrony.service.store import ALL, Application, Contents, executed, is_known
from coterie.model.synchrony.state import Item
from coterie.model.synchrony.transfer import Ask, Welcome
from coterie.model.synchrony.view import View, first_view

ZERO, ONE = Node("server", 0), Node("server", 1)
ANN, BEN = Node("client", 0), Node("client", 1)
BOTH = first_view(ZERO, ONE)
WRITE, READ = Call("write", "new", "x"), Call("read", None, "x")


def server(name: Node = ZERO, view: View = BOTH, **fields: Any) -> Server:
    return Server(DurableMember(Member(name, view)), **fields)


def stepped(machine: Machine[Any, Any], state: Any, event: Any) -> Outcome[Any]:
    outcome = machine.step(state, event)
    assert outcome is not None
    return outcome


class Pair:
    """Two servers, and what they have answered; messages between them arrive when they are let."""

    def __init__(self, **fields: Any) -> None:
        self.machines = {name: server(name, **fields) for name in (ZERO, ONE)}
        self.states: dict[Node, Serving] = {}
        self.messages: deque[tuple[Node, Node, Any]] = deque()
        self.answers: list[tuple[Node, Any]] = []
        for name, machine in self.machines.items():
            self.took(name, machine.start(None))

    def took(self, name: Node, outcome: Outcome[Any]) -> None:
        self.states[name] = outcome.state
        for effect in outcome.effects:
            match effect:
                case Send(to, message) if to in self.machines:
                    self.messages.append((name, to, message))
                case Send(to, message):
                    self.answers.append((to, message))

    def asks(self, client: Node, name: Node, request: Any) -> None:
        self.took(name, stepped(self.machines[name], self.states[name], Receive(client, request)))

    def carry(self) -> None:
        while self.messages:
            sender, to, message = self.messages.popleft()
            self.took(to, stepped(self.machines[to], self.states[to], Receive(sender, message)))

    def write(self, name: Node) -> None:
        if Store() in self.machines[name].options(self.states[name]):
            self.took(name, stepped(self.machines[name], self.states[name], Store()))

    def settle(self) -> None:
        for _ in range(4):
            self.carry()
            self.write(ZERO)
            self.write(ONE)
        assert not self.messages

    def log(self, name: Node) -> tuple[Batch, ...]:
        member = self.states[name].member
        assert isinstance(member, Keeping)
        return tuple(item.payload for item in member.inside.application)


def test_a_command_is_answered_once_it_is_durable_everywhere() -> None:
    pair = Pair()

    pair.asks(ANN, ZERO, Submit(0, 1, WRITE))
    pair.carry()
    pair.write(ZERO)
    pair.carry()
    early = list(pair.answers)
    pair.write(ONE)
    pair.carry()

    assert early == []
    assert pair.answers == [(ANN, Done(0, 1, None, 1))]
    assert pair.states[ZERO].contents == pair.states[ONE].contents
    assert pair.states[ZERO].contents.values == Map(x="new")


def test_a_command_that_is_repeated_elsewhere_is_done_once_and_answered_at_both() -> None:
    pair = Pair()
    claim = Submit(0, 1, Call("cas", (None, "mine"), "x"))

    pair.asks(ANN, ZERO, claim)
    pair.asks(ANN, ONE, claim)
    pair.settle()

    assert pair.answers == [(ANN, Done(0, 1, True, 2))] * 2
    assert len(pair.log(ZERO)) == 2
    assert pair.states[ONE].contents.answers == Map({(ANN, 0): (1, True)})


def test_a_command_that_is_repeated_here_goes_to_the_group_once() -> None:
    pair = Pair()

    pair.asks(ANN, ZERO, Submit(0, 1, WRITE))
    pair.asks(ANN, ZERO, Submit(0, 1, WRITE))
    pair.settle()
    pair.asks(ANN, ZERO, Submit(0, 1, WRITE))

    assert pair.log(ZERO) == (Batch((Command(ANN, 0, 1, WRITE),)),)
    assert pair.answers == [(ANN, Done(0, 1, None, 1))] * 2


def test_a_command_below_the_last_one_of_its_session_is_not_answered_any_more() -> None:
    pair = Pair()
    pair.asks(ANN, ZERO, Submit(0, 2, WRITE))
    pair.settle()
    before = pair.states[ZERO]
    pair.answers.clear()

    pair.asks(ANN, ZERO, Submit(0, 1, READ))

    assert pair.answers == []
    assert pair.states[ZERO] == before


def test_two_sessions_of_one_client_have_numbers_of_their_own() -> None:
    pair = Pair()

    pair.asks(ANN, ZERO, Submit(0, 1, WRITE))
    pair.asks(ANN, ZERO, Submit(7, 1, READ))
    pair.settle()

    assert (ANN, Done(7, 1, "new", 2)) in pair.answers


def test_two_commands_of_a_session_in_one_report_are_answered_each_as_itself() -> None:
    pair = Pair()
    pair.asks(ANN, ZERO, Submit(0, 1, WRITE))
    pair.asks(ANN, ONE, Submit(0, 2, READ))

    pair.settle()

    assert pair.answers == [(ANN, Done(0, 2, "new", 2))]


def test_commands_that_wait_leave_together_and_no_more_than_a_batch_has() -> None:
    pair = Pair(in_flight_most=1, batch_most=2)
    calls = [Call("write", number, "x") for number in range(4)]

    for number, call in enumerate(calls):
        pair.asks(Node("client", number), ZERO, Submit(0, 1, call))
    waiting = len(pair.states[ZERO].pending)
    for _ in range(3):
        pair.settle()

    assert waiting == 3
    assert [[c.call for c in batch.commands] for batch in pair.log(ONE)] == [
        calls[:1],
        calls[1:3],
        calls[3:],
    ]
    assert pair.states[ZERO].in_flight == 0
    assert pair.states[ZERO].contents.values == Map(x=3)


def test_a_server_with_too_much_to_do_says_so() -> None:
    pair = Pair(in_flight_most=0, pending_most=1)

    pair.asks(ANN, ZERO, Submit(0, 1, WRITE))
    pair.asks(BEN, ZERO, Submit(0, 1, WRITE))
    pair.asks(ANN, ZERO, Submit(0, 1, WRITE))

    assert pair.answers == [(BEN, NotNow(0, 1, BUSY))]


def test_one_client_cannot_let_so_many_looks_wait_that_others_cannot() -> None:
    pair = Pair(looks_most=1)
    far = Look(0, 1, "x", STABLE, after=10)

    pair.asks(ANN, ZERO, far)
    pair.asks(ANN, ZERO, evolve(far, session=1))
    pair.asks(BEN, ZERO, far)

    assert pair.answers == [(ANN, NotNow(1, 1, BUSY))]


def test_a_batch_is_not_larger_than_a_request_and_one_more() -> None:
    pair = Pair(in_flight_most=1, bytes_most=10)

    for session in range(5):
        pair.asks(ANN, ZERO, Submit(session, 1, Call("write", "12345", "x")))
    for _ in range(4):
        pair.settle()

    assert [len(batch.commands) for batch in pair.log(ONE)] == [1, 2, 2]


def test_a_request_that_is_too_large_is_refused() -> None:
    pair = Pair(bytes_most=10)

    pair.asks(ANN, ZERO, Submit(0, 1, Call(ALL, (WRITE, Call("write", b"1234567", "x")))))

    assert pair.answers == [(ANN, NotNow(0, 1, TOO_LARGE))]


def test_a_server_that_leaves_takes_no_command() -> None:
    machine = server()
    leaving = stepped(machine, machine.start(None).state, Invoke(Leave())).state

    assert stepped(machine, leaving, Receive(ANN, Submit(0, 1, WRITE))).effects == (
        Send(ANN, NotNow(0, 1, LEAVING)),
    )


@pytest.mark.parametrize(
    "submit",
    [
        Submit(0, 0, WRITE),
        Submit(0, -1, READ),
        Submit(0, 1, Call("append", "x", "x")),
        Submit(0, 1, Call("write", "x", None)),
        Submit(0, 1, Call("write", ("a", "b"), "x")),
        Submit(0, 1, Call("cas", "x", "x")),
    ],
)
def test_what_no_client_of_ours_would_ask_is_refused(submit: Submit) -> None:
    machine = server()
    states = (machine.start(None).state, machine.start(Memory(BOTH)).state)

    for state in states:
        refused = stepped(machine, state, Receive(ANN, submit))
        assert refused == Outcome(state, (Send(ANN, NotNow(0, submit.number, UNKNOWN)),))


def test_a_server_in_no_view_serves_nobody() -> None:
    machine = server()
    state = machine.start(Memory(BOTH, (Item(0, ONE, Batch(())),))).state

    for request in (Submit(0, 1, WRITE), Look(0, 1, "x", STALE), Look(0, 1, "x", STABLE)):
        outcome = stepped(machine, state, Receive(ANN, request))
        assert outcome == Outcome(state, (Send(ANN, NotNow(0, 1, APART)),))


def test_a_server_that_has_just_come_in_reads_nothing_until_it_knows_the_log() -> None:
    machine = server()
    batch = Batch((Command(ANN, 0, 1, WRITE),))
    welcome = Welcome(View(2, (ONE, ZERO), (ZERO,)), (Item(0, ZERO, batch),))
    state = stepped(machine, machine.start(Memory(BOTH)).state, Receive(ONE, welcome)).state

    looked = stepped(machine, state, Receive(BEN, Look(0, 1, "x", STALE)))

    assert state.since == 1
    assert looked.effects == (Send(BEN, NotNow(0, 1, REBUILDING)),)


def test_clients_do_not_speak_for_members() -> None:
    machine = server()
    state = machine.start(None).state

    assert stepped(machine, state, Receive(ANN, Ask())) == Outcome(state)
    assert stepped(machine, state, Receive(ONE, Ask())) == Outcome(state)
    asked = stepped(machine, state, Receive(Node("server", 2), Ask()))
    assert asked.state != state


def test_a_stable_look_waits_until_all_that_is_here_is_durable_and_a_stale_one_does_not() -> None:
    pair = Pair()
    pair.asks(ANN, ONE, Submit(0, 1, WRITE))
    pair.carry()
    pair.write(ONE)

    pair.asks(BEN, ZERO, Look(0, 1, "x", STALE))
    pair.asks(BEN, ZERO, Look(0, 2, "x", STABLE))
    at_once = list(pair.answers)
    pair.settle()

    assert at_once == [(BEN, Read(0, 1, None, 0))]
    assert (BEN, Read(0, 2, "new", 1)) in pair.answers


def test_a_stable_look_waits_for_what_its_session_has_seen() -> None:
    pair = Pair()

    pair.asks(BEN, ZERO, Look(0, 1, "x", STABLE, after=1))
    nothing = list(pair.answers)
    pair.asks(ANN, ONE, Submit(0, 1, WRITE))
    pair.settle()

    assert nothing == []
    assert (BEN, Read(0, 1, "new", 1)) in pair.answers


def test_nobody_waits_for_an_older_look_of_a_session() -> None:
    pair = Pair(pending_most=1)

    pair.asks(BEN, ZERO, Look(0, 1, "x", STABLE, after=1))
    pair.asks(BEN, ZERO, Look(0, 2, "x", STABLE, after=1))
    pair.asks(ANN, ZERO, Look(0, 1, "x", STABLE, after=1))

    assert [each.look.number for each in pair.states[ZERO].waiting] == [2]
    assert pair.answers == [(ANN, NotNow(0, 1, BUSY))]


def test_what_is_durable_goes_no_further_than_the_server() -> None:
    pair = Pair()
    pair.asks(ANN, ZERO, Submit(0, 1, WRITE))
    pair.carry()
    pair.write(ONE)
    pair.carry()

    done = stepped(pair.machines[ZERO], pair.states[ZERO], Store())

    assert not any(isinstance(effect, Deliver | Return) for effect in done.effects)
    assert Send(ANN, Done(0, 1, None, 1)) in done.effects


def test_a_server_that_is_back_may_call_to_a_restart_again_and_again() -> None:
    machine = server()
    fresh, back = machine.start(None).state, machine.start(Memory(BOTH)).state

    first = stepped(machine, back, CallRestart())
    second = stepped(machine, first.state, CallRestart())

    assert CallRestart() not in machine.options(fresh)
    assert machine.step(fresh, CallRestart()) is None
    assert CallRestart() in machine.options(first.state)
    assert Send(ONE, CallToRestart(1)) in first.effects
    assert Send(ONE, CallToRestart(2)) in second.effects


def test_a_server_calls_to_no_restart_from_its_limit_on() -> None:
    machine = server(calls_below=2)
    state = machine.start(Memory(BOTH)).state

    called = stepped(machine, state, CallRestart())

    assert CallRestart() not in machine.options(called.state)
    assert machine.step(called.state, CallRestart()) is None


def test_a_server_of_one_serves_alone() -> None:
    machine = server(ZERO, first_view(ZERO))
    state = machine.start(None).state

    taken = stepped(machine, state, Receive(ANN, Submit(0, 1, WRITE)))
    done = stepped(machine, taken.state, Store())

    assert not any(isinstance(effect, Send) for effect in taken.effects)
    assert done.effects[-1] == Send(ANN, Done(0, 1, None, 1))


def test_a_server_that_must_stop_tells_no_batch_any_more() -> None:
    machine = server(in_flight_most=1)
    state = machine.start(None).state
    for number in (1, 2):
        state = stepped(machine, state, Receive(Node("client", number), Submit(0, 1, WRITE))).state

    stopped = stepped(machine, state, Suspect(ONE))

    assert Halt() in stopped.effects
    assert len(stopped.state.pending) == 1


@pytest.mark.parametrize(
    ("value", "call", "after", "result"),
    [
        (None, Call("read", None, "x"), None, None),
        (7, Call("read", None, "x"), 7, 7),
        (7, Call("write", b"8", "x"), b"8", None),
        (7, Call("write", None, "x"), None, None),
        (7, Call("delete", None, "x"), None, None),
        (7, Call("cas", (7, 8), "x"), 8, True),
        (7, Call("cas", (8, 9), "x"), 7, False),
        (None, Call("cas", (None, 1), "x"), 1, True),
        (1, Call("cas", (True, 2), "x"), 1, False),
    ],
)
def test_what_a_call_does_hangs_on_the_key_alone(
    value: Any, call: Call, after: Any, result: Any
) -> None:
    assert is_known(call)
    assert executed(value, call) == (after, result)


CALLS = st.builds(
    Call,
    f=st.just("write"),
    value=st.one_of(st.none(), st.integers(0, 3)),
    key=st.sampled_from("ab"),
) | st.builds(
    Call,
    f=st.just("cas"),
    value=st.tuples(st.one_of(st.none(), st.integers(0, 3)), st.integers(0, 3)),
    key=st.sampled_from("ab"),
)
COMMANDS = st.builds(
    Command,
    client=st.sampled_from((ANN, BEN)),
    session=st.integers(0, 1),
    number=st.integers(1, 4),
    call=CALLS,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(COMMANDS, max_size=4).map(tuple), max_size=6))
def test_batches_do_what_their_commands_do_one_at_a_time(lists: list[tuple[Command, ...]]) -> None:
    values: dict[str, Any] = {}
    answers: dict[tuple[Node, int], tuple[int, Any]] = {}
    for command in (command for commands in lists for command in commands):
        caller = (command.client, command.session)
        if command.number > answers.get(caller, (0, None))[0]:
            key = command.call.key
            values[key], result = executed(values.get(key), command.call)
            answers[caller] = (command.number, result)

    found = Application().after(Contents(), [Batch(commands) for commands in lists])

    assert dict(found.answers) == answers
    assert dict(found.values) == {key: value for key, value in values.items() if value is not None}


@settings(max_examples=40, deadline=None)
@given(st.lists(CALLS, max_size=6).map(tuple))
def test_several_calls_do_what_they_do_one_after_the_other(calls: tuple[Call, ...]) -> None:
    one_by_one = tuple(Command(ANN, 0, number, call) for number, call in enumerate(calls, 1))
    apart = [
        Application().after(Contents(), [Batch(one_by_one[:n])]) for n in range(len(calls) + 1)
    ]
    at_once = Command(ANN, 0, 1, Call(ALL, calls))

    found = Application().after(Contents(), [Batch((at_once,))])

    assert is_known(at_once.call)
    assert found.values == apart[-1].values
    assert found.answers[ANN, 0] == (1, tuple(each.answers[ANN, 0][1] for each in apart[1:]))


@pytest.mark.parametrize(
    "call",
    [
        Call(ALL, (WRITE, Call("append", "x", "x"))),
        Call(ALL, (WRITE, Call(ALL, (WRITE,)))),
        Call(ALL, (WRITE, "write")),
        Call(ALL, (WRITE,), "x"),
        Call(ALL, WRITE),
    ],
)
def test_what_is_no_call_among_several_is_refused(call: Call) -> None:
    assert not is_known(call)


def test_a_client_asks_the_next_server_for_the_same_under_the_same_number() -> None:
    client = Client((ZERO, ONE), session=5)
    called = stepped(client, client.start(None).state, Invoke(WRITE))

    (again,) = client.options(called.state)
    retried = stepped(client, called.state, again)

    assert called.effects == (Send(ZERO, Submit(5, 1, WRITE)),)
    assert again == Retry(ONE)
    assert retried.effects == (Send(ONE, Submit(5, 1, WRITE)),)
    assert client.step(retried.state, Invoke(READ)) is None


def test_an_answer_from_anywhere_ends_a_call_and_late_ones_change_nothing() -> None:
    client = Client((ZERO, ONE))
    called = stepped(client, client.start(None).state, Invoke(READ)).state
    retried = stepped(client, called, Retry(ONE)).state

    done = stepped(client, retried, Receive(ZERO, Done(0, 1, "new", 3)))

    assert done.effects == (Return("new"),)
    assert done.state == Calling(number=1, at=1, seen=3)
    assert list(client.options(done.state)) == []
    for late in (Done(0, 1, "old", 9), NotNow(0, 1, BUSY), Read(1, 1, "x", 9), "nonsense"):
        assert stepped(client, done.state, Receive(ONE, late)) == Outcome(done.state)


def test_a_server_that_cannot_serve_is_passed_over_until_all_have_said_so() -> None:
    client = Client((ZERO, ONE))
    called = stepped(client, client.start(None).state, Invoke(WRITE)).state

    stranger = stepped(client, called, Receive(ONE, NotNow(0, 1, APART)))
    first = stepped(client, called, Receive(ZERO, NotNow(0, 1, APART)))
    second = stepped(client, first.state, Receive(ONE, NotNow(0, 1, APART)))

    assert stranger == Outcome(called)
    assert first.effects == (Send(ONE, Submit(0, 1, WRITE)),)
    assert second.effects == ()
    assert list(client.options(second.state)) == [Retry(ZERO)]


def test_a_stable_look_says_what_the_session_has_seen_and_a_stale_one_does_not() -> None:
    client = Client((ZERO,))
    seen = Calling(number=4, seen=9)

    stable = stepped(client, seen, Invoke(Query("x", STABLE)))
    stale = stepped(client, seen, Invoke(Query("x", STALE)))

    assert stable.effects == (Send(ZERO, Look(0, 5, "x", STABLE, 9)),)
    assert stale.effects == (Send(ZERO, Look(0, 5, "x", STALE, 0)),)
    read = stepped(client, stale.state, Receive(ZERO, Read(0, 5, "old", 7)))
    assert read == Outcome(Calling(number=5, seen=9), (Return("old"),))


def test_a_client_refuses_what_no_server_would_do() -> None:
    client = Client((ZERO,))

    assert client.step(client.start(None).state, Invoke(Call("append", 1, "x"))) is None


def test_a_client_asks_again_as_often_as_it_may() -> None:
    client = Client((ZERO, ONE), retries_most=1)
    called = stepped(client, client.start(None).state, Invoke(WRITE)).state

    retried = stepped(client, called, Retry(ONE)).state

    assert list(client.options(retried)) == []


def test_a_restarted_server_has_nothing_but_its_log() -> None:
    machine = server()
    memory = Memory(BOTH, (Item(0, ONE, Batch((Command(ANN, 0, 1, WRITE),))),))

    state = machine.start(memory).state

    assert isinstance(state.member, Apart)
    assert state == Serving(state.member)
    assert machine.memory(state) == memory
