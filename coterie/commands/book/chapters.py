"""Which protocols there are: a chapter for each second-level name of the catalogue.

Names whose checks stand in one and the same file are one story, and so one chapter: the sessions
that are answered, late and in progress, for example.
"""

import pkgutil
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache, cached_property
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

from attrs import field, frozen

from coterie.checks import catalogue as package
from coterie.checks.catalogue import checks_in
from coterie.checks.check import Check
from coterie.checks.coverage.events import within
from coterie.checks.world import World
from coterie.commands.page import paragraphs
from coterie.model.machine import Machine
from coterie.spec.property import Property

_PREFIX = f"{package.__name__}."
_LIBRARY = "coterie.spec.history."
_TITLES = ("Checks of ", "The checks of ")


@frozen(eq=False)
class Chapter:
    """A protocol, with all that is checked of it.

    Attributes:
        name: dotted, as `gossip.store`.
        checks: its checks, by name.
        module: the catalogue's file or folder in which they stand; of a user's own, the file.
        about: what it is, in a line, where that is not what the file says.
        only: the properties that it is about, where that is not all.
    """

    name: str
    checks: tuple[Check, ...] = field(repr=False)
    module: ModuleType = field(repr=False)
    about: str = field(default="", repr=False)
    only: frozenset[Property] | None = field(default=None, repr=False)

    @property
    def title(self) -> str:
        """What it is, in a line: what its file or folder of the catalogue says it is about."""
        doc = self.about or self.module.__doc__ or self.name
        words = paragraphs(doc)[0].rstrip(".")
        for prefix in _TITLES:
            words = words.removeprefix(prefix)
        return words[:1].upper() + words[1:]

    @cached_property
    def worlds(self) -> dict[str, World]:
        """The world of each check at size small, by the check's name."""
        return {check.name: check.world(**check.parameters()) for check in self.checks}

    @cached_property
    def properties(self) -> tuple[Property, ...]:
        """Its properties, each once, in the order of their files and of the lines in them."""
        every = dict.fromkeys(claim for check in self.checks for claim in check.properties)
        found = [claim for claim in every if self.only is None or claim in self.only]
        return tuple(sorted(found, key=_order(found)))

    @cached_property
    def machines(self) -> tuple[type, ...]:
        """The classes of its machines, those of the most checks first."""
        kinds = [{type(each) for each in world.machines.values()} for world in self.worlds.values()]
        every = {kind for some in kinds for kind in some}
        count = {kind: sum(kind in some for some in kinds) for kind in every}
        return tuple(sorted(every, key=lambda kind: (-count[kind], kind.__module__, kind.__name__)))

    @cached_property
    def purpose(self) -> tuple[tuple[ModuleType, tuple[str, ...]], ...]:
        """What it is for: of each file that says more than a line, its paragraphs.

        First the file of the model that has its name, then those in which its machines stand, then
        those of its properties.
        """
        parts = (each for world in self.worlds.values() for each in _parts(world))
        kinds = (*self.machines, *dict.fromkeys(type(each) for each in parts))
        machines = (kind.__module__ for kind in kinds)
        claims = (claim.function.__module__ for claim in self.properties)
        names = dict.fromkeys((*_namesake(self.name), *machines, *claims))
        said = [(name, tuple(paragraphs(sys.modules[name].__doc__ or ""))) for name in names]
        return tuple(
            (sys.modules[name], words)
            for name, words in said
            if len(words) > 1 and not name.startswith((_PREFIX, _LIBRARY))
        )


def _parts(world: World) -> Iterator[Machine[Any, Any]]:
    for machine in world.machines.values():
        yield from within(machine)


def _namesake(name: str) -> list[str]:
    """Return the file of the model that has the chapter's name, where there is one."""
    wanted = f"coterie.model.{name}"
    try:
        found = find_spec(wanted)
    except ModuleNotFoundError:
        return []
    if found is None:
        return []
    import_module(wanted)
    return [wanted]


def _order(found: Collection[Property]) -> Callable[[Property], tuple[int, int]]:
    files = list(dict.fromkeys(claim.function.__module__ for claim in found))

    def key(claim: Property) -> tuple[int, int]:
        function = claim.function
        return files.index(function.__module__), function.__code__.co_firstlineno

    return key


@cache
def chapters() -> tuple[Chapter, ...]:
    """Return the chapters of the catalogue, by name."""
    found = pkgutil.walk_packages(package.__path__, _PREFIX)
    standing = {each.name: checks_in(import_module(each.name)) for each in found}
    together: dict[frozenset[str], dict[str, list[Check]]] = defaultdict(dict)
    for names in _stories(standing):
        for module, checks in standing.items():
            if names & _seconds(checks):
                together[names][module] = checks
    made = [_chapter(names, modules) for names, modules in together.items()]
    return tuple(sorted(made, key=lambda chapter: chapter.name))


def chapter_named(name: str) -> Chapter | None:
    """Return the chapter that is called `name`; None where there is none."""
    return next((each for each in chapters() if each.name == name), None)


def chapter_of(check: str) -> Chapter:
    """Return the chapter in which a check of the catalogue stands.

    Raises: KeyError where the catalogue has no such check.
    """
    for chapter in chapters():
        if any(each.name == check for each in chapter.checks):
            return chapter
    raise KeyError(check)


def _seconds(checks: Iterable[Check]) -> frozenset[str]:
    return frozenset(".".join(check.name.split(".")[:2]) for check in checks)


def _stories(standing: dict[str, list[Check]]) -> list[frozenset[str]]:
    """Return the second-level names, those together that share a file."""
    groups: list[frozenset[str]] = []
    for checks in standing.values():
        names = _seconds(checks)
        if names:
            touched = [group for group in groups if group & names]
            groups = [group for group in groups if group not in touched]
            groups.append(names.union(*touched))
    return groups


def _chapter(names: frozenset[str], modules: dict[str, list[Check]]) -> Chapter:
    checks = sorted((c for each in modules.values() for c in each), key=lambda check: check.name)
    module = _common(names, list(modules))
    name = next(iter(names)) if len(names) == 1 else module.removeprefix(_PREFIX)
    return Chapter(name, tuple(checks), sys.modules[module])


def _common(names: frozenset[str], modules: list[str]) -> str:
    """Return the file or folder that all have in common, or else the one of the name itself."""
    for name in names:
        if f"{_PREFIX}{name}" in sys.modules and len(names) == 1:
            return f"{_PREFIX}{name}"
    return modules[0]
