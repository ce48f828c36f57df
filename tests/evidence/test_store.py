"""Entries: what is kept comes back, whole or not at all, whoever else writes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.checks.cache.entry import NotKeptError, as_data, exploration
from coterie.checks.cache.key import Key, code_of, key
from coterie.checks.cache.sources import Source, UnknownCodeError, digest, fingerprint, sources
from coterie.checks.cache.store import Store
from coterie.checks.catalogue.oracles.two_phase import CHECK
from coterie.checks.check import Check
from coterie.checks.engine.explore import explore
from coterie.checks.result import Verdict
from coterie.spec.property import View, eventually
from tests.claims import claims
from tests.commands import counters
from tests.strategies import worlds
from tests.test_engine import PATIENT, plainly

KEY = Key("the question")
RESULT = {"states": 3, "findings": []}


@settings(PATIENT, max_examples=20)
@given(st.data())
def test_an_exploration_comes_back_as_it_was(data: st.DataObject) -> None:
    world = data.draw(worlds())
    drawn = data.draw(claims(world))
    properties = tuple(each for each in drawn if not each.kind.is_temporal)
    found = evolve(plainly(world, properties), world=world)

    if any(each.verdict is Verdict.UNDETERMINED for each in found.findings):
        with pytest.raises(NotKeptError):
            as_data(found)
    else:
        assert exploration(world, properties, as_data(found)) == found


@eventually
def shows_two(world: View) -> bool:
    """The counter comes to two."""
    return bool(world[counters.COUNTER].ticks == 2)


def test_a_run_without_end_comes_back_as_it_was() -> None:
    world = counters.world(2)
    found = explore(world, [shows_two], workers=1)
    trace = found.findings[0].trace
    assert trace is not None
    assert trace.loop is not None

    again = exploration(world, (shows_two,), as_data(found))

    assert again.findings == found.findings


@given(place=st.integers(0, 10_000), bits=st.integers(1, 255), cut=st.booleans())
def test_a_damaged_entry_is_never_an_answer(place: int, bits: int, *, cut: bool) -> None:
    with TemporaryDirectory() as folder:
        store = Store(Path(folder))
        store.put(KEY, RESULT, [])
        text = bytearray(store.file(KEY).read_bytes())
        place %= len(text)
        text[place] ^= bits
        store.file(KEY).write_bytes(bytes(text[:place] if cut else text))

        with pytest.raises(NotKeptError):
            store.get(KEY)


def test_an_entry_under_the_name_of_another_key_is_no_answer(tmp_path: Path) -> None:
    store, other = Store(tmp_path), Key("another question")
    store.put(KEY, RESULT, [])
    store.file(KEY).rename(store.file(other))

    with pytest.raises(NotKeptError):
        store.get(other)
    assert store.get(KEY) is None


def test_an_entry_whose_late_source_has_changed_is_no_answer(tmp_path: Path) -> None:
    store, file = Store(tmp_path), tmp_path / "late.py"
    file.write_text("A = 1")
    store.put(KEY, RESULT, [Source("late", file, digest(file))])
    assert store.get(KEY) == RESULT

    file.write_text("A = 2")
    with pytest.raises(NotKeptError, match=r"late\.py"):
        store.get(KEY)
    file.unlink()
    with pytest.raises(NotKeptError, match=r"late\.py"):
        store.get(KEY)


def test_many_may_write_and_read_at_once(tmp_path: Path) -> None:
    def work(_: int) -> Any:
        store = Store(tmp_path / "kept")
        store.put(KEY, RESULT, [])
        return store.get(KEY)

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(work, range(64)))

    assert results == [RESULT] * 64
    assert [file.name for file in (tmp_path / "kept").iterdir()] == [f"{KEY.name}.json"]


def asked(check: Check = CHECK, **changes: Any) -> Key:
    given = {
        "claims": check.properties,
        "parameters": {"managers": 5},
        "options": {"size": "small"},
        "code": {"sources": "0", "python": "3", "packages": "attrs-1"},
    }
    return key(check, **{**given, **changes})


CHANGES: dict[str, dict[str, Any]] = {
    "a parameter": {"parameters": {"managers": 6}},
    "a parameter's type": {"parameters": {"managers": True}},
    "the properties": {"claims": CHECK.properties[:1]},
    "an option": {"options": {"size": "full"}},
    "a source": {"code": {"sources": "1", "python": "3", "packages": "attrs-1"}},
    "Python": {"code": {"sources": "0", "python": "4", "packages": "attrs-1"}},
    "a dependency": {"code": {"sources": "0", "python": "3", "packages": "attrs-2"}},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_the_answer_hangs_on_changes_the_key(change: dict[str, Any]) -> None:
    assert asked().name != asked(**change).name
    assert asked(**change) == asked(**change)


def test_a_check_that_stands_nowhere_has_no_key() -> None:
    with pytest.raises(UnknownCodeError):
        asked(evolve(CHECK))


def test_every_source_file_of_coterie_counts() -> None:
    files = sources()
    root = Path(__file__).parents[2]
    rooms = [root / room for room in ("model", "spec", "checks", "impl", "coterie")]
    expected = {path.resolve() for room in rooms for path in room.rglob("*.py")}

    assert expected <= {each.path for each in files}
    assert all(each.digest == digest(each.path) for each in files)


def test_one_changed_file_changes_the_fingerprint() -> None:
    files = [Source("a", Path("a.py"), "0"), Source("b", Path("b.py"), "1")]
    swapped = [Source("a", Path("a.py"), "1"), Source("b", Path("b.py"), "0")]
    moved = [Source("a", Path("c/a.py"), "0"), Source("b", Path("c/b.py"), "1")]

    assert fingerprint(files) == fingerprint(reversed(files)) == fingerprint(moved)
    assert fingerprint(files) != fingerprint(swapped)
    assert {"python", "packages", "sources"} <= set(code_of(files))
