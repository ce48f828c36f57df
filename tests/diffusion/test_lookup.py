"""The two-phase lookup, rule by rule, and against a client that counts everything anew."""

from collections.abc import Sequence

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map

from coterie.model.diffusion.lookup import (
    PUBLISHED,
    REPAIRED,
    WITNESSED,
    Client,
    Looking,
    Lookup,
    Result,
    Retry,
)
from coterie.model.diffusion.lookup_quorums import is_vouched, is_witnessed, server_count
from coterie.model.diffusion.lookup_server import Wary
from coterie.model.gossip.store.reads import Absent, Answer, Found, Get, Recovering
from coterie.model.gossip.store.recovery import Done, Request, Rows
from coterie.model.gossip.store.server import CODE, PAPER, Data, Serving
from coterie.model.machine import Event, Invoke, Node, Outcome, Receive, Return, Send

SERVERS = tuple(Node("server", index) for index in range(4))
A, B, C, D = SERVERS
DEVICE, CLIENT, STRANGER = Node("device"), Node("client"), Node("stranger")
CLIENTS = {
    "published": evolve(PUBLISHED, servers=SERVERS, f=1),
    "witnessed": evolve(WITNESSED, servers=SERVERS, f=1),
    "repaired": evolve(REPAIRED, servers=SERVERS, f=1),
}
CLIENT_OF_THE_PAPER = CLIENTS["published"]


def looking(number: int = 1, date: int | None = 7, **answers: Result) -> Looking:
    """Return a client in this attempt, with the answers of the servers named by letters."""
    names = dict(zip("abcd", SERVERS, strict=True))
    return Looking(number, date, Map({names[name]: each for name, each in answers.items()}))


def answered(
    client: Client, state: Looking, sender: Node, result: Result, number: int = 1
) -> Outcome[Looking]:
    """Return what `client` does about an answer."""
    outcome = client.step(state, Receive(sender, Answer(number, result)))
    assert outcome is not None
    return outcome


def to_all(message: object) -> tuple[Send, ...]:
    return tuple(Send(server, message) for server in SERVERS)


def test_a_lookup_asks_all_servers() -> None:
    outcome = CLIENT_OF_THE_PAPER.step(Looking(3), Invoke(Lookup(7)))

    assert outcome == Outcome(looking(4), to_all(Get(4, 7)))


def test_a_client_looks_up_one_date_at_a_time() -> None:
    assert CLIENT_OF_THE_PAPER.step(looking(), Invoke(Lookup(8))) is None


def test_a_retry_begins_from_scratch_with_a_number_of_its_own() -> None:
    outcome = CLIENT_OF_THE_PAPER.step(looking(1, a=Found(5), b=Absent()), Retry())

    assert outcome == Outcome(looking(2), to_all(Get(2, 7)))


def test_an_idle_client_has_nothing_to_retry() -> None:
    assert list(CLIENT_OF_THE_PAPER.options(Looking(1))) == []
    assert CLIENT_OF_THE_PAPER.step(Looking(1), Retry()) is None


def test_a_waiting_client_may_retry_at_any_time() -> None:
    assert list(CLIENT_OF_THE_PAPER.options(looking())) == [Retry()]


def test_the_time_is_not_over_before_the_timely_servers_have_answered() -> None:
    client = evolve(CLIENT_OF_THE_PAPER, timely=frozenset({A, B}))

    assert list(client.options(looking(a=Absent(), c=Absent()))) == []
    assert client.step(looking(a=Absent(), c=Absent()), Retry()) is None
    assert list(client.options(looking(a=Absent(), b=Found(5)))) == [Retry()]


def test_when_its_attempts_are_used_up_a_client_asks_no_more() -> None:
    client = evolve(CLIENT_OF_THE_PAPER, attempts=2)

    assert list(client.options(looking(1))) == [Retry()]
    assert list(client.options(looking(2))) == []
    assert client.step(Looking(1), Invoke(Lookup(7))) is not None
    assert client.step(Looking(2), Invoke(Lookup(7))) is None


