"""The lookup that PBFT orders, rule by rule, and how the published one comes to wait for ever."""

from typing import Any

from coterie.checks.catalogue.diffusion.pbft.lookup import world
from coterie.checks.component import Delivered
from coterie.checks.engine.explore import explore
from coterie.checks.result import Verdict
from coterie.model.diffusion.pbft.lookup import (
    Answer,
    Client,
    Computed,
    Device,
    Lookup,
    LookupClient,
    LookupServer,
    Order,
    Ordered,
    Server,
    Write,
)
from coterie.model.machine import Invoke, Machine, Node, Outcome, Receive, Return, Send
from coterie.spec.diffusion.pbft import lookup as spec

SERVERS = tuple(Node("server", index) for index in range(4))
ZERO, ONE, TWO, THREE = SERVERS
CLIENT, ORDER, DEVICE = Node("client"), Node("order"), Node("device")
SERVER = LookupServer(ZERO, SERVERS, CLIENT, f=1)
READER = LookupClient(ORDER, SERVERS, f=1)
FIRST = Ordered(1, Lookup(0))


def fed(machine: Machine[Any, None], *received: tuple[Node, Any], state: Any) -> Outcome[Any]:
    """Return what becomes of `state` by these messages, and the effects of the last."""
    outcome: Outcome[Any] = Outcome(state)
    for sender, message in received:
        after = machine.step(outcome.state, Receive(sender, message))
        assert after is not None
        outcome = after
    return outcome


def test_the_order_tells_all_servers_and_who_looks_up() -> None:
    lookup = fed(Order(SERVERS), (CLIENT, Lookup(0)), state=0)
    write = fed(Order(SERVERS), (DEVICE, Write(0, 5)), state=lookup.state)

    assert lookup.effects == tuple(Send(node, FIRST) for node in (*SERVERS, CLIENT))
    assert write.effects == tuple(Send(node, Ordered(2, Write(0, 5))) for node in SERVERS)


def test_a_device_writes_to_the_servers_or_to_the_order() -> None:
    past = Device(SERVERS).step(None, Invoke(Write(0, 5)))
    ordered = Device(SERVERS, ORDER).step(None, Invoke(Write(0, 5)))

    assert past is not None
    assert past.effects == (*(Send(node, Write(0, 5)) for node in SERVERS), Return(None))
    assert ordered == Outcome(None, (Send(ORDER, Write(0, 5)), Return(None)))


def test_a_server_executes_a_lookup_on_its_table_and_tells_the_others() -> None:
    empty = fed(SERVER, (ORDER, FIRST), state=Server())
    written = fed(SERVER, (DEVICE, Write(0, 5)), (ORDER, FIRST), state=Server())

    assert empty.effects == tuple(Send(node, Computed(1, None)) for node in (ONE, TWO, THREE))
    assert written.effects == tuple(Send(node, Computed(1, 5)) for node in (ONE, TWO, THREE))


def test_a_server_executes_in_order() -> None:
    late = fed(SERVER, (ORDER, Ordered(2, Lookup(0))), state=Server())
    done = fed(SERVER, (ORDER, Ordered(1, Write(0, 5))), state=late.state)

    assert not late.effects
    assert done.state.found == (Computed(2, 5),)


def test_a_server_answers_once_when_2f_plus_1_have_found_the_same() -> None:
    executed = fed(SERVER, (ORDER, FIRST), state=Server())
    two = fed(SERVER, (ONE, Computed(1, None)), (TWO, Computed(1, 5)), state=executed.state)
    three = fed(SERVER, (THREE, Computed(1, None)), state=two.state)
    four = fed(SERVER, (TWO, Computed(1, None)), state=three.state)

    assert not two.effects
    assert three.effects == (Send(CLIENT, Answer(1, None)),)
    assert not four.effects


def test_what_others_found_earlier_counts_when_a_server_executes() -> None:
    heard = fed(SERVER, (ONE, Computed(1, None)), (TWO, Computed(1, None)), state=Server())
    outcome = fed(SERVER, (ORDER, FIRST), state=heard.state)

    assert Send(CLIENT, Answer(1, None)) in outcome.effects


def test_a_client_believes_2f_plus_1_equal_answers_to_its_lookup() -> None:
    asking = Client(is_asking=True)
    answers = [(node, Answer(1, 5)) for node in (ZERO, ONE, TWO)]

    early = fed(READER, *answers, state=asking)
    told = fed(READER, (ORDER, FIRST), state=early.state)
    other = fed(READER, (ORDER, Ordered(2, Lookup(0))), state=early.state)

    assert not early.effects
    assert told.effects == (Return(5),)
    assert not other.effects


def test_a_client_asks_for_one_thing_at_a_time() -> None:
    assert READER.step(Client(), Invoke(Lookup(0))) is not None
    assert READER.step(Client(is_asking=True), Invoke(Lookup(0))) is None


def test_strangers_are_not_heard() -> None:
    for machine, state in ((SERVER, Server()), (READER, Client(is_asking=True))):
        for message in (Computed(1, 5), Answer(1, 5), None):
            assert fed(machine, (DEVICE, message), state=state) == Outcome(state)


def test_a_write_that_reaches_servers_before_and_after_the_lookup_leaves_it_unanswered() -> None:
    found = explore(world(lookups=1, lies="", ordered=False), [spec.answered_at_rest])
    trace = found.findings[0].trace
    assert trace is not None

    causes = [step.happenings[0] for step in trace.steps]
    arrived = [
        each
        for each in causes
        if isinstance(each, Delivered) and isinstance(each.message, Write | Ordered)
    ]
    first = {
        server: next(type(each.message) for each in arrived if each.receiver == server)
        for server in (ZERO, ONE, TWO)
    }

    assert set(first.values()) == {Write, Ordered}


def test_the_repair_answers_a_second_lookup_as_well() -> None:
    found = explore(
        world(lookups=2, lies="", ordered=True),
        [spec.answered_at_rest, spec.executed_on_equal_tables],
    )

    assert {each.verdict for each in found.findings} == {Verdict.HOLDS}
