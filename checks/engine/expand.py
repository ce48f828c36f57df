"""The kernel that expands states from remembered answers alone.

A step is a depth-first walk over an agenda of stimuli. Each frame of the walk is one component
that was asked: it tries its reactions one after the other, puts their stimuli before those that
wait, and goes back when all are tried. When the agenda is empty, the values are the successor.

A state whose answer is missing is set aside: nothing of it is kept but its questions.
"""

import numpy as np

from coterie.checks.engine.buffers import (
    AGENDA,
    CELL_NEXT,
    CELL_SLOT,
    CELL_STIMULUS,
    CELLS,
    CELLS_USED,
    DONE,
    FAULT,
    FRAMES,
    FULL,
    IGNORED,
    INCOMPLETE,
    LABELS_END,
    LEFT,
    LONG,
    MOVED,
    NEXT,
    NOBODY,
    OLD,
    POSITION,
    QUESTIONS,
    REFUSED,
    RESTS,
    RETRIES,
    SLOT,
    SLOT_SHIFT,
    STATUS,
    STEPS,
    TOO_LONG,
    TRANSITIONS,
    VALUE_SHIFT,
    Memo,
    Output,
    Scratch,
)
from coterie.checks.engine.compiled import Codes, Ints, Words, inlined, kernel
from coterie.checks.engine.index import hash_of, owner_of
from coterie.checks.engine.layout import Layout
from coterie.checks.engine.lookup import MISSING, looked_up

_SLOT_SHIFT = np.uint64(SLOT_SHIFT)
_VALUE_SHIFT = np.uint64(VALUE_SHIFT)
_RECENT_SHIFT = np.uint64(40)


@inlined
def _key(slot: int, value: int, stimulus: int) -> np.uint64:
    return (
        (np.uint64(slot) << _SLOT_SHIFT) | (np.uint64(value) << _VALUE_SHIFT) | np.uint64(stimulus)
    )


@inlined
def _ask(out: Output, at: Scratch, key: np.uint64) -> None:
    """Note a question; the state cannot be completed before it is answered."""
    at.tally[INCOMPLETE] = 1
    if out.counts[QUESTIONS] < out.questions.size:
        out.questions[out.counts[QUESTIONS]] = key
        out.counts[QUESTIONS] += 1


@inlined
def _push(at: Scratch, depth: int, code: Codes, place: int, slot: int) -> None:
    """Make a frame for the component in `slot`, whose answer stands at `place`."""
    at.frames[depth, NEXT] = place + 1
    at.frames[depth, LEFT] = code[place]
    at.frames[depth, SLOT] = slot
    at.frames[depth, OLD] = at.now[slot]


@inlined
def _agenda(at: Scratch, code: Codes, reaction: int, tail: int, used: int) -> int:
    """Put the stimuli of a reaction before the agenda `tail`; return the new agenda."""
    head = tail
    for j in range(code[reaction + 2] - 1, -1, -1):
        at.cells[used, CELL_SLOT] = code[reaction + 3 + 2 * j]
        at.cells[used, CELL_STIMULUS] = code[reaction + 4 + 2 * j]
        at.cells[used, CELL_NEXT] = head
        head = used
        used += 1
    return head


@inlined
def _is_recent(out: Output, child: Words, mixed: np.uint64) -> bool:
    """Return whether `child` was written not long ago; if not, remember that it is written now."""
    if out.known.size == 0:
        return False
    place = np.int64(mixed >> _RECENT_SHIFT) & (out.known.size - 1)
    same = out.known[place] != 0
    for word in range(child.shape[1]):
        same = same and out.recent[place, word] == child[0, word]
        out.recent[place, word] = child[0, word]
    out.known[place] = 1
    return same  # type: ignore[no-any-return]


@inlined
def _emit(
    rows: Words, number: int, layout: Layout, memo: Memo, at: Scratch, depth: int, out: Output
) -> bool:
    """Write the successor that the walk has reached; return False when there is no room for it."""
    at.tally[STEPS] += 1
    for word in range(rows.shape[1]):
        at.child[0, word] = rows[number, word]
    for j in range(depth):
        slot = at.frames[j, SLOT]
        word, shift = layout.word[slot], layout.shift[slot]
        at.child[0, word] &= ~(layout.mask[slot] << shift)
        at.child[0, word] |= np.uint64(at.now[slot]) << shift
    changed = False
    for word in range(rows.shape[1]):
        changed = changed or at.child[0, word] != rows[number, word]
    room = True
    if changed:
        fault = at.frames[depth - 1, FAULT]
        at.tally[MOVED] |= 1 - fault
        mixed = hash_of(at.child, 0)
        owner = owner_of(mixed, out.filled.size)
        to = out.filled[owner]
        room = to < out.rows.shape[1]
        if room and not _is_recent(out, at.child, mixed):
            for word in range(rows.shape[1]):
                out.rows[owner, to, word] = at.child[0, word]
            out.causes[owner, to] = 2 * number + fault
            if out.labels.size > 0:
                label = at.tally[LABELS_END] - 1 - at.frames[0, LEFT]
                out.labels[owner, to] = memo.labels[label]
            out.filled[owner] += 1
    return room


