"""`coterie replay`: a recorded run, in the model as it is now.

A file is a saved schedule of the checker; a folder holds the journals of real nodes, and
`coterie.commands.cluster.replay` does the rest.
"""

import json
from pathlib import Path
from typing import Any

import click
from attrs import evolve, frozen
from click.core import ParameterSource

from coterie.checks.check import Check
from coterie.checks.errors import ModelError
from coterie.checks.result import Finding, Trace, Verdict
from coterie.checks.simulation.judge import Judge, can_be_judged, finding
from coterie.checks.simulation.schedule import (
    Replayed,
    Schedule,
    ScheduleError,
    Source,
    from_text,
    replayed,
)
from coterie.checks.simulation.steps import Steps
from coterie.commands import show, trace
from coterie.commands.answering import Job
from coterie.commands.cluster.replay import replay_cluster
from coterie.commands.echo import echo, width
from coterie.commands.errors import UsageMistake
from coterie.commands.loading import is_path
from coterie.commands.outputs import files
from coterie.commands.outputs.json import own_version
from coterie.commands.page import Line, line, wrapped
from coterie.commands.pictures.options import Pictures, Run, picture_options, pictured
from coterie.commands.running import unforeseen, world_of
from coterie.commands.selecting import Selection, selections
from coterie.commands.setting import parameters, parsed
from coterie.commands.words import happening
from coterie.spec.property import Kind, Property

_ENABLED_MOST = 20
_EPILOG = """\b
Examples:
  coterie simulate smr.naive --minimal --save found.json
  coterie replay found.json
  coterie replay mine.json --check my_protocol.py --set clients=5
  coterie replay coterie-group

\b
Exit codes, of a schedule:
  0  the run is possible, and shows what it showed when it was recorded
  1  the run is possible, and no longer shows it
  2  the file is wrong, the run no longer possible, or the model at fault

\b
Exit codes, of a cluster:
  0  the run is one of the model's, and so is what clients were answered
  1  it is not
  2  the command was misused, or the folder holds no journals to replay
  3  unknown: the time, or Ctrl-C, came before the end
"""
_OF_SCHEDULES = ("name", "settings", "html", "diagram")
_OF_CLUSTERS = ("every_step", "max_seconds", "history_file")


@frozen
class _Replay:
    """A schedule, and what became of it.

    Attributes:
        job: the check that made the world.
        claim: the property.
        steps: the steps of the world.
        run: how far the schedule applies.
        decided: the run up to where it decides the property; None where it does not.
    """

    job: Job
    claim: Property
    steps: Steps
    run: Replayed
    decided: Trace | None

    @property
    def finding(self) -> Finding:
        """What the run shows; it is undetermined where it does not decide the property."""
        if self.decided is not None:
            return finding(self.claim, self.decided)
        return Finding(self.claim, Verdict.UNDETERMINED, self.run.trace)

    @property
    def exit_code(self) -> int:
        """What the command says to a script."""
        if self.run.missing is not None:
            return 2
        return 1 if self.decided is None else 0


