"""Where in the user's files a property stands, or the function that took a step."""

import inspect
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from attrs import frozen

from coterie.checks.component import (
    Crashed,
    Delivered,
    Duplicated,
    Fired,
    Forged,
    Happening,
    Invoked,
    Restarted,
)
from coterie.checks.world import Step, World
from coterie.commands.answering import Report, Row
from coterie.model.keyed import Keyed
from coterie.model.machine import Machine, Node
from coterie.model.stacked import Stacked
from coterie.spec.property import Property

_IN_AN_ERROR = re.compile(r"^ +(?:at|defined at): (.+?):(\d+) in ", re.MULTILINE)


@frozen
class Place:
    """A line of a file.

    Attributes:
        file: its path, from the working directory where it lies below that.
        line: counted from 1.
    """

    file: str
    line: int


def to_blame(report: Report, row: Row) -> Place | None:
    """Return the line to look at first: of the error, of the last step, or of the property."""
    if report.error:
        return of_error(report.error) or of_property(row.claim)
    run = row.finding.trace if row.finding else None
    if report.exploration is None or run is None or not run.steps:
        return of_property(row.claim)
    return of_step(report.exploration.world, run.steps[-1]) or of_property(row.claim)


def of_property(claim: Property) -> Place | None:
    """Return where the function of `claim` is defined; None where it has no file."""
    return _of_function(claim.function)


def of_step(world: World, step: Step) -> Place | None:
    """Return the function of the user's machine that took `step`; None where none did."""
    places = (of_happening(world, each) for each in step.happenings)
    return next((place for place in places if place is not None), None)


def of_happening(world: World, what: Happening) -> Place | None:
    """Return the function of a machine that `what` asked: `step`, `start` or `memory`."""
    match what:
        case Delivered(receiver=node) | Duplicated(receiver=node) | Forged(receiver=node):
            return _of_machine(world, node, "step")
        case Fired(node=node) | Invoked(node=node):
            return _of_machine(world, node, "step")
        case Restarted(node=node):
            return _of_machine(world, node, "start")
        case Crashed(node=node):
            return _of_machine(world, node, "memory")
    return None


def of_error(words: str) -> Place | None:
    """Return the line that a model error names; None where it names none."""
    found = _IN_AN_ERROR.search(words)
    return _place(found[1], int(found[2])) if found else None


def _of_machine(world: World, node: Node, function: str) -> Place | None:
    """Return a function of the machine at `node`: of the protocol's own, not of what carries it."""
    machine: Machine[Any, Any] | None = world.machines.get(node)
    while isinstance(machine, Stacked | Keyed):
        machine = machine.upper if isinstance(machine, Stacked) else machine.machine
    written = getattr(type(machine), function, None)
    if written is None or written is getattr(Machine, function):
        return None
    return _of_function(written)


def _of_function(function: Callable[..., Any]) -> Place | None:
    while isinstance(function, partial):
        function = function.func
    function = inspect.unwrap(function)
    code = getattr(function, "__code__", None) or getattr(type(function).__call__, "__code__", None)
    return None if code is None else _place(code.co_filename, _line(code))


def _line(code: Any) -> int:
    """Return the line of the `def` itself: a function's first line is that of its decorator."""
    first: int = code.co_firstlineno
    try:
        lines, first = inspect.getsourcelines(code)
    except (OSError, SyntaxError):
        return first
    starts = (number for number, text in enumerate(lines, first) if _begins(text))
    return next(starts, first)


def _begins(text: str) -> bool:
    return text.lstrip().startswith(("def ", "async def "))


def _place(file: str, line: int) -> Place | None:
    path, here = Path(file).resolve(), Path.cwd().resolve()
    if not path.is_file():
        return None
    return Place(
        path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path), line
    )
