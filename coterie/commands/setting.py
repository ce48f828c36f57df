"""Parameters from outside: `--set PARAMETER=VALUE`."""

import ast
from collections.abc import Iterable, Mapping
from typing import Any

import click

from coterie.checks.check import Check, Size
from coterie.commands.errors import UsageMistake
from coterie.commands.words import text

_LONG = 40
_KINDS = {int: "a whole number from 0 on", bool: "true or false"}


size_option = click.option(
    "--size",
    type=click.Choice(["small", "full"]),
    default="small",
    show_default=True,
    help="How large the worlds are: small takes seconds, full takes minutes.",
)
settings_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="PARAMETER=VALUE",
    help="Give every selected check this parameter; may be repeated.",
)


def parsed(settings: Iterable[str]) -> dict[str, str]:
    """Return the settings by parameter, their values still as text.

    Raises: UsageMistake for one that is not `PARAMETER=VALUE`, or a parameter that is set twice.
    """
    found: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageMistake(f"--set {setting} sets nothing", "Write --set PARAMETER=VALUE.")
        if name.strip() in found:
            raise UsageMistake(f"{name.strip()} is set twice", "Give it one value.")
        found[name.strip()] = value.strip()
    return found


def parameters(check: Check, size: Size, settings: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of `check` at `size`, with the settings in place of its own.

    Raises: UsageMistake for a parameter that it has not, or a value of another type than its own.
    """
    own = {**check.small, **check.parameters(size)}
    for name in settings:
        if name not in own:
            raise UsageMistake(
                f"{check.name} has no parameter {name}",
                f"Its parameters are: {given(own)}." if own else "It has no parameters at all.",
            )
    return {**own, **{name: _value(name, text, own[name]) for name, text in settings.items()}}


def given(values: Mapping[str, Any]) -> str:
    """Return parameters as one types them; what is too long to type is left out."""
    return ", ".join(f"{name}={_typed(value)}" for name, value in values.items())


def _typed(value: Any) -> str:
    words = value if isinstance(value, str) else text(value)
    return words if len(words) <= _LONG else "…"


def _value(name: str, typed: str, own: Any) -> Any:
    """Return the value that was `typed`, of the same type as the check's own."""
    if isinstance(own, str):
        return typed
    try:
        value = ast.literal_eval({"true": "True", "false": "False"}.get(typed, typed))
    except (ValueError, SyntaxError):
        value = typed
    if own is None or (type(value) is type(own) and not _negative(value, own)):
        return value
    raise UsageMistake(
        f"{name}={typed} is not {_KINDS.get(type(own), f'a {type(own).__name__}')}",
        f"Give a value like its own: {name}={_typed(own)}.",
    )


def _negative(value: Any, own: Any) -> bool:
    """Return whether `value` is below zero, where the check's own is a count of something."""
    return isinstance(value, int) and value < 0 <= own
