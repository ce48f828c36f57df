"""The store of one node: a keeper's rows in a database."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from coterie.impl.ports import StorageError
from coterie.impl.storage.database import DAMAGED, Database
from coterie.impl.storage.keeper import Keeper
from coterie.impl.storage.queries import LIMIT, SECONDS, Selection

Select = Callable[[str, int, float], Selection]
UNFIT = (ValueError, TypeError, LookupError, AttributeError)
"""What a keeper raises over rows, or changes, that are none of its own."""


class Durable:
    """Keeps a node's durable memory; it implements `Storage`.

    After the first failure it does nothing any more: only a new start finds out what is there.
    """

    def __init__(self, database: Database, keeper: Keeper, select: Select) -> None:
        """Take a database that is prepared for the keeper."""
        self._database = database
        self._keeper = keeper
        self._select = select
        self._loaded = False
        self._failure = ""

    def load(self) -> Any:
        """Return the durable memory, or None where nothing was ever committed.

        Raises: StorageError where what is there is damaged.
        """
        with self._once():
            try:
                memory = self._keeper.load(self._database.read)
            except UNFIT as error:
                raise StorageError(f"{self._database.where}: {error}: {DAMAGED}") from error
        self._loaded = True
        return memory

    def commit(self, changes: Sequence[Any]) -> None:
        """Make these changes durable, in their order, all or none; it returns when they are.

        Raises: StorageError; then the node must stop. Where the failure came with the very commit,
            as when a connection is lost, the next start finds all of the changes or none.
        """
        if not changes:
            return
        if not self._loaded:
            self.load()
        with self._once():
            try:
                written = [each for change in changes for each in self._keeper.write(change)]
            except UNFIT as error:
                raise StorageError(f"{self._database.where} cannot keep this: {error}") from error
            self._database.write(written)

    def select(self, query: str, limit: int = LIMIT, seconds: float = SECONDS) -> Selection:
        """Return what a read-only query finds, over a connection of its own, from any thread.

        Raises: QueryError where the query is refused, wrong, or takes too long.
        """
        return self._select(query, limit, seconds)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()
        self._failure = self._failure or f"{self._database.where} is closed"

    @contextmanager
    def _once(self) -> Iterator[None]:
        """Do nothing after a failure, and remember the first."""
        if self._failure:
            raise StorageError(self._failure)
        try:
            yield
        except StorageError as error:
            self._failure = str(error)
            raise
