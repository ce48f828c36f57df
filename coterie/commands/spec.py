"""`coterie spec`: the documentation of a protocol's properties."""

import shutil
from collections.abc import Iterator

import click

from coterie.checks.check import Check
from coterie.checks.result import Verdict
from coterie.commands.listing import sizes
from coterie.commands.page import documented, plain, wrapped
from coterie.commands.selecting import selections
from coterie.spec.property import Kind, Property

_KINDS = {
    Kind.ALWAYS: "in every reachable state",
    Kind.REACHABLE: "in some reachable state",
    Kind.AT_REST: "in every reachable state that only faults can change",
    Kind.RECOVERABLE: "from every reachable state, on some path without faults",
    Kind.STEP_ALWAYS: "of every reachable step",
}

_EPILOG = """\b
Examples:
  coterie spec oracles.two_phase
  coterie spec oracles.two_phase.consistent
"""


@click.command(epilog=_EPILOG)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def spec(names: tuple[str, ...]) -> None:
    """Show what a protocol promises: each property in words, why it holds, and its source.

    NAME is a check, a prefix, one property of a check, or the path of a Python file.
    """
    width = shutil.get_terminal_size().columns
    for selection in selections(names):
        check = selection.check
        click.secho(check.name, bold=True)
        for each in (check.about, sizes(check)):
            _prose(each, width, "  ")
        click.echo()
        for claim in selection.claims:
            _property(check, claim, width)


def _property(check: Check, claim: Property, width: int) -> None:
    click.secho(f"  {claim.name}", bold=True, fg="cyan")
    for folded in documented(claim.documentation, width, "    "):
        click.echo("".join(click.style(text, bold=style == "bold") for text, style in folded))
    for heading, words in _facts(check, claim):
        _prose(f"{heading}: {words}", width, "    ")
    click.echo()


def _facts(check: Check, claim: Property) -> Iterator[tuple[str, str]]:
    """Yield what the checker knows about a property, each under its heading."""
    yield "Must be true", _KINDS[claim.kind]
    if check.expected(claim) is Verdict.VIOLATED:
        yield (
            "Expected",
            f"refuted{_in_steps(check.refuted[claim.name])}, for the protocol is broken",
        )
    for name in claim.broken_by:
        if name in check.mutants:
            yield "Broken by", name + _in_steps(check.mutants[name].kills.get(claim.name))
    yield "Defined in", f"{claim.function.__module__}"


def _in_steps(length: int | None) -> str:
    if length is None:
        return ""
    return f", in {length} step{'' if length == 1 else 's'}"


def _prose(text: str, width: int, indent: str) -> None:
    for folded in wrapped(text, width, first=indent, later=f"{indent}  ") if text else ():
        click.echo(plain(folded))
