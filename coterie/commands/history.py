"""`coterie history`: judge what users of a real system saw."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click
from attrs import evolve

from coterie.checks.history.jsonl import HistoryError, operations
from coterie.checks.history.jsonl import text as json_text
from coterie.checks.history.judging import (
    MODELS,
    Condition,
    Judgement,
    divided,
    judgements,
)
from coterie.commands import verdicts
from coterie.commands.errors import UsageMistake
from coterie.commands.outputs import files
from coterie.commands.outputs.json import own_version
from coterie.spec.history.objects import REGISTER, SequentialObject
from coterie.spec.history.operation import Operation
from coterie.spec.history.search import Answer

_EPILOG = """\b
Examples:
  coterie history run.jsonl
  coterie history queue.jsonl --model queue
  coterie history store.jsonl --model kv --consistency sequential
  zcat run.jsonl.gz | coterie history - --max-seconds 300 --json verdict.json

\b
A line is a call or its answer:
  {"process": 0, "type": "invoke", "f": "write", "key": "x", "value": 1}
  {"process": 0, "type": "ok",     "f": "write", "key": "x", "value": 1}
type      invoke, then ok, fail (it had no effect) or info (nobody knows: it
          may take effect at any time from its call on, or never; so does a
          call without an answer)
f         register: read, write, cas    kv: get, put, cas, delete
          queue: enqueue, dequeue       log: append, read
value     written, or read; of cas [old, new]; null where there is nothing
key       which object, where there are several
time      a number; may be left out where the lines are in the order of events

\b
Exit codes:
  0  the history is as it should be
  1  it is not
  2  the command was misused, or the file is no history
  3  unknown: the time, or Ctrl-C, came before the end
  Of several, 1 goes before 3.
"""
_EXIT_CODES = {Answer.NO: 1, Answer.UNKNOWN: 3, Answer.YES: 0}


@click.command(epilog=_EPILOG)
@click.argument("file", metavar="FILE")
@click.option(
    "--model",
    type=click.Choice(list(MODELS)),
    default="register",
    show_default=True,
    help="What the operations are on.",
)
@click.option(
    "--consistency",
    type=click.Choice([each.value for each in Condition]),
    default=Condition.LINEARIZABLE.value,
    show_default=True,
    help="What to ask; regular and safe are about a register's reads and writes.",
)
@click.option(
    "--initial", metavar="JSON", help="What a register holds at the start; null when not given."
)
@click.option(
    "--max-seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="S",
    help="Give up after S seconds in all; what is not decided by then is unknown.",
)
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write the results as JSON too; - is the standard output (the text then goes to stderr).",
)
@click.pass_context
def history(
    context: click.Context,
    *,
    file: str,
    model: str,
    consistency: str,
    initial: str | None,
    max_seconds: float,
    json_file: str | None,
) -> None:
    """Say whether a recorded history is consistent, and which operations break it.

    FILE has one JSON object a line, a call or its answer; - is the standard input. Each key is
    judged by itself, except for sequential consistency, which is about all keys at once.
    """
    if json_file:
        files.check_file("--json", json_file)
    of, condition = _object(model, initial), Condition(consistency)
    found = _read(file, model)
    text = verdicts.Text(of, condition, max_seconds)
    out = sys.stderr if json_file == "-" else sys.stdout
    results = []
    _say(text.heading(found), out)
    for judged in _judged(found, of, condition, max_seconds):
        results.append(text.explained(judged))
        _say(text.row(results[-1], len(results)), out)
    _say(text.ending(results), out)
    answers = {each.answer for each in results}
    code = next(code for answer, code in _EXIT_CODES.items() if answer in answers)
    if json_file:
        data = {"coterie": own_version(), "exit_code": code, "file": file, "model": model}
        data |= text.as_data(results)
        written = json.dumps(data, indent=2, ensure_ascii=False)
        files.write("--json", json_file, f"{written}\n")
    context.exit(code)


def _object(model: str, initial: str | None) -> SequentialObject:
    of = MODELS[model]
    if initial is None:
        return of
    if of is not REGISTER:
        raise UsageMistake(f"--initial is of a register, not of a {of}", "Leave it out.")
    try:
        value = json.loads(initial)
    except ValueError:
        remedy = "Give a JSON value: --initial 0, or --initial '\"none\"'."
        raise UsageMistake(f"--initial {initial} is no JSON", remedy) from None
    return of.starting(json_text(value))


def _read(file: str, model: str) -> tuple[Operation, ...]:
    """Return the operations in a file.

    Raises: UsageMistake for a file that cannot be read, or is no history.
    """
    name = "the standard input" if file == "-" else file
    try:
        with click.open_file(file, encoding="utf-8") as lines:
            found = operations(lines, model)
    except OSError as error:
        remedy = "Give a file of JSON lines, or - for the standard input."
        raise UsageMistake(f"{file} cannot be read: {error.strerror}", remedy) from error
    except UnicodeDecodeError as error:
        raise UsageMistake(f"{name} is no UTF-8 text: {error.reason}", "Convert it.") from error
    except HistoryError as error:
        raise UsageMistake(f"{name}, line {error.number}: {error.problem}", error.remedy) from error
    if not found:
        remedy = "Record calls and their answers; `coterie history --help` shows how."
        raise UsageMistake(f"{name} has no operation that may have had an effect", remedy)
    return found


def _judged(
    found: Sequence[Operation], of: SequentialObject, condition: Condition, max_seconds: float
) -> Iterator[Judgement]:
    """Yield the judgements; after an interrupt, what is left is unknown."""
    left = divided(found, of, condition)
    try:
        for judged in judgements(found, of, condition, max_seconds):
            del left[judged.key]
            yield _with_a_reason(judged, max_seconds)
    except KeyboardInterrupt:
        for key, part in left.items():
            yield Judgement(key, part, Answer.UNKNOWN, why="interrupted")
    except ValueError as error:
        remedy = "Leave --consistency out, or choose another."
        raise UsageMistake(str(error), remedy) from error


def _with_a_reason(judged: Judgement, max_seconds: float) -> Judgement:
    if judged.why == "time-out":
        return evolve(judged, why=f"time-out after {max_seconds:g} s in all")
    return judged


def _say(lines: Iterable[str], out: Any) -> None:
    for each in lines:
        click.echo(each, file=out)
