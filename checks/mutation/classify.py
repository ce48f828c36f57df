"""What becomes of a mutant: killed, equivalent, survived, or not known."""

from collections.abc import Sequence
from enum import Enum

from attrs import frozen

from coterie.checks.errors import ModelError
from coterie.checks.mutation.exploring import explored
from coterie.checks.mutation.install import Mutant
from coterie.checks.mutation.record import Baseline
from coterie.checks.mutation.tell import Difference, OutOfTimeError, difference
from coterie.checks.result import Exploration, Verdict


class Fate(Enum):
    """What became of a mutant.

    `UNCOVERED`: what it changes never runs. `EQUIVALENT`: its reachable graphs are those of the
    original, so within the bounds nothing could tell them apart. `SURVIVED`: they differ, yet every
    verdict is as before: a property is missing. `UNCOMPARED`: every verdict is as before, and
    there was no time to compare the graphs. `TIMED_OUT`: an exploration did not end.
    """

    KILLED = "killed"
    EQUIVALENT = "equivalent"
    UNCOVERED = "not covered"
    SURVIVED = "survived"
    UNCOMPARED = "not compared"
    TIMED_OUT = "timed out"


MODEL_ERROR = "model error"
LAW_OF_RECORDS = "law of records"


@frozen
class Result:
    """The fate of one mutant.

    Attributes:
        fate: what became of it.
        check: the check that decided: that killed it, or in whose world it differs.
        killers: the properties whose verdict it changes, or `MODEL_ERROR`, or `LAW_OF_RECORDS`.
        steps: how long the first killer's shortest counterexample is, where it has one.
        difference: the shortest run that tells a survivor from the original.
    """

    fate: Fate
    check: str = ""
    killers: tuple[str, ...] = ()
    steps: int | None = None
    difference: Difference | None = None


def classify(mutant: Mutant, baselines: Sequence[Baseline], seconds: float) -> Result:
    """Return the fate of `mutant`, exploring each check for at most so many seconds.

    Guard: every check whose machines run the function is among the baselines; they are tried in
        order, so the cheapest had best be first.
    """
    covering = [each for each in baselines if each.covers(mutant)]
    if not covering:
        return Result(Fate.UNCOVERED)
    differing = [each for each in covering if each.differing(mutant) is not None]
    late = ""
    for each in differing:
        result = _killed(mutant, each, seconds)
        if result.fate is Fate.KILLED:
            return result
        late = late or (each.check.name if result.fate is Fate.TIMED_OUT else "")
    for each in covering:
        if each.breaks_a_law(mutant):
            return Result(Fate.KILLED, each.check.name, (LAW_OF_RECORDS,))
    if late:
        return Result(Fate.TIMED_OUT, late)
    return _compared(mutant, differing, seconds)


def _killed(mutant: Mutant, within: Baseline, seconds: float) -> Result:
    """Return the fate in one check; SURVIVED where every verdict is as it should be."""
    check = within.check
    fatal = [c.name for c in check.properties if check.expected(c) is Verdict.HOLDS]
    try:
        world = mutant.within(within.world)
        found = explored(world, check.properties, fatal=fatal, max_seconds=seconds)
    except ModelError:
        return Result(Fate.KILLED, check.name, (MODEL_ERROR,))
    killers = _killers(found, within)
    if killers:
        trace = found[killers[0]].trace
        return Result(Fate.KILLED, check.name, killers, None if trace is None else len(trace))
    undecided = any(each.verdict is Verdict.UNDETERMINED for each in found.findings)
    return Result(Fate.TIMED_OUT if undecided else Fate.SURVIVED, check.name)


def _killers(found: Exploration, within: Baseline) -> tuple[str, ...]:
    return tuple(
        each.claim.name
        for each in found.findings
        if each.verdict not in (within.check.expected(each.claim), Verdict.UNDETERMINED)
    )


def _compared(mutant: Mutant, differing: Sequence[Baseline], seconds: float) -> Result:
    """Return the fate of a mutant that no property kills."""
    unknown = ""
    for each in differing:
        try:
            found = difference(each.world, mutant, seconds)
        except OutOfTimeError:
            unknown = unknown or each.check.name
            continue
        if found is not None:
            return Result(Fate.SURVIVED, each.check.name, difference=found)
    return Result(Fate.UNCOMPARED, unknown) if unknown else Result(Fate.EQUIVALENT)
