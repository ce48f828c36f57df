"""`coterie new`: a protocol of one's own, laid out with checks and tests that pass."""

from collections.abc import Mapping
from pathlib import Path

import click

from coterie.commands.errors import UsageMistake
from coterie.commands.new.layout import documents
from coterie.commands.new.naming import check_name

_EPILOG = """\b
Examples:
  coterie new lease                 into a new folder `lease`
  coterie new lease --dir protocol  into the folder `protocol`
  coterie new session --ci          with a GitHub workflow and a commit hook

\b
Exit codes:
  0  it is laid out
  2  the command was misused, or something is there already
"""


@click.command(epilog=_EPILOG)
@click.argument("name")
@click.option("--dir", "folder", metavar="DIR", help="Where to; a new folder NAME when not given.")
@click.option("--ci", is_flag=True, help="Write a GitHub workflow and a pre-commit hook too.")
def new(name: str, folder: str | None, *, ci: bool) -> None:
    """Lay out a protocol of your own: a model, a specification, checks and tests, all passing.

    NAME becomes a Python package and the name of its check. What is laid out is a small protocol
    that is explored in seconds, with a property of each common kind and the mutants that break
    them: something that works, to be changed step by step into your own.
    """
    check_name(name)
    place = Path(folder or name)
    texts = documents(name, ci=ci)
    _check_free(place, texts, given=bool(folder))
    for path, text in texts.items():
        _write(place / path, text)
    _tell(name, place, texts)


def _check_free(place: Path, texts: Mapping[str, str], *, given: bool) -> None:
    """Check that nothing of the user's is in the way.

    Raises: UsageMistake where something is.
    """
    if not given and place.exists():
        raise UsageMistake(
            f"there is already something called {place} here",
            f"Choose another name, or say where: coterie new {place} --dir DIR.",
        )
    if place.exists() and not place.is_dir():
        raise UsageMistake(f"--dir {place} is no folder", "Give a folder, which need not exist.")
    for path in texts:
        if (place / path).exists():
            raise UsageMistake(
                f"{place / path} is there already, and nothing is written",
                "Give another --dir, or move that file away.",
            )


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageMistake(
            f"{path} cannot be written: {error.strerror}", "Give a --dir in which you may write."
        ) from error


def _tell(name: str, place: Path, texts: Mapping[str, str]) -> None:
    """Say what there is now, and what to do with it."""
    click.echo(f"{name} is laid out in {place}:")
    for path in texts:
        click.echo(f"  {path}")
    click.echo("\nWhat to do with it:")
    if place != Path():
        click.echo(f"  cd {place}")
    for command in ("check", "spec", "explore"):
        click.echo(f"  coterie {command} {name}/checks.py")
    click.echo("  pytest")
