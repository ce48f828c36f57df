"""Whoever changes a journal is found out, even if all hashes are written anew.

What cannot be found is told by the last tests: what is another run of the model, as far as anybody
else has seen.
"""

import copy
import shutil
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from coterie.impl.journal import paths
from coterie.impl.replay.divergence import BROKEN, EFFECTS, EVENT, MEMORY, REPEATED, UNSENT
from coterie.model.machine import Node
from tests.impl.replay.scene import divergence
from tests.impl.replay.tampering import Line, Tampered, changed, leaves

Spot = tuple[Tampered, list[Line], int]
SEEDS = range(3)


def spots(folder: Path) -> list[Spot]:
    """Return every step in a folder of journals: its journal, its file's lines, and which one."""
    journals = [Tampered(each) for each in sorted(folder.iterdir())]
    return [
        (journal, lines, place)
        for journal in journals
        for lines in journal.lines
        for place in range(len(lines))
    ]


def sender(line: Line) -> str:
    """Return who has sent what the step receives; empty where it receives nothing."""
    event = line.get("event")
    return f"{event[1][1]}{event[1][2]}" if event and event[0] == "machine.Receive" else ""


def records(line: Line) -> bool:
    return any(effect[0] == "machine.Record" for effect in line["effects"][1:])


def kind_of(journal: Tampered) -> str | None:
    """Write a changed journal, and return what a replay finds."""
    journal.write()
    found = divergence(journal.folder.parent)
    return found.kind if found else None


def test_what_is_written_back_unchanged_is_accepted(copied: Path) -> None:
    before = {path: path.read_bytes() for path in copied.rglob("*.jsonl")}
    for journal in {id(spot[0]): spot[0] for spot in spots(copied)}.values():
        journal.write()

    assert {path: path.read_bytes() for path in copied.rglob("*.jsonl")} == before
    assert divergence(copied) is None


# Without the hashes.


@pytest.mark.parametrize("seed", SEEDS)
def test_a_changed_byte_breaks_the_chain(copied: Path, seed: int) -> None:
    random = Random(seed)
    path = random.choice(sorted(copied.rglob("*.jsonl")))
    text = bytearray(path.read_bytes())
    place = random.choice([at for at, byte in enumerate(text) if byte in b"0123456789"])
    text[place] = random.choice(b"0123456789".replace(text[place : place + 1], b""))
    path.write_bytes(text)

    found = divergence(copied)

    assert found is not None
    assert found.kind == BROKEN
    assert found.place.line == text[:place].count(b"\n") + 1


def test_a_line_that_is_missing_breaks_the_chain(copied: Path) -> None:
    path = min(copied.rglob("*.jsonl"))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:7], *lines[8:]]))

    found = divergence(copied)

    assert found is not None
    assert (found.kind, found.place.line) == (BROKEN, 8)


def test_a_start_that_is_missing_is_found(copied: Path) -> None:
    folder = next(each for each in copied.iterdir() if len(paths(each)) > 1)
    paths(folder)[0].unlink()

    found = divergence(copied)

    assert found is not None
    assert found.notes == ("The file of start 1 is missing.",)


# With all hashes written anew.


@pytest.mark.parametrize("seed", SEEDS)
def test_a_changed_effect_is_found(copied: Path, seed: int) -> None:
    random = Random(seed)
    some = [spot for spot in spots(copied) if len(spot[1][spot[2]]["effects"]) > 1]
    journal, lines, place = random.choice(some)
    changed(lines[place], random.choice(list(leaves(lines[place]["effects"], ["effects"]))))

    journal.write()
    found = divergence(copied)

    assert found is not None
    assert found.kind in {EFFECTS, BROKEN}
    assert found.place.line == place + 2


@pytest.mark.parametrize("seed", range(8))
def test_a_changed_event_is_found(copied: Path, seed: int) -> None:
    random = Random(seed)
    some = [
        spot
        for spot in spots(copied)
        if any(leaves(spot[1][spot[2]].get("event", []), []))
        and not sender(spot[1][spot[2]]).startswith("client")
    ]
    journal, lines, place = random.choice(some)
    changed(lines[place], random.choice(list(leaves(lines[place]["event"], ["event"]))))

    assert kind_of(journal) in {EVENT, EFFECTS, UNSENT, REPEATED, BROKEN}


