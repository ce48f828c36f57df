"""Which branches of the functions that were entered were never taken.

A branch is a way on from an `if`, `while`, `for` or `case`, or a part of `a if b else c` or of a
comprehension. Only decisions that were reached are told: what depends on a branch that is
dead is dead with it. Some branches are no promise, and are left out: those that begin by raising
(no run that is explored to its end can take them), what a `match` does with what none of its cases
names, and lines with the comment `pragma: no branch` or `pragma: no cover`.
"""

import ast
import linecache
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from attrs import frozen

from coterie.checks.coverage.decisions import (
    Decision,
    Span,
    begin,
    decisions,
    functions,
    inside,
    parsed,
    parts,
)
from coterie.checks.coverage.recorder import Arc, Executed, Function

_EXCUSED = re.compile(r"#.*\bpragma: no (branch|cover)\b")


@frozen(order=True)
class Untaken:
    """A branch that was never taken.

    Attributes:
        file: where it is.
        line: likewise.
        text: the source of the line, or of the lines of a condition.
        what: what never happened.
    """

    file: str
    line: int
    text: str
    what: str


def untaken(executed: Iterable[Executed]) -> list[Untaken]:
    """Return the branches that were never taken, by file and line.

    Attributes:
        executed: what was executed; several that are of one piece of code are taken together.
    """
    by_file: dict[str, list[Executed]] = defaultdict(list)
    for each in executed:
        by_file[each.function[0]].append(each)
    return sorted({one for file, codes in by_file.items() for one in _of_file(file, codes)})


def _of_file(file: str, executed: Sequence[Executed]) -> Iterator[Untaken]:
    tree = parsed(file)
    if tree is None:
        return
    arcs: dict[Function, set[Arc]] = defaultdict(set)
    spans: dict[Span, bool] = {}
    for each in executed:
        arcs[each.function] |= each.arcs
        for span, was in each.spans():
            spans[span] = spans.get(span, False) or was
    found = [*_of_lines(file, tree, arcs), *_within_lines(tree, spans)]
    for lines, what in found:
        text = " ".join(linecache.getline(file, line).strip() for line in lines)
        if not _EXCUSED.search(text):
            yield Untaken(file, lines.start, text, what)


def _of_lines(
    file: str, tree: ast.Module, arcs: dict[Function, set[Arc]]
) -> Iterator[tuple[range, str]]:
    for function in functions(tree):
        taken = arcs.get((file, begin(function), function.name))
        if taken:
            for decision in decisions(function):
                yield from ((decision.header, what) for what in _missing(decision, taken))


def _missing(decision: Decision, arcs: Collection[Arc]) -> Iterator[str]:
    header, body = decision.header, decision.body
    if not any(there in header for _, there in arcs):
        return
    leaving = {there for here, there in arcs if here in header and there not in header}
    if decision.entered and not any(there in body for there in leaving):
        yield decision.entered
    if decision.passed and all(there in body for there in leaving):
        yield decision.passed


def _within_lines(tree: ast.Module, spans: dict[Span, bool]) -> Iterator[tuple[range, str]]:
    """Yield the parts of lines that were never evaluated, though what decides on them was."""
    for part in parts(tree):
        if _was(part.decided, spans) and _was(part.evaluated, spans) is False:
            line = part.evaluated.lineno
            yield range(line, line + 1), part.what


def _was(node: ast.expr, spans: dict[Span, bool]) -> bool | None:
    """Return whether any of an expression was executed; None where none of it can be."""
    found = [was for span, was in spans.items() if inside(span, node)]
    return any(found) if found else None
