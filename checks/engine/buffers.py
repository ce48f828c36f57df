"""What the kernel that expands states reads, and what it writes."""

from typing import NamedTuple

import numpy as np

from coterie.checks.engine.compiled import Codes, Flags, Ints, Words

SLOT_SHIFT = 52
VALUE_SHIFT = 26
FIELD_MASK = (1 << 26) - 1

REFUSED, IGNORED = range(2)

FRAMES, CELLS = 1 << 12, 1 << 16
NEXT, LEFT, SLOT, OLD, AGENDA, FAULT, CELLS_USED = range(7)
CELL_SLOT, CELL_STIMULUS, CELL_NEXT = range(3)
NOBODY = -1

POSITION, TRANSITIONS, QUESTIONS, RETRIES, RESTS, STATUS = range(6)
DONE, FULL, TOO_LONG, LONG = range(4)

STEPS, MOVED, INCOMPLETE, LABELS_END = range(4)

RECENT_BYTES = 1 << 18


class Memo(NamedTuple):
    """What Python has answered so far.

    Attributes:
        code: the answers, one after the other: the number of reactions, then for each its value,
            whether it is a fault, the number of its stimuli, and (slot, stimulus) of each. Two
            stand where they are expected: at REFUSED no reaction, at IGNORED a single one that
            changes nothing and asks for nothing.
        act: where the answer to `ACT` stands in `code`, by `act_base[slot] + value`; -1 if unknown.
        act_base: where each slot's part of `act` begins.
        labels: what each reaction to `ACT` is called: the number of its cause.
        labels_end: where the labels of an answer to `ACT` end in `labels`, laid out as `act`.
        keys: for any other stimulus, the keys `slot, value, stimulus` ...
        places: ... and where their answers stand in `code`.
        wide: the slots that have more than one value.
        active: the slots that may act.
    """

    code: Codes
    act: Ints
    act_base: Ints
    labels: Codes
    labels_end: Ints
    keys: Words
    places: Ints
    wide: Ints
    active: Ints


class Output(NamedTuple):
    """What an expansion writes.

    Attributes:
        rows: the successors, by the shard that owns them.
        causes: for each, the number of its predecessor, doubled, plus one if the step is a fault.
        labels: for each, the number of what caused the step; no room at all where nobody asks.
        filled: how many there are, by shard.
        questions: the keys whose answers are missing.
        retry: the states that were set aside.
        rest: the states that only faults can change.
        counts: POSITION in the states to expand, TRANSITIONS, QUESTIONS, RETRIES, RESTS, STATUS.
        recent: successors that were written not long ago, and need not be again; no rows at all
            where every single step is wanted.
        known: which of `recent` are in use.
    """

    rows: Words
    causes: Ints
    labels: Codes
    filled: Ints
    questions: Words
    retry: Ints
    rest: Ints
    counts: Ints
    recent: Words
    known: Flags


class Scratch(NamedTuple):
    """Where a worker walks.

    Attributes:
        now: the values of the slots, as the walk has changed them.
        frames: one row a component that was asked.
        cells: the agenda, as linked cells: slot, stimulus, next cell.
        child: the one row that is being made.
        tally: of the state under way: STEPS, whether it MOVED without faults, if it is INCOMPLETE,
            and where the labels end of the slot that acts.
        before: how many successors each shard had before this state.
    """

    now: Ints
    frames: Ints
    cells: Ints
    child: Words
    tally: Ints
    before: Ints


def output(shards: int, capacity: int, width: int, states: int, *, every_step: bool) -> Output:
    """Return empty buffers for `capacity` successors a shard, and for `states` states set aside."""
    recent = 0 if every_step else 1 << (RECENT_BYTES // (8 * width)).bit_length() - 1
    return Output(
        rows=np.zeros((shards, capacity, width), np.uint64),
        causes=np.zeros((shards, capacity), np.int64),
        labels=np.zeros((shards, capacity if every_step else 0), np.int32),
        filled=np.zeros(shards, np.int64),
        questions=np.zeros(1 << 12, np.uint64),
        retry=np.zeros(states, np.int64),
        rest=np.zeros(states, np.int64),
        counts=np.zeros(6, np.int64),
        recent=np.zeros((recent, width), np.uint64),
        known=np.zeros(recent, np.uint8),
    )


def scratch(slots: int, shards: int, width: int) -> Scratch:
    """Return room for one worker's walks."""
    return Scratch(
        now=np.zeros(slots, np.int64),
        frames=np.zeros((FRAMES, 7), np.int64),
        cells=np.zeros((CELLS, 3), np.int64),
        child=np.zeros((1, width), np.uint64),
        tally=np.zeros(4, np.int64),
        before=np.zeros(shards, np.int64),
    )
