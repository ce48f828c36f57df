"""Which chapters a name selects: whole ones, or what some checks or one property say."""

import sys
from collections.abc import Sequence

from coterie.checks.check import Check
from coterie.commands.book.chapters import Chapter, chapter_of, chapters
from coterie.commands.loading import is_path
from coterie.commands.selecting import Selection, selections


def picked(name: str) -> list[Chapter]:
    """Return the chapters that `name` selects: those of this name and below, or a part of one.

    Raises: UsageMistake for a name that selects nothing.
    """
    whole = [each for each in chapters() if f"{each.name}.".startswith(f"{name}.")]
    if whole:
        return whole
    found = selections([name])
    if is_path(name):
        return [_own(name, [each.check for each in found])]
    return [_part(each) for each in found]


def _own(name: str, checks: Sequence[Check]) -> Chapter:
    """Return the chapter of a user's own checks."""
    module = sys.modules[checks[0].world.__module__]
    about = checks[0].about if len(checks) == 1 else ""
    return Chapter(checks[0].name if len(checks) == 1 else name, tuple(checks), module, about)


def _part(selection: Selection) -> Chapter:
    check = selection.check
    whole = len(selection.claims) == len(check.properties)
    only = None if whole else frozenset(selection.claims)
    return Chapter(check.name, (check,), chapter_of(check.name).module, check.about, only)
