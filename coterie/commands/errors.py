"""A mistake in how the command was called, or in the file it was given."""

import click


class UsageMistake(click.ClickException):
    """What is wrong, and what to do about it; the command ends with exit code 2.

    Attributes:
        remedy: what to do, in a sentence.
    """

    exit_code = 2

    def __init__(self, problem: str, remedy: str) -> None:
        self.remedy = remedy
        super().__init__(f"{problem}.\n{remedy}")
