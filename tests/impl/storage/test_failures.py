"""Full disks, lost connections, damaged data: the node is told, and nothing told of is lost."""

import os
import resource
import sqlite3
import threading
from pathlib import Path

import pytest

from coterie.impl.ports import StorageError
from coterie.impl.storage.durable import Durable
from coterie.impl.storage.format import Identity
from coterie.impl.storage.groups import GroupKeeper
from coterie.impl.storage.opening import open_storage
from coterie.impl.storage.readings import ReadingsKeeper
from coterie.model.gossip.store.disk import Booted, Commit, Line, Row, Sorted, Store, committed
from coterie.model.synchrony.disk import Appended
from tests.impl.postgres import Postgres
from tests.impl.storage.cases import CODEC, Place
from tests.impl.storage.scripts import SCRIPTS, killed

IDENTITY = Identity("c", "s", "server0")


def _batch(number: int) -> Commit:
    """Return ten readings of their own for each number."""
    times = range(10 * number, 10 * number + 10)
    return Commit(tuple(each for time in times for each in (Row(time, 0), Line(time))))


def _filled(store: Durable) -> tuple[int, str]:
    """Commit until the store cannot; return how often it could, and what it said then."""
    for number in range(100_000):
        try:
            store.commit([_batch(number)])
        except StorageError as error:
            return number, str(error)
    raise AssertionError("there is no end to this disk")


def _load(place: Place) -> Store:
    store = place.open(ReadingsKeeper())
    try:
        memory: Store = store.load()
        return memory
    finally:
        store.close()


def test_a_full_disk_stops_the_store_and_loses_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path / "data.sqlite", IDENTITY)
    store = place.open(ReadingsKeeper())
    store._database._connection.execute("PRAGMA max_page_count = 20")
    commits, said = _filled(store)

    assert "the disk is full: make room, then start the node again" in said
    with pytest.raises(StorageError, match="the disk is full"):
        store.commit([_batch(0)])
    store.close()
    assert commits > 3
    assert _load(place).lines == tuple(range(10 * commits))


def test_a_disk_that_takes_no_more_bytes_stops_the_store_and_loses_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path / "data.sqlite", IDENTITY)
    told, tell = os.pipe()

    def run() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        commits, said = _filled(place.open(ReadingsKeeper()))
        os.write(tell, f"{commits} {said}".encode())

    assert not killed(run)
    commits, _, said = os.read(told, 1 << 12).decode().partition(" ")
    os.close(told)
    os.close(tell)
    assert "the disk" in said
    assert int(commits) > 3
    assert _load(place).lines == tuple(range(10 * int(commits)))


def _backend(store: Durable) -> int:
    pid: int = store._database._connection.info.backend_pid
    return pid


def test_a_lost_connection_stops_the_store_and_loses_nothing(postgres: Postgres) -> None:
    place = Place(postgres.url, Identity("c", "s", postgres.name()))
    store = place.open(ReadingsKeeper())
    store.commit([_batch(0)])
    postgres.execute(f"SELECT pg_terminate_backend({_backend(store)})")

    for _ in range(2):
        with pytest.raises(StorageError, match="start the node again once the database can be re"):
            store.commit([_batch(1)])
    store.close()
    assert _load(place).lines == tuple(range(10))


def test_a_connection_lost_within_a_commit_leaves_none_of_it(postgres: Postgres) -> None:
    place = Place(postgres.url, Identity("c", "s", postgres.name()))
    store = place.open(ReadingsKeeper())
    store.commit([_batch(0)])
    said: list[str] = []

    def commit() -> None:
        try:
            store.commit([_batch(1)])
        except StorageError as error:
            said.append(str(error))

    with _held(postgres, f"{place.identity.node}.commits"):
        committing = threading.Thread(target=commit)
        committing.start()
        waiting = f"SELECT 1 FROM pg_locks WHERE NOT granted AND pid = {_backend(store)}"
        while not postgres.execute(waiting):
            assert committing.is_alive()
        postgres.execute(f"SELECT pg_terminate_backend({_backend(store)})")
        committing.join()
    store.close()

    assert len(said) == 1
    assert _load(place).lines == tuple(range(10))


class _held:  # noqa: N801  reads as a sentence
    """Another session's lock on a table."""

    def __init__(self, postgres: Postgres, table: str) -> None:
        self.connection = postgres.connect()
        self.connection.execute(f"LOCK TABLE {table}")

    def __enter__(self) -> None:
        """Hold it already."""

    def __exit__(self, *_: object) -> None:
        self.connection.close()


def test_a_server_that_crashes_stops_the_store_and_loses_nothing(postgres: Postgres) -> None:
    place = Place(postgres.url, Identity("c", "s", postgres.name()))
    store = place.open(ReadingsKeeper())
    store.commit([_batch(0)])
    postgres.crash()
    try:
        with pytest.raises(StorageError, match="start the node again once the database can be re"):
            store.commit([_batch(1)])
        with pytest.raises(StorageError, match="cannot be opened"):
            place.open(ReadingsKeeper())
    finally:
        postgres.restart()
    store.close()

    assert _load(place).lines == tuple(range(10))


