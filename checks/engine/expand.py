"""The kernel that expands states from remembered answers alone.

A step is a depth-first walk over an agenda of stimuli. Each frame of the walk is one component that
was asked: it tries its reactions one after the other, puts their stimuli before those that wait, and
goes back when all are tried. When the agenda is empty, the components' values are the successor.

A state whose answer is missing is set aside: nothing of it is kept but its questions.
"""

from typing import NamedTuple

import numpy as np

from coterie.checks.engine.compiled import Codes, Ints, Words, kernel
from coterie.checks.engine.layout import Layout
from coterie.checks.engine.lookup import MISSING, looked_up
from coterie.checks.engine.store import hash_of, owner_of

SLOT_SHIFT = 52
VALUE_SHIFT = 26
FIELD_MASK = (1 << 26) - 1
_SLOT_SHIFT = np.uint64(SLOT_SHIFT)
_VALUE_SHIFT = np.uint64(VALUE_SHIFT)

FRAMES = 4096
CELLS = 1 << 16


class Memo(NamedTuple):
    """What Python has answered so far.

    Attributes:
        code: the answers, one after the other: the number of reactions, then for each its value,
            whether it is a fault, the number of its stimuli, and (slot, stimulus) of each.
        act: where the answer to `ACT` stands in `code`, by `act_base[slot] + value`; -1 if unknown.
        act_base: where each slot's part of `act` begins.
        keys: for any other stimulus, the keys `slot, value, stimulus` ...
        places: ... and where their answers stand in `code`.
    """

    code: Codes
    act: Ints
    act_base: Ints
    keys: Words
    places: Ints


class Output(NamedTuple):
    """What an expansion writes.

    Attributes:
        rows: the successors, by the shard that owns them.
        causes: for each, the number of its predecessor, doubled, plus one if the step is a fault.
        filled: how many there are, by shard.
        questions: the keys whose answers are missing.
        retry: the states that were set aside.
        rest: the states that only faults can change.
        counts: see the indexes below.
    """

    rows: Words
    causes: Ints
    filled: Ints
    questions: Words
    retry: Ints
    rest: Ints
    counts: Ints


POSITION, TRANSITIONS, QUESTIONS, RETRIES, RESTS, STATUS = range(6)
DONE, FULL, TOO_LONG = range(3)


def output(shards: int, capacity: int, width: int, states: int) -> Output:
    """Return empty buffers for `capacity` successors a shard, and for `states` states set aside."""
    return Output(
        rows=np.zeros((shards, capacity, width), np.uint64),
        causes=np.zeros((shards, capacity), np.int64),
        filled=np.zeros(shards, np.int64),
        questions=np.zeros(1 << 14, np.uint64),
        retry=np.zeros(states, np.int64),
        rest=np.zeros(states, np.int64),
        counts=np.zeros(6, np.int64),
    )


