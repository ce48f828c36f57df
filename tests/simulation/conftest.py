"""The command line in one process, and files with checks."""

from tests.commands.conftest import coterie, only

__all__ = ["coterie", "only"]
