"""`coterie prove`: what is true of every number of replicas, shown by a solver."""

import json
from collections.abc import Iterator
from difflib import get_close_matches

import click
from attrs import evolve

from coterie.commands.echo import echo, status, width
from coterie.commands.errors import UsageMistake
from coterie.commands.evidence.lemmas import Record
from coterie.commands.loading import imported, is_path, own_name
from coterie.commands.outputs import files
from coterie.commands.outputs.json import own_version
from coterie.commands.page import BLANK, Line, documented, line, wrapped
from coterie.commands.proofs import Page, as_data, exit_code
from coterie.spec.lemmas.lemma import Lemma, lemmas
from coterie.spec.lemmas.proof import SECONDS, Proof, prove
from coterie.spec.lemmas.symbols import GuessError

_EPILOG = """\b
Examples:
  coterie prove                              every lemma
  coterie prove diffusion.register           one file, with the refuted twins
  coterie prove diffusion.pbft -v            with what it says, and why
  coterie prove my_lemmas.py                 a file of your own
  coterie prove --list
  coterie prove --json proofs.json
  coterie prove --evidence lemmas.json

\b
Exit codes:
  0  every lemma is proved, and every broken twin is refuted
  1  a lemma is refuted, or a broken twin is not
  2  the command was misused
  3  the solver does not know, or Ctrl-C came first
  Of several, 1 goes before 3.
"""


@click.command("prove", epilog=_EPILOG)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--list", "is_list", is_flag=True, help="List the lemmas, and prove nothing.")
@click.option(
    "--max-seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=SECONDS,
    show_default=True,
    metavar="S",
    help="Give up a question after S seconds; what is not decided by then is unknown.",
)
@click.option(
    "--json",
    "json_file",
    metavar="FILE",
    help="Write the results as JSON; - is the standard output (the table then goes to stderr).",
)
@click.option(
    "--evidence",
    "evidence_file",
    metavar="FILE",
    help="Record here what is proved, and the hash of the code that it is about.",
)
@click.option(
    "-v", "--verbose", is_flag=True, help="Show what each lemma says and why, and every example."
)
@click.pass_context
def proving(
    context: click.Context,
    *,
    names: tuple[str, ...],
    is_list: bool,
    max_seconds: float,
    json_file: str | None,
    evidence_file: str | None,
    verbose: bool,
) -> None:
    """Prove the lemmas about quorums, of any number of replicas.

    A lemma is about the very functions that the protocols run. Each has broken twins: one without
    each thing that it needs, and some with other quorums. They are refuted by an example, and with
    a NAME, a lemma or a prefix, the examples are shown.
    """
    chosen = _chosen(names)
    if is_list:
        echo(each for lemma in chosen for each in _listed(lemma, verbose=verbose))
        return
    if json_file:
        files.check_file("--json", json_file)
    record = Record(evidence_file, is_whole=not names) if evidence_file else None
    page = Page(to_stderr=json_file == files.STANDARD, full=bool(names) or verbose, verbose=verbose)
    proofs = []
    for lemma in chosen:
        with status(f"proving {lemma.name}"):
            proofs.append(_proof(lemma, max_seconds))
        page.show(proofs[-1])
    page.end(proofs)
    code = exit_code(proofs)
    if json_file:
        found = {"coterie": own_version(), "exit_code": code, "lemmas": [*map(as_data, proofs)]}
        text = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
        files.write("--json", json_file, text)
    if record:
        record.write(proofs)
    context.exit(code)


def _proof(lemma: Lemma, max_seconds: float) -> Proof:
    try:
        return prove(lemma, max_seconds)
    except GuessError as problem:
        raise UsageMistake(
            f"{lemma.name} has a guard that cannot be proved: {problem}",
            "Change the guard, or its lemma.",
        ) from problem


def _chosen(names: tuple[str, ...]) -> list[Lemma]:
    """Return the lemmas of these names, or below them, or of files; all where there is no name."""
    own = [each for name in names if is_path(name) for each in _of_file(name)]
    if names := tuple(name for name in names if not is_path(name)):
        own += _shipped(names)
    return own or _shipped(())


def _of_file(name: str) -> list[Lemma]:
    """Return the lemmas that a file defines at its top level, each called after the file."""
    found = [each for each in vars(imported(name)).values() if isinstance(each, Lemma)]
    if not found:
        raise UsageMistake(
            f"{name} defines no lemma", "Decorate a function of it with `@lemma(broken_by=…)`."
        )
    return [evolve(each, name=own_name(each.name)) for each in dict.fromkeys(found)]


def _shipped(names: tuple[str, ...]) -> list[Lemma]:
    for name in names:
        if not any(_is_below(each, name) for each in lemmas()):
            raise UsageMistake(f"no lemma is called {name}", _suggestion(name))
    return [one for one in lemmas() if not names or any(_is_below(one, name) for name in names)]


def _is_below(lemma: Lemma, name: str) -> bool:
    return f"{lemma.name}.".startswith(f"{name}.")


def _suggestion(name: str) -> str:
    known: dict[str, str] = {}
    for lemma in lemmas():
        parts = lemma.name.split(".")
        for end in range(1, len(parts) + 1):
            path = ".".join(parts[:end])
            known |= {path: path, parts[end - 1]: path}
    near = get_close_matches(name, known, n=1)
    hint = f"Did you mean {known[near[0]]}? " if near else ""
    return f"{hint}`coterie prove --list` shows every lemma."


def _listed(lemma: Lemma, *, verbose: bool) -> Iterator[Line]:
    yield line(lemma.name, "bold")
    if verbose:
        yield from documented(lemma.documentation, width(), "    ")
        yield BLANK
    else:
        yield from wrapped(lemma.statement, width(), first="    ")
