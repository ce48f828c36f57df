"""What was never exercised, in lines for people."""

import os
from collections.abc import Iterator
from pathlib import Path

from coterie.checks.coverage.report import Coverage, FileBranches
from coterie.commands.page import BLANK, Line, line, wrapped

_WARNING = "yellow"


def shown(found: Coverage, width: int, *, strict: bool) -> list[Line]:
    """Return the warnings, in groups, and a line that sums them up."""
    groups = (_unknown(found, width), _vacuous(found, width), _events(found, width))
    lines = [each for group in (*groups, _branches(found, width)) for each in group]
    return [*lines, *wrapped(_sum(found, strict=strict), width, style=_style(found, strict=strict))]


def _style(found: Coverage, *, strict: bool) -> str:
    if found.warnings:
        return "bold red" if strict else _WARNING
    return _WARNING if found.unknown else "green"


def _sum(found: Coverage, *, strict: bool) -> str:
    checks = f"{_checks(len(found.complete))} explored to the end"
    open_ = f" ({len(found.unknown)} not, of which nothing is known)" if found.unknown else ""
    if not found.warnings:
        nothing = "nothing is dead" if found.complete else "nothing is known"
        failing = "; --strict fails where nothing is known" if strict and found.unknown else ""
        return f"Coverage: {checks}{open_}, {nothing}{failing}."
    plural = "warning" if found.warnings == 1 else "warnings"
    strictly = ", each of them an error under --strict" if strict else ""
    return f"Coverage: {checks}{open_}, {found.warnings} {plural}{strictly}."


def _unknown(found: Coverage, width: int) -> Iterator[Line]:
    if found.unknown:
        yield line("Coverage is not known of", "bold")
        for check, why in found.unknown:
            yield from wrapped(f"{check}: {why}", width, first="  ", later=" " * 4)
        if found.open_files:
            files = ", ".join(map(_path, found.open_files))
            yield from wrapped(f"nor of any branch in {files}", width, first="  ", later=" " * 4)
        yield BLANK


def _vacuous(found: Coverage, width: int) -> Iterator[Line]:
    if found.vacuous:
        yield line("Properties that hold vacuously", "bold")
        for check, name, why in found.vacuous:
            yield from wrapped(f"{check}.{name}: {why}", width, first="  ", later=" " * 4)
        yield BLANK


def _events(found: Coverage, width: int) -> Iterator[Line]:
    if not found.events:
        return
    yield line("Events that never come, or never do anything, in a check", "bold")
    before = ""
    for check, each in found.events:
        if check != before:
            yield line(f"  {check}", "cyan")
        before = check
        for kinds, words in ((each.never, "is never asked"), (each.idle, "never reacts to")):
            if kinds:
                text = f"{each.machine} {words}: {', '.join(kinds)}"
                yield from wrapped(text, width, first="    ", later=" " * 6)
    yield BLANK


def _branches(found: Coverage, width: int) -> Iterator[Line]:
    files = [each for each in found.branches if each.branches]
    if files:
        yield line("Branches that were never taken", "bold")
        for each in files:
            yield from _of_file(each, width)
        yield BLANK


def _of_file(each: FileBranches, width: int) -> Iterator[Line]:
    text = f"{_path(each.file)}, in none of the {_checks(len(each.checks))} run"
    yield from wrapped(text, width, first="  ", later=" " * 4, style="cyan")
    for branch in each.branches:
        text = f"{branch.line}: `{branch.text}`: {branch.what}"
        yield from wrapped(text, width, first="    ", later=" " * 6)


def _checks(count: int) -> str:
    return f"{count} check{'' if count == 1 else 's'}"


def _path(file: str) -> str:
    """Return the path as short as it can be written from here."""
    near = os.path.relpath(file)
    return near if not near.startswith(os.pardir) else str(Path(file))
