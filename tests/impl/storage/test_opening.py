"""Whose database it is, which version it has, and who may use it."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from attrs import evolve

from coterie.impl.ports import StorageError
from coterie.impl.storage import postgres as postgres_module
from coterie.impl.storage.database import Database
from coterie.impl.storage.format import Identity
from coterie.impl.storage.opening import open_storage
from coterie.impl.storage.readings import ReadingsKeeper
from coterie.model.gossip.store.disk import Commit, Line, Row
from tests.impl.postgres import Postgres
from tests.impl.storage.cases import CASES, Place

IDENTITY = Identity("c", "s", "server0")


def _used(place: Place) -> None:
    """Leave a reading in the place."""
    store = place.open(ReadingsKeeper())
    store.commit([Commit((Row(1, 10), Line(1)))])
    store.close()


def _kept(place: Place) -> dict[int, int]:
    store = place.open(ReadingsKeeper())
    try:
        return dict(store.load().table)
    finally:
        store.close()


def test_a_file_may_be_written_as_a_url(tmp_path: Path) -> None:
    _used(Place(f"sqlite:///{tmp_path}/data.sqlite", IDENTITY))

    assert _kept(Place(tmp_path / "data.sqlite", IDENTITY)) == {1: 10}


@pytest.mark.parametrize("where", ["mysql://host/name", "sqlite://host/name", "file:///name"])
def test_another_kind_of_storage_is_refused(where: str) -> None:
    with pytest.raises(StorageError, match="is no storage: name a file, or a database as"):
        open_storage(where, ReadingsKeeper(), IDENTITY)


def test_a_database_that_is_missing_is_created(postgres: Postgres) -> None:
    url = postgres.server.get_uri(database=postgres.name())
    _used(Place(url, IDENTITY))

    assert _kept(Place(url, IDENTITY)) == {1: 10}


def test_nodes_of_one_cluster_can_share_a_database(postgres: Postgres) -> None:
    url = postgres.database()
    stores = [
        open_storage(url, ReadingsKeeper(), evolve(IDENTITY, node=f"server{index}"))
        for index in range(3)
    ]
    for index, store in enumerate(stores):
        store.commit([Commit((Row(index, index),))])

    assert [dict(store.load().table) for store in stores] == [{0: 0}, {1: 1}, {2: 2}]
    for store in stores:
        store.close()


def test_without_the_library_for_postgresql_the_error_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from coterie.impl.storage.format import Identity\n"
        "from coterie.impl.storage.opening import open_storage\n"
        "from coterie.impl.storage.readings import ReadingsKeeper\n"
        "open_storage('postgresql://h/d', ReadingsKeeper(), Identity('c', 's', 'server0'))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert "pip install coterie[postgres]" in run.stderr.splitlines()[-1]


@pytest.mark.parametrize("field", ["cluster", "service", "node"])
def test_the_memory_of_another_is_refused(field: str, tmp_path: Path) -> None:
    place = Place(tmp_path / "data.sqlite", IDENTITY)
    _used(place)
    other = evolve(place, identity=evolve(IDENTITY, **{field: "other1"}))

    with pytest.raises(StorageError, match=f"belongs to the {field} .* not to 'other1'"):
        other.open(ReadingsKeeper())
    assert _kept(place) == {1: 10}


def test_another_clusters_node_of_the_same_name_is_refused(postgres: Postgres) -> None:
    place = Place(postgres.database(), IDENTITY)
    _used(place)

    with pytest.raises(StorageError, match="belongs to the cluster 'c', not to 'd'"):
        evolve(place, identity=evolve(IDENTITY, cluster="d")).open(ReadingsKeeper())


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "holidays.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE holidays (day TEXT)")
    connection.close()

    with pytest.raises(StorageError, match="was not made by coterie: it has a table holidays"):
        open_storage(path, ReadingsKeeper(), IDENTITY)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("holidays",)]
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    connection.close()


def test_a_schema_of_something_else_is_refused(postgres: Postgres) -> None:
    schema = postgres.name()
    postgres.execute(f"CREATE SCHEMA {schema}")
    postgres.execute(f"CREATE TABLE {schema}.holidays (day text)")

    with pytest.raises(StorageError, match="was not made by coterie: it has a table holidays"):
        open_storage(postgres.url, ReadingsKeeper(), evolve(IDENTITY, node=schema))


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader, " * 1000)

    with pytest.raises(StorageError, match=r"not a database.*name another file"):
        open_storage(path, ReadingsKeeper(), IDENTITY)
    assert path.read_text() == "Dear reader, " * 1000


def test_a_folder_that_is_missing_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="look at the folder"):
        open_storage(tmp_path / "missing" / "data.sqlite", ReadingsKeeper(), IDENTITY)


def test_the_tables_of_another_keeper_are_refused(place: Place) -> None:
    place.open(ReadingsKeeper()).close()

    with pytest.raises(StorageError, match="lacks the table link_lines"):
        place.open(CASES["link"].keeper())


def test_a_newer_format_is_refused(place: Place) -> None:
    open_storage(place.where, ReadingsKeeper(), place.identity, [_upgraded]).close()

    with pytest.raises(StorageError, match=r"its format is 2, .* up to 1: install a newer coterie"):
        place.open(ReadingsKeeper())


def _upgraded(database: Database) -> None:
    database.execute("CREATE TABLE added (one bigint)")


def _interrupted(database: Database) -> None:
    database.execute("CREATE TABLE another (one bigint)")
    raise StorageError("interrupted")


def test_an_older_format_is_brought_up_to_date_once(place: Place) -> None:
    _used(place)
    for _ in range(2):
        store = open_storage(place.where, ReadingsKeeper(), place.identity, [_upgraded])
        assert dict(store.load().table) == {1: 10}
        assert store.select("SELECT value FROM coterie WHERE name = 'format'").rows == (("2",),)
        assert store.select("SELECT one FROM added").rows == ()
        store.close()


def test_an_upgrade_that_fails_leaves_everything_as_it_was(place: Place) -> None:
    _used(place)
    steps = [_upgraded, _interrupted]
    with pytest.raises(StorageError, match="interrupted"):
        open_storage(place.where, ReadingsKeeper(), place.identity, steps)

    assert _kept(place) == {1: 10}  # with the old version's steps: it is the old version


def test_two_cannot_use_one_place(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_module, "TAKING_MS", 1)
    store = place.open(ReadingsKeeper())

    with pytest.raises(StorageError, match=r"is in use by .*: two nodes cannot share one"):
        place.open(ReadingsKeeper())

    store.close()
    _used(place)


def test_the_error_names_the_process_that_uses_the_file(tmp_path: Path) -> None:
    place = Place(tmp_path / "data.sqlite", IDENTITY)
    store = place.open(ReadingsKeeper())

    with pytest.raises(StorageError, match=f"in use by process {os.getpid()}:"):
        place.open(ReadingsKeeper())
    store.close()


def test_who_was_killed_does_not_keep_the_place(place: Place) -> None:
    child = os.fork()
    if not child:
        place.open(ReadingsKeeper()).commit([Commit((Row(1, 10),))])
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)

    assert _kept(place) == {1: 10}


def test_a_store_may_be_used_by_another_thread_than_opened_it(place: Place) -> None:
    store = place.open(ReadingsKeeper())
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(store.load).result() is None
        thread.submit(store.commit, [Commit((Row(1, 10), Line(1)))]).result()
        thread.submit(store.close).result()

    assert _kept(place) == {1: 10}


def test_who_comes_while_the_killed_ones_place_is_not_free_yet_waits(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_module, "TAKING_MS", 60_000)
    place = Place(postgres.url, Identity("c", "s", postgres.name()))
    store = place.open(ReadingsKeeper())
    leaving = threading.Timer(0.1, store.close)
    leaving.start()

    assert place.open(ReadingsKeeper()).load() is None
    leaving.join()


def test_a_password_is_in_no_error() -> None:
    with pytest.raises(StorageError) as raised:
        open_storage("postgresql://u:secret@127.0.0.1:1/d", ReadingsKeeper(), IDENTITY)

    assert "secret" not in str(raised.value)
    assert "PostgreSQL at 127.0.0.1, database d, schema server0 cannot be opened" in str(
        raised.value
    )


def test_an_address_that_is_none_is_refused_without_repeating_it() -> None:
    with pytest.raises(StorageError, match="this is no address of a PostgreSQL") as raised:
        open_storage("postgresql://u:secret@[/d", ReadingsKeeper(), IDENTITY)

    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("name", ["", "x" * 64])
def test_a_name_that_postgresql_would_cut_is_refused(name: str, postgres: Postgres) -> None:
    with pytest.raises(StorageError, match="cannot name a schema"):
        open_storage(postgres.url, ReadingsKeeper(), evolve(IDENTITY, node=name))
