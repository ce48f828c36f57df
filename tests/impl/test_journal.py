"""What a node writes down of its steps."""

from pathlib import Path

import pytest

from coterie.impl import journal
from coterie.impl.codec import Codec, vocabulary
from coterie.impl.core import Boot, Step
from coterie.impl.journal import JournalError, Started
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


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    written(tmp_path, STEPS, STEPS[1:])

    first, second = journal.read(tmp_path, CODEC)
    assert first.heading["node"] == "a0"
    assert [line.cause for line in first.lines] == [Started(None), STEPS[1].cause, STEPS[2].cause]
    assert [line.effects for line in first.lines] == [step.effects for step in STEPS]
    assert [(line.number, line.turn, line.at) for line in second.lines] == [
        (0, 0, 1.5),
        (1, 1, 1.5),
    ]
    assert not first.torn


def test_a_start_tells_the_digest_of_the_memory_that_it_found(tmp_path: Path) -> None:
    memory = (Heard(B, "x"),)
    written(tmp_path, (Step(Boot(memory), ()),))

    (file,) = journal.read(tmp_path, CODEC)
    assert file.lines[0].cause == Started(journal.digest_of(memory, CODEC))
    assert journal.digest_of(memory, CODEC) != journal.digest_of((), CODEC)


def test_a_line_that_was_cut_off_is_left_out_and_the_next_start_goes_on(tmp_path: Path) -> None:
    (path,) = written(tmp_path, STEPS)
    path.write_bytes(path.read_bytes()[:-7])
    written(tmp_path, STEPS)

    first, second = journal.read(tmp_path, CODEC)
    assert first.torn
    assert len(first.lines) == len(STEPS) - 1
    assert len(second.lines) == len(STEPS)


@pytest.mark.parametrize("place", range(4))
def test_a_line_that_was_changed_is_found(tmp_path: Path, place: int) -> None:
    (path,) = written(tmp_path, STEPS)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[place] = lines[place].replace(b"a", b"A", 1)
    path.write_bytes(b"".join(lines))

    with pytest.raises(JournalError, match=f"{path.name}:{place + 1}: "):
        list(journal.read(tmp_path, CODEC))


@pytest.mark.parametrize("place", range(4))
def test_a_line_that_was_taken_away_is_found(tmp_path: Path, place: int) -> None:
    first, _ = written(tmp_path, STEPS, STEPS)
    lines = first.read_bytes().splitlines(keepends=True)
    first.write_bytes(b"".join(lines[:place] + lines[place + 1 :]))

    with pytest.raises(JournalError):
        list(journal.read(tmp_path, CODEC))


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
