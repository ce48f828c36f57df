"""Sequential objects: what a register, a store, a queue or a log does when nobody else uses it.

A consistency condition says how far the operations of many users must look as if such an object had
run them one at a time. An object of your own is a start value and one pure function:

    def counted(count, call):
        return (count + 1, count)

    TICKETS = SequentialObject("ticket dispenser", 0, counted)
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from attrs import evolve, frozen

from coterie.model.call import Call
from coterie.spec.history.foresight import Checked, foresee_cell, foresee_log, foresee_queue
from coterie.spec.history.operation import DONE, Operation

Predecessors = Callable[[Sequence[Operation]], list[int]]


def never(call: Any, result: Any) -> bool:
    """Say of no answer that the operation changes nothing."""
    del call, result
    return False


def one_object(call: Any) -> Hashable:
    """Say of every call that it is about the same object."""
    del call
    return None


def key_of(call: Any) -> Hashable:
    """Return the key of a `Call`."""
    key: Hashable = call.key
    return key


@frozen
class SequentialObject:
    """An object that runs one operation at a time.

    Attributes:
        name: what it is.
        initial: its state at the start, hashable.
        step: the next state and the result of a call at a state, where `DONE` is a result that
            tells nothing; pure.
        is_read: whether an operation of this call, once answered with this result, changes nothing
            at any state; where it is not sure it says no, and the search takes longer.
        key: which of several independent objects a call is about; a history may then be checked
            key by key where the condition allows that.
        foresee: turns the object into one that refuses a state from which the known results can no
            longer come; the verdicts are the same, and found sooner.
    """

    name: str
    initial: Any
    step: Callable[[Any, Any], tuple[Any, Any]]
    is_read: Callable[[Any, Any], bool] = never
    key: Callable[[Any], Hashable] = one_object
    foresee: Callable[[Checked, Sequence[Operation], Predecessors], Checked] | None = None

    def __str__(self) -> str:
        return self.name

    def starting(self, initial: Any) -> "SequentialObject":
        """Return the object with another state at the start."""
        return evolve(self, initial=initial)


def unknown_call(name: str, call: Any, known: str) -> ValueError:
    """Return the error that says which operations an object has."""
    return ValueError(f"a {name} has no operation {call}: it has {known}")


def _register(state: Any, call: Call) -> tuple[Any, Any]:
    match call:
        case Call("read"):
            return state, state
        case Call("write", value):
            return value, DONE
        case Call("cas", (old, new)):
            return (new, True) if state == old else (state, False)
    raise unknown_call("register", call, "read, write value, cas (old, new)")


def _cell(state: Any, call: Call) -> tuple[Any, Any]:
    match call:
        case Call("get"):
            return state, state
        case Call("put", value):
            return value, DONE
        case Call("delete"):
            return None, DONE
        case Call("cas", (old, new)):
            return (new, True) if state == old else (state, False)
    raise unknown_call("key-value store", call, "get, put value, delete, cas (old, new)")


def _queue(items: tuple[Any, ...], call: Call) -> tuple[Any, Any]:
    match call:
        case Call("enqueue", None):
            raise ValueError("a queue cannot hold None: that is what an empty one answers")
        case Call("enqueue", value):
            return (*items, value), DONE
        case Call("dequeue"):
            return (items[1:], items[0]) if items else (items, None)
    raise unknown_call("queue", call, "enqueue value, dequeue")


def _log(entries: tuple[Any, ...], call: Call) -> tuple[Any, Any]:
    match call:
        case Call("append", value):
            return (*entries, value), DONE
        case Call("read"):
            return entries, entries
    raise unknown_call("log", call, "append value, read")


def _reads(call: Call, result: Any) -> bool:
    return call.f in {"read", "get"} or (call.f == "cas" and result is False)


def _finds_nothing(call: Call, result: Any) -> bool:
    return call.f == "dequeue" and result is None


REGISTER = SequentialObject("register", None, _register, _reads, key_of, foresee_cell)
"""`read`, `write value`, `cas (old, new)`, which answers whether it took effect."""

KEY_VALUE = SequentialObject("key-value store", None, _cell, _reads, key_of, foresee_cell)
"""`get`, `put value`, `delete`, `cas (old, new)`, each of a key; absent is None."""

QUEUE = SequentialObject("queue", (), _queue, _finds_nothing, key_of, foresee_queue)
"""`enqueue value`, `dequeue`, first in first out; an empty one answers None."""

LOG = SequentialObject("log", (), _log, _reads, key_of, foresee_log)
"""`append value`, `read`, which answers a tuple of all that was appended."""
