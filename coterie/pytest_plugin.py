"""The pytest plugin: checks that a test module declares are collected, one item a property.

A module-level name that does not begin with an underscore declares a `Check`, or a list of them. In
a module that declares none, each `World` is checked for every property that the module has. A check
is explored once, when the first of its items runs, for the properties that are selected.

Nothing else of coterie is imported here before a test module has done so.
"""

import sys
from argparse import ArgumentTypeError

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of an exploration."""
    group = parser.getgroup("coterie", "model checks")
    group.addoption(
        "--coterie-size",
        choices=("small", "full"),
        default="small",
        help="how large the worlds of checks are: small takes seconds, full takes minutes",
    )
    group.addoption(
        "--coterie-max-seconds",
        type=_seconds,
        metavar="S",
        help="stop a check after S seconds; what is undetermined then fails",
    )
    group.addoption(
        "--coterie-workers",
        type=_threads,
        metavar="N",
        help="threads of an exploration; at most 2 when not given",
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not seconds > 0:
        raise ArgumentTypeError(f"{text} is no number of seconds above 0")
    return seconds


def _threads(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is no number of threads from 1 on")
    return int(text)


def pytest_pycollect_makeitem(
    collector: pytest.Collector, name: str, obj: object
) -> list[pytest.Collector] | None:
    """Return a collector for each check that `name` declares; None where it declares none."""
    if not {"coterie.checks.check", "coterie.checks.world"} & sys.modules.keys():
        return None
    if name.startswith("_") or not isinstance(collector, pytest.Module):
        return None
    from coterie.commands.collecting import checked  # noqa: PLC0415  (only where it is needed)

    return list(checked(collector, name, obj)) or None