def test_numbers_may_be_used_in_turns() -> None:
    client = evolve(CLIENT_OF_THE_PAPER, numbers=2)

    assert client.step(looking(0), Retry()) == Outcome(looking(1), to_all(Get(1, 7)))
    assert client.step(looking(1), Retry()) == Outcome(looking(0), to_all(Get(0, 7)))


def test_the_first_answer_of_a_server_counts() -> None:
    outcome = answered(CLIENT_OF_THE_PAPER, looking(a=Found(5)), A, Absent())

    assert outcome == Outcome(looking(a=Found(5)))


@pytest.mark.parametrize(
    ("state", "sender", "message"),
    [
        (looking(2), A, Answer(1, Found(5))),
        (looking(2), A, Answer(3, Found(5))),
        (Looking(1), A, Answer(1, Found(5))),
        (looking(1), STRANGER, Answer(1, Found(5))),
        (looking(1), A, Answer(1, Recovering())),
        (looking(1), A, Data(7, 5)),
    ],
    ids=["late", "early", "idle", "stranger", "recovering", "no answer"],
)
def test_what_is_no_answer_to_this_attempt_changes_nothing(
    state: Looking, sender: Node, message: object
) -> None:
    assert CLIENT_OF_THE_PAPER.step(state, Receive(sender, message)) == Outcome(state)


@pytest.mark.parametrize("result", [Found(5), Absent()])
def test_the_published_client_returns_what_2f_plus_1_say_alike(result: Result) -> None:
    two = looking(a=result, b=result, c=Found(6))

    assert answered(CLIENT_OF_THE_PAPER, looking(a=result), B, result) == Outcome(
        looking(a=result, b=result)
    )
    assert answered(CLIENT_OF_THE_PAPER, two, D, result) == Outcome(Looking(1), (Return(result),))


def test_two_values_are_not_alike() -> None:
    state = looking(a=Found(5), b=Found(5))

    assert answered(CLIENT_OF_THE_PAPER, state, C, Found(6)).effects == ()


def test_the_witnessed_client_returns_a_value_that_f_plus_1_say() -> None:
    outcome = answered(CLIENTS["witnessed"], looking(a=Found(5), b=Absent()), C, Found(5))

    assert outcome == Outcome(Looking(1), (Return(Found(5)),))


def test_the_witnessed_client_returns_none_only_when_2f_plus_1_say_so() -> None:
    client, two = CLIENTS["witnessed"], looking(a=Absent(), b=Absent())

    assert answered(client, looking(a=Absent()), B, Absent()) == Outcome(two)
    assert answered(client, two, C, Absent()) == Outcome(Looking(1), (Return(Absent()),))


def test_the_repaired_client_tells_all_servers_what_f_plus_1_say() -> None:
    outcome = answered(CLIENTS["repaired"], looking(a=Found(5), b=Absent()), C, Found(5))

    assert outcome == Outcome(looking(a=Found(5), b=Absent(), c=Found(5)), to_all(Data(7, 5)))


def test_the_repaired_client_tells_nobody_that_there_is_none() -> None:
    assert answered(CLIENTS["repaired"], looking(a=Absent()), B, Absent()).effects == ()


def test_the_repaired_client_returns_what_the_published_one_returns() -> None:
    outcome = answered(CLIENTS["repaired"], looking(a=Found(5), b=Found(5)), C, Found(5))

    assert outcome == Outcome(Looking(1), (Return(Found(5)),))


def test_the_guards_are_the_ones_that_are_named() -> None:
    assert PUBLISHED.believes_value is PUBLISHED.believes_none is is_vouched
    assert WITNESSED.believes_value is REPAIRED.passes_on is is_witnessed


@given(f=st.integers(0, 50), votes=st.integers(0, 200))
def test_who_is_vouched_for_leaves_no_second_such(f: int, votes: int) -> None:
    rest = server_count(f) - votes + f  # the Byzantine servers may say both

    assert not (is_vouched(votes, f) and is_vouched(rest, f))
    assert is_vouched(votes, f) == is_witnessed(votes - f, f)


