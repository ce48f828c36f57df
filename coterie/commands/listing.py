"""`coterie list`: every check there is."""

import shutil

import click

from coterie.checks.check import Check
from coterie.commands.page import plain, wrapped
from coterie.commands.selecting import Selection, selections
from coterie.commands.setting import given

_EPILOG = """\b
Examples:
  coterie list
  coterie list oracles
"""


@click.command("list", epilog=_EPILOG)
@click.argument("names", nargs=-1, metavar="[NAME]...")
def listing(names: tuple[str, ...]) -> None:
    """List the checks: what each is about, its sizes, and how many properties it has.

    NAME is a prefix, as for `coterie check`, or the path of a Python file.
    """
    found = selections(names)
    width = shutil.get_terminal_size().columns
    for selection in found:
        _print(selection, width)
    properties = sum(len(each.claims) for each in found)
    click.echo(f"{_count(len(found), 'check', 'checks')}, {_properties(properties)}")


def _print(selection: Selection, width: int) -> None:
    check = selection.check
    broken = f", {len(check.refuted)} of them refuted" if check.refuted else ""
    click.echo(
        f"{click.style(check.name, bold=True)}  {_properties(len(selection.claims))}{broken}"
    )
    for each in (check.about, sizes(check)):
        for folded in wrapped(each, width, first="    ") if each else ():
            click.echo(plain(folded))
    click.echo()


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
