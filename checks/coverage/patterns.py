"""Which events a machine says that it handles: the class patterns of its `match` statements."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any

from coterie.model.machine import Invoke, Receive, Timeout

Declared = tuple[type, Any]
_CONTENT = {Receive: ("message", 1), Invoke: ("operation", 0)}
_UNKNOWN = object()


def declared(machine: type) -> list[Declared]:
    """Return (class of event, what it carries) for each pattern that the steps of `machine` name.

    What is carried is a class, or a plain value where the pattern is one; of a timeout it is its
    own class. Patterns in functions of the same modules that `step` calls count as well.
    """
    found: dict[tuple[Any, ...], Declared] = {}
    for function in _reached(machine):
        for pattern in _patterns(function):
            for event, what in _events(pattern, _names(function)):
                found[event, type(what), what] = (event, what)
    return list(found.values())


def _reached(machine: type) -> list[FunctionType]:
    """Return `step` and what it mentions, and what that mentions, of the machine's modules."""
    modules = {each.__module__ for each in machine.__mro__}
    step = inspect.unwrap(machine.step)  # type: ignore[attr-defined]
    found, agenda = [], [step]
    while agenda:
        function = agenda.pop()
        if isinstance(function, FunctionType) and function not in found:
            found.append(function)
            for name in _mentioned(function.__code__):
                called = (getattr(machine, name, None), function.__globals__.get(name))
                own = (each for each in called if getattr(each, "__module__", None) in modules)
                agenda.extend(inspect.unwrap(each) for each in own if callable(each))
    return found


def _mentioned(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _mentioned(constant)


def _names(function: FunctionType) -> dict[str, Any]:
    closed = inspect.getclosurevars(function)
    return {**function.__globals__, **closed.nonlocals}


def _patterns(function: Callable[..., Any]) -> Iterator[ast.pattern]:
    """Yield the whole patterns of a function's cases."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):  # there is no source, or a lambda within a longer line
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.match_case):
            yield from _alternatives(node.pattern)


def _alternatives(pattern: ast.pattern) -> Iterator[ast.pattern]:
    match pattern:
        case ast.MatchOr(patterns) | ast.MatchSequence(patterns):
            for each in patterns:
                yield from _alternatives(each)
        case ast.MatchAs(pattern=ast.pattern() as inner):
            yield from _alternatives(inner)
        case _:
            yield pattern


def _events(pattern: ast.pattern, names: dict[str, Any]) -> Iterator[Declared]:
    if not isinstance(pattern, ast.MatchClass):
        return
    event = _resolved(pattern.cls, names)
    if not isinstance(event, type):
        return
    if event in _CONTENT:
        for content in _contents(pattern, *_CONTENT[event]):
            for each in _alternatives(content):
                what = _carried(each, names)
                if what is not _UNKNOWN:
                    yield event, what
    elif issubclass(event, Timeout) and event is not Timeout:
        yield Timeout, event


def _contents(pattern: ast.MatchClass, name: str, place: int) -> list[ast.pattern]:
    named = dict(zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True))
    return [named[name]] if name in named else pattern.patterns[place : place + 1]


def _carried(pattern: ast.pattern, names: dict[str, Any]) -> Any:
    """Return the class or the plain value that a pattern wants; `_UNKNOWN` where it takes any."""
    match pattern:
        case ast.MatchClass(cls):
            kind = _resolved(cls, names)
            return kind if isinstance(kind, type) else _UNKNOWN
        case ast.MatchValue(ast.Constant(value)) | ast.MatchSingleton(value):
            return value
        case ast.MatchValue(value):
            return _resolved(value, names)
    return _UNKNOWN


def _resolved(expression: ast.expr, names: dict[str, Any]) -> Any:
    match expression:
        case ast.Name(name):
            return names.get(name, _UNKNOWN)
        case ast.Attribute(inner, name):
            return getattr(_resolved(inner, names), name, _UNKNOWN)
    return _UNKNOWN
