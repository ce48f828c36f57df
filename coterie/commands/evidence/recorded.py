"""What files of evidence say, held against the present code.

Nothing that is shown from a file is an old story: a run is kept as numbers, taken again in the
present world, and must show again what it showed.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from attrs import frozen

import coterie
from coterie.checks.cache.sources import UnknownCodeError
from coterie.checks.catalogue import catalogue
from coterie.checks.certificate.run import NoRunError, Run, replayed
from coterie.checks.certificate.witness import shows
from coterie.checks.check import Check, Size
from coterie.checks.evidence.code import Codes
from coterie.checks.evidence.entry import Entry, NoEntryError, Said, entry, shortened
from coterie.checks.result import Finding, Trace, Verdict
from coterie.checks.world import World
from coterie.commands.errors import UsageMistake
from coterie.commands.words import text
from coterie.spec.property import Kind, Property

FOLDER = Path(coterie.__file__).resolve().parent.parent / "docs" / "evidence"


class EvidenceError(UsageMistake):
    """A file of evidence that is not to be believed."""


@frozen
class Recorded:
    """What is recorded of a check at one size.

    Attributes:
        entry: the record: `entry.states`, `entry.properties`, `entry["a_property"].verdict`,
            `entry.mutants`, `entry.mutant("its_name")`, and so on.
        check: the check, as it is now; None where there is none of that name.
        file: where it is recorded.
        code: the hash of the code that the check is about now; empty where that is not known.
    """

    entry: Entry
    check: Check | None
    file: Path
    code: str

    @property
    def is_stale(self) -> bool:
        """Whether it is about other code, or other parameters, than there are now."""
        if self.check is None or not self.code or self.code != self.entry.code:
            return True
        now = text(dict(self.check.parameters(self._size)))
        return shortened(now) != self.entry.parameters

    @property
    def anew(self) -> str:
        """The command that makes the record anew."""
        size = "" if self.entry.size == "small" else f" --size {self.entry.size}"
        mutants = "" if self.entry.mutants is None else " --mutants"
        return f"coterie check {self._selected}{size}{mutants} --evidence {_near(self.file)}"

    @property
    def _selected(self) -> str:
        """How the check is selected: in the catalogue by its name, else by the file that has it."""
        if self.check is None:
            return "FILE"
        if any(each is self.check for each in catalogue()):
            return self.check.name
        try:
            return str(_near(Codes().file_of(self.check)))
        except UnknownCodeError:
            return "FILE"

    @property
    def _size(self) -> Size:
        return "full" if self.entry.size == "full" else "small"

    def world(self) -> World:
        """Return the world of the check, as it is now.

        Raises: EvidenceError where there is no such check any more.
        """
        check = self._check()
        return check.world(**check.parameters(self._size))

    def mutant_world(self, name: str) -> World:
        """Return the world of a mutant, as it is now.

        Raises: EvidenceError where there is no such mutant any more.
        """
        check = self._check()
        if name not in check.mutants:
            raise self._error(f"it has no mutant {name}")
        mutant = check.mutants[name]
        return mutant.world(**check.parameters(**mutant.parameters))

    def claim(self, name: str) -> Property:
        """Return the property of that name, as it is now.

        Raises: EvidenceError where there is no such property any more.
        """
        for claim in self._check().properties:
            if claim.name == name:
                return claim
        raise self._error(f"it has no property {name}")

    def trace(self, name: str) -> Trace | None:
        """Return the run that shows what is recorded of a property; None where there is none.

        Raises: EvidenceError where the present world has no such run, or it does not show that;
            KeyError where nothing is recorded of such a property.
        """
        said = self.entry[name]
        if said.run is None:
            return None
        return self._taken(self.world(), name, said.verdict, said.run)

    def mutant_trace(self, mutant: str, name: str) -> Trace | None:
        """Return the run by which a property kills a mutant; None where there is none.

        Raises: EvidenceError as `trace` does; KeyError where nothing is recorded of these two.
        """
        kill = self.entry.mutant(mutant)[name]
        if kill.run is None:
            return None
        return self._taken(self.mutant_world(mutant), name, kill.verdict, kill.run)

    def finding(self, name: str) -> Finding:
        """Return what is recorded of a property as a finding, with its run.

        Raises: as `trace` does.
        """
        said: Said = self.entry[name]
        claim, trace = self.claim(name), self.trace(name)
        return Finding(claim, said.verdict, trace, said.violations, vacuous=said.vacuous)

    def _taken(self, world: World, name: str, verdict: Verdict, run: Run) -> Trace:
        claim = self.claim(name)
        try:
            trace = replayed(world, run)
        except NoRunError as cause:
            raise self._error(f"the run of {name} is none of the present world: {cause}") from cause
        if not _shows(world, claim, verdict, trace):
            raise self._error(f"the run of {name} no longer shows that it is {verdict.value}")
        return trace

    def _check(self) -> Check:
        if self.check is None:
            raise self._error("there is no such check any more")
        return self.check

    def _error(self, problem: str) -> EvidenceError:
        return EvidenceError(
            f"{_near(self.file)}, {self.entry.check} at size {self.entry.size}: {problem}",
            f"Make it anew: {self.anew}",
        )


def _shows(world: World, claim: Property, verdict: Verdict, trace: Trace) -> bool:
    """Return whether the run shows it, as far as that can be told without a search."""
    if claim.kind is Kind.RECOVERABLE:
        return verdict is Verdict.VIOLATED
    return shows(world, claim, verdict, trace)


def _near(file: Path) -> Path:
    """Return the path as one would type it here."""
    here = Path.cwd()
    return file.relative_to(here) if file.is_relative_to(here) else file


class Evidence:
    """The records of some files.

    Attributes:
        records: all of them, by check and then by size.
    """

    def __init__(self, entries: Iterable[tuple[Path, Entry]], checks: Iterable[Check]) -> None:
        """Take the entries, of which a later one goes before an earlier one of the same check."""
        self._checks = {check.name: check for check in checks}
        self._entries = {(each.check, each.size): (file, each) for file, each in entries}

    @classmethod
    def read(cls, *files: Path | str, checks: Iterable[Check] | None = None) -> "Evidence":
        """Read files that `coterie check` has written with `--evidence` or `--json`.

        Attributes:
            files: where none is given, those that are committed with coterie, as far as they exist.
            checks: the checks that they may be about; the catalogue, where none are given.
        Raises: EvidenceError where a file cannot be read.
        """
        chosen = [*map(Path, files)] or sorted(FOLDER.glob("*.json"))
        entries = [(file, each) for file in chosen for each in entries_of(file)]
        return cls(entries, catalogue() if checks is None else checks)

    @cached_property
    def records(self) -> tuple[Recorded, ...]:
        """Return all records, by check and then by size."""
        found = (self.of(name, size) for name, size in sorted(self._entries))
        return tuple(each for each in found if each is not None)

    def of(self, name: str, size: str = "small") -> Recorded | None:
        """Return what is recorded of the check of that name; None where nothing is."""
        if (name, size) not in self._entries:
            return None
        file, found = self._entries[name, size]
        check = self._checks.get(name)
        return Recorded(found, check, file, self._code(check) if check else "")

    @cached_property
    def _codes(self) -> Codes:
        return Codes()

    def _code(self, check: Check) -> str:
        try:
            return self._codes.of(check)
        except UnknownCodeError:
            return ""


def entries_of(file: Path) -> list[Entry]:
    """Return the entries of a file; none where it is of something else than checks, as of lemmas.

    Raises: EvidenceError where the file cannot be read.
    """
    try:
        data: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return [entry(each) for each in data.get("checks", ())]
    except OSError as cause:
        problem = f"{file} cannot be read: {cause.strerror}"
    except (ValueError, TypeError, AttributeError, NoEntryError) as cause:
        problem = f"{file} is no file of evidence: {cause}"
    raise EvidenceError(problem, "Make it anew: coterie check --mutants --evidence FILE")
