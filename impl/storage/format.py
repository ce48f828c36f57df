"""Whose database it is, and in which version: checked before anything is read, never guessed.

A database of coterie has a table `coterie`, which says so in words. What has other tables is not
ours, what has a greater version was written by a newer coterie, and what names another node is
another node's memory: with each of them a node refuses to start. An older version is brought up to
date, step by step, in one transaction.
"""

from collections.abc import Callable, Sequence

from attrs import asdict, fields_dict, frozen

from coterie.impl.ports import StorageError
from coterie.impl.storage.database import DAMAGED, Database
from coterie.impl.storage.keeper import Keeper
from coterie.impl.storage.tables import Put, Table, text

COTERIE = Table("coterie", (text("name"), text("value")))

Upgrade = Callable[[Database], None]
"""Brings the tables from one version to the next."""

UPGRADES: tuple[Upgrade, ...] = ()
"""The first one brings version 1 to version 2, and so on."""

ELSE = "name another place for this node's memory"


@frozen
class Identity:
    """Whose memory it is.

    Attributes:
        cluster: the name of the cluster.
        service: what the cluster does.
        node: the node's own name.
    """

    cluster: str
    service: str
    node: str


def prepare(
    database: Database,
    keeper: Keeper,
    identity: Identity,
    upgrades: Sequence[Upgrade] = UPGRADES,
) -> None:
    """Create the tables, or bring them up to date, or see that nothing is to be done.

    Raises: StorageError where the database is not this node's, or too new.
    """
    names = database.names()
    version = _version(database, names, identity, 1 + len(upgrades)) if names else 0
    database.settle()
    if not version:
        _create(database, keeper, identity, 1 + len(upgrades))
        return
    if version <= len(upgrades):
        with database.transaction():
            for upgrade in upgrades[version - 1 :]:
                upgrade(database)
            _write(database, {"format": str(1 + len(upgrades))})
        names = database.names()
    missing = sorted({table.name for table in keeper.tables} - names)
    if missing:
        raise StorageError(f"{database.where} lacks the table {missing[0]}: {ELSE}")


def _create(database: Database, keeper: Keeper, identity: Identity, version: int) -> None:
    with database.transaction():
        for table in (COTERIE, *keeper.tables):
            database.create(table)
        for view in keeper.views:
            database.execute(view)
        _write(database, {"format": str(version), **asdict(identity)})


def _write(database: Database, values: dict[str, str]) -> None:
    database.apply(Put(COTERIE, pair) for pair in values.items())


def _version(database: Database, names: frozenset[str], identity: Identity, newest: int) -> int:
    """Return the version of a database that is this node's.

    Raises: StorageError where it is not, or is newer than the newest.
    """
    if COTERIE.name not in names:
        table = min(names)
        raise StorageError(
            f"{database.where} was not made by coterie: it has a table {table}; {ELSE}"
        )
    said = _said(database)
    version = int(said["format"])
    if version > newest:
        raise StorageError(
            f"{database.where} was written by a newer coterie: its format is {version}, and this "
            f"one knows those up to {newest}: install a newer coterie"
        )
    for name, expected in asdict(identity).items():
        if said[name] != expected:
            raise StorageError(
                f"{database.where} belongs to the {name} {said[name]!r}, not to {expected!r}: "
                f"{ELSE}"
            )
    return version


def _said(database: Database) -> dict[str, str]:
    """Return what a database says of itself.

    Raises: StorageError where that is damaged.
    """
    try:
        said: dict[str, str] = dict(database.read(COTERIE))
    except ValueError as error:
        raise StorageError(
            f"{database.where} does not say what it is: {error}: {DAMAGED}"
        ) from error
    for name in ("format", *fields_dict(Identity)):
        if name not in said:
            raise StorageError(f"{database.where} does not say its {name}: {DAMAGED}")
    return said
