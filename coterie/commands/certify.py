"""`coterie certify`: verdicts proved again, by a program too plain to share a mistake."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from coterie.checks.cache.sources import UnknownCodeError, fingerprint, sources
from coterie.checks.catalogue import catalogue
from coterie.checks.certificate.format import Header, UnreadableError
from coterie.checks.certificate.read import Reader
from coterie.checks.certify import WrongError
from coterie.checks.check import Check
from coterie.checks.errors import ModelError
from coterie.checks.world import Values, World
from coterie.commands import show
from coterie.commands.echo import echo, width
from coterie.commands.errors import UsageMistake
from coterie.commands.evidence.proving import Proof, job_of, proofs, world_in
from coterie.commands.loading import checks_of_file
from coterie.commands.page import BLANK, Line, line, wrapped
from coterie.commands.words import place, text
from coterie.model.machine import Node

RIGHT, WRONG, NOT_ALL = 0, 1, 3
MANY, STATE_BYTES, SLOT_BYTES = 100_000, 340, 8
_EMPTY: tuple[Any, ...] = (None, (), frozenset())
_EPILOG = """\b
Examples:
  coterie check oracles.tcommit --certificate tcommit.gz
  coterie certify tcommit.gz
  coterie certify my_protocol.gz my_protocol.py

\b
Exit codes:
  0  every verdict in the file is proved
  1  a certificate is wrong: the condition that fails is named, and the state
  2  the file is no certificate, or what it is about is not here
  3  some verdict has no proof, or Ctrl-C came first
  Of several, 2 goes before 1, and 1 before 3.
"""


@click.command("certify", epilog=_EPILOG)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("models", nargs=-1, metavar="[PYTHON_FILE]...")
@click.pass_context
def certifying(context: click.Context, *, file: Path, models: tuple[str, ...]) -> None:
    """Prove the verdicts in FILE again, from the model and the properties alone.

    `coterie check --certificate FILE` writes it: for each check a set of states, and runs. A
    program of 150 plain lines then makes sure that every start is in the set, that no step leads
    out of it, and that the properties are true all over it. Each run is taken again, step by step.
    It does not matter who has made the file, nor how.

    A check of your own stands in the PYTHON_FILE that you name; no code is run because a
    certificate says so.
    """
    checks = [check for model in models for check in checks_of_file(model)] + [*catalogue()]
    reader, codes = Reader(file), []
    try:
        while (header := reader.header()) is not None:
            codes.append(_one(reader, header, checks))
    except UnreadableError as problem:
        raise UsageMistake(
            f"{file} is not a whole certificate: {problem}",
            "Make it anew: coterie check --certificate FILE",
        ) from problem
    if not codes:
        raise UsageMistake(f"{file} is empty", "Make it: coterie check --certificate FILE")
    context.exit(next((code for code in (WRONG, NOT_ALL) if code in codes), RIGHT))


def _one(reader: Reader, header: Header, checks: list[Check]) -> int:
    """Prove one certificate, and say what came of it; return its exit code."""
    job = job_of(header, checks)
    world = world_in(job, header)
    echo([show.heading(job), *_about(header, world)])
    bar = Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
    try:
        with bar:
            proved = proofs(world, job, header, reader, _progress(bar, header.states or 0))
    except WrongError as wrong:
        echo([*_wrong(wrong), *_state(world, wrong.values), BLANK])
        return WRONG
    except ModelError as problem:
        raise UsageMistake(f"the model of {job.name} is at fault: {problem}", "") from problem
    said = {proof.name for proof in proved}
    left = [claim.name for claim in job.selection.check.properties if claim.name not in said]
    echo([each for proof in proved for each in _proof(proof)])
    echo(wrapped(f"nothing is said of {', '.join(left)}", width(), first="  ") if left else ())
    echo([BLANK])
    return RIGHT if all(proof.why for proof in proved) else NOT_ALL


def _about(header: Header, world: World) -> Iterator[Line]:
    count = header.states
    yield from show.bounds(world, width())
    yield line("  no set of states" if count is None else f"  a set of {count:,} states")
    if count is not None and count >= MANY:
        memory = count * (STATE_BYTES + SLOT_BYTES * len(header.slots)) / 1e9
        yield from wrapped(f"they take about {memory:.1f} GB of memory", width(), first="  ")
    if not _is_unchanged(header):
        words = "note: the sources have changed since; this is about them as they are now"
        yield from wrapped(words, width(), first="  ", style="yellow")


def _is_unchanged(header: Header) -> bool:
    try:
        return fingerprint(sources()) == header.subject.sources
    except UnknownCodeError:
        return False


def _progress(bar: Progress, total: int) -> Callable[[str], Callable[[int], None]]:
    def begun(doing: str) -> Callable[[int], None]:
        task = bar.add_task(f"{doing} {total:,} states", total=total)

        def done(count: int) -> None:
            if count % 100 == 0 or count == total:
                bar.update(task, completed=count)

        return done

    return begun


def _proof(proof: Proof) -> list[Line]:
    words = f"{proof.name}  {proof.verdict.value}, "
    words += f"certified: {proof.why}" if proof.why else "NOT CERTIFIED: nothing here proves it"
    return wrapped(words, width(), first="  ", later=" " * 6, style="" if proof.why else "yellow")


def _wrong(wrong: WrongError) -> list[Line]:
    return wrapped(f"WRONG: {wrong}", width(), first="  ", later=" " * 6, style="bold red")


def _state(world: World, values: Values) -> Iterator[Line]:
    """Yield what is in a state; it may be one that the model does not know."""
    for key, value in zip(world.slots, values, strict=False):
        if (isinstance(key, Node) and key in world.machines) or value not in _EMPTY:
            words = f"{place(world, key)}: {text(value)}"
            yield from wrapped(words, width(), first="    ", later=" " * 6, style="dim")
