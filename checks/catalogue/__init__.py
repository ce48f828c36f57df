"""The catalogue: every check by its name."""

import pkgutil
from functools import cache
from importlib import import_module
from types import ModuleType

from coterie.checks.check import Check


@cache
def catalogue() -> tuple[Check, ...]:
    """Return every check of the catalogue, by name."""
    modules = pkgutil.walk_packages(__path__, f"{__name__}.")
    found = [check for module in modules for check in checks_in(import_module(module.name))]
    return tuple(sorted(found, key=lambda check: check.name))


def checks_in(module: ModuleType) -> list[Check]:
    """Return the checks that stand in `module` under a name of their own."""
    return [value for value in vars(module).values() if isinstance(value, Check)]
