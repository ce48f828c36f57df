"""The options about evidence, and how they change the way in which a job is run."""

from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any

import click

from coterie.checks.world import Values
from coterie.commands.answering import Job, Report
from coterie.commands.errors import UsageMistake
from coterie.commands.evidence.caching import Cache
from coterie.commands.evidence.writing import Certificates
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
)


class Evidence:
    """What is done with verdicts, besides showing them.

    Attributes:
        cache: the kept verdicts, if they are asked for.
        certificates: the file for certificates, if one is asked for.
        paranoid: whether to explore although a verdict is kept, and compare.
    """

    def __init__(
        self,
        cache: Cache | None = None,
        certificates: Certificates | None = None,
        *,
        paranoid: bool = False,
    ) -> None:
        self.cache, self.certificates, self.paranoid = cache, certificates, paranoid
        self._prepared = False

    def run(self, job: Job, limits: Limits, onto: Screen) -> Report:
        """Return the kept answer to `job`; else explore, and keep what is found."""
        kept = self.cache.found(job, limits) if self.cache else None
        if kept is not None and not self.paranoid and self.certificates is None:
            return kept
        if not self._prepared:
            onto.prepare()
            prepare()
            self._prepared = True
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
        own = {name: options.pop(name) for name in ("certificate", "cache", "paranoid")}
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
    return Evidence(cache, certificates, paranoid=own["paranoid"])
