"""Foresight: knowing the results of a whole history, refuse at once what cannot lead to them.

A log that was read as (a, b, c) can never have begun with b: a search that appends b first would
learn so only at the read, after trying all that comes between. What is refused here could not have
been completed to the known results, so no verdict changes; the tests hold this against a search
without foresight.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from attrs import frozen

from coterie.model.call import Call
from coterie.spec.history.operation import REFUSED, Mark, Operation

Predecessors = Callable[[Sequence[Operation]], list[int]]


@frozen
class Checked:
    """A sequential object that is held against results.

    Attributes:
        initial: its state at the start, hashable.
        after: the state after an operation, or `REFUSED` where its result would have been another.
    """

    initial: Any
    after: Callable[[Any, Operation], Any]


def foresee_cell(
    cell: Checked, operations: Sequence[Operation], predecessors: Predecessors
) -> Checked:
    """Refuse a write without an answer whose value nobody has seen: it can as well have no effect.

    A swap that found another value than it looked for has seen what it does not tell; where there
    is one nothing is refused.
    """
    del predecessors
    known = [op for op in operations if op.is_known]
    if any(op.call.f == "cas" and op.result is False for op in known):
        return cell
    looked_for = {op.call.value[0] for op in operations if op.call.f == "cas"}
    seen = looked_for | {op.result for op in known if op.call.f in {"read", "get"}}

    def after(state: Any, operation: Operation) -> Any:
        call = operation.call
        is_write = not operation.is_known and call.f in {"write", "put", "delete"}
        return REFUSED if is_write and call.value not in seen else cell.after(state, operation)

    return Checked(cell.initial, after)


_BEYOND = -1


def foresee_log(
    log: Checked, operations: Sequence[Operation], predecessors: Predecessors
) -> Checked:
    """Keep of a log how much of its longest known reading it holds.

    A log only grows, so whatever it held at any time is a prefix of its longest reading, or begins
    with that. What comes behind the longest reading nobody has read.
    """
    del predecessors
    readings = [op.result for op in operations if op.is_known and op.call.f == "read"]
    longest = max((each for each in readings if isinstance(each, tuple)), key=len, default=())
    start = len(log.initial)
    if longest[:start] != log.initial:
        return log

    def after(length: int, operation: Operation) -> int | Mark:
        match operation.call:
            case Call("append", value):
                if length in {_BEYOND, len(longest)}:
                    return _BEYOND
                return length + 1 if longest[length] == value else REFUSED
            case _:
                same = length != _BEYOND and longest[:length] == operation.result
                return length if same or not operation.is_known else REFUSED

    return Checked(start, after)


def foresee_queue(
    queue: Checked, operations: Sequence[Operation], predecessors: Predecessors
) -> Checked:
    """Refuse to enqueue before its time what is known to be dequeued later than something else.

    * Of two values that are enqueued once, and dequeued once by an operation that was answered, the
      one that was dequeued before the other was enqueued before it.
    * All values that nobody was handed are alike: here each is None. If no dequeue is without an
      answer they come behind all others, and one of them is as good as many.
    * A dequeue without an answer has taken nothing that another operation was certainly handed, and
      an enqueue without an answer of what nobody was handed can as well have no effect.
    """
    traced = _Traced(queue.initial, operations, predecessors)

    def put(state: tuple[Any, int], operation: Operation) -> tuple[Any, int] | Mark:
        (items, enqueued), value = state, operation.call.value
        if value not in traced.taken:
            is_early = not traced.lossy and enqueued != traced.all
            if is_early or not operation.is_known:
                return REFUSED
            is_enough = not traced.lossy and items[-1:] == (None,)
            return state if is_enough else ((*items, None), enqueued)
        if traced.earlier.get(value, 0) & ~enqueued:
            return REFUSED
        return (*items, value), enqueued | traced.bit.get(value, 0)

    def after(state: tuple[Any, int], operation: Operation) -> tuple[Any, int] | Mark:
        items, enqueued = state
        if operation.call.f == "enqueue":
            return put(state, operation)
        if operation.is_known and operation.result is None:
            return REFUSED if items else state
        if operation.is_known:
            fits = items and items[0] == operation.result
            return (items[1:], enqueued) if fits else REFUSED
        return REFUSED if items and items[0] in traced.bit else (items[1:], enqueued)

    start = tuple(item if item in traced.taken else None for item in queue.initial)
    return Checked((start, 0), after)


class _Traced:
    """What the dequeues of a history say about the order of its enqueues.

    Attributes:
        taken: how often each value was handed to somebody.
        lossy: whether there is a dequeue without an answer.
        bit: for each value whose way is known a number of one bit.
        all: the bits of all of them.
        earlier: for such a value the bits of those that are enqueued before it.
    """

    def __init__(
        self,
        initial: tuple[Any, ...],
        operations: Sequence[Operation],
        predecessors: Predecessors,
    ) -> None:
        enqueued = Counter(op.call.value for op in operations if op.call.f == "enqueue")
        enqueued.update(dict.fromkeys(initial, 2))
        takes = [op for op in operations if op.call.f == "dequeue"]
        known = [op for op in takes if op.is_known and op.result is not None]
        self.taken = Counter(op.result for op in known)
        self.lossy = any(not op.is_known for op in takes)
        once = [op for op in known if self.taken[op.result] == enqueued[op.result] == 1]
        self.bit = {op.result: 1 << place for place, op in enumerate(once)}
        self.all = (1 << len(once)) - 1
        masks = predecessors(once)
        self.earlier = {op.result: mask for op, mask in zip(once, masks, strict=True)}
