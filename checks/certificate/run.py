"""A run of a world as whole numbers: which start, then which step at each state.

`initial` and `successors` give their results in an order that is always the same, so the numbers
say everything; and what is rebuilt from them is a run, whatever the numbers.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Any, TypeVar

from attrs import asdict, field, frozen

from coterie.checks.result import Trace
from coterie.checks.world import Step, World

T = TypeVar("T")


class NoRunError(ValueError):
    """Numbers that are no run of the world, or a trace that is none."""


def _number(_: object, __: object, value: Any) -> None:
    if type(value) is not int or value < 0:
        raise NoRunError(f"{value!r} is no place in a run")


def _numbers(_: object, __: object, values: tuple[Any, ...]) -> None:
    for value in values:
        _number(_, __, value)


def _in_order(values: Iterable[int]) -> tuple[int, ...]:
    return tuple(values)


@frozen
class Run:
    """A trace in numbers.

    Attributes:
        start: the place of its start among the starting states.
        steps: the place of each step among the steps of its state.
        loop: where it goes on for ever, as in a `Trace`.
    """

    start: int = field(validator=_number)
    steps: tuple[int, ...] = field(converter=_in_order, validator=_numbers)
    loop: int | None = None

    def as_data(self) -> dict[str, Any]:
        """Return the run as JSON data, which are its fields."""
        return asdict(self)


def numbered(world: World, trace: Trace) -> Run:
    """Return the numbers of `trace`.

    Raises: NoRunError where it is no run of `world`.
    """
    pairs = zip(trace.states, trace.steps, strict=False)
    steps = (_place(step, world.successors(before)) for before, step in pairs)
    return Run(_place(trace.start, world.initial()), steps, trace.loop)


def replayed(world: World, run: Run) -> Trace:
    """Return the trace with these numbers.

    Raises: NoRunError where the world has not so many starts, or steps.
    """
    values = start = _at(run.start, world.initial())
    steps: list[Step] = []
    for number in run.steps:
        steps.append(_at(number, world.successors(values)))
        values = steps[-1].values
    if run.loop is not None and run.loop not in range(len(steps) + 1):
        raise NoRunError(f"a run of {len(steps)} steps cannot begin a loop after {run.loop!r}")
    return Trace(start, tuple(steps), run.loop)


def _place(wanted: T, among: Iterable[T]) -> int:
    for place, each in enumerate(among):
        if each == wanted:
            return place
    raise NoRunError("a step of the trace is none of the world's")


def _at(place: int, among: Iterable[T]) -> T:
    for each in islice(among, place, None):
        return each
    raise NoRunError("the world has no such step: the model is not the one that was explored")
