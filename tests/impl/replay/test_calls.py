"""What clients have called and been answered, as the servers tell."""

import json
from pathlib import Path

import pytest

from coterie.impl.core import Step
from coterie.impl.replay.calls import Requests, answered, submitted
from coterie.impl.replay.divergence import ANSWERS, DivergenceError, Place
from coterie.impl.replay.happening import Taken
from coterie.model.call import Call
from coterie.model.machine import Effect, Event, Invoke, Node, Receive, Send
from coterie.model.postbox import Postbox
from coterie.model.session import Parcel
from coterie.model.synchrony.service.messages import Done, NotNow, Submit

SERVER, CLIENT = Node("server"), Node("client")


def taken(line: int, event: Event, *effects: Effect, counts: bool = True) -> Taken:
    place = Place(Path("journal"), line)
    return Taken(SERVER, place, line, Step(event, effects), 0, 0, Postbox(), counts)


def asks(number: int, call: Call) -> Receive:
    return Receive(CLIENT, Parcel(1, 1, 0, number, Submit(70, number, call)))


def answers(number: int, result: object) -> Send:
    return Send(CLIENT, Parcel(1, 1, 0, number, Done(70, number, result, 1)))  # type: ignore[arg-type]


def history(*steps: Taken) -> list[dict[str, object]]:
    requests = Requests()
    for step in steps:
        requests.happened(step)
    return [json.loads(line) for line, _ in requests.history()]


WRITE, READ = Call("write", 5, "x"), Call("read", None, "y")


def test_a_call_begins_when_a_server_receives_it_and_ends_when_one_answers() -> None:
    found = history(taken(0, asks(1, WRITE)), taken(1, Invoke("anything"), answers(1, None)))

    assert found == [
        {"process": "client0.1.1", "f": "put", "key": "x", "value": 5, "type": "invoke"},
        {"process": "client0.1.1", "f": "put", "key": "x", "value": 5, "type": "ok"},
    ]


def test_what_is_repeated_is_one_call() -> None:
    both = taken(1, asks(1, WRITE), answers(1, None))

    assert len(history(taken(0, asks(1, WRITE)), both, both)) == 2


def test_a_call_without_an_answer_is_open() -> None:
    refused = Send(CLIENT, Parcel(1, 1, 0, 0, NotNow(70, 1, "busy")))

    assert [line["type"] for line in history(taken(0, asks(1, WRITE), refused))] == ["invoke"]


def test_an_answer_of_a_turn_that_was_never_committed_was_never_given() -> None:
    never = taken(0, asks(1, WRITE), answers(1, None), counts=False)

    assert [line["type"] for line in history(never)] == ["invoke"]


def test_reads_and_swaps_are_answered_with_what_they_give() -> None:
    found = history(
        taken(0, asks(1, Call("read", None, "x")), answers(1, "red")),
        taken(1, asks(2, Call("cas", ("red", b"\x01"), "x")), answers(2, True)),
        taken(2, asks(3, Call("delete", None, "x")), answers(3, None)),
    )

    assert [(line["f"], line["value"]) for line in found] == [
        ("get", None),
        ("get", "red"),
        ("cas", ["red", {"bytes": "01"}]),
        ("cas", True),
        ("delete", None),
        ("delete", None),
    ]


def test_several_calls_of_one_request_are_done_at_once() -> None:
    found = history(taken(0, asks(1, Call("all", (WRITE, READ))), answers(1, (None, 7))))

    assert [(line["process"], line["f"], line["value"]) for line in found] == [
        ("client0.1.1.0", "put", 5),
        ("client0.1.1.1", "get", None),
        ("client0.1.1.0", "put", 5),
        ("client0.1.1.1", "get", 7),
    ]


def test_what_no_server_does_is_in_no_history() -> None:
    assert history(taken(0, asks(1, Call("dance", None, "x")))) == []


def test_two_different_answers_to_one_call_are_a_divergence() -> None:
    requests = Requests()
    requests.happened(taken(0, asks(1, Call("read", None, "x")), answers(1, 1)))
    with pytest.raises(DivergenceError) as caught:
        requests.happened(taken(1, Invoke("anything"), answers(1, True)))

    assert caught.value.divergence.kind == ANSWERS


def test_the_calls_of_a_request_and_the_results_of_an_answer_are_all_there() -> None:
    asked, told = submitted(Submit(1, 2, WRITE)), answered(Done(1, 2, None, 3))

    assert asked == (1, 2, (WRITE,))
    assert told == (1, 2, (None,))
    assert submitted(Submit(1, 2, Call("all", (WRITE, READ)))) == (1, 2, (WRITE, READ))
    assert answered(Done(1, 2, (None, 5), 3)) == (1, 2, (None, 5))
    assert submitted(Done(1, 2, None, 3)) is None
    assert answered(Submit(1, 2, WRITE)) is None
