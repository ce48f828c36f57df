"""Two records of the same check: what one look has decided, a worse one does not take away."""

from attrs import evolve

from coterie.checks.evidence.entry import Entry, Killed
from coterie.checks.result import Verdict
from coterie.commands.answering import Answer, Hunted

Mutants = tuple[Killed, ...] | None


def merged(old: Entry | None, new: Entry) -> Entry:
    """Return what to record where `old` is recorded, and `new` was found.

    Of other code, other parameters or another version nothing is kept.
    """
    if old is None or not _is_of_the_same(old, new):
        return new
    better = old if _open(old) < _open(new) else new
    return evolve(better, mutants=_mutants(old.mutants, new.mutants))


def _is_of_the_same(old: Entry, new: Entry) -> bool:
    same = (old.code, old.parameters, old.coterie) == (new.code, new.parameters, new.coterie)
    names = [[said.property for said in each.properties] for each in (old, new)]
    return same and bool(new.code) and names[0] == names[1]


def _open(entry: Entry) -> tuple[int, bool, int]:
    """Return how much an exploration has left open: verdicts first, then states."""
    undetermined = [each for each in entry.properties if each.verdict is Verdict.UNDETERMINED]
    return len(undetermined), not entry.complete, 0 if entry.complete else -entry.states


def _mutants(old: Mutants, new: Mutants) -> Mutants:
    if old is None or new is None:
        return old if new is None else new
    known = {each.mutant: each for each in old}
    for each in new:
        before = known.get(each.mutant)
        if before is None or not is_decided(before) or is_decided(each):
            known[each.mutant] = each
    return tuple(known[name] for name in sorted(known))


def is_decided(mutant: Killed) -> bool:
    """Return whether it was told of each property whether it kills the mutant."""
    return Hunted(mutant.mutant, mutant).answer is not Answer.UNDETERMINED
