"""What several checks together have never exercised, and what is not known."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from attrs import frozen

from coterie.checks.coverage.branches import Untaken, untaken
from coterie.checks.coverage.events import Unasked, unasked
from coterie.checks.coverage.recorder import Executed
from coterie.checks.coverage.watching import Watch
from coterie.checks.result import Exploration


@frozen
class Run:
    """A check that was run.

    Attributes:
        check: its name.
        watch: what was noted; None where it did not come to that.
        exploration: what was found; None where a model was at fault.
    """

    check: str
    watch: Watch | None = None
    exploration: Exploration | None = None

    @property
    def executed(self) -> list[Executed]:
        """What was executed."""
        return self.watch.recorder.executed if self.watch else []

    @property
    def unknown(self) -> str:
        """Why its coverage is not known; nothing where it is."""
        if self.exploration is None:
            return "it was not explored"
        if self.watch is None:
            return "it was not watched"
        if not self.exploration.complete:
            decided = "every property was decided before the end"
            return self.exploration.stopped or decided
        if self.exploration.reductions:
            return f"the search was made smaller by {', '.join(self.exploration.reductions)}"
        return ""


@frozen
class FileBranches:
    """The branches of one file that none of the checks has taken.

    Attributes:
        file: the file.
        checks: the checks that execute some of it.
        branches: by line.
    """

    file: str
    checks: tuple[str, ...]
    branches: tuple[Untaken, ...]


@frozen
class Coverage:
    """What was never exercised.

    Attributes:
        complete: the checks that were explored to the end.
        unknown: for each of the others, why nothing is known of it.
        events: for each check, and each class of machines in it.
        branches: for each file.
        open_files: the files whose branches are not known, for a check that is not complete runs
            code of theirs.
        vacuous: the check, the property, and why it says nothing.
    """

    complete: tuple[str, ...]
    unknown: tuple[tuple[str, str], ...]
    events: tuple[tuple[str, Unasked], ...]
    branches: tuple[FileBranches, ...]
    open_files: tuple[str, ...]
    vacuous: tuple[tuple[str, str, str], ...]

    @property
    def warnings(self) -> int:
        """How many warnings there are."""
        kinds = sum(len(each.never) + len(each.idle) for _, each in self.events)
        branches = sum(len(each.branches) for each in self.branches)
        return kinds + branches + len(self.vacuous)

    def as_data(self) -> dict[str, Any]:
        """Return it as one object of JSON."""
        return {
            "complete": list(self.complete),
            "unknown": [{"check": check, "why": why} for check, why in self.unknown],
            "events": [
                {
                    "check": check,
                    "machine": each.machine,
                    "never_asked": list(each.never),
                    "never_did_anything": list(each.idle),
                }
                for check, each in self.events
            ],
            "branches": [
                {"file": one.file, "line": one.line, "source": one.text, "what": one.what}
                for each in self.branches
                for one in each.branches
            ],
            "branches_unknown": list(self.open_files),
            "vacuous": [
                {"check": check, "property": name, "why": why} for check, name, why in self.vacuous
            ],
        }


def coverage(runs: Sequence[Run]) -> Coverage:
    """Return what `runs` together have never exercised.

    A branch that one of them never takes may be taken by another, so branches are looked at
    together; which events come is each check's own affair.
    """
    done = [run for run in runs if not run.unknown]
    files = _files(runs)
    whole = [file for file, using in files.items() if all(not run.unknown for run in using)]
    return Coverage(
        complete=tuple(run.check for run in done),
        unknown=tuple((run.check, run.unknown) for run in runs if run.unknown),
        events=tuple((run.check, each) for run in done for each in _events(run)),
        branches=tuple(_branches(file, files[file]) for file in sorted(whole)),
        open_files=tuple(sorted(files.keys() - set(whole))),
        vacuous=tuple(each for run in runs for each in _vacuous(run)),
    )


def _files(runs: Sequence[Run]) -> dict[str, list[Run]]:
    """Return for each file the runs that execute some of it."""
    found: dict[str, list[Run]] = defaultdict(list)
    for run in runs:
        for file in {each.function[0] for each in run.executed}:
            found[file].append(run)
    return found


def _events(run: Run) -> list[Unasked]:
    assert run.watch is not None
    return unasked(run.watch.world, run.watch.asked, library=run.watch.library)


def _branches(file: str, using: Sequence[Run]) -> FileBranches:
    executed = [each for run in using for each in run.executed if each.function[0] == file]
    checks = tuple(dict.fromkeys(run.check for run in using))
    return FileBranches(file, checks, tuple(untaken(executed)))


def _vacuous(run: Run) -> Iterator[tuple[str, str, str]]:
    for finding in run.exploration.findings if run.exploration else ():
        if finding.vacuous:
            yield run.check, finding.claim.name, finding.vacuous
