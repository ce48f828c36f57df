"""Byzantine gossip, rule by rule, and what its mutants do."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from coterie.checks.catalogue.diffusion import gossip as catalogue
from coterie.checks.component import Forged
from coterie.checks.engine.explore import explore
from coterie.checks.result import Verdict
from coterie.checks.view import WorldView
from coterie.model.call import Call
from coterie.model.diffusion.gossip import (
    ERROR,
    INITIAL,
    Accepted,
    Client,
    Enter,
    Gossiper,
    Knowledge,
    Question,
    Read,
    Reply,
    Session,
    Tell,
    Told,
    Update,
    Write,
)
from coterie.model.machine import Event, Invoke, Machine, Node, Outcome, Receive, Return, Send
from coterie.spec.diffusion import gossip as spec
from tests.gossip.fairness import both, causes, needless, run

CLIENT, STRANGER = spec.CLIENT, Node("stranger")
REPLICAS = tuple(Node("replica", index) for index in range(5))
GOSSIPER = Gossiper(REPLICAS[0], REPLICAS, CLIENT, b=1)
READER = Client(REPLICAS, b=1)
ONE, TWO = Update(1, 10), Update(2, 20)


def after(machine: Machine[object, None], state: object, *events: Event) -> Outcome[object]:
    """Return what the last of these events gives."""
    outcome: Outcome[object] = Outcome(state)
    for event in events:
        found = machine.step(outcome.state, event)
        assert found is not None
        outcome = found
    return outcome


def told(*senders: Node, update: Update = ONE) -> Knowledge:
    """Return what a replica knows that was told by these."""
    events = [Receive(sender, Told(update)) for sender in senders]
    state = after(GOSSIPER, Knowledge(), *events).state
    assert isinstance(state, Knowledge)
    return state


def test_the_clients_own_word_is_enough() -> None:
    assert ONE in told(CLIENT).accepted


@given(senders=st.lists(st.sampled_from([*REPLICAS[1:], STRANGER]), max_size=6))
def test_else_an_update_is_accepted_from_b_plus_1_distinct_replicas_and_from_no_fewer(
    senders: list[Node],
) -> None:
    distinct = {sender for sender in senders if sender != STRANGER}

    assert (ONE in told(*senders).accepted) == (len(distinct) > 1)


@given(senders=st.lists(st.tuples(st.sampled_from(REPLICAS[1:]), st.sampled_from([ONE, TWO]))))
def test_each_update_has_its_own_voices(senders: list[tuple[Node, Update]]) -> None:
    state = after(
        GOSSIPER, Knowledge(), *(Receive(node, Told(update)) for node, update in senders)
    ).state

    assert isinstance(state, Knowledge)
    for update in ONE, TWO:
        voices = {node for node, about in senders if about == update}
        assert (update in state.accepted) == (len(voices) > 1)


def test_who_accepts_reports_to_the_client_once_and_forgets_the_voices() -> None:
    told_by_one = told(REPLICAS[1])
    outcome = GOSSIPER.step(told_by_one, Receive(REPLICAS[2], Told(ONE)))

    assert outcome == Outcome(Knowledge(frozenset({INITIAL, ONE})), [Send(CLIENT, Accepted(ONE))])
    assert GOSSIPER.step(outcome.state, Receive(CLIENT, Told(ONE))) == Outcome(outcome.state)


def test_an_older_update_is_accepted_and_told_too_but_the_newest_is_read() -> None:
    state = told(CLIENT, update=TWO)
    state = evolve(state, accepted=state.accepted | {ONE})
    peers = REPLICAS[1:]

    assert list(GOSSIPER.options(state)) == [
        Tell(peer, each) for each in (ONE, TWO) for peer in peers
    ]
    assert GOSSIPER.step(state, Receive(CLIENT, Question(3))) == Outcome(
        state, [Send(CLIENT, Reply(3, TWO))]
    )


def test_only_what_is_accepted_is_told() -> None:
    assert list(GOSSIPER.options(told(REPLICAS[1]))) == []
    assert GOSSIPER.step(told(REPLICAS[1]), Tell(REPLICAS[2], ONE)) is None


def test_whoever_loses_interest_tells_so_many_peers_of_each_update() -> None:
    losing = evolve(GOSSIPER, tells=1)
    state = after(losing, told(CLIENT), Tell(REPLICAS[1], ONE)).state

    assert isinstance(state, Knowledge)
    assert list(losing.options(state)) == []
    assert {
        each.update for each in losing.options(evolve(state, accepted=frozenset({ONE, TWO})))
    } == {TWO}


def test_an_entry_set_is_any_2b_plus_1_replicas() -> None:
    called = after(READER, Session(), Invoke(Call("write", 10))).state

    assert isinstance(called, Session)
    entries = [event.entry for event in READER.options(called) if isinstance(event, Enter)]
    assert len(entries) == len(set(entries)) == 10
    assert {len(entry) for entry in entries} == {3}


@given(reporters=st.lists(st.sampled_from(REPLICAS), max_size=8))
def test_a_write_completes_when_3b_plus_1_distinct_replicas_have_reported(
    reporters: list[Node],
) -> None:
    writing = Session(1, 0, Write(ONE, entered=True))
    state = after(READER, writing, *(Receive(each, Accepted(ONE)) for each in reporters)).state

    assert (state == Session(1)) == (len(set(reporters)) >= 4)


def test_a_report_of_another_update_does_not_count() -> None:
    writing = Session(1, 0, Write(ONE, entered=True))

    assert READER.step(writing, Receive(REPLICAS[0], Accepted(TWO))) == Outcome(writing)


def read(*updates: Update) -> object:
    """Return what a read gives that these answer, one replica each."""
    replies = [
        Receive(replica, Reply(1, update))
        for replica, update in zip(REPLICAS, updates, strict=False)
    ]
    (result,) = after(READER, Session(0, 1, Read()), *replies).effects
    assert isinstance(result, Return)
    return result.result


@pytest.mark.parametrize(
    ("updates", "result"),
    [
        ((ONE, ONE, ONE, ONE), 10),
        ((INITIAL, INITIAL, ONE, ONE), 10),
        ((ONE, INITIAL, INITIAL, INITIAL), 0),
        ((ONE, ONE, TWO, TWO), 20),
        ((ONE, ONE, ONE, TWO), 10),
        ((INITIAL, ONE, TWO, Update(3, 30)), ERROR),
        ((ONE, Update(1, 11), ONE, TWO), 10),
    ],
)
def test_a_read_takes_the_newest_value_that_b_plus_1_vouch_for(
    updates: tuple[Update, ...], result: object
) -> None:
    assert read(*updates) == result


def test_a_replica_answers_a_read_once_and_not_the_read_before() -> None:
    asked = Session(0, 2, Read())
    first = after(READER, asked, Receive(REPLICAS[0], Reply(2, ONE))).state

    assert first == Session(0, 2, Read(frozenset({(REPLICAS[0], ONE)})))
    assert after(READER, first, Receive(REPLICAS[0], Reply(2, TWO))).state == first
    assert after(READER, first, Receive(REPLICAS[1], Reply(1, TWO))).state == first


def test_one_operation_at_a_time() -> None:
    busy = Session(0, 1, Read())

    assert READER.step(busy, Invoke(Call("read"))) is None
    assert READER.step(busy, Invoke(Call("write", 1))) is None


@pytest.mark.parametrize(("mutant", "lies"), [("credulous", 1), ("many_voices", 2)])
def test_a_false_rumour_takes_as_many_lies_as_replicas_are_believed(mutant: str, lies: int) -> None:
    world = catalogue.SPREADING.mutants[mutant].world(**catalogue.SPREADING.parameters())
    (finding,) = explore(world, [spec.accepted_was_written]).findings

    assert finding.trace is not None
    said = [cause for step in finding.trace.steps for cause in step.happenings]
    assert len(said) == lies
    assert all(isinstance(each, Forged) for each in said)
    assert len({each.receiver for each in said if isinstance(each, Forged)}) == 1


@pytest.mark.parametrize(
    ("mutant", "knowing"), [("small_entry", 1), ("demanding", 2), ("mongering", 2)]
)
def test_a_rumour_that_too_few_are_told_stops(mutant: str, knowing: int) -> None:
    broken = catalogue.SPREADING.mutants[mutant]
    world = broken.world(**catalogue.SPREADING.parameters())
    trace = run(evolve(catalogue.SPREADING, world=broken.world), "everybody_accepts")

    view = WorldView(world, trace.states[-1])
    accepted = [spec.OWN in view[replica].accepted for replica in view.nodes("replica")]
    assert sum(accepted) == knowing
    assert causes(trace)[1] == []


def test_spreading_needs_all_the_fairness_that_it_is_given() -> None:
    assert needless(catalogue.SPREADING) == []


def test_the_plain_explorer_says_the_same() -> None:
    engine, plain = both(catalogue.SPREADING, replicas=3, lies=0, b=0)

    assert engine.summary() == plain.summary()


def test_a_read_while_replicas_lie_about_everything_is_still_safe() -> None:
    check = catalogue.REGISTER
    found = explore(check.world(**check.parameters(lies=1, tells=0)), check.properties)

    verdicts = {finding.claim.name: finding.verdict for finding in found.findings}
    assert verdicts["safe"] is Verdict.HOLDS
    assert verdicts["a_completed_write_is_at_a_write_set"] is Verdict.HOLDS
