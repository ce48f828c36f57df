"""Which lines and parts of lines of a model are executed while its machines are asked.

A trace function of Python's own is set for the moment of a question and for nothing else: not for
the properties, which may call the same guards, nor for the engine. The package `coverage` starts
and stops too slowly for that, and does not see branches within a line, as of `a if b else c`.
"""

import ast
import dis
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from attrs import field, frozen

from coterie.checks.coverage.decisions import Part, Span, inside, parsed, parts
from coterie.model.machine import Machine, Outcome

Arc = tuple[int, int]
Function = tuple[str, int, str]
Stepped = Callable[[Machine[Any, Any], Any, Any, Any], None]


@frozen(eq=False)
class Executed:
    """What was executed of one piece of code: a function, or a comprehension within one.

    Attributes:
        code: the code.
        arcs: from which line to which the execution went; minus the first line's number stands for
            the outside.
        offsets: the instructions that were executed, as far as it took to fill `sought`.
        sought: sets of instructions, of each of which one is looked for.
    """

    code: CodeType
    arcs: set[Arc] = field(factory=set)
    offsets: set[int] = field(factory=set)
    sought: list[set[int]] = field(factory=list)

    def look_for(self, parts: Iterable[Part]) -> None:
        """Seek whether these parts of expressions are executed, as far as they are in this code."""
        for part in parts:
            wanted = self._within(part.evaluated) or self._within(part.decided)
            if wanted:
                self.sought.append(wanted)

    def _within(self, node: ast.expr) -> set[int]:
        return {
            place * 2 for place, span in enumerate(self.positions()) if span and inside(span, node)
        }

    def end(self) -> None:
        """Give up seeking what was found."""
        self.sought[:] = [wanted for wanted in self.sought if not wanted & self.offsets]

    @property
    def function(self) -> Function:
        """The file, the first line and the name."""
        return self.code.co_filename, self.code.co_firstlineno, self.code.co_name

    def positions(self) -> Iterator[Span | None]:
        """Yield where each instruction stands in the source; None where that is not known."""
        for line, last, column, end in self.code.co_positions():
            known = line and last and column is not None and end is not None
            yield (line, column, last, end) if known else None  # type: ignore[misc]

    def spans(self) -> Iterator[tuple[Span, bool]]:
        """Yield where each instruction stands that is known, and whether it was executed."""
        for place, span in enumerate(self.positions()):
            if span:
                yield span, place * 2 in self.offsets


class Recorder:
    """Notes what is executed of the code that is `wanted`, while `recording`.

    Attributes:
        executed: what was executed, for each piece of code that was entered.
    """

    def __init__(self, wanted: Callable[[FrameType], bool], stepped: Stepped) -> None:
        self._wanted, self._stepped = wanted, stepped
        self._known: dict[int, Executed | None] = {}
        self._parts: dict[str, list[Part]] = {}
        self._kept: list[CodeType] = []  # an identity stays one's own while its owner lives

    @property
    def executed(self) -> list[Executed]:
        """What was executed, in the order in which it was first entered."""
        return [each for each in self._known.values() if each is not None]

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Record what is executed within; another trace function rests meanwhile."""
        before = sys.gettrace()
        sys.settrace(self._entered)
        try:
            yield
        finally:
            sys.settrace(before)

    def _entered(self, frame: FrameType, event: str, _: Any) -> Any:
        code = frame.f_code
        if event != "call":
            return None
        if id(code) not in self._known:
            self._kept.append(code)
            self._known[id(code)] = self._new(code) if self._wanted(frame) else None
        executed = self._known[id(code)]
        if executed is None:
            asked = _asked(frame)
            return None if asked is None else self._awaited(frame, asked)
        return self._followed(frame, executed)

    def _new(self, code: CodeType) -> Executed:
        executed = Executed(code)
        file = executed.function[0]
        if file not in self._parts:
            tree = parsed(file)
            self._parts[file] = list(parts(tree)) if tree else []
        executed.look_for(self._parts[file])
        return executed

    def _awaited(self, frame: FrameType, asked: tuple[Machine[Any, Any], Any, Any]) -> Any:
        """Return the trace function of a step whose lines nobody wants."""
        frame.f_trace_lines = False

        def follow(frame: FrameType, event: str, value: Any) -> Any:
            if event == "return" and _ends(frame):
                self._stepped(*asked, value)
            return follow

        return follow

    def _followed(self, frame: FrameType, executed: Executed) -> Any:
        """Return the trace function of one frame; a generator that goes on is met again."""
        code, arcs, offsets = frame.f_code, executed.arcs, executed.offsets
        outside = -code.co_firstlineno
        last = frame.f_lineno if _goes_on(frame) else outside
        asked = _asked(frame)
        frame.f_trace_opcodes = bool(executed.sought)

        def follow(frame: FrameType, event: str, value: Any) -> Any:
            nonlocal last
            if event == "opcode":
                offsets.add(frame.f_lasti)
            elif event == "line":
                arcs.add((last, frame.f_lineno))
                last = frame.f_lineno
            elif event == "return" and _ends(frame):
                arcs.add((last, outside))
                executed.end()
                if asked is not None:
                    self._stepped(*asked, value)
            return follow

        return follow


def _opcode(frame: FrameType) -> str:
    return dis.opname[frame.f_code.co_code[frame.f_lasti]]


def _ends(frame: FrameType) -> bool:
    """Return whether the frame returns, rather than yields or raises."""
    return _opcode(frame) in {"RETURN_VALUE", "RETURN_CONST"}


def _goes_on(frame: FrameType) -> bool:
    """Return whether a generator was entered before."""
    return _opcode(frame) == "RESUME" and frame.f_code.co_code[frame.f_lasti + 1] != 0


def _asked(frame: FrameType) -> tuple[Machine[Any, Any], Any, Any] | None:
    """Return the machine, the state and the event, where the frame is a machine's step."""
    code = frame.f_code
    if code.co_name != "step" or code.co_argcount != 3:
        return None
    values = frame.f_locals
    machine, state, event = (values.get(name) for name in code.co_varnames[:3])
    return (machine, state, event) if isinstance(machine, Machine) else None


def has_effect(state: Any, outcome: Any) -> bool:
    """Return whether a step did anything: changed the state, or asked for something."""
    return isinstance(outcome, Outcome) and (outcome.state != state or bool(outcome.effects))