@click.command(epilog=_EPILOG)
@click.argument("file", metavar="FILE|DIR")
@click.option(
    "--check",
    "name",
    metavar="NAME",
    help="The check, or the Python file that defines it, where FILE does not say.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="PARAMETER=VALUE",
    help="Another value than in FILE; may be repeated.",
)
@click.option(
    "--every-step",
    is_flag=True,
    help="Of a cluster: evaluate properties after every change, however long the run is.",
)
@click.option(
    "--max-seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="S",
    help="Of a cluster: give up judging what clients were answered after S seconds.",
)
@click.option(
    "--history",
    "history_file",
    metavar="FILE",
    help="Of a cluster: write what clients called and were answered, for `coterie history`.",
)
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write the result as JSON too; - is the standard output (the words then go to stderr).",
)
@picture_options
@click.pass_context
def replay(
    context: click.Context,
    *,
    file: str,
    name: str | None,
    settings: tuple[str, ...],
    every_step: bool,
    max_seconds: float,
    history_file: str | None,
    json_file: str | None,
    pictures: Pictures,
) -> None:
    """Hold a run against the model: a saved schedule, or what the nodes of a cluster have done.

    DIR is the folder of a cluster, or any that holds journals of its nodes. Every step must be what
    the model does, every message received must have been sent before, what the model promises must
    hold on the way, and what clients were answered must be linearizable. Otherwise the first place
    is shown where journals and model differ.

    FILE is what `coterie simulate --save` or a test of `machine_of` has written. Its steps are
    found by what happens in them, so that it can be tried on a model that has been mended. Where
    one is no longer possible, those that are possible instead are shown.
    """
    for option, wanted in (("--json", json_file), ("--history", history_file)):
        if wanted:
            files.check_file(option, wanted)
    _check_options(context, is_cluster=Path(file).is_dir())
    if Path(file).is_dir():
        code = replay_cluster(
            Path(file),
            every_step=every_step,
            max_seconds=max_seconds,
            history_file=history_file,
            json_file=json_file,
        )
        context.exit(code)
    pictures.check(properties=1)
    schedule = _read(file)
    source = schedule.source
    source = evolve(source, settings={**source.settings, **parsed(settings)})
    job, claim = _job(file, evolve(schedule, source=source), name)
    result = _replay(file, schedule, job, claim)
    to_stderr = json_file == files.STANDARD
    echo(_lines(result, schedule, width(), diagram=pictures.diagram), to_stderr=to_stderr)
    run = Run(job.name, result.steps.world, result.finding, (("schedule", file),))
    echo(pictures.write([run], width()), to_stderr=to_stderr)
    if json_file:
        files.write("--json", json_file, _text(result))
    context.exit(result.exit_code)


def _check_options(context: click.Context, *, is_cluster: bool) -> None:
    """Refuse the options that are of the other kind of run.

    Raises: UsageMistake where one is given.
    """
    wrong, what = (_OF_SCHEDULES, "a schedule") if is_cluster else (_OF_CLUSTERS, "a cluster")
    for option in context.command.params:
        given = context.get_parameter_source(option.name or "")
        if option.name in wrong and given is not ParameterSource.DEFAULT:
            raise UsageMistake(f"{option.opts[0]} is of {what}", "Leave it out.")


