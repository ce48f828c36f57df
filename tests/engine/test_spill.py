"""States on the disk are the same states, and take no memory."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.checks.catalogue.oracles import two_phase
from coterie.checks.engine import spill
from coterie.checks.engine.crew import Crew
from coterie.checks.engine.explore import explore
from coterie.checks.engine.index import owners
from coterie.checks.engine.layout import layout_of
from coterie.checks.engine.spill import Spill, disk_folder, is_in_memory
from coterie.checks.engine.store import Store
from coterie.checks.result import Verdict
from tests.engine.resuming import CASES, ROOT, explored

LARGE = 1 << 60
FILLING = """
import sys
import numpy as np
from coterie.checks.engine.layout import layout_of
from coterie.checks.engine.memory import resident_bytes
from coterie.checks.engine.spill import Spill
from coterie.checks.engine.store import Store

most = int(sys.argv[1])
layout, width = layout_of([20] * 192)
spill = Spill(most) if most else None
store = Store(1, layout, width, spill)
peak, total = 0, 0
while total < 600_000_000:
    first = len(store)
    rows = np.arange(first * width, (first + 8192) * width, dtype=np.uint64).reshape(8192, width)
    store.insert(0, rows)
    store.relieve()
    total += rows.nbytes
    peak = max(peak, resident_bytes())
sought = np.arange(5 * width, dtype=np.uint64).reshape(5, width)
assert store.find(sought).tolist() == [0, 1, 2, 3, 4]
print(peak, len(store) * width * 8, spill.times if spill else 0)
"""


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything go whenever that can be done."""
    monkeypatch.setattr(spill, "resident_bytes", lambda: LARGE)


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("workers", [1, 2])
def test_whatever_is_found_is_found_on_the_disk_as_well(case: str, workers: int) -> None:
    assert explored(case, workers, None, memory=LARGE) == explored(case, workers, None)


@pytest.mark.usefixtures("always")
def test_what_is_kept_goes_on_on_the_disk(tmp_path: Path) -> None:
    explored("claims", 1, tmp_path, memory=LARGE, max_depth=6)

    assert explored("claims", 1, tmp_path, memory=LARGE) == explored("claims", 1, None)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 500), max_size=30), max_size=6),
    st.sampled_from([1, 2]),
    st.lists(st.booleans(), min_size=6, max_size=6),
)
def test_a_store_on_the_disk_is_a_store(
    batches: list[list[int]], shards: int, repacked: list[bool]
) -> None:
    crew, bits = Crew(shards), [[10, 60], [60, 10], [30, 60]]
    plain = Store(shards, *layout_of(bits[0]))
    other = Store(shards, *layout_of(bits[0]), Spill(0))

    for turn, (batch, anew) in enumerate(zip(batches, repacked, strict=False)):
        for store in (plain, other):
            if anew:
                store.repack(*layout_of(bits[turn % 3]), crew)
            rows = np.zeros((len(batch), store.width), np.uint64)
            slots = store.layout.word, store.layout.shift
            rows[:, slots[0][0]] |= np.array(batch, np.uint64) << slots[1][0]
            owner = owners(rows, shards)
            for shard in range(shards):
                store.insert(shard, rows[owner == shard])
            store.relieve()
        assert len(other) == len(plain)
        assert other.find(rows).tolist() == plain.find(rows).tolist()

    crew.close()


@given(st.lists(st.lists(st.integers(-(2**31), 2**31 - 1), max_size=9), max_size=9))
def test_what_is_kept_on_the_disk_reads_as_it_was(lists: list[list[int]]) -> None:
    disk = Spill(0)
    arrays = [np.array(numbers, np.int32) for numbers in lists]
    arrays += [array % 2 == 0 for array in arrays]

    kept = [disk.keep(array) for array in arrays]
    disk.relieve()

    for one, other in zip(kept, arrays, strict=True):
        assert one.dtype == other.dtype
        assert one.tolist() == other.tolist()


def test_memory_stays_below_the_limit_while_the_rows_exceed_it() -> None:
    limit = 450_000_000

    peak, rows, times = _filled(limit)
    plain, same, _ = _filled(0)

    assert times > 0
    assert rows == same
    assert peak < limit < rows < plain


def _filled(most: int) -> list[int]:
    """Return the greatest memory in use, the bytes of the rows, and how often they were let go."""
    command = [sys.executable, "-c", FILLING, str(most)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return [int(each) for each in done.stdout.split()]


def test_what_cannot_be_let_go_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coterie.checks.engine.watch.PROGRESS_SECONDS", 0.0)

    found = explore(two_phase.world(5), two_phase.CHECK.properties[:2], memory=1_000_000)

    assert "what cannot be on the disk takes more than the 0.0 GB" in found.stopped
    assert found["consistent"].verdict is Verdict.UNDETERMINED


def test_a_disk_that_is_nearly_full_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "FREE_LEAST", LARGE)

    found = explore(two_phase.world(5), two_phase.CHECK.properties[:2], memory=LARGE)

    assert found.stopped.startswith("memory ran out: the disk of ")
    assert found["consistent"].verdict is Verdict.UNDETERMINED


def test_large_files_go_where_the_user_wants_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    assert disk_folder() == tmp_path


def test_a_folder_in_memory_is_known() -> None:
    mounts = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
    kinds = {line.split()[1]: line.split()[2] for line in mounts}

    for folder in filter(Path.is_dir, map(Path, kinds)):
        assert is_in_memory(folder) == (kinds[str(folder)] in {"tmpfs", "ramfs"})
