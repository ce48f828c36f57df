"""What the tests of evidence need: the command line, and files that define checks."""

from tests.commands.conftest import Command, coterie, only

__all__ = ["Command", "coterie", "only"]