def _read(file: str) -> Schedule:
    try:
        return from_text(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        remedy = "Give a file that `coterie simulate --save` has written."
        raise UsageMistake(f"{file} cannot be read: {error.strerror}", remedy) from error
    except (ScheduleError, UnicodeDecodeError) as error:
        remedy = "Give a file that `coterie simulate --save` has written."
        raise UsageMistake(f"{file} is no schedule: {error}", remedy) from error


def _job(file: str, schedule: Schedule, name: str | None) -> tuple[Job, Property]:
    """Return what makes the world, and the property.

    Raises: UsageMistake where they are not to be found.
    """
    source = schedule.source
    check = _check(file, source, name)
    if source.size not in ("small", "full"):
        raise UsageMistake(f"{file}: {source.size} is no size", "Make it small or full.")
    values = parameters(check, "full" if source.size == "full" else "small", source.settings)
    claims = tuple(claim for claim in check.properties if claim.name == schedule.claim)
    if not claims:
        known = ", ".join(claim.name for claim in check.properties)
        problem = f"{check.name} has no property {schedule.claim}, which {file} is about"
        raise UsageMistake(problem, f"Its properties are: {known}.")
    if not can_be_judged(claims[0]):
        problem = f"{file}: a run cannot show {schedule.claim} ({claims[0].kind.value})"
        raise UsageMistake(problem, "Use `coterie check` to decide it.")
    return Job(Selection(check, claims), values), claims[0]


def _check(file: str, source: Source, name: str | None) -> Check:
    name = name or _beside(file, source.file) or source.check
    if not name:
        raise UsageMistake(f"{file} does not name its check", "Name it with --check.")
    found = [selection.check for selection in selections((name,))]
    wanted = [check for check in found if check.name == source.check]
    if len(found) == 1 or len(wanted) == 1:
        return (wanted or found)[0]
    names = ", ".join(check.name for check in found)
    named = f", and none is {source.check}" if is_path(name) and source.check else ""
    raise UsageMistake(f"{name} has {len(found)} checks{named}: {names}", "Name one with --check.")


def _beside(file: str, source: str) -> str:
    """Return the path of the Python file, from here or else from the schedule's folder."""
    beside = Path(file).parent / source
    return str(beside) if source and not Path(source).is_file() and beside.is_file() else source


def _replay(file: str, schedule: Schedule, job: Job, claim: Property) -> _Replay:
    try:
        steps = Steps(world_of(job))
        run = replayed(steps, schedule, happening)
        return _Replay(job, claim, steps, run, Judge(steps, [claim]).cut(claim, run.trace))
    except ScheduleError as error:
        remedy = f"The world is that of {job.name}; give its parameters with --set."
        raise UsageMistake(f"{file} does not fit: {error}", remedy) from error
    except ModelError as error:
        raise UsageMistake(f"the model is at fault: {error}", "Mend it, and try again.") from error
    except Exception as error:
        raise UsageMistake(f"the model is at fault: {unforeseen(error)}", "Mend it.") from error


def _lines(result: _Replay, schedule: Schedule, columns: int, *, diagram: bool) -> list[Line]:
    claim, world = result.claim, result.steps.world
    found = [show.heading(result.job)]
    found += wrapped(f"{claim.name}: {claim.statement}", columns, first="  ", style="italic")
    if result.decided is not None:
        found += trace.shown(world, result.finding, columns)
    else:
        found += trace.run(world, result.run.trace, columns)
    if diagram:
        found += pictured(world, result.finding, columns)
    if result.run.missing is not None:
        found += _missing(result, columns)
    return found + wrapped(_verdict(result, schedule), columns, style=_STYLES[result.exit_code])


_STYLES = {0: "bold", 1: "bold green", 2: "bold yellow"}


def _missing(result: _Replay, columns: int) -> list[Line]:
    """Return the step that is not possible, and those that are."""
    assert result.run.missing is not None
    number = len(result.run.trace) + 1
    words = f"{'; '.join(result.run.missing.said)}  [not possible here]"
    found = wrapped(words, columns, first=f"{number:>7}  ", style="bold red")
    possible = ["; ".join(map(happening, step.happenings)) for step in result.run.possible]
    found.append(line("    possible instead:" if possible else "    nothing is possible here"))
    for each in possible[:_ENABLED_MOST]:
        found += wrapped(each, columns, first=" " * 9, later=" " * 11)
    if len(possible) > _ENABLED_MOST:
        found.append(line(f"         and {len(possible) - _ENABLED_MOST} more"))
    return found


def _verdict(result: _Replay, schedule: Schedule) -> str:
    name, reachable = result.claim.name, result.claim.kind is Kind.REACHABLE
    shown = "reached" if reachable else "violated"
    if result.run.missing is not None:
        number = len(result.run.trace) + 1
        words = f"Step {number} of {len(schedule.steps)} is no longer possible"
        so_far = " not" if result.decided is None else ""
        return f"{words}: the model has changed. Up to there {name} is{so_far} {shown}."
    if result.decided is None:
        return f"The run is possible, and {name} is not {shown}."
    return f"The run is possible, and {name} is {shown}."


def _text(result: _Replay) -> str:
    run, missing = result.run, result.run.missing
    data: dict[str, Any] = {
        "coterie": own_version(),
        "exit_code": result.exit_code,
        "check": result.job.name,
        "property": result.claim.name,
        "shown": result.decided is not None,
        "steps": len(run.trace),
        "missing": list(missing.said) if missing else None,
        "possible": [[happening(each) for each in step.happenings] for step in run.possible],
        "trace": trace.as_data(result.steps.world, result.decided or run.trace),
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
