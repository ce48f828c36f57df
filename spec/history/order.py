"""In which orders the operations of a history may have taken effect.

An order is a graph of *places*: each says which of the answered operations have taken effect so
far, and which may be next. Operations without an answer need never take effect; they are on offer
from some place on, for ever.
"""

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from operator import itemgetter
from typing import Any

from coterie.spec.history.operation import Operation


class Order(ABC):
    """The orders that a condition allows; operations are told by their index in the history.

    Attributes:
        start: the place where nothing has taken effect.
        interchangeable: whether of two answered operations that are ready, with the same call and
            result, the first may go first without loss.
    """

    start: Any
    interchangeable: bool

    @abstractmethod
    def ready(self, place: Any) -> Iterable[int]:
        """Return the answered operations that may be next, the most promising first."""

    @abstractmethod
    def offered(self, place: Any) -> Iterable[int]:
        """Return the operations without an answer that may be next, the oldest first."""

    @abstractmethod
    def after(self, place: Any, operation: int) -> Any:
        """Return the place after an answered operation that was ready."""

    @abstractmethod
    def progress(self, place: Any) -> int:
        """Return how far it is: of two searches that fail the one that came further says more."""

    @abstractmethod
    def is_end(self, place: Any) -> bool:
        """Return whether all answered operations have taken effect."""


class RealTime(Order):
    """An operation takes effect between its call and its answer.

    A place is the number of operations, by the time of their answers, before the first that has not
    taken effect yet, and a bit for each later one that has. Whatever is next must have been called
    before the first was answered: so there is at most one candidate a process. That first one has
    to take effect soonest, and is tried first (Lowe's just-in-time linearization).
    """

    interchangeable = True

    def __init__(self, operations: Sequence[Operation]) -> None:
        known = [(op.returned, at) for at, op in enumerate(operations) if op.returned is not None]
        self._known = [at for _, at in sorted(known)]
        self._index = {at: index for index, at in enumerate(self._known)}
        ends = [end for end, _ in sorted(known)]
        calls = [operations[at].invoked for at in self._known]
        self._rivals = _rivals(calls, ends)
        unknown = sorted(
            (op.invoked, at) for at, op in enumerate(operations) if op.returned is None
        )
        self._unknown = [at for _, at in unknown]
        self._offered = [bisect_left(unknown, (end, len(operations))) for end in ends]
        self.start = (0, 0)

    def ready(self, place: tuple[int, int]) -> Iterable[int]:
        """Return what is called before the first answer that is not accounted for."""
        base, done = place
        return [self._known[base + k] for k in self._rivals[base] if not done >> k & 1]

    def offered(self, place: tuple[int, int]) -> Iterable[int]:
        """Return what is called before that answer, and has none of its own."""
        return self._unknown[: self._offered[place[0]]]

    def after(self, place: tuple[int, int], operation: int) -> tuple[int, int]:
        """Set the operation's bit, and pass over all that have taken effect."""
        base, done = place
        done |= 1 << (self._index[operation] - base)
        passed = (~done & (done + 1)).bit_length() - 1
        return base + passed, done >> passed

    def progress(self, place: tuple[int, int]) -> int:
        """Return how many answers are accounted for without a gap."""
        return place[0]

    def is_end(self, place: tuple[int, int]) -> bool:
        """Return whether there is no other answer."""
        return place[0] == len(self._known)


def _rivals(calls: list[float], ends: list[float]) -> list[list[int]]:
    """Return for each answer the distances to the later ones whose call came before it.

    Shape: answers by time, `calls[i]` and `ends[i]` of one operation; each list begins with 0.
    """
    rivals: list[list[int]] = [[] for _ in ends]
    for index, call in enumerate(calls):
        for earlier in range(bisect_left(ends, call), index + 1):
            rivals[earlier].append(index - earlier)
    return rivals


class ProgramOrder(Order):
    """The operations of each process take effect in the order of its calls.

    A place is how many of its operations have taken effect, for each process. An operation without
    an answer comes after the earlier ones of its process; the process, which goes on without
    knowing, does not wait for it.
    """

    interchangeable = False

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._ends = [op.returned or 0 for op in operations]
        by_process: defaultdict[Hashable, list[int]] = defaultdict(list)
        self._unknown: list[tuple[int, int, int]] = []
        numbers: dict[Hashable, int] = {}
        for at, op in sorted(enumerate(operations), key=lambda each: each[1].invoked):
            number = numbers.setdefault(op.process, len(numbers))
            own = by_process[op.process]
            if op.is_known:
                own.append(at)
            else:
                self._unknown.append((number, len(own), at))
        self._own = [by_process[process] for process in numbers]
        self._number = {at: number for number, own in enumerate(self._own) for at in own}
        self.start = (0,) * len(self._own)

    def ready(self, place: tuple[int, ...]) -> Iterable[int]:
        """Return the next operation of each process, by the time of the answers."""
        found = [own[done] for own, done in zip(self._own, place, strict=True) if done < len(own)]
        return sorted(found, key=self._ends.__getitem__)

    def offered(self, place: tuple[int, ...]) -> Iterable[int]:
        """Return the unanswered operations whose process has come to them."""
        return [at for number, needed, at in self._unknown if place[number] >= needed]

    def after(self, place: tuple[int, ...], operation: int) -> tuple[int, ...]:
        """Move the operation's process on."""
        number = self._number[operation]
        return (*place[:number], place[number] + 1, *place[number + 1 :])

    def progress(self, place: tuple[int, ...]) -> int:
        """Return how many operations have taken effect."""
        return sum(place)

    def is_end(self, place: tuple[int, ...]) -> bool:
        """Return whether no process has another one."""
        return all(done == len(own) for own, done in zip(self._own, place, strict=True))


def before_in_real_time(operations: Sequence[Operation]) -> list[int]:
    """Return for each operation the bits of those that were answered before its call."""
    ends = sorted((op.returned, at) for at, op in enumerate(operations) if op.returned is not None)
    masks = [0]
    for _, at in ends:
        masks.append(masks[-1] | 1 << at)
    times = list(map(itemgetter(0), ends))
    return [masks[bisect_left(times, op.invoked)] for op in operations]


def before_in_program(operations: Sequence[Operation]) -> list[int]:
    """Return for each (answered) operation the bits of the earlier ones of its process."""
    masks: defaultdict[Hashable, int] = defaultdict(int)
    found = [0] * len(operations)
    for at, op in sorted(enumerate(operations), key=lambda each: each[1].invoked):
        found[at] = masks[op.process]
        masks[op.process] |= 1 << at
    return found
