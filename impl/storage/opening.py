"""Opening a node's store: a file means SQLite, and `postgresql://…` means PostgreSQL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from coterie.impl.ports import StorageError
from coterie.impl.storage import sqlite_query
from coterie.impl.storage.database import Database
from coterie.impl.storage.durable import Durable, Select
from coterie.impl.storage.format import UPGRADES, Identity, Upgrade, prepare
from coterie.impl.storage.keeper import Keeper
from coterie.impl.storage.queries import LIMIT, SECONDS, Selection
from coterie.impl.storage.sqlite import Sqlite

SCHEMES = ("postgresql://", "postgres://")
FILE = "sqlite:///"


def open_storage(
    where: str | Path,
    keeper: Keeper,
    identity: Identity,
    upgrades: Sequence[Upgrade] = UPGRADES,
) -> Durable:
    """Open the store of a node, and create it where there is none.

    Attributes:
        where: a file, also as `sqlite:///file`; or a database, as `postgresql://user@host/name`.
        keeper: for this store alone.

    Raises: StorageError where that is impossible, or what is there is not this node's.
    """
    database = _database(where, identity.node)
    try:
        prepare(database, keeper, identity, upgrades)
    except BaseException:
        database.close()
        raise
    return Durable(database, keeper, _select(where, identity.node))


def select(
    where: str | Path, node: str, query: str, limit: int = LIMIT, seconds: float = SECONDS
) -> Selection:
    """Return what a read-only query finds in the store of `node`, also while the node runs.

    Raises: QueryError where the query is refused, wrong, or takes too long; StorageError where
        `where` is no place of a store.
    """
    return _select(where, node)(query, limit, seconds)


def is_postgres(where: str | Path) -> bool:
    """Return whether a store is in PostgreSQL."""
    return isinstance(where, str) and where.startswith(SCHEMES)


def _path(where: str | Path) -> Path:
    if isinstance(where, str) and "://" in where.removeprefix(FILE):
        raise StorageError(
            f"{where.partition('://')[0]}:// is no storage: name a file, or a database as "
            "postgresql://user@host/database"
        )
    return Path(where.removeprefix(FILE)) if isinstance(where, str) else where


def _database(where: str | Path, node: str) -> Database:
    if not is_postgres(where):
        return Sqlite(_path(where))
    with _needing_psycopg():
        from coterie.impl.storage.postgres import Postgres  # noqa: PLC0415  not everybody has it
    return Postgres(str(where), node)


def _select(where: str | Path, node: str) -> Select:
    if not is_postgres(where):
        return partial(sqlite_query.select, _path(where))
    with _needing_psycopg():
        from coterie.impl.storage import postgres_query  # noqa: PLC0415  not everybody has it
    return partial(postgres_query.select, str(where), node)


@contextmanager
def _needing_psycopg() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise StorageError(
            "PostgreSQL needs one more library: pip install coterie[postgres]"
        ) from error
