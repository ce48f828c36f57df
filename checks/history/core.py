"""The few operations of a history that suffice to break it."""

from collections.abc import Callable, Sequence

from attrs import evolve

from coterie.spec.history.objects import SequentialObject
from coterie.spec.history.operation import DONE, Operation
from coterie.spec.history.search import Answer, Search

Decide = Callable[[Sequence[Operation]], Search]
Operations = frozenset[Operation]


def until(part: Sequence[Operation], end: float) -> tuple[Operation, ...]:
    """Return what is known of the operations at time `end`: later answers are still missing."""
    return tuple(
        op if op.returned is None or op.returned <= end else _released(op)
        for op in part
        if op.invoked <= end
    )


def core(part: Sequence[Operation], of: SequentialObject, decide: Decide) -> tuple[Operation, ...]:
    """Return the answered operations of a broken part of a history that suffice to break it.

    An operation that is not among them may have had any result, at any time after its call, or no
    effect at all, and still nothing fits. None of them can be left out, unless a search gave up.
    Reads are left out first, which makes the searches easier.

    Attributes:
        decide: the search; an UNKNOWN answer keeps the operations that it was asked about.
    Source: Junker, "QuickXplain", AAAI 2004.
    """

    def is_broken(kept: Operations) -> bool:
        fewer = [op if op in kept else _released(op) for op in part]
        telling = [op for op in fewer if op.is_known or not of.is_read(op.call, DONE)]
        return decide(telling).answer is Answer.NO

    def needed(given: Operations, asked: list[Operation], *, more: bool) -> Operations:
        """Return what of `asked` it takes beside what is `given`; `more` was given just now."""
        if more and is_broken(given):
            return frozenset()
        if len(asked) == 1:
            return frozenset(asked)
        early, late = asked[: len(asked) // 2], asked[len(asked) // 2 :]
        of_late = needed(given | frozenset(early), late, more=bool(early))
        return of_late | needed(given | of_late, early, more=bool(of_late))

    known = [op for op in part if op.is_known]
    reads = [op for op in known if of.is_read(op.call, op.result)]
    writes = [op for op in known if op not in frozenset(reads)]
    telling = needed(frozenset(writes), reads, more=True) if reads else frozenset()
    found = telling | needed(telling, writes, more=True) if writes else telling
    return tuple(op for op in part if op in found)


def _released(operation: Operation) -> Operation:
    """Return the operation without its answer."""
    return evolve(operation, returned=None, result=None)
