"""Proofs: a claim whose contrary is impossible, and twins whose contrary has an example.

The solver may say that it does not know. That is an error here, and never a proof. A claim from
needs that contradict one another would be true of nothing; so it must be possible to meet them.
"""

import time
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

import z3
from attrs import frozen

from coterie.spec.lemmas.example import Example
from coterie.spec.lemmas.lemma import Goal, Lemma, Twin, hypotheses_of, needs_of
from coterie.spec.lemmas.symbolic import Symbolic
from coterie.spec.lemmas.symbols import Said, no

SECONDS = 20.0
_SMALL = (1, 2, 3, 4, 6, 8, 12)


class UndecidedError(Exception):
    """The solver does not know, or had no time to find out."""


class Verdict(Enum):
    """What came of a lemma, or of a broken twin."""

    PROVED = "proved"
    REFUTED = "refuted"
    VACUOUS = "vacuous"
    UNKNOWN = "unknown"


@frozen
class Finding:
    """What is known of the goals of a lemma or a twin.

    Attributes:
        verdict: proved when all goals are; refuted when one is.
        seconds: how long it took.
        goal: the name of the goal that decided, where it is not proved.
        example: what refutes it.
        why: why it is not known, or says nothing.
    """

    verdict: Verdict
    seconds: float
    goal: str = ""
    example: Example | None = None
    why: str = ""


@frozen
class Proof:
    """All that is known of a lemma.

    Attributes:
        lemma: the lemma.
        needs: its hypotheses, in words.
        parts: how many goals it has.
        finding: what came of it.
        twins: what came of each of its broken twins.
    """

    lemma: Lemma
    needs: tuple[str, ...]
    parts: int
    finding: Finding
    twins: tuple[tuple[Twin, Finding], ...] = ()

    @property
    def findings(self) -> tuple[tuple[Finding, bool], ...]:
        """Each finding, and whether it is the one to be expected."""
        own = (self.finding, self.finding.verdict is Verdict.PROVED)
        return (own, *((each, each.verdict is Verdict.REFUTED) for _, each in self.twins))

    @property
    def seconds(self) -> float:
        """How long everything took."""
        return sum(finding.seconds for finding, _ in self.findings)


def prove(lemma: Lemma, seconds: float = SECONDS) -> Proof:
    """Prove a lemma, and refute its broken twins.

    Attributes:
        seconds: how long the solver may think about one question.
    """
    begun, given = time.perf_counter(), Symbolic()
    goals = lemma.goals(given)
    finding = _found(given, goals, seconds, begun, of_needs=True)

    def refuted(twin: Twin) -> Finding:
        begun, own = time.perf_counter(), Symbolic() if twin.guards else given
        touched = twin.goals(own) if twin.guards else twin.less(goals)
        return _found(own, touched, seconds, begun, of_needs=False)

    twins = tuple((twin, refuted(twin)) for twin in lemma.twins(needs_of(goals)))
    return Proof(lemma, hypotheses_of(goals), len(goals), finding, twins)


def _found(
    given: Symbolic, goals: Sequence[Goal], seconds: float, begun: float, *, of_needs: bool
) -> Finding:
    """Return what the goals come to; `of_needs` asks too whether what they need can be."""
    try:
        verdict, goal, example = _decided(given, goals, seconds, of_needs=of_needs)
    except UndecidedError as problem:
        return Finding(Verdict.UNKNOWN, time.perf_counter() - begun, why=str(problem))
    why = "what it needs cannot be true together" if verdict is Verdict.VACUOUS else ""
    return Finding(verdict, time.perf_counter() - begun, goal, example, why)


def _decided(
    given: Symbolic, goals: Sequence[Goal], seconds: float, *, of_needs: bool
) -> tuple[Verdict, str, Example | None]:
    for alike in _by_needs(goals):
        solver = _solver(given, alike[0].needs.values(), seconds)
        if of_needs and not _is_satisfiable(solver):
            return Verdict.VACUOUS, alike[0].name, None
        for goal in alike:
            example = _refutation(given, solver, goal)
            if example is not None:
                return Verdict.REFUTED, goal.name, example
    return Verdict.PROVED, "", None


def _by_needs(goals: Iterable[Goal]) -> Iterable[list[Goal]]:
    """Return the goals, those together that need the same: the solver is told only once."""
    found: dict[tuple[int, ...], list[Goal]] = {}
    for goal in goals:
        found.setdefault(tuple(map(id, goal.needs.values())), []).append(goal)
    return found.values()


def _refutation(given: Symbolic, solver: Any, goal: Goal) -> Example | None:
    """Return a small example in which the claim is false; None where there is none."""
    solver.push()
    solver.add(given.truth(no(goal.claim)).term)
    found = given.example(_smallest(given, solver)) if _is_satisfiable(solver) else None
    solver.pop()
    return found


def _solver(given: Symbolic, said: Iterable[Said], seconds: float) -> Any:
    solver = z3.Solver(ctx=given.context)
    solver.set("random_seed", 0)
    solver.set("ctrl_c", False)  # else the solver keeps an interrupt to itself
    solver.set("timeout", max(1, round(seconds * 1000)))
    for each in (*given.definitions, *said):
        solver.add(given.truth(each).term)
    return solver


def _is_satisfiable(solver: Any) -> bool:
    answer = solver.check()
    if answer == z3.unknown:
        raise UndecidedError(f"the solver does not know: {solver.reason_unknown()}")
    return bool(answer == z3.sat)


def _smallest(given: Symbolic, solver: Any) -> Any:
    """Return the first model that is found from small to large; one without zeros, if any."""
    found = solver.model()
    for telling in (given.positive(), []):
        for most in _SMALL:
            solver.push()
            solver.add(*(each.term for each in (*telling, *given.within(most))))
            model = solver.model() if solver.check() == z3.sat else None
            solver.pop()
            if model is not None:
                return model
    return found