def test_a_changed_digest_of_the_memory_found_is_found(copied: Path) -> None:
    journal, lines, place = next(
        spot for spot in spots(copied) if spot[1][spot[2]].get("boot") is not None
    )
    lines[place]["boot"] = "0" + lines[place]["boot"][1:] + "0"

    assert kind_of(journal) == MEMORY


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("how", ["left out", "told twice", "made up"])
def test_a_step_that_records_something_is_not(copied: Path, how: str, seed: int) -> None:
    random = Random(seed)
    journal, lines, place = random.choice([s for s in spots(copied) if records(s[1][s[2]])])
    if how == "left out":
        del lines[place]
    elif how == "told twice":
        lines.insert(place, copy.deepcopy(lines[place]))
    else:
        elsewhere = random.choice([s for s in spots(copied) if records(s[1][s[2]])])
        made_up = {**copy.deepcopy(elsewhere[1][elsewhere[2]]), "turn": lines[place]["turn"]}
        if made_up["effects"] == lines[place]["effects"]:
            made_up["effects"] = ["("]
        lines[place] = made_up

    assert kind_of(journal) is not None


@pytest.mark.parametrize("seed", SEEDS)
def test_two_messages_of_one_server_in_the_wrong_order_are_found(copied: Path, seed: int) -> None:
    every = spots(copied)
    times = Counter(str(_received(spot)) for spot in every)
    pairs = [
        (spot, other)
        for spot in every
        for other in range(spot[2] + 1, min(spot[2] + 9, len(spot[1])))
        if _are_of_one_server(spot, other, times)
    ]
    (journal, lines, place), other = Random(seed).choice(pairs)
    lines[place]["event"], lines[other]["event"] = lines[other]["event"], lines[place]["event"]

    assert kind_of(journal) in {EVENT, EFFECTS, UNSENT, REPEATED}


def _received(spot: Spot) -> Any:
    return spot[0].folder.name, spot[1][spot[2]].get("event")


def _are_of_one_server(spot: Spot, other: int, times: Counter[str]) -> bool:
    """Return whether two steps receive from one server, each what was received only once."""
    journal, lines, place = spot
    first, second = lines[place], lines[other]
    once = all(times[str(_received((journal, lines, at)))] == 1 for at in (place, other))
    return once and sender(first) == sender(second) and sender(first).startswith("server")


def test_a_forged_sender_is_found(copied: Path) -> None:
    for name in ("server", "serverx"):
        journal, lines, place = next(s for s in spots(copied) if sender(s[1][s[2]]) == "server1")
        lines[place]["event"][1] = ["@", name, 9]

        assert kind_of(journal) in {EVENT, EFFECTS}


# What cannot be found: then the journal is that of another run, of which nobody has seen anything
# else.


def test_a_changed_time_is_not_found(copied: Path) -> None:
    for journal, lines, place in spots(copied):
        lines[place]["at"] += 1000 * place
        if place == len(lines) - 1:
            journal.write()

    assert divergence(copied) is None


def test_a_message_that_changed_nothing_might_as_well_have_been_lost(copied: Path) -> None:
    journal, lines, place = next(
        s
        for s in spots(copied)
        if sender(s[1][s[2]]).startswith("server")
        and s[1][s[2]]["event"][2][0] == "session.Notice"
        and s[1][s[2]]["effects"] == ["("]
        and s[2] == len(s[1]) - 1
    )
    del lines[place]

    assert kind_of(journal) is None


def test_the_last_steps_of_a_node_are_missed_only_by_those_who_heard_of_them(copied: Path) -> None:
    shutil.rmtree(copied / "server1")
    shutil.rmtree(copied / "server2")
    journal = Tampered(copied / str(Node("server", 0)))
    del journal.lines[-1][-5:]

    assert kind_of(journal) is None
