"""The search for an order in which an object, alone, would have given the known results.

Depth first, over configurations: a place in the order, the object's state, and the operations
without an answer that were made use of. No recursion; states and steps are numbered once and then
looked up. What keeps it small:

* a configuration is not entered twice, nor one that equals another but has used up more (the
  operations without an answer are never owed, so whoever has used fewer can do all the other can);
* a read that agrees takes effect at once, without an alternative, for it changes nothing;
* of operations that are alike only the one with the earliest answer is tried, where the order
  allows to exchange them.

Source: Wing and Gong, "Testing and Verifying Concurrent Objects", JPDC 1993; Lowe, "Testing for
Linearizability", Concurrency and Computation 2017. The second and third point and the treatment of
unanswered operations are ours.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from enum import Enum
from typing import Any

from attrs import frozen

from coterie.spec.history.foresight import Checked
from coterie.spec.history.operation import DONE, REFUSED, Operation
from coterie.spec.history.order import Order

_REFUSED = -1
Configuration = tuple[Any, int, int]


class Answer(Enum):
    """Whether there is such an order."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@frozen
class Search:
    """What a search has found.

    Attributes:
        answer: UNKNOWN when it was told to stop.
        order: where there is none, the operations that could be put in order before it failed.
        stuck: and the answered operations that might have been next, the most urgent first.
        configurations: how many were entered.
    """

    answer: Answer
    order: tuple[Operation, ...]
    stuck: tuple[Operation, ...]
    configurations: int


def for_ever() -> bool:
    """Go on, however long it takes."""
    return True


def _told(operation: Operation) -> Hashable:
    """Return the result, of a type of its own: 1 and True are two."""
    return (type(operation.result), operation.result)


class _Steps:
    """The object's steps, each asked once; states and kinds of operations are numbers."""

    def __init__(
        self,
        checked: Checked,
        operations: Sequence[Operation],
        is_read: Callable[[Any, Any], bool],
    ) -> None:
        self._checked, self._operations = checked, operations
        kinds: dict[Hashable, int] = {}
        self.kinds = [
            kinds.setdefault((op.call, op.is_known and _told(op)), len(kinds)) for op in operations
        ]
        self.reads = [op.is_known and is_read(op.call, op.result) for op in operations]
        self.idle = [not op.is_known and is_read(op.call, DONE) for op in operations]
        self._states = [checked.initial]
        self._numbers: dict[Hashable, int] = {checked.initial: 0}
        self._after: dict[tuple[int, int], int] = {}

    def after(self, state: int, at: int) -> int:
        """Return the state after an operation, or `_REFUSED`."""
        question = (state, self.kinds[at])
        known = self._after.get(question)
        if known is None:
            known = self._after[question] = self._asked(state, at)
        return known

    def _asked(self, state: int, at: int) -> int:
        found = self._checked.after(self._states[state], self._operations[at])
        if found is REFUSED:
            return _REFUSED
        number = self._numbers.setdefault(found, len(self._states))
        if number == len(self._states):
            self._states.append(found)
        return number


class _Searching:
    """One search under way.

    Attributes:
        path: the operations that have taken effect, in order.
        best: the longest path by progress, and the place that it led to.
    """

    def __init__(self, order: Order, steps: _Steps) -> None:
        self.order, self.steps = order, steps
        self.path: list[int] = []
        self.best: tuple[int, tuple[int, ...], Any] = (-1, (), order.start)
        self.entered = 0
        self._known: dict[tuple[Any, int], list[int]] = {}

    def run(self, patient: Callable[[], bool]) -> Answer:
        """Search to the end, or until the patience is over."""
        first = self._settled((self.order.start, 0, 0))
        if self.order.is_end(first[0]):
            return Answer.YES
        branches = [(self._choices(first), len(self.path), first[0])]
        while branches:
            choices, length, place = branches[-1]
            del self.path[length:]
            chosen = next(choices, None)
            if chosen is None:
                self._failed(place)
                branches.pop()
                continue
            if not patient():
                return Answer.UNKNOWN
            self.path.append(chosen[0])
            after = self._settled(chosen[1])
            if self.order.is_end(after[0]):
                return Answer.YES
            if self._is_new(after):
                branches.append((self._choices(after), len(self.path), after[0]))
        return Answer.NO

    def _settled(self, configuration: Configuration) -> Configuration:
        """Let every read take effect that agrees with the state."""
        place, state, used = configuration
        order, steps = self.order, self.steps
        moving = True
        while moving and not order.is_end(place):
            moving = False
            for at in order.ready(place):
                if steps.reads[at] and steps.after(state, at) == state:
                    place = order.after(place, at)
                    self.path.append(at)
                    moving = True
                    break
        return place, state, used

    def _choices(self, configuration: Configuration) -> Iterator[tuple[int, Configuration]]:
        """Yield what may be next, of operations that are alike the first."""
        place, state, used = configuration
        steps = self.steps
        tried: set[int] = set()
        for at in self.order.ready(place):
            if steps.kinds[at] not in tried:
                if self.order.interchangeable:
                    tried.add(steps.kinds[at])
                after = steps.after(state, at)
                if after != _REFUSED:
                    yield at, (self.order.after(place, at), after, used)
        for at in self.order.offered(place):
            if not used >> at & 1 and not steps.idle[at] and steps.kinds[at] not in tried:
                tried.add(steps.kinds[at])
                after = steps.after(state, at)
                if after not in {_REFUSED, state}:
                    yield at, (place, after, used | 1 << at)

    def _is_new(self, configuration: Configuration) -> bool:
        """Return whether none that could do as much was entered; note it."""
        place, state, used = configuration
        known = self._known.setdefault((place, state), [])
        if any(other & used == other for other in known):
            return False
        known[:] = [other for other in known if other & used != used]
        known.append(used)
        self.entered += 1
        return True

    def _failed(self, place: Any) -> None:
        """Keep the path if none came further."""
        progress = self.order.progress(place)
        if progress > self.best[0]:
            self.best = (progress, tuple(self.path), place)


def search(
    operations: Sequence[Operation],
    checked: Checked,
    order: Order,
    is_read: Callable[[Any, Any], bool],
    patient: Callable[[], bool] = for_ever,
) -> Search:
    """Return whether some `order` of the operations gives `checked` the known results.

    Attributes:
        patient: asked before every step; False ends the search with an UNKNOWN answer.
    """
    searching = _Searching(order, _Steps(checked, operations, is_read))
    answer = searching.run(patient)
    if answer is Answer.YES:
        return Search(answer, (), (), searching.entered)
    _, path, place = searching.best
    accounted = tuple(operations[at] for at in path)
    stuck = tuple(operations[at] for at in order.ready(place))
    return Search(answer, accounted, stuck, searching.entered)
