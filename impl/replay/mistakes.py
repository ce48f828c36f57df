"""What is wrong with a step, held against what the model does there."""

from collections.abc import Iterable, Sequence
from typing import Any

from coterie.impl.codec import Codec, Malformed
from coterie.impl.core import Boot, Step
from coterie.impl.journal import digest_of
from coterie.impl.replay.differences import first_difference, nearest, words
from coterie.impl.replay.divergence import (
    BROKEN,
    EFFECTS,
    EVENT,
    MEMORY,
    Divergence,
    DivergenceError,
    Place,
    Side,
)
from coterie.impl.replay.reading import Entry
from coterie.model.machine import Event, Node

SHOWN = 5
"""How many effects, or possible events, are shown."""


def wrong(kind: str, node: Node, entry: Entry, cause: str, note: str) -> DivergenceError:
    """Return the error for a line of which one sentence says what is wrong."""
    return DivergenceError(Divergence(kind, str(node), entry.place, cause, notes=(note,)))


def otherwise(node: Node, entry: Entry, step: Step, codec: Codec) -> DivergenceError:
    """Return the error for a line with other effects, or one that is written otherwise."""
    cause = cause_of(step)
    try:
        said = codec.from_json(entry.said.effects)
    except Malformed as error:
        return wrong(BROKEN, node, entry, cause, f"The effects are none: {error}.")
    difference = first_difference(said, step.effects, "effects")
    if difference is None:
        return wrong(BROKEN, node, entry, cause, "No node writes such a line in this way.")
    said = said if isinstance(said, tuple) else (said,)
    sides = (
        Side("in the journal", _around(said, step.effects)),
        Side("by the model", _around(step.effects, said)),
    )
    divergence = Divergence(EFFECTS, str(node), entry.place, cause, difference, sides)
    return DivergenceError(divergence)


def impossible(node: Node, entry: Entry, event: Event, options: Iterable[Event]) -> DivergenceError:
    """Return the error for an event that is not possible, with those that are, nearest first."""
    possible = list(options)
    closest = nearest(event, possible)
    possible.sort(key=lambda each: each is not closest)
    shown = tuple(words(each) for each in possible[:SHOWN])
    more = len(possible) - len(shown)
    notes = [f"And {more} more are possible."] if more else []
    if not possible:
        notes.append("Nothing can happen there by itself.")
    divergence = Divergence(
        EVENT,
        str(node),
        entry.place,
        words(event),
        closest and first_difference(event, closest, "event"),
        (Side("in the journal", (words(event),)), Side("possible instead", shown)),
        tuple(notes),
    )
    return DivergenceError(divergence)


def lost(
    node: Node, entry: Entry, memory: Any, codec: Codec, kept: Sequence[tuple[Place, Any]]
) -> DivergenceError:
    """Return the error for a start from another memory; say which one, if that is known.

    Attributes:
        memory: what was committed before, by the journal.
        kept: what the memory was after the latest turns.
    """
    said = entry.said.boot
    note = "The last turn of the start before may have been committed, or not: neither fits."
    for place, older in reversed(kept):
        if older is not None and digest_of(older, codec) == said:
            note = f"It is the memory as it was after {place}: what came later was lost."
            break
    if memory is None:
        note = "Nothing had been committed before, by this journal."
    elif said is None:
        note = "The disk was empty."
    sides = (
        Side("in the journal", (f"digest {said}",)),
        Side("by the model", (f"digest {digest_of(memory, codec)}", words(memory))),
    )
    divergence = Divergence(MEMORY, str(node), entry.place, "a start", None, sides, (note,))
    return DivergenceError(divergence)


def cause_of(step: Step) -> str:
    """Return what has caused a step, for people."""
    return "a start" if isinstance(step.cause, Boot) else words(step.cause)


def _around(effects: tuple[Any, ...], others: tuple[Any, ...]) -> tuple[str, ...]:
    """Return the effects from the first on that differs from the others, not all, by place."""
    pairs = zip(effects, others, strict=False)
    first = next((place for place, (one, other) in enumerate(pairs) if one != other), None)
    if first is None:
        first = min(len(effects), len(others))
    shown = [f"{place}: {words(effects[place])}" for place in range(first, len(effects))]
    return tuple(shown[:SHOWN]) or (f"{first}: nothing",)
