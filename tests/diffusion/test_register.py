"""The register's rules, one by one, and its flaws as published."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coterie.model.call import Call
from coterie.model.diffusion import quorums
from coterie.model.diffusion.register.client import ERROR, Client, candidates, newest
from coterie.model.diffusion.register.messages import (
    INITIAL,
    Ack,
    Copy,
    Echo,
    Stored,
    Ticket,
    Timestamp,
    TimestampRequest,
    Update,
    is_newer,
)
from coterie.model.diffusion.register.replica import Replica
from coterie.model.machine import Invoke, Node, Receive
from tests.diffusion.register_runs import Run

WRITER, READER = Node("client", 0), Node("client", 1)
ROOT = tuple(Node("root", index) for index in range(5))
LEAF = tuple(Node("leaf", index) for index in range(5))
LIAR = ROOT[4]
TICKET = Ticket(WRITER, 0, 1)
UPDATE = Update(1, 0, 0, "a")
WRITE, READ = Invoke(Call("write", "a")), Invoke(Call("read"))


def node(*, honest: int = 4, agree: bool = False, **fields: Any) -> Run:
    """Return a node of five replicas, the first ones honest, with a writer and a reader."""
    machines: dict[Node, Any] = {
        each: Replica(1, peers=tuple(p for p in ROOT if p != each) if agree else ())
        for each in ROOT[:honest]
    }
    machines |= {each: Client(each, 1, ROOT, **fields) for each in (WRITER, READER)}
    return Run(machines)


def tree(honest: int = 5) -> Run:
    """Return a tree of two nodes with a writer at the root."""
    machines: dict[Node, Any] = {each: Replica(1, (LEAF,)) for each in ROOT[:honest]}
    machines |= {each: Replica(1, (ROOT,)) for each in LEAF}
    machines[WRITER] = Client(WRITER, 1, ROOT)
    return Run(machines)


def to(*receivers: Node) -> Callable[[Node, Node, Any], bool]:
    return lambda _, receiver, __: receiver in receivers


def copies_only(_: Node, __: Node, message: Any) -> bool:
    return not isinstance(message, Copy)


def update(timestamp: int, value: str, writer: int = 0, incarnation: int = 0) -> Update:
    return Update(timestamp, writer, incarnation, value)


def test_a_write_builds_on_a_timestamp_that_no_liar_has_inflated() -> None:
    run = node()
    run.happens(WRITER, WRITE)
    run.says(LIAR, [WRITER], Timestamp(Ticket(WRITER, 0, 0), 1 << 40))

    run.delivers()

    assert {run.states[each].stored for each in ROOT[:4]} == {UPDATE}
    assert run.returned == [None]


def test_a_write_waits_for_3b_and_1_acknowledgements() -> None:
    run = node(honest=3)
    run.happens(WRITER, WRITE)
    run.says(LIAR, [WRITER], Timestamp(Ticket(WRITER, 0, 0), 0))

    run.delivers()

    assert run.returned == []
    run.says(LIAR, [WRITER], Ack(TICKET, UPDATE))
    assert run.returned == [None]


def test_an_answer_counts_once_for_each_replica() -> None:
    run = node(honest=0)
    run.happens(WRITER, WRITE)

    for _ in range(4):
        run.says(LIAR, [WRITER], Timestamp(Ticket(WRITER, 0, 0), 0))

    assert run.states[WRITER].doing.answers == (0,)


def test_an_older_update_is_not_stored_and_yet_passed_on() -> None:
    replica = Replica(1, (LEAF,))
    newer = replica.step(replica.start(None).state, Receive(WRITER, Copy(TICKET, update(2, "b"))))
    assert newer is not None

    older = replica.step(newer.state, Receive(READER, Copy(Ticket(READER, 0, 1), UPDATE)))

    assert older is not None
    assert older.state.stored == update(2, "b")
    assert [each.to for each in older.effects] == list(LEAF)


def test_an_update_is_taken_from_b_and_1_replicas_of_one_node() -> None:
    run = tree()
    run.says(ROOT[0], LEAF, Copy(TICKET, UPDATE))
    assert {run.states[each].stored for each in LEAF} == {INITIAL}

    run.says(ROOT[1], LEAF, Copy(TICKET, UPDATE))

    assert {run.states[each].stored for each in LEAF} == {UPDATE}


def test_copies_of_two_nodes_do_not_add_up() -> None:
    other = tuple(Node("other", index) for index in range(5))
    replica = Replica(1, (ROOT, other))
    state = replica.start(None).state
    for sender in (ROOT[0], other[0]):
        state = replica.step(state, Receive(sender, Copy(TICKET, UPDATE))).state

    assert state.stored == INITIAL


def test_nothing_is_acknowledged_before_the_node_beyond_has_it() -> None:
    run = tree()
    run.happens(WRITER, WRITE)

    run.delivers(to(WRITER, *ROOT))

    assert run.returned == []
    run.delivers()
    assert run.returned == [None]
    assert {run.states[each].stored for each in LEAF} == {UPDATE}


def test_what_comes_before_it_is_active_is_kept() -> None:
    replica = Replica(1, (LEAF,))
    state = replica.start(None).state
    for sender in LEAF[:4]:
        state = replica.step(state, Receive(sender, Ack(TICKET, UPDATE))).state

    outcome = replica.step(state, Receive(WRITER, Copy(TICKET, UPDATE)))

    assert outcome is not None
    assert outcome.effects[-1].message == Ack(TICKET, UPDATE)
    assert outcome.effects[-1].to == WRITER


def test_strangers_are_not_heard() -> None:
    replica = Replica(1)
    state = replica.start(None).state

    for message in (Copy(TICKET, UPDATE), Echo(TICKET, UPDATE), Ack(TICKET, UPDATE)):
        assert replica.step(state, Receive(LEAF[0], message)).state == state
    assert replica.step(state, Receive(READER, TimestampRequest(TICKET))).effects == ()


def test_a_replica_cannot_pretend_to_be_a_client() -> None:
    run = node()

    run.says(LIAR, ROOT[:4], Copy(Ticket(LIAR, 0, 0), UPDATE))

    assert {run.states[each].stored for each in ROOT[:4]} == {INITIAL}


def test_a_read_between_old_and_new_fails() -> None:
    run = node(writes_back=False)
    run.happens(WRITER, WRITE)
    run.delivers(copies_only)
    run.delivers(to(ROOT[0]))
    run.happens(READER, READ)
    run.says(LIAR, [READER], Stored(Ticket(READER, 0, 0), update(9, "lie")))

    run.delivers(
        lambda sender, receiver, _: (
            READER in {sender, receiver} and ROOT[3] not in {sender, receiver}
        )
    )

    assert run.returned == [ERROR]


def test_a_crashed_writer_makes_reads_fail_for_ever_as_published() -> None:
    run = node(writes_back=False)
    run.happens(WRITER, WRITE)
    run.delivers(copies_only)
    run.delivers(to(ROOT[0]))
    run.restarts(WRITER)

    for number in range(3):
        run.happens(READER, READ)
        run.says(LIAR, [READER], Stored(Ticket(READER, 0, number), update(9, "lie")))
        run.delivers(lambda sender, receiver, _: ROOT[3] not in {sender, receiver})
        run.waiting.clear()

    assert run.returned == [ERROR] * 3


@pytest.mark.parametrize("heard", range(5))
def test_replicas_that_agree_all_take_an_update_or_none_does(heard: int) -> None:
    run = node(agree=True, writes_back=False)
    run.happens(WRITER, WRITE)
    run.delivers(copies_only)
    run.delivers(to(*ROOT[:heard]))
    run.restarts(WRITER)

    run.delivers()

    assert len({run.states[each].stored for each in ROOT[:4]}) == 1


@pytest.mark.parametrize("names", [False, True])
def test_a_restarted_writer_needs_a_new_name(names: bool) -> None:  # noqa: FBT001 (the repair)
    run = node(writes_back=False, names_incarnation=names)
    run.happens(WRITER, WRITE)
    run.delivers(copies_only)
    run.delivers(to(ROOT[0]))
    run.restarts(WRITER)
    run.happens(WRITER, Invoke(Call("write", "b")))
    run.says(LIAR, [WRITER], Timestamp(Ticket(WRITER, 1, 0), 0))
    run.delivers()
    written = update(1, "b", incarnation=int(names))
    assert run.states[ROOT[1]].stored == written

    run.happens(READER, READ)
    run.says(LIAR, [READER], Stored(Ticket(READER, 0, 0), UPDATE))
    run.delivers(lambda sender, receiver, _: ROOT[3] not in {sender, receiver})

    assert run.returned == [None, "b" if names else "a"]


UPDATES = st.builds(Update, st.integers(0, 3), st.integers(0, 1), st.just(0), st.sampled_from("ab"))


@given(
    st.integers(1, 4).flatmap(
        lambda b: st.tuples(st.just(b), st.lists(UPDATES, min_size=3 * b + 1, max_size=3 * b + 1))
    )
)
def test_there_are_at_most_two_candidates(answers: tuple[int, list[Update]]) -> None:
    b, updates = answers

    found = candidates(updates, b)

    assert len(found) <= 2
    assert set(found) == plain_candidates(updates, b)


def plain_candidates(answers: list[Update], b: int) -> set[Update]:
    """Return the candidates word by word: the read protocol's steps 2 and 3."""
    kept = []
    for answer in answers:
        newer = [other for other in answers if other.timestamp > answer.timestamp]
        if len(newer) < b + 1:
            kept.append(answer)
    return {answer for answer in kept if sum(other == answer for other in kept) >= b + 1}


@given(st.lists(UPDATES, min_size=1))
def test_no_candidate_is_newer_than_the_newest(updates: list[Update]) -> None:
    found = newest(updates)

    assert found in updates
    assert not any(is_newer(each, found) for each in updates)


def test_the_machines_use_the_guards_that_the_lemmas_prove() -> None:
    client, replica = Client(WRITER, 1, ROOT), Replica(1)

    assert client.rank is quorums.trusted_rank
    assert client.answered is quorums.is_answered
    assert client.acknowledged is replica.acknowledged is quorums.is_acknowledged
    assert client.outdated is quorums.is_outdated
    assert client.supported is quorums.is_supported
    assert replica.copied is quorums.is_copied
    assert (replica.echoed, replica.agreed) == (quorums.is_echoed, quorums.is_agreed)
