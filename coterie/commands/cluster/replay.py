"""`coterie replay DIR`: what the nodes of a cluster have done, held against the model."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from attrs import define, field

from coterie.checks.history.jsonl import operations
from coterie.checks.history.judging import Condition, Judgement, judgements
from coterie.commands import verdicts
from coterie.commands.cluster.diverging import explained
from coterie.commands.echo import echo, status, width
from coterie.commands.errors import UsageMistake
from coterie.commands.outputs import files
from coterie.commands.outputs.json import own_version
from coterie.commands.page import Line, line, wrapped
from coterie.impl.replay import run as replaying
from coterie.impl.replay.divergence import (
    EFFECTS,
    EVENT,
    Divergence,
    DivergenceError,
    Place,
    ReplayError,
)
from coterie.impl.replay.run import Run
from coterie.spec.history.objects import KEY_VALUE
from coterie.spec.history.search import Answer

ACCEPTED, REFUSED, UNKNOWN = 0, 1, 3
_OTHER_MODEL = "The model is the one that is installed here: nodes of another version may differ."
_TOLD_EVERY = 500
"""After how many steps the progress is told again."""
_STYLES = {ACCEPTED: "bold green", REFUSED: "bold red", UNKNOWN: "bold yellow"}


@define
class Verdict:
    """What came of a run.

    Attributes:
        run: how far it is the model's.
        seconds: how long that took.
        divergence: where it is not; None where it is, up to the end.
        interrupted: whether the user has broken off.
        judged: the histories of the keys, each judged.
        text: how those are worded.
        history: what clients called and were answered, a line each.
    """

    run: Run
    seconds: float = 0.0
    divergence: Divergence | None = None
    interrupted: bool = False
    judged: list[Judgement] = field(factory=list)
    text: verdicts.Text | None = None
    history: list[str] = field(factory=list)

    @property
    def exit_code(self) -> int:
        """What the command says to a script."""
        answers = {each.answer for each in self.judged}
        if self.divergence is not None or Answer.NO in answers:
            return REFUSED
        return UNKNOWN if self.interrupted or Answer.UNKNOWN in answers else ACCEPTED


def replay_cluster(
    folder: Path,
    *,
    every_step: bool,
    max_seconds: float,
    history_file: str | None,
    json_file: str | None,
) -> int:
    """Hold the journals in a folder against the model, say what came of it, and return that.

    Raises: UsageMistake where the folder has none that can be replayed.
    """
    try:
        run = replaying.opened(replaying.folders_in(folder), every_step=every_step)
        verdict = verdict_of(run, max_seconds)
    except ReplayError as problem:
        remedy = "Give the folder of a cluster whose nodes have kept journals."
        raise UsageMistake(f"{folder}: {problem}", remedy) from problem
    if history_file:
        files.write("--history", history_file, "".join(f"{each}\n" for each in verdict.history))
    echo(told(folder, verdict, width()), to_stderr=json_file == files.STANDARD)
    if json_file:
        text = json.dumps(_as_data(folder, verdict), indent=2, ensure_ascii=False)
        files.write("--json", json_file, f"{text}\n")
    return verdict.exit_code


def verdict_of(run: Run, max_seconds: float) -> Verdict:
    """Take all steps of a run again, and judge what its clients saw."""
    verdict, begun = Verdict(run), time.monotonic()
    try:
        with status("replaying") as shown:
            for count, _ in enumerate(run.happened()):
                if shown is not None and count % _TOLD_EVERY == 0:
                    shown.update(f"replaying: {run.progress:.0%}, {run.steps:,} steps")
        verdict.seconds = time.monotonic() - begun
        _judge(verdict, max_seconds)
    except DivergenceError as error:
        verdict.divergence = error.divergence
    except KeyboardInterrupt:
        verdict.interrupted = True
    verdict.seconds = verdict.seconds or time.monotonic() - begun
    return verdict


def _judge(verdict: Verdict, max_seconds: float) -> None:
    verdict.history = [each for each, _ in verdict.run.requests.history()]
    if verdict.run.missing or not verdict.history:
        return
    found = operations(verdict.history, "kv")
    verdict.text = verdicts.Text(KEY_VALUE, Condition.LINEARIZABLE, max_seconds)
    for judged in judgements(found, KEY_VALUE, Condition.LINEARIZABLE, max_seconds):
        verdict.judged.append(verdict.text.explained(judged))


# For people.


def told(folder: Path, verdict: Verdict, columns: int) -> Iterator[Line]:
    """Yield what came of a run, for people."""
    run = verdict.run
    yield from _what_was_read(folder, run, columns)
    yield from wrapped(_steps(verdict), columns, first="  ")
    if verdict.divergence is not None:
        yield line("")
        yield from explained(verdict.divergence, folder, columns)
        if verdict.divergence.kind in {EFFECTS, EVENT}:
            yield from wrapped(_OTHER_MODEL, columns, first="  ")
        yield line("The run is not one of the model's.", _STYLES[REFUSED])
        return
    yield from wrapped(_messages(run), columns, first="  ")
    yield from _undone(folder, run, columns)
    yield from _properties(run, columns)
    yield from _histories(folder, verdict, columns)
    words = {
        ACCEPTED: "The run is one of the model's.",
        REFUSED: "No order of the calls explains the answers that clients have got.",
        UNKNOWN: "Interrupted: up to there the run is one of the model's."
        if verdict.interrupted
        else "The run is one of the model's; of the answers it is not known in time.",
    }
    yield line(words[verdict.exit_code], _STYLES[verdict.exit_code])


def _what_was_read(folder: Path, run: Run, columns: int) -> Iterator[Line]:
    nodes = ", ".join(
        f"{node} ({_count(len(stepper.reader.paths), 'start')})"
        for node, stepper in run.steppers.items()
    )
    yield from wrapped(f"A {run.service} in {folder}: journals of {nodes}", columns, style="bold")
    if run.missing:
        names = ", ".join(map(str, run.missing))
        words = (
            f"There is no journal of {names}: what it has sent is taken as given, and what clients"
            " were answered is not judged."
        )
        yield from wrapped(words, columns, first="  ", style="yellow")


def _steps(verdict: Verdict) -> str:
    steps = verdict.run.steps
    speed = f"{steps / verdict.seconds:,.0f} a second" if verdict.seconds else ""
    return f"{_count(steps, 'step')} taken again, {speed}"


def _messages(run: Run) -> str:
    ways = run.merged.ways.values()
    received, lost = sum(way.received for way in ways), sum(way.lost for way in ways)
    lost += sum(len(way.sent) for way in ways)
    return f"{_count(received, 'message')} between servers received as sent, {lost:,} lost"


def _undone(folder: Path, run: Run, columns: int) -> Iterator[Line]:
    for node, stepper in run.steppers.items():
        for place in stepper.undone:
            words = f"{node} has never committed the turn that begins at {_near(place, folder)}"
            yield from wrapped(words, columns, first="  ")


def _properties(run: Run, columns: int) -> Iterator[Line]:
    tallies = run.monitor.tallies
    if not tallies:
        yield line("  no properties: none are known of this service")
        return
    seen = [tally for tally in tallies if not tally.unseen]
    yield line(f"  {_count(len(seen), 'property', 'properties')} evaluated on the way, all true")
    size = max(len(tally.name) for tally in tallies)
    for tally in tallies:
        times = tally.unseen or _times(tally.evaluated, tally.looked, tally.changes)
        yield from wrapped(times, columns, first=f"    {tally.name:{size}}  ")


def _times(evaluated: int, looked: int, changes: int) -> str:
    some = "" if looked == changes else f"; {looked:,} of {changes:,} changes looked at"
    return f"{_count(evaluated, 'time')}{some}"


def _histories(folder: Path, verdict: Verdict, columns: int) -> Iterator[Line]:
    if verdict.text is None:
        if not verdict.run.missing and not verdict.interrupted:
            yield line("  no calls of clients to be judged")
        return
    calls = sum(len(judged.part) for judged in verdict.judged)
    unanswered = sum(not op.is_known for judged in verdict.judged for op in judged.part)
    words = (
        f"{_count(calls, 'call')} of clients on {_count(len(verdict.judged), 'key')},"
        f" {unanswered:,} without an answer"
    )
    yield from wrapped(words, columns, first="  ")
    for number, judged in enumerate(verdict.judged, 1):
        for each in verdict.text.row(judged, number):
            yield line(f"  {click.unstyle(each)}")
    bad = [op.source for judged in verdict.judged for op in judged.core]
    places = [place for _, place in verdict.run.requests.history()]
    for number in sorted({int(number) for source in bad for number in source.split("-")}):
        yield line(f"      line {number} of the history is {_near(places[number - 1], folder)}")


def _near(place: Place, folder: Path) -> str:
    path = place.path
    shown = path.relative_to(folder) if path.is_relative_to(folder) else path
    return f"{shown}, line {place.line}"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


# For machines.


def _as_data(folder: Path, verdict: Verdict) -> Mapping[str, Any]:
    run = verdict.run
    ways = run.merged.ways
    return {
        "coterie": own_version(),
        "exit_code": verdict.exit_code,
        "folder": str(folder),
        "service": run.service,
        "nodes": _nodes(run),
        "without_journal": [str(node) for node in run.missing],
        "steps": run.steps,
        "seconds": round(verdict.seconds, 3),
        "interrupted": verdict.interrupted,
        "messages": {
            "received": sum(way.received for way in ways.values()),
            "lost": sum(way.lost + len(way.sent) for way in ways.values()),
        },
        "properties": [
            {
                "name": tally.name,
                "evaluated": tally.evaluated,
                "looked": tally.looked,
                "changes": tally.changes,
                "unseen": tally.unseen or None,
            }
            for tally in run.monitor.tallies
        ],
        "divergence": verdict.divergence and verdict.divergence.as_data(),
        "histories": verdict.text and verdict.text.as_data(verdict.judged),
    }


def _nodes(run: Run) -> Sequence[Mapping[str, Any]]:
    return [
        {
            "node": str(node),
            "starts": stepper.starts,
            "steps": stepper.steps,
            "never_committed": [str(place) for place in stepper.undone],
        }
        for node, stepper in run.steppers.items()
    ]
