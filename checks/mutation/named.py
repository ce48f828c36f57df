"""A mutant of the catalogue that is one small change to one function, named by what it changes."""

import sys
from collections.abc import Callable
from difflib import get_close_matches
from types import FunctionType
from typing import Any

from coterie.checks.errors import ModelError
from coterie.checks.mutation.install import Mutant
from coterie.checks.mutation.source import source_of
from coterie.checks.world import World


def changed(
    world: Callable[..., World], function: Callable[..., Any], change: str
) -> Callable[..., World]:
    """Return a maker of worlds as `world` makes them, but for one `change` to `function`.

    The change is called as `coterie mutate --list` calls it:
    `changed(world, Manager.options, "without yield Decide(commit=False)")`.

    Raises: ModelError, when a world is made, where the function has no such change.
    """

    def made(**parameters: Any) -> World:
        return _mutant(function, change).within(world(**parameters))

    return made


def _mutant(function: Callable[..., Any], text: str) -> Mutant:
    assert isinstance(function, FunctionType)
    for each in source_of(sys.modules[function.__module__]).functions:
        if function is each.live:
            changes = {change.text: change for change in each.changes()}
            if text not in changes:
                near = get_close_matches(text, changes, n=1, cutoff=0.0)
                hint = f"; the nearest is: {near[0]}" if near else ""
                raise ModelError(f"{each.name} has no change {text!r}{hint}")
            return Mutant(each, changes[text])
    raise ModelError(f"{function.__qualname__} is no function of a model that can be changed")
