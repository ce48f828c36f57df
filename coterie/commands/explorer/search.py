"""Searches over all reachable states, by the engine, on a thread of their own."""

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Literal

from attrs import evolve, fields, frozen

from coterie.checks.check import Check
from coterie.checks.errors import ModelError
from coterie.checks.result import Exploration, Finding, Progress, Verdict
from coterie.checks.world import Values, World
from coterie.commands.explorer.expression import Expression, Words, another
from coterie.commands.explorer.path import Path
from coterie.commands.running import Limits, prepare, unforeseen
from coterie.spec.property import Property

Sort = Literal["expression", "text", "property"]
KEPT_MOST = 20


@frozen(eq=False)
class Onwards(World):
    """A world that begins in the middle: in one state of another.

    Attributes:
        middle: the state.
    """

    middle: Values = ()

    def initial(self) -> Any:
        """Yield the state."""
        yield self.middle


@frozen
class Question:
    """What is looked for.

    Attributes:
        sort: how it is said.
        said: the expression, the words, or the property's name.
        after: the path to where the search begins; None for the world's own starts.
        known: states that were found before, and are not to be found again.
        origin: the address of the path from which it was asked.
    """

    sort: Sort
    said: str
    after: Path | None = None
    known: tuple[Values, ...] = ()
    origin: str = ""


class State(Enum):
    """How far a search has come."""

    RUNNING = "running"
    FOUND = "found"
    NOTHING = "nothing"
    STOPPED = "stopped"
    FAILED = "failed"


@frozen
class Bounds:
    """What a search may cost.

    Attributes:
        max_states: how many states.
        max_seconds: how many seconds.
    """

    max_states: int
    max_seconds: float


class Search:
    """One search, under way or over.

    Attributes:
        name: what it is called in addresses; nobody guesses it.
        question: what is looked for.
        state: how far it has come.
        progress: how many states it has seen.
        problem: why it has stopped before the end, or failed.
        finding: what it found.
        path: the path of that.
        complete: whether every reachable state was seen.
        expression: the expression as it was evaluated, where it is one.
        claim: the property, where it is one of the check's.
    """

    def __init__(self, question: Question) -> None:
        self.name = secrets.token_urlsafe(8)
        self.question = question
        self.state = State.RUNNING
        self.progress = Progress()
        self.problem = ""
        self.finding: Finding | None = None
        self.path: Path | None = None
        self.complete = False
        self.expression: Expression | None = None
        self.claim: Property | None = None
        self._cancelled = threading.Event()
        self._until = float("inf")
        self._over = threading.Event()

    def cancel(self) -> None:
        """Ask it to stop, which it does within a moment."""
        self._cancelled.set()

    def wait(self, seconds: float) -> bool:
        """Wait for its end, but not longer than so many seconds; return whether it is over."""
        return self._over.wait(seconds)

    def look(self) -> None:
        """Stop here if that is asked for, or the time is up.

        Raises: KeyboardInterrupt, which the engine takes for what it is: stop, and tell.
        """
        if self._cancelled.is_set():
            self.problem = "it was cancelled"
            raise KeyboardInterrupt
        if time.monotonic() > self._until:
            self.problem = "its time was up"
            raise KeyboardInterrupt

    def told(self, now: Progress) -> None:
        """Take in how far it is."""
        self.progress = now
        self.look()

    def run(
        self, explored: Callable[["Search"], Exploration], path: Callable[[Finding], Path]
    ) -> None:
        """Search, and note what came of it, whatever it is."""
        try:
            self._conclude(explored(self), path)
        except KeyboardInterrupt:
            self.state = State.STOPPED
        except ModelError as error:
            self.problem, self.state = str(error), State.FAILED
        except Exception as error:  # noqa: BLE001 (a model may raise anything; it is shown)
            self.problem, self.state = unforeseen(error), State.FAILED
        finally:
            self._over.set()

    def limit(self, seconds: float) -> None:
        """Let it stop after so many seconds, also while the engine is not looking."""
        self._until = time.monotonic() + seconds

    def _conclude(self, found: Exploration, path: Callable[[Finding], Path]) -> None:
        (finding,) = found.findings
        self.progress = evolve(
            self.progress,
            states=found.states,
            transitions=found.transitions,
            depth=found.depth,
            seconds=found.seconds,
        )
        self.finding, self.complete = finding, found.complete
        if finding.trace is not None:
            self.path = path(finding)
            self.state = State.FOUND
        elif finding.verdict is Verdict.UNDETERMINED:
            self.problem = self.problem or found.stopped
            self.state = State.STOPPED
        else:
            self.state = State.NOTHING

    def again(self) -> Question:
        """Return the question for another state than those that are known now."""
        if self.finding is None or self.finding.trace is None:
            return self.question
        last = self.finding.trace.states[-1]
        return evolve(self.question, known=(*self.question.known, last))


class Searches:
    """The searches of a session: one at a time, the last ones remembered."""

    def __init__(
        self, world: World, check: Check, known: Mapping[str, Any], bounds: Bounds
    ) -> None:
        self._world, self._check, self._known = world, check, known
        self.bounds = bounds
        self._kept: dict[str, Search] = {}

    def __getitem__(self, name: str) -> Search | None:
        """Return the search of that name, if it is still known."""
        return self._kept.get(name)

    def begin(self, question: Question, here: Values, path: Callable[[Finding], Path]) -> Search:
        """Begin to search, instead of what is being searched.

        Attributes:
            here: the state that `question.after` leads to.
            path: makes the path of what was found.
        Raises: BadExpressionError, KeyError for a property that there is not.
        """
        search = Search(question)
        world, claim = self._asked(search, here)
        self.cancel()
        self._kept[search.name] = search
        for name in [*self._kept][:-KEPT_MOST]:
            self._kept.pop(name, None)

        def explored(search: Search) -> Exploration:
            return self._explored(search, world, claim)

        threading.Thread(target=search.run, args=(explored, path), daemon=True).start()
        return search

    def cancel(self) -> None:
        """Stop whatever is being searched."""
        for search in [*self._kept.values()]:
            search.cancel()

    def close(self, seconds: float) -> None:
        """Stop whatever is being searched, and wait for that, but not for ever."""
        self.cancel()
        for search in [*self._kept.values()]:
            search.wait(seconds)

    def _asked(self, search: Search, here: Values) -> tuple[World, Property]:
        """Return the world to explore, and what to look for in it."""
        question, world = search.question, self._world
        if question.sort == "property":
            search.claim = {claim.name: claim for claim in self._check.properties}[question.said]
            return world, search.claim
        if question.after is not None:
            fields = {name: getattr(world, name) for name in _FIELDS}
            world = Onwards(**fields, middle=here)
        if question.sort == "text":
            return world, another(world, Words(world, question.said), question.known, search.look)
        search.expression = Expression(question.said, self._known)
        return world, another(world, search.expression, question.known, search.look)

    def _explored(self, search: Search, world: World, claim: Property) -> Exploration:
        from coterie.checks.engine.explore import explore  # noqa: PLC0415  (numba takes its time)

        prepare()
        search.limit(self.bounds.max_seconds)
        limits = Limits(max_states=self.bounds.max_states, max_seconds=self.bounds.max_seconds)
        return explore(
            world,
            [claim],
            fatal=[claim.name],
            **limits.of_search(self._check),
            symmetry=search.question.sort == "property",
            progress=search.told,
        )


_FIELDS = tuple(each.name for each in fields(World))
