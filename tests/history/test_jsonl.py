"""Histories in files."""

import json
from typing import Any

import pytest

from coterie.checks.history.jsonl import HistoryError, operations
from coterie.model.call import Call


def lines(*events: dict[str, Any]) -> list[str]:
    return [json.dumps(event) for event in events]


def event(process: Any, type_: str, f: str = "write", value: Any = None, **more: Any) -> Any:
    return {"process": process, "type": type_, "f": f, "value": value, **more}


def test_a_call_and_its_answer_are_an_operation() -> None:
    (op,) = operations(lines(event(0, "invoke", value=5), event(0, "ok", value=5)), "register")

    assert (op.process, op.call, op.invoked, op.returned) == ("0", Call("write", "5"), 1, 2)
    assert op.source == "1-2"


def test_what_failed_is_left_out() -> None:
    assert not operations(lines(event(0, "invoke", value=5), event(0, "fail")), "register")


@pytest.mark.parametrize("ending", [[], [event(0, "info")]])
def test_what_nobody_answered_may_have_an_effect_for_ever(ending: list[Any]) -> None:
    (op,) = operations(lines(event(0, "invoke", value=5), *ending), "register")

    assert not op.is_known


def test_a_process_goes_on_after_what_nobody_knows() -> None:
    first, second = operations(
        lines(event(0, "invoke", value=5), event(0, "info"), event(0, "invoke", value=6)),
        "register",
    )

    assert first.call.value == "5"
    assert second.call.value == "6"


def test_values_are_compared_as_json() -> None:
    values = [1, 1.0, True, "1", [1]]
    texts = {
        operations(lines(event(0, "invoke", value=value)), "register")[0].call.value
        for value in values
    }

    assert len(texts) == len(values)


def test_time_orders_the_lines_of_several_clients() -> None:
    late, early = operations(
        lines(
            event(0, "invoke", value=1, time=10),
            event(0, "ok", time=11),
            event(1, "invoke", value=2, time=3),
            event(1, "ok", time=4),
        ),
        "register",
    )

    assert early.precedes(late)


def test_the_same_time_is_an_overlap() -> None:
    one, other = operations(
        lines(
            event(0, "invoke", value=1, time=1),
            event(0, "ok", time=2),
            event(1, "invoke", value=2, time=2),
        ),
        "register",
    )

    assert not one.precedes(other)


@pytest.mark.parametrize(
    ("value", "result"), [(None, True), (True, True), ([1, 2], True), (False, False)]
)
def test_a_swap_says_whether_it_took_effect(value: Any, result: Any) -> None:
    (op,) = operations(
        lines(event(0, "invoke", "cas", [1, 2]), event(0, "ok", "cas", value)), "register"
    )

    assert op.call == Call("cas", ("1", "2"))
    assert op.result is result


def test_a_log_is_read_as_a_tuple() -> None:
    (op,) = operations(lines(event(0, "invoke", "read"), event(0, "ok", "read", [1, 2])), "log")

    assert op.result == ("1", "2")


def test_the_nemesis_is_no_user() -> None:
    assert not operations(lines(event("nemesis", "info", "partition")), "register")


CALL = event(0, "invoke", value=5)
MISTAKES: dict[str, tuple[str, list[Any], int]] = {
    "it is no JSON": ("register", ["{oh"], 1),
    "it is no JSON object": ("register", [7], 1),
    'it has no "process"': ("register", [{"type": "invoke"}], 1),
    'it has no "type"': ("register", [{"process": 0}], 1),
    '"type" is "done"': ("register", [event(0, "done")], 1),
    '"time" is "noon"': ("register", [event(0, "invoke", time="noon")], 1),
    '"f" is "get", which no register has': ("register", [event(0, "invoke", "get")], 1),
    'the "value" of cas is 3': ("register", [event(0, "invoke", "cas", 3)], 1),
    'it has no "key"': ("kv", [event(0, "invoke", "get")], 1),
    "it enqueues null": ("queue", [event(0, "invoke", "enqueue")], 1),
    'has no open call that "ok" could answer': ("register", [event(0, "ok")], 1),
    "process 0 calls again, and its call of line 1 is open": ("register", [CALL, CALL], 2),
    'its "f" is not that of the call of line 1': ("register", [CALL, event(0, "ok", "read")], 2),
    'the "value" of an ok cas is 9': (
        "register",
        [event(0, "invoke", "cas", [1, 2]), event(0, "ok", "cas", 9)],
        2,
    ),
    "a log was read as 3": ("log", [event(0, "invoke", "read"), event(0, "ok", "read", 3)], 2),
    "nobody knows what the read answered": (
        "register",
        [event(0, "invoke", "read"), {"process": 0, "type": "ok"}],
        2,
    ),
    'it has no "time", and others have': (
        "register",
        [event(0, "invoke", value=1, time=1), event(0, "ok")],
        2,
    ),
    "the time of process 0 goes backwards": (
        "register",
        [event(0, "invoke", value=1, time=5), event(0, "ok", time=4)],
        2,
    ),
}


@pytest.mark.parametrize("problem", MISTAKES)
def test_a_line_that_is_no_part_of_a_history_is_named(problem: str) -> None:
    model, events, number = MISTAKES[problem]
    text = [each if isinstance(each, str) else json.dumps(each) for each in events]

    with pytest.raises(HistoryError) as caught:
        operations(text, model)

    assert problem in caught.value.problem
    assert caught.value.number == number
    assert caught.value.remedy.endswith((".", "?"))
