"""Which checks, and which of their properties, a name selects."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from attrs import evolve, frozen

from coterie.checks.catalogue import catalogue
from coterie.checks.check import Check, selected
from coterie.commands.errors import UsageMistake
from coterie.commands.loading import checks_of_file, is_path
from coterie.spec.property import Property


@frozen
class Selection:
    """A check, and those of its properties that are asked for.

    Attributes:
        check: the check.
        claims: its properties, or some of them, in its order.
    """

    check: Check
    claims: tuple[Property, ...]


def selections(names: Iterable[str]) -> list[Selection]:
    """Return what the names select, each check once; everything where there is no name.

    A name is a check's, a prefix of some (up to a dot), a check's with one of its properties', or
    the path of a Python file that defines checks, or of a folder with such files `checks.py`.

    Raises: UsageMistake for a name that selects nothing.
    """
    found: dict[int, Selection] = {}
    for selection in _each(names):
        before = found.get(id(selection.check), evolve(selection, claims=()))
        chosen = {*before.claims, *selection.claims}
        claims = tuple(claim for claim in selection.check.properties if claim in chosen)
        found[id(selection.check)] = evolve(selection, claims=claims)
    return list(found.values())


def _each(names: Iterable[str]) -> Iterable[Selection]:
    names = tuple(names)
    if not names:
        return [Selection(check, check.properties) for check in catalogue()]
    return [selection for name in names for selection in _named(name)]


def _named(name: str) -> list[Selection]:
    if is_path(name):
        return [Selection(check, check.properties) for check in checks_of_file(name)]
    if checks := selected(catalogue(), name):
        return [Selection(check, check.properties) for check in checks]
    above, _, last = name.rpartition(".")
    for check in catalogue():
        for claim in check.properties:
            if (check.name, claim.name) == (above, last):
                return [Selection(check, (claim,))]
    if name and Path(name).is_dir():
        return [Selection(check, check.properties) for check in checks_of_file(name)]
    raise UsageMistake(f"no check or property is called {name or repr(name)}", _suggestion(name))


def _suggestion(name: str) -> str:
    """Return what the user may have meant."""
    file = Path(f"{name.partition('.')[0]}.py")
    if name and file.is_file():
        return f"Did you mean {file}? A file of your own is given by its path."
    known: dict[str, None] = {}
    for check in catalogue():
        parts = check.name.split(".")
        known |= dict.fromkeys(".".join(parts[: 1 + i]) for i in range(len(parts)))
        known |= dict.fromkeys(f"{check.name}.{claim.name}" for claim in check.properties)
    lasts = {each.rpartition(".")[2]: each for each in reversed(known)}
    near = get_close_matches(name, known, n=1) or [
        lasts[each] for each in get_close_matches(name.rpartition(".")[2], lasts, n=1)
    ]
    hint = f"Did you mean {near[0]}? " if near else ""
    return f"{hint}`coterie list` shows every check; a file of your own is given by its path."


def the_one(command: str, name: str, check: str | None) -> Selection:
    """Return the one check that is meant by NAME and CHECK, the arguments of `command`.

    Raises: UsageMistake where there is none, or more.
    """
    every = selections((name,))
    found = [each for each in every if check in {None, each.check.name}]
    if len(found) == 1:
        return found[0]
    names = ", ".join(each.check.name for each in every)
    if check is not None:
        raise UsageMistake(f"{name} has no check called {check}", f"It has: {names}.")
    example = f"coterie {command} {name} CHECK" if is_path(name) else f"coterie {command} CHECK"
    raise UsageMistake(f"{name} selects {len(found)} checks", f"Say {example}, one of: {names}.")
