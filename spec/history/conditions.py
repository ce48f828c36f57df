"""Linearizable and sequentially consistent histories.

Both ask for an order of the operations in which the object, running them one at a time, gives the
results that the users saw. Operations without an answer may be in it or not.

* Linearizable: the order is one of real time, so what was answered before another call comes
  first. It may be asked object by object, for a history is linearizable if and only if its part at
  each object is.
* Sequentially consistent: the order keeps each process's own; real time does not matter. It may NOT
  be asked object by object: all keys have to fit into one order.

Source: Herlihy and Wing, "Linearizability", TOPLAS 1990 (locality: theorem 1); Lamport, "How to
Make a Multiprocessor Computer That Correctly Executes Multiprocess Programs", 1979.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

from immutables import Map

from coterie.spec.history.foresight import Checked
from coterie.spec.history.objects import Predecessors, SequentialObject
from coterie.spec.history.operation import REFUSED, Operation, agrees
from coterie.spec.history.order import (
    ProgramOrder,
    RealTime,
    before_in_program,
    before_in_real_time,
)
from coterie.spec.history.registers import irregular_reads, unsafe_reads
from coterie.spec.history.search import Answer, Search, for_ever, search

Part = tuple[Operation, ...]


def parts(history: Sequence[Operation], of: SequentialObject) -> dict[Hashable, Part]:
    """Return the operations on each of the objects, by key, in their order."""
    found: dict[Hashable, list[Operation]] = {}
    for operation in history:
        found.setdefault(of.key(operation.call), []).append(operation)
    return {key: tuple(operations) for key, operations in found.items()}


def linearization(
    part: Sequence[Operation],
    of: SequentialObject,
    patient: Callable[[], bool] = for_ever,
) -> Search:
    """Search for an order of real time; all of the operations are taken to be on one object."""
    checked = _foreseeing(part, of, before_in_real_time)
    return search(part, checked, RealTime(part), of.is_read, patient)


def serialization(
    history: Sequence[Operation],
    of: SequentialObject,
    patient: Callable[[], bool] = for_ever,
) -> Search:
    """Search for an order that keeps each process's own, of the operations on all objects.

    What is linearizable has one (unless the clock is so coarse that operations of one process seem
    to overlap), and what has one has one at each object: both are asked first, for they are
    answered much sooner.
    """
    divided = parts(history, of)
    eager = _at_most(50 * len(history), patient)
    if _is_one_at_a_time(history) and all(
        linearization(part, of, eager).answer is Answer.YES for part in divided.values()
    ):
        return Search(Answer.YES, (), (), 0)
    if len(divided) > 1:
        eager = _at_most(50 * len(history), patient)
        for part in divided.values():
            alone = _serialized(part, of, eager)
            if alone.answer is Answer.NO:
                return alone
    return _serialized(history, of, patient)


def _serialized(
    history: Sequence[Operation], of: SequentialObject, patient: Callable[[], bool]
) -> Search:
    objects = {
        key: _foreseeing(part, of, before_in_program) for key, part in parts(history, of).items()
    }
    return search(history, _family(objects, of), ProgramOrder(history), of.is_read, patient)


def _is_one_at_a_time(history: Sequence[Operation]) -> bool:
    """Return whether every process was answered before its next call, by the clock."""
    latest: dict[Hashable, float] = {}
    for operation in sorted(history, key=lambda op: op.invoked):
        if latest.get(operation.process, float("-inf")) >= operation.invoked:
            return False
        if operation.returned is not None:
            latest[operation.process] = operation.returned
    return True


def _at_most(steps: int, patient: Callable[[], bool]) -> Callable[[], bool]:
    """Return a patience that also ends after so many steps."""
    left = iter(range(steps))
    return lambda: next(left, None) is not None and patient()


def is_linearizable(history: Sequence[Operation], of: SequentialObject) -> bool:
    """Return whether the operations on every object are linearizable."""
    return all(linearization(part, of).answer is Answer.YES for part in parts(history, of).values())


def is_sequential(history: Sequence[Operation], of: SequentialObject) -> bool:
    """Return whether the history is sequentially consistent."""
    return serialization(history, of).answer is Answer.YES


def held_against_results(of: SequentialObject) -> Checked:
    """Return the object as one that refuses an operation whose result would be another one."""

    def after(state: Any, operation: Operation) -> Any:
        found, result = of.step(state, operation.call)
        fits = not operation.is_known or agrees(result, operation.result)
        return found if fits else REFUSED

    return Checked(of.initial, after)


def _foreseeing(
    part: Sequence[Operation], of: SequentialObject, predecessors: Predecessors
) -> Checked:
    checked = held_against_results(of)
    return of.foresee(checked, part, predecessors) if of.foresee else checked


def _family(members: Mapping[Hashable, Checked], of: SequentialObject) -> Checked:
    """Return the objects by key as one, whose state is a map of theirs."""
    if set(members) == {None}:
        return members[None]

    def after(states: Map[Hashable, Any], operation: Operation) -> Any:
        key = of.key(operation.call)
        found = members[key].after(states[key], operation)
        return REFUSED if found is REFUSED else states.set(key, found)

    return Checked(Map({key: member.initial for key, member in members.items()}), after)


def is_regular(history: Sequence[Operation], of: SequentialObject) -> bool:
    """Return whether every register of the history is regular.

    Raises: ValueError for an operation that is neither a read nor a write.
    """
    return not any(irregular_reads(part, of) for part in parts(history, of).values())


def is_safe(history: Sequence[Operation], of: SequentialObject) -> bool:
    """Return whether every register of the history is safe.

    Raises: ValueError for an operation that is neither a read nor a write.
    """
    return not any(unsafe_reads(part, of) for part in parts(history, of).values())