# The same client, without a memory: it looks at everything that has happened.

RESULTS: list[Result] = [Found(5), Found(6), Absent()]


@st.composite
def attempts(draw: st.DrawFn) -> list[Event]:
    """Draw what happens to a client: attempts, and answers to each, of which some are late."""
    events: list[Event] = []
    for number in range(1, draw(st.integers(1, 5)) + 1):
        events += [Retry(), Invoke(Lookup(draw(st.integers(1, 2))))]  # either is refused
        likely = draw(st.sampled_from(RESULTS))
        for _ in range(draw(st.integers(0, 7))):
            sender = draw(st.sampled_from([*SERVERS, STRANGER]))
            asked = number - draw(st.sampled_from([0, 0, 0, 1]))
            result = draw(st.sampled_from([likely, likely, likely, *RESULTS, Recovering()]))
            events.append(Receive(sender, Answer(asked, result)))
    return events


def first_answers(events: Sequence[Event], number: int) -> dict[Node, Result]:
    """Return the first answer of each server to the attempt of that number."""
    found: dict[Node, Result] = {}
    for event in events:
        match event:
            case Receive(sender, Answer(asked, (Found() | Absent()) as result)):
                if asked == number and sender in SERVERS:
                    found.setdefault(sender, result)
    return found


def returned_plainly(kind: str, events: Sequence[Event]) -> list[Result]:
    """Return what a client returns that looks through all events again at each of them."""
    enough = {"published": (3, 3), "witnessed": (2, 3), "repaired": (3, 3)}[kind]
    results: list[Result] = []
    number, begun, reading = 0, 0, False
    for place, event in enumerate(events, start=1):
        if isinstance(event, Retry if reading else Invoke):
            number, begun, reading = number + 1, place, True
        if not reading:
            continue
        said = list(first_answers(events[begun:place], number).values())
        for result in RESULTS:
            if said.count(result) >= enough[result == Absent()]:
                results.append(result)
                reading = False
    return results


@pytest.mark.parametrize("kind", CLIENTS)
@given(events=attempts())
def test_a_client_returns_what_one_without_a_memory_returns(kind: str, events: list[Event]) -> None:
    client, results = CLIENTS[kind], []
    state = client.start(None).state
    for event in events:
        outcome = client.step(state, event)
        if outcome is not None:
            state = outcome.state
            results += [each.result for each in outcome.effects if isinstance(each, Return)]

    assert results == returned_plainly(kind, events)


# Servers that know whom to believe.

WARY = Wary(PAPER, frozenset({DEVICE}), frozenset({B}))


def test_a_server_inserts_what_its_sources_send() -> None:
    outcome = WARY.step(Serving(), Receive(DEVICE, Data(7, 5)))

    assert outcome == PAPER.step(Serving(), Receive(DEVICE, Data(7, 5)))
    assert outcome is not None
    assert outcome.state.store.table == Map({7: 5})


@pytest.mark.parametrize("message", [Data(7, 5), Rows(((7, 5),), 1, 0), Done()])
def test_a_server_does_not_believe_others(message: object) -> None:
    deaf = Wary(CODE, frozenset({DEVICE}), frozenset({B}))

    assert deaf.step(Serving(), Receive(D, message)) == Outcome(Serving())


def test_a_server_inserts_the_rows_of_its_helpers() -> None:
    outcome = WARY.step(Serving(), Receive(B, Rows(((7, 5),), 1, 0)))

    assert outcome is not None
    assert outcome.state.store.table == Map({7: 5})


@pytest.mark.parametrize("question", [Get(1, 7), Request(None, 0)])
def test_a_server_answers_whoever_asks(question: object) -> None:
    event = Receive(STRANGER, question)

    outcome = WARY.step(Serving(), event)

    assert outcome == PAPER.step(Serving(), event)
    assert outcome is not None
    assert outcome.effects