@kernel
def expand(
    rows: Words, todo: Ints, end: int, layout: Layout, wide: Ints, active: Ints, memo: Memo, out: Output
) -> None:
    """Expand the states `todo[out.counts[POSITION] : end]`, as far as the buffers last.

    Shape: `wide` are the slots with more than one value, `active` those that may act.
    """
    code, capacity, shards = memo.code, out.rows.shape[1], out.rows.shape[0]
    width = rows.shape[1]
    now = np.zeros(layout.word.size, np.uint64)
    child = np.zeros((1, width), np.uint64)
    before = np.zeros(shards, np.int64)
    frame_next = np.zeros(FRAMES, np.int64)
    frame_left = np.zeros(FRAMES, np.int64)
    frame_slot = np.zeros(FRAMES, np.int64)
    frame_old = np.zeros(FRAMES, np.uint64)
    frame_agenda = np.zeros(FRAMES, np.int64)
    frame_fault = np.zeros(FRAMES, np.int64)
    frame_cells = np.zeros(FRAMES, np.int64)
    cell_slot = np.zeros(CELLS, np.int64)
    cell_stimulus = np.zeros(CELLS, np.uint64)
    cell_next = np.zeros(CELLS, np.int64)
    out.counts[STATUS] = DONE
    while out.counts[POSITION] < end:
        number = todo[out.counts[POSITION]]
        for i in range(wide.size):
            slot = wide[i]
            now[slot] = (rows[number, layout.word[slot]] >> layout.shift[slot]) & layout.mask[slot]
        for shard in range(shards):
            before[shard] = out.filled[shard]
        transitions, resting, missing = 0, True, False
        for i in range(active.size):
            slot = active[i]
            place = memo.act[memo.act_base[slot] + np.int64(now[slot])]
            if place < 0:
                missing = True
                if out.counts[QUESTIONS] < out.questions.size:
                    key = (np.uint64(slot) << _SLOT_SHIFT) | (now[slot] << _VALUE_SHIFT)
                    out.questions[out.counts[QUESTIONS]] = key
                    out.counts[QUESTIONS] += 1
                continue
            if code[place] == 0:
                continue
            frame_next[0], frame_left[0] = place + 1, code[place]
            frame_slot[0], frame_old[0] = slot, now[slot]
            frame_agenda[0], frame_fault[0], frame_cells[0] = -1, 0, 0
            depth = 1
            while depth > 0:
                f = depth - 1
                if frame_left[f] == 0:
                    now[frame_slot[f]] = frame_old[f]
                    depth -= 1
                    continue
                frame_left[f] -= 1
                at = frame_next[f]
                stimuli = code[at + 2]
                frame_next[f] = at + 3 + 2 * stimuli
                now[frame_slot[f]] = np.uint64(code[at])
                fault = frame_fault[f] | code[at + 1]
                agenda, cells = frame_agenda[f], frame_cells[f]
                if cells + stimuli > CELLS or depth == FRAMES:
                    out.counts[STATUS] = TOO_LONG
                    return
                for j in range(stimuli - 1, -1, -1):
                    cell_slot[cells] = code[at + 3 + 2 * j]
                    cell_stimulus[cells] = np.uint64(code[at + 4 + 2 * j])
                    cell_next[cells] = agenda
                    agenda = cells
                    cells += 1
                if agenda >= 0:
                    asked = cell_slot[agenda]
                    key = (
                        (np.uint64(asked) << _SLOT_SHIFT)
                        | (now[asked] << _VALUE_SHIFT)
                        | cell_stimulus[agenda]
                    )
                    place = looked_up(memo.keys, memo.places, key)
                    if place == MISSING:
                        missing = True
                        if out.counts[QUESTIONS] < out.questions.size:
                            out.questions[out.counts[QUESTIONS]] = key
                            out.counts[QUESTIONS] += 1
                    elif code[place] > 0:
                        frame_next[depth], frame_left[depth] = place + 1, code[place]
                        frame_slot[depth], frame_old[depth] = asked, now[asked]
                        frame_agenda[depth] = cell_next[agenda]
                        frame_fault[depth], frame_cells[depth] = fault, cells
                        depth += 1
                    continue
                transitions += 1
                for word in range(width):
                    child[0, word] = rows[number, word]
                for j in range(depth):
                    changed = frame_slot[j]
                    word, shift = layout.word[changed], layout.shift[changed]
                    child[0, word] &= ~(layout.mask[changed] << shift)
                    child[0, word] |= now[changed] << shift
                same = True
                for word in range(width):
                    same = same and child[0, word] == rows[number, word]
                if same:
                    continue
                resting = resting and fault != 0
                owner = owner_of(hash_of(child, 0), shards)
                if out.filled[owner] == capacity:
                    for shard in range(shards):
                        out.filled[shard] = before[shard]
                    out.counts[STATUS] = FULL
                    return
                for word in range(width):
                    out.rows[owner, out.filled[owner], word] = child[0, word]
                out.causes[owner, out.filled[owner]] = 2 * number + fault
                out.filled[owner] += 1
        if missing:
            for shard in range(shards):
                out.filled[shard] = before[shard]
            out.retry[out.counts[RETRIES]] = number
            out.counts[RETRIES] += 1
        else:
            out.counts[TRANSITIONS] += transitions
            if resting:
                out.rest[out.counts[RESTS]] = number
                out.counts[RESTS] += 1
        out.counts[POSITION] += 1
