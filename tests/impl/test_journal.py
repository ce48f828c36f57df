"""What a node writes down of its steps."""

from pathlib import Path
from typing import Any

import pytest

from coterie.impl import journal
from coterie.impl.codec import Codec, vocabulary
from coterie.impl.core import Boot, Step
from coterie.impl.journal import JournalError
from coterie.impl.replay.divergence import DivergenceError, Place
from coterie.impl.replay.reading import Entry, Reader
from coterie.model import link, machine, postbox
from coterie.model.machine import Invoke, Node, Receive, Record, Send
from coterie.model.postbox import Heard, Say

B = Node("b")
CODEC = Codec(vocabulary(machine, link, postbox))
HEADING = {"node": "a0"}
STEPS = (
    Step(Boot(None), ()),
    Step(Receive(B, "x"), (Record(Heard(B, "x")),)),
    Step(Invoke(Say(B, "y\n}")), (Send(B, "y\n}"),)),
)


def written(folder: Path, *starts: tuple[Step, ...]) -> list[Path]:
    """Write a journal of so many starts, each step a turn; return its files."""
    for start in starts:
        begun = journal.opened(folder, CODEC, HEADING)
        for step in start:
            begun.write([step], 1.5)
        begun.close()
    return journal.paths(folder)


def starts(folder: Path) -> dict[int, list[Entry]]:
    """Return the lines of each start, as a replay reads them."""
    read: dict[int, list[Entry]] = {}
    for turn in Reader("a0", journal.paths(folder)).turns():
        assert turn.heading["node"] == "a0"
        read.setdefault(turn.start, []).extend(turn.entries)
    return read


def step_of(entry: Entry) -> tuple[Any, Any]:
    """Return what caused a step, or the digest that its start has found, and what it asked for."""
    said = entry.said
    cause = said.boot if said.is_start else CODEC.from_json(bytes(said.event))
    return cause, CODEC.from_json(bytes(said.effects))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    written(tmp_path, STEPS, STEPS[1:])

    read = starts(tmp_path)
    assert [step_of(entry) for entry in read[1]] == [
        (None, ()),
        (STEPS[1].cause, STEPS[1].effects),
        (STEPS[2].cause, STEPS[2].effects),
    ]
    numbered = [(entry.said.n, entry.said.turn, entry.said.at) for entry in read[2]]
    assert numbered == [(0, 0, 1.5), (1, 1, 1.5)]


def test_a_start_tells_the_digest_of_the_memory_that_it_found(tmp_path: Path) -> None:
    memory = (Heard(B, "x"),)
    written(tmp_path, (Step(Boot(memory), ()),))

    ((entry,),) = starts(tmp_path).values()
    assert step_of(entry) == (journal.digest_of(memory, CODEC), ())
    assert journal.digest_of(memory, CODEC) != journal.digest_of((), CODEC)


def test_a_line_that_was_cut_off_is_left_out_and_the_next_start_goes_on(tmp_path: Path) -> None:
    (path,) = written(tmp_path, STEPS)
    path.write_bytes(path.read_bytes()[:-7])
    written(tmp_path, STEPS)

    read = starts(tmp_path)
    assert [len(read[start]) for start in (1, 2)] == [len(STEPS) - 1, len(STEPS)]


@pytest.mark.parametrize("left", [b"", b'{"coterie":"jour'])
def test_a_start_that_wrote_no_whole_line_is_passed_over(tmp_path: Path, left: bytes) -> None:
    written(tmp_path, STEPS)
    (tmp_path / "000002.jsonl").write_bytes(left)
    written(tmp_path, STEPS)

    assert {start: len(lines) for start, lines in starts(tmp_path).items()} == {1: 3, 3: 3}


def test_a_start_after_a_very_long_line_goes_on_from_it(tmp_path: Path) -> None:
    long = Step(Invoke(Say(B, "y" * 3 * journal.BLOCK)), ())
    written(tmp_path, (*STEPS, long), STEPS)

    assert len(starts(tmp_path)[2]) == len(STEPS)


@pytest.mark.parametrize("place", range(4))
def test_a_line_that_was_changed_is_found(tmp_path: Path, place: int) -> None:
    (path,) = written(tmp_path, STEPS)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[place] = lines[place].replace(b"a", b"A", 1)
    path.write_bytes(b"".join(lines))

    with pytest.raises(DivergenceError) as wrong:
        starts(tmp_path)
    assert wrong.value.divergence.place == Place(path, place + 1)


@pytest.mark.parametrize("place", range(4))
def test_a_line_that_was_taken_away_is_found(tmp_path: Path, place: int) -> None:
    first, _ = written(tmp_path, STEPS, STEPS)
    lines = first.read_bytes().splitlines(keepends=True)
    first.write_bytes(b"".join(lines[:place] + lines[place + 1 :]))

    with pytest.raises(DivergenceError):
        starts(tmp_path)


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "000001.jsonl"
    path.write_text('{"coterie":"journal","format":99}\n', encoding="utf-8")

    with pytest.raises(JournalError, match="the journal has format 99"):
        journal.heading_of(path)


def test_a_file_that_is_no_journal_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "000001.jsonl"
    path.write_text("{}\n", encoding="utf-8")

    with pytest.raises(JournalError, match="no journal of a node"):
        journal.heading_of(path)
