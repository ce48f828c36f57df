"""Claims made of what somebody types: a Python expression of the world, or words to look for.

An expression is the user's own code, and is run as such: it may do whatever Python may. That is why
it is only ever taken from a form that the explorer has served, never from an address.
"""

import sys
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from inspect import isfunction
from types import CodeType
from typing import Any, TypeVar

from coterie.checks.component import Key
from coterie.checks.view import ITSELF, Lens, WorldView
from coterie.checks.world import Values, World
from coterie.commands.words import place, text
from coterie.model.machine import Node
from coterie.spec.property import Kind, Property, View

T = TypeVar("T")
Look = Callable[[], None]
LENGTH_MOST = 2000


class BadExpressionError(Exception):
    """What was typed is no expression, or cannot be evaluated."""


def nodes_by_name(world: World) -> dict[str, Node]:
    """Return the nodes by the names that traces give them, where Python takes those for names."""
    return {str(node): node for node in world.machines if str(node).isidentifier()}


def names(world: World, claims: Iterable[Property]) -> dict[str, Any]:
    """Return what an expression may use: what the modules of the model and its properties define.

    Nodes go first, then the properties, then what their module knows, then what the machines' do.
    """
    claims = tuple(claims)
    modules = (sys.modules.get(type(each).__module__) for each in world.machines.values())
    found: dict[str, Any] = {}
    for module in modules:
        found |= {} if module is None else vars(module)
    for claim in reversed(claims):
        if isfunction(claim.function):
            found |= claim.function.__globals__
    found = {name: value for name, value in found.items() if not name.startswith("__")}
    return {**found, **{claim.name: claim for claim in claims}, **nodes_by_name(world)}


def compiled(source: str) -> CodeType:
    """Return the code of an expression.

    Raises: BadExpressionError.
    """
    source = source.strip()
    if not source:
        raise BadExpressionError("There is no expression: write one, as the examples show.")
    if len(source) > LENGTH_MOST:
        raise BadExpressionError(f"An expression has at most {LENGTH_MOST:,} characters.")
    try:
        return compile(source, "the expression", "eval")
    except SyntaxError as error:
        where = f" (at character {error.offset})" if error.offset else ""
        raise BadExpressionError(f"This is no Python expression: {error.msg}{where}.") from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise BadExpressionError(f"This is no Python expression: {error}.") from error


def evaluated(code: CodeType, known: Mapping[str, Any], world: View, then: Callable[[Any], T]) -> T:
    """Return what `then` makes of the value of an expression in a state.

    Raises: BadExpressionError with what it raised.
    """
    try:
        return then(eval(code, {**known, "world": world}))  # noqa: S307 (the user's own code)
    except BaseException as error:
        raise BadExpressionError(f"It cannot be evaluated here. {_told(error)}") from error


def _told(error: BaseException) -> str:
    """Return the first line of what an error says, which its own code may not be able to say."""
    name = type(error).__name__
    try:
        return f"{name}: {error}".splitlines()[0]
    except BaseException:  # noqa: BLE001 (it is the user's code, too)
        return f"{name}, which cannot be put into words."


class Expression:
    """Whether an expression is true in a state; where it cannot be evaluated, it is not true.

    Attributes:
        evaluations: how often it was evaluated: once for all that it reads.
        failures: how often it could not be.
        problem: what was wrong the first time.
    """

    def __init__(self, source: str, known: Mapping[str, Any]) -> None:
        self._code, self._known = compiled(source), known
        self.evaluations = self.failures = 0
        self.problem = ""

    def __call__(self, world: View) -> bool:
        """Return whether it is true in a state."""
        self.evaluations += 1
        try:
            return evaluated(self._code, self._known, world, bool)
        except BadExpressionError as error:
            self.failures += 1
            self.problem = self.problem or str(error)
            return False


class Words:
    """Whether every one of some words stands in a state, as the explorer shows it."""

    def __init__(self, world: World, said: str) -> None:
        self._world = world
        self._words = tuple(dict.fromkeys(said.casefold().split()))
        if not self._words:
            raise BadExpressionError("There is nothing to look for: write a word or more.")
        if len(said) > LENGTH_MOST:
            raise BadExpressionError(f"There may be at most {LENGTH_MOST:,} characters.")
        self._lenses = {key: self._lens(key) for key in world.slots}

    def _lens(self, key: Key) -> Lens:
        """Return which of the words a component shows; asked once for each of its values."""
        name = place(self._world, key)
        identity: Hashable = ("words", self._words, name)
        return Lens(identity, lambda value: self._found(f"{name}: {text(value)}".casefold()))

    def _found(self, shown: str) -> frozenset[str]:
        return frozenset(word for word in self._words if word in shown)

    def __call__(self, world: View) -> bool:
        """Return whether all of them stand in a state."""
        assert isinstance(world, WorldView)
        missing = set(self._words)
        for key, lens in self._lenses.items():
            missing -= world.look(key, lens)
            if not missing:
                return True
        return False


def another(
    world: World, claim: Callable[[View], bool], known: Iterable[Values], look: Look
) -> Property:
    """Return that some state makes `claim` true which is none of those that are `known`.

    Attributes:
        look: called before each evaluation; what it raises ends the search.
    """
    states = frozenset(known)

    def found(view: View) -> bool:
        look()
        if not claim(view):
            return False
        assert isinstance(view, WorldView)
        return not states or tuple(_everything(world, view)) not in states

    return Property("found", Kind.REACHABLE, found)


def _everything(world: World, view: WorldView) -> Iterator[Any]:
    """Yield all that there is to read, so that the engine knows that it was read."""
    return (view.look(key, ITSELF) for key in world.slots)
