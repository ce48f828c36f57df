"""`coterie status`: how the nodes of a cluster are."""

import json
from pathlib import Path

import click

from coterie.commands.cluster.folder import cluster_in, folder_option
from coterie.commands.cluster.view import asked, lines

_EPILOG = """\b
Examples:
  coterie status
  coterie status --dir shop --json

\b
Exit codes:
  0  every node answers
  1  some node does not
  2  there is no cluster
"""


@click.command("status", epilog=_EPILOG)
@folder_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON, an object by node.")
def status(*, folder: Path | None, as_json: bool) -> None:
    """Show how each node of a cluster is."""
    cluster = cluster_in(folder)
    said = asked(cluster)
    if as_json:
        click.echo(json.dumps({str(node): told for node, told in said.items()}, indent=2))
    else:
        for line in lines(cluster, said):
            click.echo(line)
    if any(told is None for told in said.values()):
        raise SystemExit(1)
