"""`coterie list`: every check there is."""

from collections.abc import Iterator

import click

from coterie.checks.check import Check
from coterie.commands import completing
from coterie.commands.echo import echo, width
from coterie.commands.page import BLANK, Line, line, wrapped
from coterie.commands.selecting import Selection, selections
from coterie.commands.setting import given

_EPILOG = """\b
Examples:
  coterie list
  coterie list oracles

\b
Exit codes:
  0  they are listed
  2  nothing is called so
"""


@click.command("list", epilog=_EPILOG)
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completing.names)
def listing(names: tuple[str, ...]) -> None:
    """List the checks: what each is about, its sizes, and how many properties it has.

    NAME is a prefix, as for `coterie check`, or the path of a Python file.
    """
    found = selections(names)
    for selection in found:
        echo(_lines(selection, width()))
    properties = sum(len(each.claims) for each in found)
    echo([line(f"{_count(len(found), 'check', 'checks')}, {_properties(properties)}")])


def _lines(selection: Selection, room: int) -> Iterator[Line]:
    check = selection.check
    broken = f", {len(check.refuted)} of them refuted" if check.refuted else ""
    yield ((check.name, "bold"), (f"  {_properties(len(selection.claims))}{broken}", ""))
    for each in (check.about, sizes(check)):
        yield from wrapped(each, room, first="    ") if each else ()
    yield BLANK


def sizes(check: Check) -> str:
    """Return the parameters of a check at each size; empty where it has none."""
    small, full = check.parameters(), check.parameters("full")
    if not full:
        return ""
    if small == full:
        return given(small)
    return f"small: {given(small)}; full: {given(full)}"


def _properties(count: int) -> str:
    return _count(count, "property", "properties")


def _count(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
