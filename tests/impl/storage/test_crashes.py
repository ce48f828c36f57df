"""A process is killed at every boundary of its commits: what it had committed is there, no more."""

import os
import random
import signal
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from coterie.impl.storage.durable import Durable
from coterie.impl.storage.format import Identity
from coterie.impl.storage.readings import ReadingsKeeper
from coterie.impl.storage.sqlite import Sqlite
from coterie.model.gossip.store.disk import Commit, Line, Row
from tests.impl.postgres import Postgres
from tests.impl.storage.cases import Place
from tests.impl.storage.scripts import SCRIPTS, Script, die, killed


def _loaded(place: Place, script: Script) -> object:
    store = place.open(script.keeper())
    try:
        return store.load()
    finally:
        store.close()


def _played(store: Durable, script: Script, commits: int | None = None) -> None:
    """Make the first commits of a script."""
    for number, changes in enumerate(script.commits()):
        if number == commits:
            return
        store.commit(changes)


@pytest.mark.parametrize("name", SCRIPTS)
def test_after_a_kill_between_two_commits_all_that_was_committed_is_there(
    name: str, fresh: Callable[[], Place]
) -> None:
    script = SCRIPTS[name]
    for commits, memory in enumerate(script.memories()):
        place = fresh()

        def run(place: Place = place, commits: int = commits) -> None:
            _played(place.open(script.keeper()), script, commits)
            die()

        assert killed(run)
        assert _loaded(place, script) == memory


@pytest.mark.parametrize("name", SCRIPTS)
def test_after_a_kill_before_any_statement_of_sqlite_only_whole_commits_are_there(
    name: str, tmp_path: Path
) -> None:
    script, found = SCRIPTS[name], []
    memories = script.memories()
    for statement in count():
        place = Place(tmp_path / f"{statement}.sqlite", Identity("c", "s", "server0"))
        whole = os.pipe()

        def run(place: Place = place, statement: int = statement, told: int = whole[1]) -> None:
            store = place.open(script.keeper())
            _die_before(store, statement, told)
            _played(store, script)

        was_killed = killed(run)
        os.close(whole[1])
        commits = len(os.read(whole[0], 1 << 10))
        os.close(whole[0])
        assert _loaded(place, script) == memories[commits]
        found.append(commits)
        if not was_killed:
            break
    assert set(found) == set(range(len(memories)))
    assert len(found) > 3 * (len(memories) - 1)


def _die_before(store: Durable, statement: int, told: int) -> None:
    """Die before the statement of that number; tell of each commit that the node went on after."""
    database = store._database
    assert isinstance(database, Sqlite)
    store.load()
    numbers = count()
    commit = store._database.write

    def traced(_: str) -> None:
        if next(numbers) == statement:
            die()

    def written(operations: object) -> None:
        commit(operations)
        os.write(told, b".")

    database._connection.set_trace_callback(traced)
    database.write = written


@pytest.mark.parametrize("name", SCRIPTS)
def test_after_a_kill_with_all_statements_sent_but_not_the_commit_none_of_them_counts(
    name: str, postgres: Postgres
) -> None:
    script = SCRIPTS[name]
    for commits, memory in enumerate(script.memories()[:-1]):
        place = Place(postgres.url, Identity("c", "s", postgres.name()))

        def run(place: Place = place, commits: int = commits) -> None:
            store = place.open(script.keeper())
            _played(store, script, commits)
            database = store._database
            apply = database.apply

            def applied(operations: object) -> None:
                apply(operations)
                database._connection._pipeline.sync()  # the server has answered all of them
                die()

            database.apply = applied
            _played_on(store, script, commits)

        assert killed(run)
        assert _loaded(place, script) == memory


def _played_on(store: Durable, script: Script, commits: int) -> None:
    store.commit(list(script.commits())[commits])


def test_after_a_kill_at_any_moment_all_that_was_told_of_is_there_and_no_half(
    fresh: Callable[[], Place],
) -> None:
    chance = random.Random(7)
    for _ in range(6):
        place = fresh()
        acknowledged, child = _busy(place)
        last = 0
        for _ in range(chance.randrange(3, 30)):
            last = int.from_bytes(os.read(acknowledged, 4), "big")
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        rest = os.read(acknowledged, 1 << 16)
        last = int.from_bytes(rest[-4:], "big") if rest else last
        os.close(acknowledged)

        store = place.open(ReadingsKeeper())
        memory = store.load()
        store.close()
        times = len(memory.table)
        assert times in {10 * last, 10 * (last + 1)}
        assert memory.lines == tuple(range(times))


def _busy(place: Place) -> tuple[int, int]:
    """Start a child that commits ten readings at once, again and again, and counts the commits."""
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        store = place.open(ReadingsKeeper())
        for number in count():
            times = range(10 * number, 10 * number + 10)
            store.commit([Commit((Row(time, 0), Line(time))) for time in times])
            os.write(tell, (number + 1).to_bytes(4, "big"))
    os.close(tell)
    return told, child
