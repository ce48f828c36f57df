"""What the tests of every format need: the command, some checks, and reports made by hand."""

from collections.abc import Callable

from tests.commands.conftest import Command, coterie, only

Only = Callable[..., str]

__all__ = ["Command", "Only", "coterie", "only"]
