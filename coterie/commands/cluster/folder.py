"""Which cluster a command is about."""

from pathlib import Path

import click

from coterie.commands.errors import UsageMistake
from coterie.impl.cluster import Cluster, opened
from coterie.impl.config import FILE, ConfigError

PREFIX = "coterie-"

folder_option = click.option(
    "--dir",
    "folder",
    metavar="DIR",
    envvar="COTERIE_DIR",
    type=click.Path(path_type=Path),
    help="The cluster's folder; by default the only one here.",
)


def cluster_in(folder: Path | None) -> Cluster:
    """Return the cluster in `folder`, or the only one in the current folder.

    Raises: UsageMistake where there is none, or more than one.
    """
    try:
        return opened(_only_one() if folder is None else folder)
    except ConfigError as problem:
        raise UsageMistake(str(problem), "Name its folder with --dir.") from problem


def _only_one() -> Path:
    here = Path()
    if any(here.glob(f"*/{FILE}")):
        return here
    found = sorted({path.parent.parent for path in here.glob(f"*/*/{FILE}")})
    if not found:
        raise UsageMistake(
            "there is no cluster here",
            "Start one with `coterie up`, or name its folder with --dir.",
        )
    if len(found) > 1:
        names = ", ".join(map(str, found))
        raise UsageMistake(f"there are several clusters here: {names}", "Name one with --dir.")
    return found[0]