@inlined
def _descend(memo: Memo, at: Scratch, depth: int, agenda: int, out: Output) -> int:
    """Ask the components on the agenda, up to the first that has something to say.

    Return 1 after making a frame for it, 0 where the step ends here, NOBODY where none is left.
    """
    result = NOBODY
    while agenda >= 0:
        slot = at.cells[agenda, CELL_SLOT]
        key = _key(slot, at.now[slot], at.cells[agenda, CELL_STIMULUS])
        place = looked_up(memo.keys, memo.places, key)
        agenda = at.cells[agenda, CELL_NEXT]
        if place != IGNORED:
            result = 0
            if place == MISSING:
                _ask(out, at, key)
            elif place != REFUSED:
                _push(at, depth, memo.code, place, slot)
                at.frames[depth, AGENDA] = agenda
                result = 1
            break
    return result


@inlined
def _walk(rows: Words, number: int, layout: Layout, memo: Memo, at: Scratch, out: Output) -> int:
    """Walk through all steps that begin with the frame 0; return the status."""
    depth, status = 1, DONE
    while depth > 0:
        f = depth - 1
        if at.frames[f, LEFT] == 0:
            at.now[at.frames[f, SLOT]] = at.frames[f, OLD]
            depth -= 1
            continue
        reaction = at.frames[f, NEXT]
        stimuli = memo.code[reaction + 2]
        at.frames[f, LEFT] -= 1
        at.frames[f, NEXT] = reaction + 3 + 2 * stimuli
        at.now[at.frames[f, SLOT]] = memo.code[reaction]
        used = at.frames[f - 1, CELLS_USED] if f > 0 else 0
        if used + stimuli > CELLS or depth == FRAMES:
            status = TOO_LONG
            break
        agenda = _agenda(at, memo.code, reaction, at.frames[f, AGENDA], used)
        at.frames[f, CELLS_USED] = used + stimuli
        before = at.frames[f - 1, FAULT] if f > 0 else 0
        at.frames[f, FAULT] = before | memo.code[reaction + 1]
        found = _descend(memo, at, depth, agenda, out)
        if found > 0:
            depth += 1
        elif found == NOBODY and not _emit(rows, number, layout, memo, at, depth, out):
            status = FULL
            break
    return status


@inlined
def _short_step(
    rows: Words,
    number: int,
    layout: Layout,
    memo: Memo,
    at: Scratch,
    out: Output,
    slot: int,
    place: int,
) -> int:
    """Take a step of the commonest kind without a walk; return the status, LONG for any other kind.

    Guard: the answer at `place` is one reaction with one stimulus, to another component. The
    commonest step is a message whose receiver reacts in one way and sends nothing; with a `Pool`,
    most receivers ignore it.
    """
    code, status = memo.code, DONE
    asked = code[place + 4]
    key = _key(asked, at.now[asked], code[place + 5])
    answer = looked_up(memo.keys, memo.places, key)
    if answer == MISSING:
        _ask(out, at, key)
    elif answer == IGNORED and code[place + 1] == at.now[slot]:
        at.tally[STEPS] += 1
    elif answer == IGNORED or (answer != REFUSED and (code[answer] > 1 or code[answer + 3] > 0)):
        status = LONG
    elif answer != REFUSED:
        _push(at, 0, code, place, slot)
        at.frames[0, LEFT] = 0
        at.now[slot] = code[place + 1]
        _push(at, 1, code, answer, asked)
        at.now[asked] = code[answer + 1]
        at.frames[1, FAULT] = code[place + 2] | code[answer + 2]
        if not _emit(rows, number, layout, memo, at, 2, out):
            status = FULL
        at.now[asked] = at.frames[1, OLD]
        at.now[slot] = at.frames[0, OLD]
    return status


@inlined
def _undo(at: Scratch, out: Output) -> None:
    """Take back what was written for a state that could not be completed."""
    for shard in range(out.filled.size):
        out.filled[shard] = at.before[shard]
    for place in range(out.known.size):
        out.known[place] = 0


@kernel
def expand(rows: Words, todo: Ints, layout: Layout, memo: Memo, at: Scratch, out: Output) -> None:
    """Expand the states `todo`, in order, as far as the buffers last."""
    for i in range(todo.size):
        number = todo[i]
        for j in range(memo.wide.size):
            slot = memo.wide[j]
            value = (rows[number, layout.word[slot]] >> layout.shift[slot]) & layout.mask[slot]
            at.now[slot] = np.int64(value)
        for j in range(at.tally.size):
            at.tally[j] = 0
        for j in range(at.before.size):
            at.before[j] = out.filled[j]
        status = DONE
        for j in range(memo.active.size):
            slot = memo.active[j]
            place = memo.act[memo.act_base[slot] + at.now[slot]]
            if place < 0:
                _ask(out, at, _key(slot, at.now[slot], 0))
            elif place <= IGNORED:
                at.tally[STEPS] += place
            else:
                status = LONG
                at.tally[LABELS_END] = memo.labels_end[memo.act_base[slot] + at.now[slot]]
                single = memo.code[place] == 1 and memo.code[place + 3] == 1
                if single and memo.code[place + 4] != slot:
                    status = _short_step(rows, number, layout, memo, at, out, slot, place)
                if status == LONG:
                    _push(at, 0, memo.code, place, slot)
                    at.frames[0, AGENDA] = NOBODY
                    status = _walk(rows, number, layout, memo, at, out)
            if status != DONE:
                break
        if status != DONE:
            _undo(at, out)
            out.counts[STATUS] = status
            break
        if at.tally[INCOMPLETE]:
            _undo(at, out)
            out.retry[out.counts[RETRIES]] = number
            out.counts[RETRIES] += 1
        else:
            out.counts[TRANSITIONS] += at.tally[STEPS]
            if not at.tally[MOVED]:
                out.rest[out.counts[RESTS]] = number
                out.counts[RESTS] += 1
        out.counts[POSITION] = i + 1
