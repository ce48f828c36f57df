"""A mistake in how the command was called, or in the file it was given."""

import sys
from typing import IO, Any

import click

from coterie.commands.echo import echo
from coterie.commands.page import line


class UsageMistake(click.ClickException):
    """What is wrong, and what to do about it; the command ends with exit code 2.

    Attributes:
        remedy: what to do, in a sentence.
    """

    exit_code = 2

    def __init__(self, problem: str, remedy: str) -> None:
        self.remedy = remedy
        super().__init__(f"{problem}.\n{remedy}")

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it where errors go, in lines that fit."""
        del file
        sys.stdout.flush()
        echo(map(line, f"Error: {self.format_message()}".splitlines()), to_stderr=True)
