"""What one explorer is about: a check's world, and everything that is asked of it."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from coterie.checks.check import Check
from coterie.checks.result import Finding, Trace
from coterie.checks.view import WorldView
from coterie.checks.world import Values
from coterie.commands.answering import Job
from coterie.commands.explorer.bounded import TooLongError, bounded
from coterie.commands.explorer.expression import BadExpressionError, compiled, evaluated, names
from coterie.commands.explorer.offers import JUDGED, Offer, broken, offers
from coterie.commands.explorer.path import Path
from coterie.commands.explorer.search import Bounds, Question, Search, Searches
from coterie.commands.explorer.standing import Standing, standing
from coterie.commands.explorer.walker import Walk, Walker
from coterie.commands.running import world_of
from coterie.commands.setting import given
from coterie.commands.words import text
from coterie.spec.property import Property

T = TypeVar("T")
PATIENCE = 10.0


class Session:
    """A world to walk through, and the searches in it.

    Attributes:
        check: the check.
        parameters: what its world is made from, as one types it.
        command: what starts an explorer of the same.
        world: the world.
        claims: the properties that are shown.
        walker: who follows paths.
        names: what an expression may use, but for `world`.
        searches: the searches.
        patience: for how many seconds an expression may be evaluated.
    """

    def __init__(self, job: Job, command: str, bounds: Bounds) -> None:
        self.check: Check = job.selection.check
        self.claims: tuple[Property, ...] = job.selection.claims
        self.parameters, self.command = given(job.parameters), command
        self.world = world_of(job)
        self.walker = Walker(self.world, f"{self.check.name} {_said(job.parameters)}")
        self.names: Mapping[str, Any] = names(self.world, self.check.properties)
        self.patience = PATIENCE
        self.searches = Searches(self.world, self.check, self.names, bounds)
        self._judged = [claim for claim in self.claims if claim.kind in JUDGED]
        self.broken_by = lru_cache(4096)(self._broken_by)

    def standings(self, walk: Walk) -> list[Standing]:
        """Return how every property stands where `walk` stands."""
        return [standing(self.world, claim, walk.past, self.walker.rests) for claim in self.claims]

    def offers(self, walk: Walk) -> list[Offer]:
        """Return what may happen next."""
        return offers(self.walker, walk, self.claims)

    def broken(self, walk: Walk) -> list[tuple[str, ...]]:
        """Return for each state of the path the properties that are false there."""
        states = walk.trace.states
        starts = (broken(self.walker, self._judged, Trace(states[0])),)
        pairs = zip(states, walk.trace.steps, strict=False)
        return [*starts, *(self.broken_by(before, step) for before, step in pairs)]

    def _broken_by(self, before: Values, step: Any) -> tuple[str, ...]:
        return broken(self.walker, self._judged, Trace(before, (step,)))

    def value(self, source: str, walk: Walk) -> str:
        """Return the value of an expression where `walk` stands, as text.

        Raises: BadExpressionError.
        """
        return self._evaluated(source, walk, text)

    def search(self, question: Question) -> Search:
        """Begin to search.

        Raises: BadExpressionError; KeyError for a property that there is not.
        """
        after = question.after
        walk = self.walker.follow(after or Path())
        if question.sort == "expression":
            self._refuse_unknown_names(question.said, walk)

        def path(finding: Finding) -> Path:
            assert finding.trace is not None
            if after is None:
                return self.walker.numbered(finding.trace)
            return self.walker.onwards(walk.past, finding.trace)

        return self.searches.begin(question, walk.here, path)

    def _refuse_unknown_names(self, source: str, walk: Walk) -> None:
        """Look once whether an expression uses names that nothing has.

        Raises: BadExpressionError where it does.
        """
        try:
            self._evaluated(source, walk, bool)
        except BadExpressionError as error:
            cause = error.__cause__
            if isinstance(cause, NameError | TooLongError) or not isinstance(cause, Exception):
                raise

    def _evaluated(self, source: str, walk: Walk, then: Callable[[Any], T]) -> T:
        """Return what `then` makes of the value of an expression where `walk` stands.

        Raises: BadExpressionError, also where that takes too long.
        """
        code, view = compiled(source), WorldView(self.world, walk.here)
        try:
            return bounded(lambda: evaluated(code, self.names, view, then), self.patience)
        except TooLongError as error:
            raise BadExpressionError(str(error)) from error


def _said(parameters: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={text(value)}" for name, value in sorted(parameters.items()))
