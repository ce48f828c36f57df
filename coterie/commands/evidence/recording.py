"""The option `--evidence FILE`: what was found is recorded, and not looked for again in vain."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from coterie.checks.check import Check
from coterie.checks.errors import ModelError
from coterie.checks.evidence.entry import Entry, laid_out
from coterie.checks.result import Exploration, Verdict
from coterie.commands.answering import INTERRUPTED, Answer, Hunted, Job, Report
from coterie.commands.errors import UsageMistake
from coterie.commands.evidence.hunting import jobs_of
from coterie.commands.evidence.numbers import entry_of
from coterie.commands.evidence.recorded import EvidenceError, Recorded, entries_of
from coterie.commands.outputs.files import check_file
from coterie.commands.outputs.json import own_version
from coterie.commands.running import Limits

_ABOUT = (
    "What `coterie check --evidence` has found: verdicts, the hash of the code that they are about,"
    " and runs as numbers, which the present code takes again before they are shown."
)


class Recording:
    """A file of evidence, as one command uses it."""

    def __init__(self, file: str, *, mutants: bool, is_whole: bool) -> None:
        """Read what is there.

        Attributes:
            mutants: whether those are wanted too.
            is_whole: whether every check of the catalogue is asked for, so that what stands in the
                file of any other is out of date.
        Raises: UsageMistake where the file cannot be read, or not be written.
        """
        if file == "-":
            raise UsageMistake("--evidence - is no file", "Give a file: --evidence FILE.json")
        check_file("--evidence", file)
        self._file = Path(file)
        self._mutants, self._is_whole = mutants, is_whole
        is_there = self._file.exists() and self._file.stat().st_size > 0
        self._entries = {
            (each.check, each.size): each for each in (entries_of(self._file) if is_there else ())
        }

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
        if self._is_whole:
            asked = {(job.name, job.size) for job in jobs}
            sizes = {job.size for job in jobs}
            self._entries = {
                key: each
                for key, each in self._entries.items()
                if key in asked or each.size not in sizes
            }

    def found(self, job: Job, limits: Limits) -> Report | None:
        """Return what is recorded of `job`; None where nothing is, or nothing that still stands."""
        entry = self._entries.get((job.name, job.size))
        if entry is None:
            return None
        recorded = Recorded(entry, job.selection.check, self._file, job.code)
        if not self._stands(recorded, job, limits):
            return None
        try:
            return _report(job, recorded)
        except (EvidenceError, ModelError) as problem:
            click.echo(f"--evidence: {problem}", err=True)
            return None

    def _stands(self, recorded: Recorded, job: Job, limits: Limits) -> bool:
        entry = recorded.entry
        if recorded.is_stale or entry.coterie != own_version():
            return False
        if limits.diagnose or not limits.symmetry:
            return False
        return _is_settled(entry, job.selection.check, limits) and (
            not self._mutants or _has_mutants(entry, job)
        )

    def keep(self, report: Report) -> None:
        """Record what was found, at once; what was interrupted is nothing to record.

        Raises: UsageMistake where the file cannot be written.
        """
        if report.interrupted or report.cached:
            return
        entry = entry_of(report, own_version())
        if entry is None:
            return
        self._entries[entry.check, entry.size] = entry
        self.write()

    def write(self) -> None:
        """Put the file in place.

        Raises: UsageMistake where that fails.
        """
        entries = [self._entries[key].as_data() for key in sorted(self._entries)]
        text = laid_out({"about": _ABOUT, "checks": entries}) + "\n"
        try:
            _replace(self._file, text.encode())
        except OSError as error:
            raise UsageMistake(
                f"--evidence {self._file} cannot be written: {error.strerror}",
                "Give a file that you may write, in a folder that exists.",
            ) from error


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
    decided = {each.mutant for each in _hunted(entry) if each.answer is not Answer.UNDETERMINED}
    return decided == {name for name, _ in jobs_of(job)}


def _replace(file: Path, content: bytes) -> None:
    """Write `content` to `file`: at any time the old file is there, or the new one."""
    folder = file.resolve().parent
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=f".{file.name}-")
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
    Path(name).chmod(0o644)
    Path(name).replace(file)
