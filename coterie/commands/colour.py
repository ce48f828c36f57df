"""Where colours and moving lines are welcome: what the user says, the environment, the stream.

`--color always` or `never` comes first; then `NO_COLOR` (no-color.org), then `FORCE_COLOR`
(force-color.org), each when it is not empty; then a terminal has colours, and a file has none.
Lines move on terminals alone, and only with colours.
"""

import os
from collections.abc import Callable
from typing import Any, Literal, TextIO

import click

from coterie.commands.page import Line, plain

When = Literal["auto", "always", "never"]
_CHOICES = ("auto", "always", "never")


def _chosen(context: click.Context, parameter: click.Parameter, when: When | None) -> None:
    """Let the context know; where nothing is said, what stands above it stays."""
    del parameter
    if when is not None:
        context.color = {"always": True, "never": False, "auto": _by_environment()}[when]
    elif context.parent is None:
        context.color = _by_environment()


def _by_environment() -> bool | None:
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else None


def color_option(**more: Any) -> Callable[[Any], Any]:
    """Return the option `--color`."""
    return click.option(
        "--color",
        type=click.Choice(_CHOICES),
        is_eager=True,
        expose_value=False,
        callback=_chosen,
        help="Colours: always, never, or on terminals alone, unless NO_COLOR is set.",
        **more,
    )


def is_wanted(out: TextIO) -> bool:
    """Return whether `out` gets colours."""
    context = click.get_current_context(silent=True)
    said = _by_environment() if context is None else context.color
    return _is_terminal(out) if said is None else said


def is_lively(out: TextIO) -> bool:
    """Return whether lines of `out` may move."""
    return _is_terminal(out) and is_wanted(out)


def _is_terminal(out: TextIO) -> bool:
    return out.isatty() and os.environ.get("TERM") != "dumb"


def styled(pieces: Line, out: TextIO) -> str:
    """Return the line as `out` shows it."""
    if not is_wanted(out):
        return plain(pieces)
    from rich.color import ColorSystem  # noqa: PLC0415  (help does without)
    from rich.style import Style  # noqa: PLC0415

    return "".join(
        Style.parse(style).render(text, color_system=ColorSystem.STANDARD) if style else text
        for text, style in pieces
    ).rstrip()
