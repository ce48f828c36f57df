"""The options `--coverage` and `--strict`: what the checks have never exercised."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve

from coterie.checks.world import World
from coterie.commands.answering import Job, Report
from coterie.commands.errors import UsageMistake

if TYPE_CHECKING:
    from coterie.checks.coverage.report import Coverage
    from coterie.checks.coverage.watching import Watch

_OPTIONS = (
    click.option(
        "--coverage",
        is_flag=True,
        help="Warn of events, branches and premises that the exploration never came to.",
    ),
    click.option(
        "--strict",
        is_flag=True,
        help="Like --coverage, and every such warning is an error: exit code 1.",
    ),
)
FAILED, NOT_KNOWN = 1, 3
_KEEPING = ("cache", "checkpoint")


class Covering:
    """What the checks exercise, where it is asked for.

    Attributes:
        asked: whether it is.
        strict: whether a warning is an error.
    """

    def __init__(self, *, asked: bool = False, strict: bool = False) -> None:
        self.asked, self.strict = asked or strict, strict
        self._watches: dict[int, Watch] = {}

    def watched(self, jobs: Sequence[Job]) -> list[Job]:
        """Return the jobs; what their worlds are asked is noted, if that is asked for."""
        if not self.asked:
            return list(jobs)
        return [
            evolve(job, watched=partial(self._watched, place, job))
            for place, job in enumerate(jobs)
        ]

    def _watched(self, place: int, job: Job, world: World) -> World:
        from coterie.checks.coverage.watching import Watch  # noqa: PLC0415  (only when asked for)

        self._watches[place] = watch = Watch(world, _is_ours(job))
        return watch.watched()

    def found(self, reports: Sequence[Report]) -> "Coverage | None":
        """Return what was never exercised, where that is asked for.

        Guard: the reports are of the jobs that were `watched`, in their order.
        """
        if not self.asked:
            return None
        from coterie.checks.coverage.report import Run, coverage  # noqa: PLC0415

        return coverage(
            [
                Run(report.job.name, self._watches.get(place), report.exploration)
                for place, report in enumerate(reports)
            ]
        )

    def exit_code(self, code: int, found: "Coverage | None") -> int:
        """Return the exit code, given that of the verdicts."""
        if not self.strict or found is None or code in {1, 2}:
            return code
        if found.warnings:
            return FAILED
        return NOT_KNOWN if found.unknown else code


def _is_ours(job: Job) -> bool:
    """Return whether the check is one of coterie's own."""
    function: Any = job.selection.check.world
    while isinstance(function, partial):
        function = function.func
    return str(getattr(function, "__module__", "")).split(".")[0] == "coterie"


def covering_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options; it is called with what they say as `covering`."""

    @wraps(command)
    def collected(*arguments: Any, **options: Any) -> Any:
        asked, strict = options.pop("coverage"), options.pop("strict")
        covering = Covering(asked=asked, strict=strict)
        if covering.asked:
            _check(options)
        return command(*arguments, covering=covering, **options)

    for option in reversed(_OPTIONS):
        collected = option(collected)
    return collected


def _check(options: Mapping[str, Any]) -> None:
    """Refuse what would go on from an earlier run, which nobody has watched.

    Raises: UsageMistake.
    """
    for name in _KEEPING:
        if options.get(name):
            raise UsageMistake(
                f"--coverage watches the exploration, and --{name} may go on from an earlier one",
                f"Leave --{name} away.",
            )
