"""Regular and safe registers: conditions that ask about each read by itself.

Lamport defines both for a register with one writer:

* safe: a read that overlaps no write returns the value of the last write before it; one that
  overlaps a write may return anything;
* regular: a read that overlaps writes returns the value of the last write before them, or of one of
  them.

With several writers "the last write" is not always one. Here, as in the weakest of the
generalizations of Shao, Welch, Pierce and Lee (MWR1, "weak regularity"): a read may return the
value of any write that some order of the writes and this one read, in which all keep real time,
puts directly before the read; different reads need not agree on that order. So a write counts
unless it was called after the read was answered, or another write came wholly between it and the
read. A safe read that overlaps a write may return anything; one that overlaps none returns what a
regular one may. With one writer both are Lamport's conditions.

A write without an answer overlaps everything after its call.

Source: Lamport, "On Interprocess Communication", part II, Distributed Computing 1986; Shao, Welch,
Pierce and Lee, "Multiwriter Consistency Conditions for Shared Memory Registers", SIAM J. Comput.
2011.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

from attrs import frozen

from coterie.spec.history.objects import SequentialObject
from coterie.spec.history.operation import Operation, agrees

_READS = ("read", "get")
_WRITES = ("write", "put", "delete")


@frozen
class WrongRead:
    """A read that returned what it may not.

    Attributes:
        read: the read.
        allowed: the writes whose values it may return, by the time of their calls.
        initial: whether it may also return the initial value.
    """

    read: Operation
    allowed: tuple[Operation, ...]
    initial: bool


def irregular_reads(part: Sequence[Operation], of: SequentialObject) -> tuple[WrongRead, ...]:
    """Return the reads of one register that are not regular, by the time of their answers.

    Raises: ValueError for an operation that is neither a read nor a write.
    """
    return _wrong(part, of.initial, safe=False)


def unsafe_reads(part: Sequence[Operation], of: SequentialObject) -> tuple[WrongRead, ...]:
    """Return the reads of one register that are not safe, by the time of their answers.

    Raises: ValueError for an operation that is neither a read nor a write.
    """
    return _wrong(part, of.initial, safe=True)


def written(write: Operation) -> Any:
    """Return the value that a write (or a deletion) leaves."""
    return None if write.call.f == "delete" else write.call.value


def _wrong(part: Sequence[Operation], initial: Any, *, safe: bool) -> tuple[WrongRead, ...]:
    writes = _Writes([op for op in part if _is_write(op)])
    reads = [op for op in part if op.is_known and not _is_write(op)]
    found = []
    for read in sorted(reads, key=lambda op: op.returned or 0):
        allowed, untouched = writes.before(read)
        if safe and any(not write.precedes(read) for write in allowed):
            continue
        values = [*map(written, allowed), *([initial] if untouched else [])]
        if not any(agrees(value, read.result) for value in values):
            found.append(WrongRead(read, allowed, untouched))
    return tuple(found)


def _is_write(operation: Operation) -> bool:
    if operation.call.f in _WRITES:
        return True
    if operation.call.f in _READS:
        return False
    raise ValueError(
        f"regular and safe are conditions on reads and writes, and {operation.call} is neither:"
        " ask for linearizable or sequential"
    )


class _Writes:
    """The writes of one register, prepared for many reads."""

    def __init__(self, writes: Sequence[Operation]) -> None:
        self._writes = sorted(writes, key=lambda op: op.invoked)
        self._calls = [op.invoked for op in self._writes]
        ended = sorted((op.returned, op.invoked) for op in writes if op.returned is not None)
        self._ends = [end for end, _ in ended]
        latest = float("-inf")
        self._latest_call = [latest := max(latest, call) for _, call in ended]

    def before(self, read: Operation) -> tuple[tuple[Operation, ...], bool]:
        """Return the writes that may be directly before `read`, and whether none need be."""
        assert read.returned is not None
        over = bisect_left(self._ends, read.invoked)
        begun = self._writes[: bisect_right(self._calls, read.returned)]
        if not over:
            return tuple(begun), True
        latest = self._latest_call[over - 1]
        return tuple(op for op in begun if op.returned is None or op.returned >= latest), False
