"""Operators' queries: they read, for a limited time, while the node runs, and do nothing else."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from coterie.impl.storage.durable import Durable
from coterie.impl.storage.opening import select
from coterie.impl.storage.queries import QueryError, Selection, check
from coterie.impl.storage.readings import ReadingsKeeper
from coterie.model.gossip.store.disk import Commit, Line, Row
from tests.impl.postgres import Postgres
from tests.impl.storage.cases import Place
from tests.impl.storage.scripts import die, killed

NINE = Commit(tuple(each for time in range(9) for each in (Row(time, 10 * time), Line(time))))


@pytest.fixture
def store(place: Place) -> Iterator[Durable]:
    """Return an open store with nine readings."""
    opened = place.open(ReadingsKeeper())
    opened.commit([NINE])
    yield opened
    assert len(opened.load().table) == 9  # whatever was asked
    opened.close()


def test_a_query_returns_columns_and_rows(store: Durable) -> None:
    found = store.select("SELECT time, value FROM readings WHERE value > 65 ORDER BY time DESC;")

    assert found == Selection(("time", "value"), ((8, 80), (7, 70)), truncated=False)


def test_a_node_that_was_killed_or_has_stopped_can_be_asked(place: Place) -> None:
    def run() -> None:
        place.open(ReadingsKeeper()).commit([NINE])
        die()

    assert killed(run)
    count = "SELECT count(*) FROM readings"
    assert select(place.where, place.identity.node, count).rows == ((9,),)
    place.open(ReadingsKeeper()).close()
    assert select(place.where, place.identity.node, count).rows == ((9,),)


def test_more_rows_than_asked_for_are_cut_off_and_it_is_said(store: Durable) -> None:
    query = "SELECT time FROM readings ORDER BY time"

    assert store.select(query, limit=8).rows == tuple((time,) for time in range(8))
    assert store.select(query, limit=8).truncated
    assert not store.select(query, limit=9).truncated


def test_a_result_without_end_is_not_gathered(store: Durable) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"

    assert store.select(endless, limit=3) == Selection(("i",), ((1,), (2,), (3,)), truncated=True)


def test_a_query_that_finds_nothing_has_columns(store: Durable) -> None:
    assert store.select("SELECT time FROM readings WHERE time > 100") == Selection(
        ("time",), (), truncated=False
    )


@pytest.mark.parametrize(
    "query",
    [
        "-- what is there?\nSELECT count(*) FROM readings",
        "/* what\nis there? */ select count(*) from readings",
        "WITH r AS (SELECT * FROM readings) SELECT count(*) FROM r",
    ],
)
def test_whatever_reads_is_answered(query: str, place: Place, store: Durable) -> None:
    del store
    assert select(place.where, place.identity.node, query).rows == ((9,),)


def test_values_are_answered(store: Durable) -> None:
    assert store.select("VALUES (1, 'one'), (2, 'two')").rows == ((1, "one"), (2, "two"))


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO readings VALUES (100, 1, 1)",
        "update readings set value = 1",
        "DELETE FROM readings",
        "REPLACE INTO readings VALUES (1, 1, 1)",
        "DROP TABLE readings",
        "CREATE TABLE mine (n int)",
        "ALTER TABLE readings RENAME TO mine",
        "TRUNCATE readings",
        "PRAGMA journal_mode = DELETE",
        "ATTACH '/tmp/other' AS other",
        "VACUUM INTO '/tmp/copy'",
        "COPY readings TO PROGRAM 'cat'",
        "COPY (SELECT 1) TO '/tmp/out'",
        "DO $$ BEGIN DELETE FROM readings; END $$",
        "CALL something()",
        "SET statement_timeout = 0",
        "COMMIT",
        "BEGIN",
        "ROLLBACK",
        "LISTEN x",
        "LOCK TABLE readings",
        "GRANT ALL ON readings TO public",
        "EXECUTE something",
        "EXPLAIN ANALYZE DELETE FROM readings",
        "/* SELECT */ DELETE FROM readings",
        "-- SELECT\nDELETE FROM readings",
    ],
)
def test_whatever_does_not_begin_with_reading_is_refused(query: str, store: Durable) -> None:
    with pytest.raises(QueryError, match="is refused: only one statement that reads is allowed"):
        store.select(query)


@pytest.mark.parametrize("query", ["", "  \n", ";", "-- nothing", "/* nothing */", "42", "/*"])
def test_where_there_is_no_statement_the_error_says_so(query: str) -> None:
    with pytest.raises(QueryError, match="there is no statement"):
        check(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT 1; SELECT 2",
        "SELECT 1; DELETE FROM readings",
        "SELECT time FROM readings; COMMIT; DELETE FROM readings",
        "SELECT 1;; DROP TABLE readings --",
    ],
)
def test_a_second_statement_is_refused(query: str, store: Durable) -> None:
    with pytest.raises(QueryError, match="more than one statement is refused"):
        store.select(query)


def test_a_write_within_a_read_is_refused(store: Durable) -> None:
    with pytest.raises(QueryError):
        store.select("WITH gone AS (DELETE FROM readings RETURNING time) SELECT * FROM gone")
    with pytest.raises(QueryError):
        store.select("WITH r AS (SELECT 1) DELETE FROM readings")
    with pytest.raises(QueryError):
        store.select("WITH r AS (SELECT 1) INSERT INTO readings SELECT 100, 1, 1")
    with pytest.raises(QueryError):
        store.select("SELECT * INTO copied FROM readings")


def test_a_query_that_takes_too_long_is_ended(store: Durable) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT 1 - i FROM n) SELECT max(i) FROM n"

    with pytest.raises(QueryError, match=r"took more than 0.1 seconds: ask for less"):
        store.select(endless, seconds=0.1)


def test_a_mistake_is_told_of_in_the_databases_words(store: Durable) -> None:
    with pytest.raises(QueryError, match=r"the database answers: .*nonsense"):
        store.select("SELECT nonsense FROM readings")


def test_a_query_does_not_wait_for_the_node_nor_the_node_for_it(place: Place) -> None:
    store = place.open(ReadingsKeeper())
    stop, seen = threading.Event(), []

    def ask() -> None:
        while not stop.is_set():
            seen.append(select(place.where, place.identity.node, "SELECT count(*) FROM readings"))

    asking = threading.Thread(target=ask)
    asking.start()
    number = 0
    while len(seen) < 5 and asking.is_alive():
        store.commit([Commit((Row(2 * number, 0), Row(2 * number + 1, 0)))])
        number += 1
    stop.set()
    asking.join()
    store.close()

    assert len(seen) >= 5
    assert all(found.rows[0][0] % 2 == 0 for found in seen)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT load_extension('/tmp/evil.so')",
        "SELECT * FROM pragma_table_info('readings')",
        "SELECT fts3_tokenizer('simple')",
    ],
)
def test_what_sqlite_could_do_besides_reading_is_refused(query: str, tmp_path: Path) -> None:
    path = tmp_path / "data.sqlite"
    sqlite3.connect(path).close()

    with pytest.raises(QueryError, match=r"would do more than read|not authorized"):
        select(path, "", query)


def test_a_value_of_a_gigabyte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.sqlite"
    sqlite3.connect(path).close()

    with pytest.raises(QueryError, match="too big"):
        select(path, "", "SELECT randomblob(1000000000)")


def test_where_there_is_no_file_none_is_created(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="unable to open"):
        select(tmp_path / "data.sqlite", "", "SELECT 1")

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "query",
    [
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT pg_reload_conf()",
        "SELECT * FROM readings FOR UPDATE",
        "SELECT lo_creat(-1)",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()",
        "SELECT set_config('transaction_read_only', 'off', true)",
    ],
)
def test_what_postgresql_could_do_besides_reading_is_refused(
    query: str, postgres: Postgres
) -> None:
    with pytest.raises(QueryError):
        select(postgres.url, "public", query)


def test_sleeping_is_ended_as_well(postgres: Postgres) -> None:
    with pytest.raises(QueryError, match=r"took more than 0.1 seconds"):
        select(postgres.url, "public", "SELECT pg_sleep(60)", seconds=0.1)


def test_without_a_server_the_error_says_so() -> None:
    with pytest.raises(QueryError, match="the database answers: "):
        select("postgresql://u:secret@127.0.0.1:1/d", "server0", "SELECT 1")
