"""`coterie keys`: a private authority, and a key for each node."""

from pathlib import Path

import click

from coterie.commands.errors import UsageMistake
from coterie.impl.keys import KeysError, make, node_named

_EPILOG = """\b
Examples:
  coterie keys keys server0 server1 server2
  coterie keys keys client0                  one more, of the same authority

\b
Exit codes:
  0  every node has a key and a certificate
  2  something in the way is not what it should be: the message says what
"""


@click.command("keys", epilog=_EPILOG)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("names", metavar="NODE...", nargs=-1, required=True)
def keys(*, folder: Path, names: tuple[str, ...]) -> None:
    """Make a private authority in DIR, and a key and a certificate for each NODE.

    A NODE is a role and a number, as server0. What is there already stays as it is: an authority
    signs the new nodes too, and no key is ever replaced. Only you can read the files.

    A node needs authority.crt, NODE.crt and NODE.key, and no other file. Keep authority.key away
    from where nodes run: whoever has it can pass for any of them.
    """
    try:
        made = make(folder, [node_named(name) for name in names])
    except KeysError as problem:
        raise UsageMistake(str(problem), "Nothing that was there has been changed.") from problem
    for name in dict.fromkeys(names):
        is_new = node_named(name) in made
        click.echo(f"{name}  {'made' if is_new else 'was there already'}")
    click.echo(f"in {folder}; keep {folder / 'authority.key'} away from where nodes run")
