"""The option `--evidence FILE`: what was found is recorded, and not looked for again in vain."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from coterie.checks.check import Check
from coterie.checks.errors import ModelError
from coterie.checks.evidence.entry import Entry, laid_out
from coterie.checks.result import Exploration, Verdict
from coterie.commands.answering import INTERRUPTED, Hunted, Job, Report
from coterie.commands.errors import UsageMistake
from coterie.commands.evidence import putting
from coterie.commands.evidence.hunting import jobs_of
from coterie.commands.evidence.merging import is_decided, merged
from coterie.commands.evidence.numbers import entry_of
from coterie.commands.evidence.recorded import EvidenceError, Recorded, entries_of
from coterie.commands.outputs.json import own_version
from coterie.commands.running import Limits

_FOUND = "What `coterie check --evidence` has found"
_ABOUT = (
    f"{_FOUND}: verdicts, the hash of the code that they are about,"
    " and runs as numbers, which the present code takes again before they are shown."
)


Key = tuple[str, str]


class Recording:
    """A file of evidence, as one command uses it.

    What others record there meanwhile stays: it is read again before it is written.
    """

    def __init__(self, file: str, *, mutants: bool, is_whole: bool) -> None:
        """Read what is there.

        Attributes:
            mutants: whether those are wanted too.
            is_whole: whether every check of the catalogue is asked for, so that what stands in the
                file of any other is out of date.
        Raises: UsageMistake where the file cannot be read, or not be written, or is of something
            else than checks.
        """
        if file == "-":
            raise UsageMistake("--evidence - is no file", "Give a file: --evidence FILE.json")
        self._file = putting.target("--evidence", file)
        self._mutants, self._is_whole = mutants, is_whole
        self._asked: set[Key] = set()
        self._answered: set[Key] = set()
        self._refused: set[Key] = set()
        self._entries: dict[Key, Entry] = {}
        self._stamp: tuple[int, ...] | None = None
        self._look()

    def check(self, jobs: Sequence[Job]) -> None:
        """Forget what is out of date; refuse what is no check at one of its sizes.

        Raises: UsageMistake.
        """
        for job in jobs:
            check = job.selection.check
            if job.selection.claims != check.properties:
                raise UsageMistake(
                    f"--evidence records whole checks, not one property of {check.name}",
                    f"Name the check alone: coterie check {check.name} --evidence {self._file}",
                )
            if job.parameters != check.parameters(job.size):
                raise UsageMistake(
                    "--evidence records checks with their own parameters",
                    "Leave out --set, or write with --json.",
                )
            if job.watched is not None:
                raise UsageMistake(
                    "--evidence records no coverage", "Leave out --evidence, or --coverage."
                )
        self._asked = {(job.name, job.size) for job in jobs}
        self._forget()

    def _forget(self) -> None:
        if not self._is_whole or not self._asked:
            return
        sizes = {size for _, size in self._asked}
        self._entries = {
            key: each
            for key, each in self._entries.items()
            if key in self._asked or each.size not in sizes
        }

    def _look(self) -> None:
        """Read the file, unless it is not there, or as this command has left it."""
        stamp = _stamp(self._file)
        if stamp is None or stamp == self._stamp:
            return
        putting.check_content(self._file, "checks", _FOUND)
        self._entries = {(each.check, each.size): each for each in entries_of(self._file)}
        self._stamp = stamp
        self._forget()

    def found(self, job: Job, limits: Limits) -> Report | None:
        """Return what is recorded of `job`; None where nothing is, or nothing that still stands."""
        key = (job.name, job.size)
        entry = self._entries.get(key)
        if entry is None:
            return None
        recorded = Recorded(entry, job.selection.check, self._file, job.code)
        if not self._stands(recorded, job, limits):
            return None
        try:
            report = _report(job, recorded)
        except (EvidenceError, ModelError) as problem:
            click.echo(f"--evidence: {problem}", err=True)
            self._refused.add(key)
            return None
        self._answered.add(key)
        return report

    def _stands(self, recorded: Recorded, job: Job, limits: Limits) -> bool:
        entry = recorded.entry
        if recorded.is_stale or entry.coterie != own_version():
            return False
        if limits.diagnose or not limits.symmetry:
            return False
        names = [each.property for each in entry.properties]
        if names != [each.name for each in job.selection.claims]:
            return False
        return _is_settled(entry, job.selection.check, limits) and (
            not self._mutants or _has_mutants(entry, job)
        )

    def keep(self, report: Report) -> None:
        """Record what was found, at once; what was interrupted is nothing to record.

        Raises: UsageMistake where the file cannot be written.
        """
        if report.interrupted or (report.job.name, report.job.size) in self._answered:
            return
        entry = entry_of(report, own_version())
        if entry is not None:
            self._write({(entry.check, entry.size): entry})

    def write(self) -> None:
        """Put the file in place.

        Raises: UsageMistake where that fails.
        """
        self._write({})

    def _write(self, found: Mapping[Key, Entry]) -> None:
        with putting.locked(self._file):
            self._look()
            for key, new in found.items():
                old = None if key in self._refused else self._entries.get(key)
                self._entries[key] = merged(old, new)
            entries = [self._entries[key].as_data() for key in sorted(self._entries)]
            putting.put(self._file, laid_out({"about": _ABOUT, "checks": entries}) + "\n")
            self._stamp = _stamp(self._file)


def _stamp(file: Path) -> tuple[int, ...] | None:
    """Return what tells a file's content from another one's; None where it is empty, or not there.

    Whoever replaces the file makes a new one, with a number of its own.
    """
    try:
        now = file.stat()
    except FileNotFoundError:
        return None
    return (now.st_ino, now.st_mtime_ns, now.st_size) if now.st_size else None


def _report(job: Job, recorded: Recorded) -> Report:
    entry = recorded.entry
    found = Exploration(
        recorded.world(),
        tuple(recorded.finding(each.property) for each in entry.properties),
        states=entry.states,
        transitions=entry.transitions,
        depth=entry.depth,
        complete=entry.complete,
        stopped=entry.stopped,
        seconds=entry.seconds,
        limits=entry.limits,
        reductions=entry.reductions,
    )
    mutants = None if entry.mutants is None else tuple(_hunted(entry))
    return Report(job, found, stopped=entry.stopped, cached=True, mutants=mutants)


def _hunted(entry: Entry) -> Iterator[Hunted]:
    for each in entry.mutants or ():
        yield Hunted(each.mutant, each)


def _is_settled(entry: Entry, check: Check, limits: Limits) -> bool:
    """Return whether these limits would leave open what is open there."""
    if INTERRUPTED in entry.stopped:
        return False
    if all(each.verdict is not Verdict.UNDETERMINED for each in entry.properties):
        return True
    now = limits.of_search(check)
    asked = [(now.get(f"max_{each.name}"), each.most) for each in entry.limits if each.hit]
    return any(limit is not None and limit <= most for limit, most in asked)


def _has_mutants(entry: Entry, job: Job) -> bool:
    decided = {each.mutant for each in entry.mutants or () if is_decided(each)}
    return decided == {name for name, _ in jobs_of(job)}
