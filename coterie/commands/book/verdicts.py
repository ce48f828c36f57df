"""What was found, as the book says it: of each check and property, at each size."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from coterie.checks.check import Check, Size
from coterie.checks.result import Trace, Verdict
from coterie.checks.world import World
from coterie.commands.book.claims import Claim, Kill
from coterie.commands.setting import given
from coterie.spec.property import Kind

if TYPE_CHECKING:
    from coterie.commands.evidence.lemmas import Proofs
    from coterie.commands.evidence.recorded import Evidence, Recorded

LONG = 20
MISSING, STALE = "not yet explored", "stale"
UNDETERMINED = "undetermined: a limit came first"


@frozen
class Judgement:
    """What was found of a property in a check at one size.

    Attributes:
        check: the check.
        size: the size.
        words: the verdict as a reader is told it, `refuted in 7 steps`; or what is wanting.
        is_found: whether something is recorded of the present code.
        is_expected: whether it is what should be found; nothing found is as expected.
        vacuous: why it holds without saying anything, if so.
    """

    check: Check
    size: Size
    words: str
    is_found: bool
    is_expected: bool = True
    vacuous: str = ""


@frozen
class Count:
    """How much was explored of a check at one size.

    Attributes:
        size: the size.
        parameters: what the world was made from, in words.
        states: how many; None where nothing is recorded of the present code.
        transitions: likewise.
        depth: how many steps the farthest state is away.
        seconds: how long it took.
        note: what a reader must know: that it is stale, or not whole.
    """

    size: Size
    parameters: str
    states: int | None = None
    transitions: int | None = None
    depth: int | None = None
    seconds: float | None = None
    note: str = ""


@frozen
class Shown:
    """A run to draw.

    Attributes:
        name: what to call its picture, unlike all others.
        caption: what it shows, in a sentence.
        world: the world.
        trace: the run.
    """

    name: str
    caption: str
    world: World
    trace: Trace


@frozen
class Verdicts:
    """What is recorded, held against the present code.

    Attributes:
        evidence: the records of checks; None where there are none to be had.
        proofs: the records of lemmas; None where there are none to be had.
    """

    evidence: "Evidence | None" = None
    proofs: "Proofs | None" = None

    def counts(self, check: Check) -> tuple[Count, ...]:
        """Return how much was explored of a check, at each of its sizes."""
        return tuple(self._count(check, size) for size in sizes(check))

    def _count(self, check: Check, size: Size) -> Count:
        words = given({name: _short(each) for name, each in check.parameters(size).items()})
        recorded = self._recorded(check, size)
        if recorded is None:
            return Count(size, words, note=MISSING)
        if recorded.is_stale:
            return Count(size, words, note=STALE)
        entry = recorded.entry
        note = "" if entry.complete else f"not whole: {entry.stopped}"
        return Count(size, words, entry.states, entry.transitions, entry.depth, entry.seconds, note)

    def judgements(self, claim: Claim) -> tuple[Judgement, ...]:
        """Return what was found of a property, in each check and at each of its sizes."""
        return tuple(
            self._judged(claim, check, size) for check in claim.checks for size in sizes(check)
        )

    def _judged(self, claim: Claim, check: Check, size: Size) -> Judgement:
        recorded = self._recorded(check, size)
        if recorded is None:
            return Judgement(check, size, MISSING, is_found=False)
        if recorded.is_stale:
            return Judgement(check, size, STALE, is_found=False)
        try:
            said = recorded.entry[claim.name]
        except KeyError:
            return Judgement(check, size, MISSING, is_found=False)
        words = in_words(said.verdict, said.steps)
        expected = said.verdict in {claim.expected(check), Verdict.UNDETERMINED}
        return Judgement(check, size, words, True, expected, said.vacuous)

    def picture(self, claim: Claim) -> Shown | None:
        """Return the run that shows best what a property is about; None where none is recorded.

        That is the run that refutes it, where it is refuted; or the shortest of the first mutant
        that breaks it; or, for what is reachable, the run that reaches it.
        """
        for check in claim.refuted:
            found = self._run(claim, check, f"Refuted in {check.name}")
            if found:
                return found
        for kill in claim.kills:
            found = self._mutant_run(claim, kill)
            if found:
                return found
        if claim.origin.kind is not Kind.REACHABLE:
            return None
        reached = (self._run(claim, each, f"Reached in {each.name}") for each in claim.checks)
        return next((found for found in reached if found), None)

    def _run(self, claim: Claim, check: Check, words: str) -> Shown | None:
        recorded = self._fresh(check)
        try:
            trace = recorded.trace(claim.name) if recorded else None
        except KeyError:
            return None
        if recorded is None or trace is None:
            return None
        name = f"{check.name}.{claim.name}"
        return Shown(name, f"{words}: {steps(len(trace))}.", recorded.world(), trace)

    def _mutant_run(self, claim: Claim, kill: Kill) -> Shown | None:
        recorded = self._fresh(kill.check)
        try:
            trace = recorded.mutant_trace(kill.mutant, claim.name) if recorded else None
        except KeyError:
            return None
        if recorded is None or trace is None:
            return None
        name = f"{kill.check.name}.{kill.mutant}.{claim.name}"
        words = f"What the mutant `{kill.mutant}` of {kill.check.name} does: {steps(len(trace))}."
        return Shown(name, words, recorded.mutant_world(kill.mutant), trace)

    def _fresh(self, check: Check) -> "Recorded | None":
        recorded = self._recorded(check, "small")
        return None if recorded is None or recorded.is_stale else recorded

    def _recorded(self, check: Check, size: Size) -> "Recorded | None":
        return self.evidence.of(check.name, size) if self.evidence else None


NOTHING = Verdicts()


def verdicts(*files: Path, checks: Iterable[Check] | None = None) -> Verdicts:
    """Return what the files of evidence say; by default those that are committed with coterie.

    Raises: EvidenceError where a file cannot be read.
    """
    from coterie.commands.evidence.lemmas import Proofs  # noqa: PLC0415 (only for whole chapters)
    from coterie.commands.evidence.recorded import Evidence  # noqa: PLC0415

    return Verdicts(Evidence.read(*files, checks=checks), Proofs.read(*files))


def sizes(check: Check) -> tuple[Size, ...]:
    """Return the sizes of a check; one where both are alike."""
    return ("small",) if check.parameters() == check.parameters("full") else ("small", "full")


def in_words(verdict: Verdict, length: int | None) -> str:
    """Return a verdict as a reader is told it."""
    match verdict:
        case Verdict.HOLDS:
            return "holds"
        case Verdict.VIOLATED:
            return "refuted" if length is None else f"refuted in {steps(length)}"
    return UNDETERMINED


def steps(count: int) -> str:
    """Return so many steps, in words."""
    return f"{count} step{'' if count == 1 else 's'}"


def _short(value: object) -> object:
    """Return a parameter; of a long collection, that it is one, for nobody would read it."""
    if isinstance(value, Collection) and not isinstance(value, str) and len(value) > LONG:
        return f"{len(value)} of them"
    return value
