"""The options about evidence, and how they change the way in which a job is run."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click
from attrs import evolve

from coterie.checks.world import Values
from coterie.commands.answering import INTERRUPTED, Hunted, Job, Report
from coterie.commands.errors import UsageMistake
from coterie.commands.evidence import hunting
from coterie.commands.evidence.caching import Cache
from coterie.commands.evidence.recording import Recording
from coterie.commands.evidence.writing import Certificates
from coterie.commands.page import BLANK
from coterie.commands.running import Limits, prepare, run
from coterie.commands.screen import Screen
from coterie.commands.setting import parsed

_OPTIONS = (
    click.option(
        "--certificate",
        metavar="FILE",
        help="Write what `coterie certify FILE` needs to check the verdicts again, plainly.",
    ),
    click.option(
        "--cache",
        metavar="DIR",
        help="Keep verdicts here, and give them again while no code and no parameter changes.",
    ),
    click.option(
        "--paranoid", is_flag=True, help="Explore although the cache knows, and compare the two."
    ),
    click.option(
        "--mutants",
        is_flag=True,
        help="Explore the checks' mutants too: each must be killed as it declares.",
    ),
    click.option(
        "--evidence",
        "file",
        metavar="FILE",
        help="Record verdicts and runs here; what is recorded of the same code is not explored."
        " Data files that the code reads are no part of it.",
    ),
)
_OWN = ("certificate", "cache", "paranoid", "mutants", "file")


class Evidence:
    """What is done with verdicts, besides showing them.

    Attributes:
        cache: the kept verdicts, if they are asked for.
        certificates: the file for certificates, if one is asked for.
        paranoid: whether to explore although a verdict is kept, and compare.
        mutants: whether the checks' mutants are explored too.
        recording: the file of evidence, if one is asked for.
    """

    def __init__(
        self,
        cache: Cache | None = None,
        certificates: Certificates | None = None,
        *,
        paranoid: bool = False,
        mutants: bool = False,
        recording: Recording | None = None,
    ) -> None:
        self.cache, self.certificates, self.paranoid = cache, certificates, paranoid
        self.mutants, self.recording = mutants, recording
        self._prepared = False

    def check(self, jobs: Sequence[Job]) -> None:
        """Refuse what cannot be recorded, before anything is explored.

        Raises: UsageMistake.
        """
        if self.recording:
            self.recording.check(jobs)

    def run(self, job: Job, limits: Limits, onto: Screen) -> Report:
        """Return the recorded or the kept answer to `job`; else explore, and keep what is found."""
        try:
            may_stand = self.recording is not None and self.certificates is None
            recorded = self.recording.found(job, limits) if self.recording and may_stand else None
            return recorded or self._run(job, limits, onto)
        except KeyboardInterrupt:
            return Report(job, stopped=INTERRUPTED)

    def hunted(self, report: Report, limits: Limits, onto: Screen) -> Report:
        """Return the report with what came of the check's mutants, which is shown.

        Effect: what was found of the check is recorded, if that was asked for.
        """
        try:
            if self.mutants and report.exploration and not report.interrupted:
                report = evolve(report, mutants=self._hunted(report, limits, onto))
            if self.recording:
                self.recording.keep(report)
        except KeyboardInterrupt:
            return evolve(report, stopped=INTERRUPTED)
        return report

    def _hunted(self, report: Report, limits: Limits, onto: Screen) -> tuple[Hunted, ...]:
        names = [name for name, _ in hunting.jobs_of(report.job)]
        room = max(map(len, names), default=0)

        def show(one: Hunted) -> None:
            onto.say(partial(hunting.shown, one, room))

        if report.mutants is None:
            self._prepare(onto)
            found = hunting.hunted(report.job, limits, onto, show)
        else:
            found = report.mutants
            for each in found:
                show(each)
        if found:
            onto.say(lambda _: [BLANK])
        return found

    def _prepare(self, onto: Screen) -> None:
        if not self._prepared:
            onto.prepare()
            prepare()
            self._prepared = True

    def _run(self, job: Job, limits: Limits, onto: Screen) -> Report:
        kept = self.cache.found(job, limits) if self.cache else None
        if kept is not None and not self.paranoid and self.certificates is None:
            return kept
        self._prepare(onto)
        states: list[Values] = []
        report = run(job, limits, onto.progress, states.extend if self.certificates else None)
        if self.cache:
            if kept is not None and self.paranoid:
                self.cache.compare(kept, report, limits)
            self.cache.keep(report, limits)
        if self.certificates:
            self.certificates.add(report, states)
        return report

    def conclude(self) -> None:
        """Put everything in place, and say what went wrong.

        Raises: UsageMistake where a kept verdict was not found again, or a certificate is lacking.
        """
        differences, lacking = [], []
        if self.cache:
            for warning in self.cache.warnings:
                click.echo(f"--cache: {warning}", err=True)
            differences = self.cache.differences
        if self.certificates:
            self.certificates.close()
            lacking = self.certificates.problems
        if differences:
            raise UsageMistake(
                "the cache is not right, or the checker is not. " + "\n".join(differences),
                "The entries are set aside; please report this with them.",
            )
        if lacking:
            raise UsageMistake("\n".join(lacking), "The verdicts above stand all the same.")


def evidence_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options; it is called with what they say as `evidence`.

    Guard: it has the options `--size` and `--set`, and the argument NAME.
    """

    @wraps(command)
    def collected(*arguments: Any, **options: Any) -> Any:
        own = {name: options.pop(name) for name in _OWN}
        return command(*arguments, evidence=_evidence(own, options), **options)

    for option in reversed(_OPTIONS):
        collected = option(collected)
    return collected


def _evidence(own: Mapping[str, Any], options: Mapping[str, Any]) -> Evidence:
    if own["paranoid"] and own["cache"] is None:
        raise UsageMistake(
            "--paranoid compares with a cache, and there is none", "Add --cache DIR."
        )
    size, settings = str(options["size"]), parsed(options["settings"])
    cache, certificates = None, None
    if own["cache"] is not None:
        folder = Path(own["cache"])
        if folder.exists() and not folder.is_dir():
            raise UsageMistake(f"--cache {folder} is no folder", "Give the path of a folder.")
        asked = {"size": size, "settings": repr(sorted(settings.items()))}
        cache = Cache(folder, asked)
    if own["certificate"] is not None:
        certificates = Certificates(own["certificate"], options["names"], size, settings)
    mutants, recording = bool(own["mutants"]), None
    if own["file"] is not None:
        is_whole = not options["names"]
        recording = Recording(own["file"], mutants=mutants, is_whole=is_whole)
    return Evidence(
        cache, certificates, paranoid=own["paranoid"], mutants=mutants, recording=recording
    )
