"""Histories of real systems, as files: one JSON object a line, one line a call or an answer.

    {"process": 0, "type": "invoke", "f": "write", "key": "x", "value": 1, "time": 17}
    {"process": 0, "type": "ok",     "f": "write", "key": "x", "value": 1, "time": 21}

`ok` answers the call that its process has open; `fail` says that it had no effect; `info` says that
nobody knows. A call whose answer is missing counts as `info`. `key` may be left out where there is
one object, `time` where the lines are in the order of events; else they are ordered by it, and what
bears the same time counts as overlapping. Lines of the process "nemesis" are passed over.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from coterie.model.call import Call
from coterie.spec.history.operation import Operation

ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "register": {"read": "", "write": "value", "cas": "pair"},
    "kv": {"get": "", "put": "value", "delete": "", "cas": "pair"},
    "queue": {"enqueue": "value", "dequeue": ""},
    "log": {"append": "value", "read": ""},
}
"""For each model its operations, and what the `value` of their calls is."""

_TYPES = ("invoke", "ok", "fail", "info")


class HistoryError(Exception):
    """A line that is no part of a history.

    Attributes:
        number: of the line, counted from 1.
        problem: what is wrong with it.
        remedy: what to do.
    """

    def __init__(self, number: int, problem: str, remedy: str) -> None:
        self.number, self.problem, self.remedy = number, problem, remedy
        super().__init__(f"line {number}: {problem}. {remedy}")


@frozen
class _Line:
    """A line that is an event.

    Attributes:
        number: counted from 1.
        fields: what it says.
        time: its `time`, or its number where it has none.
    """

    number: int
    fields: dict[str, Any]
    time: float

    def error(self, problem: str, remedy: str) -> HistoryError:
        return HistoryError(self.number, problem, remedy)

    @property
    def process(self) -> str:
        return str(text(self.fields["process"]))


def operations(lines: Iterable[str], model: str) -> tuple[Operation, ...]:
    """Return the operations of a history of `model`, by the order of their calls in the file.

    What failed is left out. Values are compared as JSON texts, so 1, 1.0, true and "1" are four.

    Raises: HistoryError.
    """
    events = [_event(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    events = [event for event in events if event.fields["process"] != "nemesis"]
    _timed_alike(events)
    open_calls: dict[str, _Line] = {}
    last: dict[str, float] = {}
    found: dict[int, Operation] = {}
    for event in events:
        process = event.process
        if event.time < last.get(process, event.time):
            raise event.error(
                f"the time of process {process} goes backwards",
                "Write the lines of each process in the order in which they happened.",
            )
        last[process] = event.time
        if event.fields["type"] == "invoke":
            _refuse_overlap(event, open_calls.get(process))
            open_calls[process] = event
            found[event.number] = _called(event, model)
            continue
        begun = open_calls.pop(process, None)
        if begun is None:
            raise event.error(
                f'process {process} has no open call that "{event.fields["type"]}" could answer',
                'A "type": "invoke" of the same process has to come before it.',
            )
        _complete(model, found, begun, event)
    return tuple(found.values())


def text(value: Any) -> str | None:
    """Return the JSON text of a value; None for null."""
    return None if value is None else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _event(number: int, line: str) -> _Line:
    remedy = 'A line is as {"process": 0, "type": "invoke", "f": "read", "key": "x"}.'
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise HistoryError(number, f"it is no JSON: {error}", remedy) from None
    if not isinstance(fields, dict):
        raise HistoryError(number, "it is no JSON object", remedy)
    for name in ("process", "type"):
        if fields.get(name) is None:
            raise HistoryError(number, f'it has no "{name}"', remedy)
    if fields["type"] not in _TYPES:
        problem = f'"type" is {text(fields["type"])}'
        raise HistoryError(number, problem, f"It is one of {', '.join(_TYPES)}.")
    time = fields.get("time")
    if isinstance(time, bool) or not isinstance(time, int | float | None) or time != time:  # noqa: PLR0124
        raise HistoryError(number, f'"time" is {text(time)}', "It is a number, or left out.")
    return _Line(number, fields, number if time is None else time)


def _timed_alike(events: list[_Line]) -> None:
    """Refuse a history of which only some lines have a time."""
    timed = [event.fields.get("time") is not None for event in events]
    if any(timed) and not all(timed):
        raise events[timed.index(False)].error(
            'it has no "time", and others have', "Give every line a time, or none."
        )


def _refuse_overlap(event: _Line, begun: _Line | None) -> None:
    if begun is not None:
        raise event.error(
            f"process {event.process} calls again, and its call of line {begun.number} is open",
            'Answer that with "ok", "fail" or "info" first, or give this call another process.',
        )


def _called(event: _Line, model: str) -> Operation:
    fields = event.fields
    known = ARGUMENTS[model]
    f = str(fields.get("f"))
    if f not in known:
        raise event.error(
            f'"f" is {text(fields.get("f"))}, which no {model} has',
            f"A {model} has {', '.join(known)}; is it another --model?",
        )
    if model == "kv" and fields.get("key") is None:
        raise event.error('it has no "key"', "Operations of a key-value store are on a key.")
    value = fields.get("value")
    if known[f] == "pair":
        if not isinstance(value, list) or len(value) != 2:
            problem = f'the "value" of cas is {text(value)}'
            raise event.error(problem, "It is [old, new].")
        argument: Any = tuple(map(text, value))
    else:
        argument = text(value) if known[f] else None
    if f == "enqueue" and argument is None:
        raise event.error("it enqueues null", "That is what a dequeue from an empty queue answers.")
    call = Call(f, argument, text(fields.get("key")))
    return Operation(event.process, call, event.time, source=str(event.number))


def _complete(model: str, found: dict[int, Operation], begun: _Line, event: _Line) -> None:
    """Put the answer into the operation, or take it out where it failed."""
    operation = found[begun.number]
    for name in ("f", "key"):
        same = event.fields.get(name) is None or event.fields[name] == begun.fields.get(name)
        if not same:
            raise event.error(
                f'its "{name}" is not that of the call of line {begun.number}, which it answers',
                "An answer belongs to the open call of its process.",
            )
    if event.fields["type"] == "fail":
        del found[begun.number]
    elif event.fields["type"] == "ok":
        found[begun.number] = Operation(
            operation.process,
            operation.call,
            operation.invoked,
            event.time,
            _result(model, operation.call, event, begun),
            f"{begun.number}-{event.number}",
        )


def _result(model: str, call: Call, event: _Line, begun: _Line) -> Any:
    fields = event.fields
    value = fields.get("value")
    if call.f == "cas":
        if value is None or isinstance(value, bool) or value == begun.fields.get("value"):
            return value is not False
        remedy = "It is true or false; true may be left out, or the call's value repeated."
        raise event.error(f'the "value" of an ok cas is {text(value)}', remedy)
    if call.f not in {"read", "get", "dequeue"}:
        return None
    if "value" not in fields:
        raise event.error(
            f'it has no "value", so nobody knows what the {call.f} answered',
            "Write null for nothing.",
        )
    if "append" in ARGUMENTS[model]:
        if not isinstance(value, list):
            raise event.error(f"a log was read as {text(value)}", "A log is read as a list.")
        return tuple(map(text, value))
    return text(value)
