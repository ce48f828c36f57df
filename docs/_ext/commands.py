"""The reference of the command line, made from the commands' own help.

The directive `coterie-commands` becomes a section for each command, in the order of `--help`.
"""

from collections.abc import Iterator
from typing import Any

import click
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from coterie.commands.main import Commands, cli

WIDTH = 80


def commands() -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its full name, those of groups after their group."""
    yield from _below("coterie", cli)


def _below(name: str, group: click.Group) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group, info_name=name)
    for each in group.list_commands(context):
        command = group.get_command(context, each)
        assert command is not None
        yield f"{name} {each}", command
        if isinstance(command, click.Group):
            yield from _below(f"{name} {each}", command)


def help_of(name: str, command: click.Command) -> str:
    """Return what `--help` says, 80 letters wide."""
    context = click.Context(command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH)
    return command.get_help(context)


def about(name: str, command: click.Command) -> str:
    """Return the one line that the command is listed with."""
    assert isinstance(cli, Commands)
    return " ".join((command.help or name).split("\f")[0].split("\n\n")[0].split())


class CommandsDirective(SphinxDirective):
    """A section for each command: its help, as the terminal shows it."""

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        return [self._section(name, command) for name, command in commands()]

    def _section(self, name: str, command: click.Command) -> nodes.section:
        section = nodes.section(ids=[nodes.make_id(name)], names=[name])
        section += nodes.title("", "", nodes.literal(name, name))
        section += nodes.paragraph(text=about(name, command))
        block = nodes.literal_block(help_of(name, command), help_of(name, command))
        block["language"] = "text"
        section += block
        self.state.document.note_explicit_target(section)
        return section


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive."""
    app.add_directive("coterie-commands", CommandsDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
