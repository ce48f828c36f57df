"""A run without the steps that its violation does not need."""

from collections.abc import Iterable, Sequence

from coterie.checks.component import Happening
from coterie.checks.result import Trace
from coterie.checks.simulation.judge import Judge
from coterie.checks.simulation.steps import Steps
from coterie.checks.world import Step, Values
from coterie.spec.property import Property

Happenings = tuple[Happening, ...]


def shrunk(judge: Judge, claim: Property, trace: Trace) -> Trace:
    """Return a shorter run that decides `claim` too, from the same start.

    Steps are left out: first long stretches, then shorter ones, at last one by one, as long as what
    is left still decides the claim. What then no longer applies is left out as well, and the run
    ends where it decides. In the result no step can be left out, so that the others still apply and
    it still decides: a message that is there plays its part, or another does that needs it. There
    may be a shorter run by other steps; the explorer finds the shortest.

    Guard: `trace` decides `claim`.
    Raises: ValueError where it does not (the caller's bug).
    Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE
        2002: 1-minimality. Here only complements are tried, and the halves are not.
    """
    best = judge.cut(claim, trace)
    if best is None:
        raise ValueError(f"the run does not decide {claim.name}")
    length = len(best) // 2
    while length:
        shorter = _without_one_stretch(judge, claim, best, length)
        if shorter is not None:
            best = shorter
            length = min(length, len(best))
        else:
            length //= 2
    return best


def _without_one_stretch(judge: Judge, claim: Property, trace: Trace, length: int) -> Trace | None:
    """Return the run without the last possible stretch of that length; None where none can go."""
    happened = [step.happenings for step in trace.steps]
    for begin in range(len(happened) - length, -1, -1):
        rest = happened[:begin] + happened[begin + length :]
        shorter = judge.cut(claim, applied(judge.steps, trace.start, rest))
        if shorter is not None:
            return shorter
    return None


def applied(steps: Steps, start: Values, happened: Iterable[Happenings]) -> Trace:
    """Return the run in which these things happen, without those that cannot happen then."""
    values, taken = start, list[Step]()
    for happenings in happened:
        step = enabled(steps.of(values), happenings)
        if step is not None:
            taken.append(step)
            values = step.values
    return Trace(start, tuple(taken))


def enabled(possible: Sequence[Step], happenings: Happenings) -> Step | None:
    """Return the first of the `possible` steps in which just this happens; None for none."""
    return next((step for step in possible if step.happenings == happenings), None)
