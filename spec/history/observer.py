"""A world's observer that keeps the history of what users called and were answered."""

from typing import Any

from attrs import evolve, frozen
from immutables import Map

from coterie.model.machine import Invoke, Node, Return
from coterie.spec.history.operation import Operation
from coterie.spec.observer import Observer, Seen


@frozen(cache_hash=True)
class Interval:
    """An operation of a node, on a time scale that is as coarse as it may be.

    Attributes:
        call: what was called.
        invoked: when; an even number.
        returned: when it was answered, an odd number; None while it is under way, and for ever
            when the node has crashed.
        result: what the answer said.
    """

    call: Any
    invoked: int
    returned: int | None = None
    result: Any = None


Recorded = Map[tuple[Node, int], Interval]


def recorded(history: Recorded, node: Node, seen: Seen) -> Recorded:
    """Return the history after `node` was called or has answered.

    Time is a count of phases: a call that follows an answer, of whomever, begins a new one. Calls
    within a phase overlap, and so no more is kept than what was answered before what: histories
    that no user can tell apart are equal, and the world has no state for each of them.

    Shape: the operations by node and by the number of the node's calls before.
    Guard: a node that is called again before it has answered has crashed in between; a machine that
        is busy refuses a call (its step gives None). The first call stays without an answer.
    Raises: ValueError where a node answers that was not called.
    """
    count = _count(history, node)
    match seen:
        case Invoke(call):
            return history.set((node, count), Interval(call, _next_call(history)))
        case Return(result):
            last = history.get((node, count - 1))
            if last is None or last.returned is not None:
                raise ValueError(f"{node} answers {result!r}, but no call of it is under way")
            ended = evolve(last, returned=_latest_call(history) + 1, result=result)
            return history.set((node, count - 1), ended)
    return history


def _count(history: Recorded, node: Node) -> int:
    return sum(caller == node for caller, _ in history)


def _latest_call(history: Recorded) -> int:
    return max((each.invoked for each in history.values()), default=0)


def _next_call(history: Recorded) -> int:
    """Return the time of a call now: a new phase where something was answered in the last one."""
    latest = _latest_call(history)
    answered = any(each.returned == latest + 1 for each in history.values())
    return latest + 2 * answered


def operations(history: Recorded) -> tuple[Operation, ...]:
    """Return the operations of all nodes, by node and in the order of its calls."""
    return tuple(
        Operation(node, each.call, each.invoked, each.returned, each.result)
        for (node, _), each in sorted(history.items(), key=lambda item: item[0])
    )


HISTORY = Observer(Map(), recorded)
"""The observer for a world: `World(..., observers={"history": HISTORY})`."""
