"""The records of a log on disk: a row stays as it is."""

from pathlib import Path

import pytest
from attrs import evolve

from coterie.impl.ports import StorageError
from coterie.impl.storage.durable import Durable
from coterie.impl.storage.format import Identity
from coterie.impl.storage.opening import open_storage
from coterie.impl.storage.records import RecordsKeeper, entry_of, row_of
from coterie.model.gossip.gdp.record import Entry, written
from coterie.model.gossip.gdp.service.shelf import shelf_of
from coterie.model.machine import Node
from coterie.model.signature import Signature

WRITER = Node("writer")
ONE = Entry("n1", (), "one", Signature(WRITER, b"x"))
TWO = Entry("n2", ("n1", "lost"), "two", Signature(WRITER, b"y"))


def opened(folder: Path) -> Durable:
    return open_storage(folder / "data", RecordsKeeper(), Identity("c", "log", "server0"))


def test_a_row_is_the_record_that_was_put_into_it() -> None:
    assert entry_of(row_of(TWO, 7)) == TWO


def test_a_record_of_a_name_that_is_there_changes_nothing(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.commit([ONE])
    store.commit([evolve(ONE, value="other")])
    store.close()

    assert opened(tmp_path).load() == shelf_of([ONE])


def test_operators_read_records_with_sql(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.commit([ONE, TWO])

    found = store.select("SELECT number, parents, value, writer FROM records ORDER BY number")

    assert [tuple(row) for row in found.rows] == [
        (0, "", "one", "writer0"),
        (1, "n1 lost", "two", "writer0"),
    ]


def test_a_record_that_is_signed_with_words_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="signed with bytes"):
        opened(tmp_path).commit([written(WRITER, "a")])
