"""The replicated state: the keys with their values, and what each session was answered last.

It hangs on nothing but the log. The answers are part of it: a command that stands in the log twice
is done once, whichever server it came through, and its result is known wherever the log is.

Source: Schneider, The State Machine Approach, ACM Computing Surveys 1990.
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import field, frozen
from immutables import Map, MapMutation

from coterie.model.call import Call
from coterie.model.machine import Node
from coterie.model.synchrony.service.messages import Batch, Command

Caller = tuple[Node, int]
"""A client and one of its sessions."""

NOTHING: tuple[int, Any] = (0, None)
ALL = "all"
"""The operation whose value is a tuple of calls, which are done one after the other."""


@frozen(cache_hash=True)
class Contents:
    """The replicated state.

    Attributes:
        values: what the keys hold that are there.
        answers: the number and the result of the last command of each session.
    """

    values: Map[str, Any] = field(factory=Map)
    answers: Map[Caller, tuple[int, Any]] = field(factory=Map)


def caller_of(command: Command) -> Caller:
    """Return whose command it is."""
    return command.client, command.session


def answered(contents: Contents, caller: Caller) -> tuple[int, Any]:
    """Return the number and the result of the last command of a session; 0 where it has none."""
    return contents.answers.get(caller, NOTHING)


def is_new(number: int, last: int) -> bool:
    """Return whether a command of that number is to be done, after the session's `last`."""
    return number > last


def parts(call: Call) -> tuple[Call, ...]:
    """Return what is done for a call, one after the other, with nothing in between.

    Why: a client that has much to ask asks it at once, and is answered with all results.
    """
    return call.value if call.f == ALL else (call,)


def is_known(call: Call) -> bool:
    """Return whether there is such an operation, of a key that is text; or some, to do at once."""
    match call:
        case Call("all", tuple() as calls, None):
            return all(
                isinstance(each, Call) and each.f != ALL and is_known(each) for each in calls
            )
        case Call("read" | "delete", None, str()):
            return True
        case Call("write", None | bool() | int() | str() | bytes(), str()):
            return True
        case Call("cas", (old, new), str()):
            return all(isinstance(each, None | bool | int | str | bytes) for each in (old, new))
    return False


def weight(call: Call) -> int:
    """Return about how many bytes a call takes on its way; beside its texts it takes little."""
    if call.f == ALL:
        return sum(map(weight, call.value))
    return sum(len(each) for each in (call.key, *_values(call)) if isinstance(each, str | bytes))


def _values(call: Call) -> tuple[Any, ...]:
    return call.value if isinstance(call.value, tuple) else (call.value,)


def executed(value: Any, call: Call) -> tuple[Any, Any]:
    """Return what the key holds next, and the result; they hang on nothing else.

    A key that is not there holds None. A swap answers whether it took effect.
    """
    match call:
        case Call("write", new):
            return new, None
        case Call("cas", (old, new)):
            return (new, True) if _is_same(value, old) else (value, False)
        case Call("delete"):
            return None, None
    return value, value


def _is_same(value: Any, other: Any) -> bool:
    """Return whether two values are the same one; a truth value is no number."""
    return type(value) is type(other) and bool(value == other)


@frozen
class Application:
    """What batches do to the replicated state.

    Attributes:
        caller_of: whose command it is.
        is_new: the guard of doing a command, over its number and that of the session's last.
        execute: the key's next value and the result, of the key's value and the call.
    """

    caller_of: Callable[[Command], Any] = caller_of
    is_new: Callable[[int, int], bool] = is_new
    execute: Callable[[Any, Call], tuple[Any, Any]] = executed

    def after(self, contents: Contents, batches: Iterable[Batch]) -> Contents:
        """Return the state after these batches, each command in its turn."""
        values, answers = contents.values.mutate(), contents.answers.mutate()
        for batch in batches:
            for command in batch.commands:
                caller = self.caller_of(command)
                if self.is_new(command.number, answers.get(caller, NOTHING)[0]):
                    results = tuple(self._done(values, call) for call in parts(command.call))
                    result = results if command.call.f == ALL else results[0]
                    answers[caller] = (command.number, result)
        return Contents(values.finish(), answers.finish())

    def _done(self, values: MapMutation[str, Any], call: Call) -> Any:
        """Do one call, and return its result."""
        value, result = self.execute(values.get(call.key), call)
        if value is not None:
            values[call.key] = value
        elif call.key in values:
            del values[call.key]
        return result
