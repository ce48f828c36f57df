"""Random histories, and what permutations say of them: the dumb twin of every checker."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, permutations
from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from coterie.model.call import Call
from coterie.spec.history.objects import KEY_VALUE, LOG, QUEUE, REGISTER, SequentialObject
from coterie.spec.history.operation import DONE, Operation, agrees

Calls = st.SearchStrategy[Call]
History = tuple[Operation, ...]
SMALL = st.integers(0, 2)
KEYS = st.sampled_from(["x", "y"])

CALLS: dict[SequentialObject, Calls] = {
    REGISTER: st.one_of(
        st.just(Call("read")),
        st.builds(Call, st.just("write"), SMALL),
        st.builds(Call, st.just("cas"), st.tuples(SMALL, SMALL)),
    ),
    KEY_VALUE: st.one_of(
        st.builds(Call, st.just("get"), st.none(), KEYS),
        st.builds(Call, st.just("put"), SMALL, KEYS),
        st.builds(Call, st.just("delete"), st.none(), KEYS),
        st.builds(Call, st.just("cas"), st.tuples(SMALL, SMALL), KEYS),
    ),
    QUEUE: st.one_of(st.just(Call("dequeue")), st.builds(Call, st.just("enqueue"), SMALL)),
    LOG: st.one_of(st.just(Call("read")), st.builds(Call, st.just("append"), SMALL)),
}
OBJECTS = tuple(CALLS)


def family(of: SequentialObject) -> Callable[[dict[Any, Any], Call], tuple[dict[Any, Any], Any]]:
    """Return the step of the objects of all keys together, in a plain dictionary."""

    def step(states: dict[Any, Any], call: Call) -> tuple[dict[Any, Any], Any]:
        state, result = of.step(states.get(call.key, of.initial), call)
        return {**states, call.key: state}, result

    return step


def gives_the_results(order: Iterable[Operation], of: SequentialObject) -> bool:
    """Run the operations one at a time."""
    states: dict[Any, Any] = {}
    for operation in order:
        states, result = family(of)(states, operation.call)
        if operation.is_known and not agrees(result, operation.result):
            return False
    return True


def orders(history: History) -> Iterator[History]:
    """Yield every order of the answered operations with any of the others."""
    known = [op for op in history if op.is_known]
    unknown = [op for op in history if not op.is_known]
    for count in range(len(unknown) + 1):
        for chosen in combinations(unknown, count):
            yield from permutations([*known, *chosen])


def keeps_real_time(order: Sequence[Operation]) -> bool:
    return not any(late.precedes(early) for early, late in combinations(order, 2))


def keeps_programs(order: Sequence[Operation]) -> bool:
    """Each process's answered operations are in order, and each other one after those before it."""
    return not any(
        early.process == late.process and late.is_known and late.invoked < early.invoked
        for early, late in combinations(order, 2)
    )


def by_permutations(
    history: History, of: SequentialObject, allowed: Callable[[Sequence[Operation]], bool]
) -> bool:
    """Return whether some allowed order gives the results."""
    return any(allowed(order) and gives_the_results(order, of) for order in orders(history))


@st.composite
def shapes(draw: st.DrawFn, processes: int = 3, longest: int = 6) -> list[tuple[int, int, int]]:
    """Draw who calls when: processes with the times of their calls and (or -1) their answers.

    With a coarse clock what follows directly may bear the same time, and so overlap.
    """
    open_calls: dict[int, int] = {}
    found: list[tuple[int, int, int]] = []
    for times in range(1, 1 + draw(st.integers(1, 2 * longest))):
        process = draw(st.integers(0, processes - 1))
        if process not in open_calls:
            if len(found) + len(open_calls) < longest:
                open_calls[process] = times
        elif draw(st.integers(0, 5)):
            found.append((process, open_calls.pop(process), times))
        else:
            found.append((process, open_calls.pop(process), -1))
    found += [(process, begun, -1) for process, begun in open_calls.items()]
    tick = draw(st.sampled_from([1, 1, 2]))
    coarse = [(process, begun // tick, end // tick) for process, begun, end in found]
    return sorted(coarse, key=lambda each: each[1])


@st.composite
def any_histories(draw: st.DrawFn, of: SequentialObject) -> History:
    """Draw calls with results that are possible at all, and need not fit together."""
    history = []
    for process, invoked, end in draw(shapes(longest=5)):
        call = draw(CALLS[of])
        returned = None if end < 0 else end
        result = draw(_results(call)) if returned else None
        history.append(Operation(process, call, invoked, returned, result))
    return tuple(history)


def _results(call: Call) -> st.SearchStrategy[Any]:
    match call.f:
        case "write" | "put" | "delete" | "enqueue" | "append":
            return st.none()
        case "cas":
            return st.booleans()
        case "read" | "get" | "dequeue":
            return st.none() | SMALL | st.lists(SMALL, max_size=3).map(tuple)
    raise AssertionError(call)


@st.composite
def simulated(draw: st.DrawFn, of: SequentialObject, longest: int = 6) -> History:
    """Draw what users see of a true object: each operation takes effect between its ends."""
    shape = draw(shapes(longest=longest))
    calls = [draw(CALLS[of]) for _ in shape]
    points = []
    for at, (_, invoked, end) in enumerate(shape):
        happens = end >= 0 or draw(st.booleans())
        last = 2 * len(shape) + 2 if end < 0 else end
        points += [(draw(st.floats(invoked, last)), at)] if happens else []
    results: dict[int, Any] = {}
    states: dict[Any, Any] = {}
    for _, at in sorted(points):
        states, results[at] = family(of)(states, calls[at])
    return tuple(
        Operation(process, calls[at], invoked, None, None)
        if end < 0
        else Operation(process, calls[at], invoked, end, _seen(results[at]))
        for at, (process, invoked, end) in enumerate(shape)
    )


def _seen(result: Any) -> Any:
    return None if result is DONE else result


@st.composite
def with_one_changed(draw: st.DrawFn, of: SequentialObject, longest: int = 5) -> History:
    """Draw what users see of a true object, and change one result, most often of a read."""
    history = draw(simulated(of, longest))
    known = [at for at, op in enumerate(history) if op.is_known]
    if not known:
        return history
    at = draw(st.sampled_from(known))
    changed = evolve(history[at], result=draw(_other(history[at])))
    return (*history[:at], changed, *history[at + 1 :])


def _other(operation: Operation) -> st.SearchStrategy[Any]:
    if isinstance(operation.result, tuple):
        return st.lists(SMALL, max_size=3).map(tuple)
    return _results(operation.call)