def test_a_server_that_does_not_keep_what_it_is_told_is_refused(postgres: Postgres) -> None:
    name = postgres.name()
    postgres.execute(f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")

    with pytest.raises(StorageError, match="must have fsync = on and the encoding UTF8"):
        open_storage(postgres.server.get_uri(database=name), ReadingsKeeper(), IDENTITY)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE readings SET value = 1 WHERE time = 3", "the row 3 of table readings does not"),
        ("UPDATE commits SET time = 1 WHERE line = 3", "the row 3 of table commits does not fit"),
        ("DELETE FROM commits WHERE line = 3", "in table commits, the line 3 is missing"),
        ("DELETE FROM commits WHERE line = 9", "in table commits, the line 9 is missing"),
        ("DELETE FROM server", "in table server, the row 0 is missing"),
        ("UPDATE coterie SET value = '0' WHERE name = 'format'", "does not say what it is"),
        ("UPDATE coterie SET value = 'x' WHERE name = 'node'", "does not fit its checksum"),
        ("DROP TABLE commits", "lacks the table commits"),
    ],
)
def test_rows_that_were_changed_by_hand_are_refused(
    statement: str, words: str, place: Place
) -> None:
    store = place.open(ReadingsKeeper())
    store.commit([_batch(0), Commit((Sorted(), Booted()))])
    store._database.execute("DROP VIEW log_lines")
    store._database.execute(statement)
    store.close()

    with pytest.raises(StorageError, match=words):
        _load(place)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE coterie SET value = CAST(x'ff' AS TEXT) WHERE name = 'node'",
        "ALTER TABLE commits RENAME COLUMN time TO thyme",
    ],
)
def test_what_cannot_even_be_read_is_called_damaged(statement: str, tmp_path: Path) -> None:
    place = Place(tmp_path / "data.sqlite", IDENTITY)
    store = place.open(ReadingsKeeper())
    store.commit([_batch(0)])
    store._database.execute("DROP VIEW log_lines")
    store._database.execute(statement)
    store.close()

    with pytest.raises(StorageError, match="bring in another node in its place"):
        _load(place)


def test_damaged_values_and_gaps_in_a_log_are_refused(place: Place) -> None:
    script = SCRIPTS["group"]
    store = place.open(script.keeper())
    for changes in script.commits():
        store.commit(changes)
    store._database.execute("DELETE FROM log WHERE position = 1")
    store.close()

    again = place.open(GroupKeeper(CODEC))
    with pytest.raises(StorageError, match="in table log, the position 1 is missing"):
        again.load()
    with pytest.raises(StorageError, match="bring in another node"):
        again.commit([Appended(())])
    again.close()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Store]:
    """Return a file with readings, and what is in it."""
    path = tmp_path_factory.mktemp("sound") / "data.sqlite"
    store = open_storage(path, ReadingsKeeper(), IDENTITY)
    store.commit([_batch(number) for number in range(40)])
    store.close()
    return path, committed(Store(), [each for n in range(40) for each in _batch(n).changes])


def test_no_flipped_byte_of_a_file_is_taken_for_memory(
    sound: tuple[Path, Store], tmp_path: Path
) -> None:
    path, memory = sound
    whole = path.read_bytes()
    place = Place(tmp_path / "data.sqlite", IDENTITY)
    refused = []
    for position in range(0, len(whole), 307):
        flipped = bytearray(whole)
        flipped[position] ^= 0xFF
        Path(place.where).write_bytes(flipped)
        try:
            assert _load(place) == memory
        except StorageError as error:
            refused.append(str(error))
        for rest in tmp_path.glob("data.sqlite-*"):
            rest.unlink()

    assert len(refused) > 30
    assert any("does not fit its checksum" in said for said in refused)
    assert any("bring in another node in its place" in said for said in refused)


def test_a_page_that_has_forgotten_a_row_is_refused(
    sound: tuple[Path, Store], tmp_path: Path
) -> None:
    whole = sound[0].read_bytes()
    place = Place(tmp_path / "data.sqlite", IDENTITY)
    leaves = [page for page in range(4096, len(whole), 4096) if whole[page] == 13]
    assert len(leaves) > 3
    for page in leaves:
        forgetful = bytearray(whole)
        forgetful[page + 4] -= 1  # the count of its rows
        Path(place.where).write_bytes(forgetful)
        with pytest.raises(StorageError, match="bring in another node in its place"):
            _load(place)


def test_a_file_that_is_cut_off_is_refused(sound: tuple[Path, Store], tmp_path: Path) -> None:
    whole = sound[0].read_bytes()
    place = Place(tmp_path / "data.sqlite", IDENTITY)
    Path(place.where).write_bytes(whole[: len(whole) // 2])

    with pytest.raises(StorageError, match="bring in another node in its place"):
        _load(place)


def test_a_flipped_byte_of_postgresqls_files_is_not_taken_for_memory(postgres: Postgres) -> None:
    place = Place(postgres.url, Identity("c", "s", postgres.name()))
    store = place.open(ReadingsKeeper())
    store.commit([_batch(0)])
    store.close()
    table = f"{place.identity.node}.readings"
    [[name]] = postgres.execute(f"SELECT pg_relation_filepath('{table}')")
    postgres.execute("CHECKPOINT")
    postgres.crash()
    try:
        file = postgres.server.pgdata / str(name)
        data = bytearray(file.read_bytes())
        data[8000] ^= 0xFF
        file.write_bytes(data)
    finally:
        postgres.restart()

    with pytest.raises(StorageError, match="it is damaged or was changed by hand"):
        _load(place)


def test_a_file_that_others_lock_stops_the_store(tmp_path: Path) -> None:
    place = Place(tmp_path / "data.sqlite", IDENTITY)
    store = place.open(ReadingsKeeper())
    store._database._connection.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(tmp_path / "data.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StorageError, match="another program has locked it"):
        store.commit([_batch(0)])
    store.close()
    other.close()
