"""The Python side of the memo: every question about a component is answered once.

Values and stimuli become numbers; an answer becomes a few numbers in a flat array that the kernel
walks. Here, and nowhere else, is the user's model called while the engine explores.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from coterie.checks.canonical import alike
from coterie.checks.component import ACT, Channel, Component, Happening, Key, Reaction
from coterie.checks.engine.audit import Ask, Audit, compared
from coterie.checks.engine.buffers import (
    FIELD_MASK,
    REFUSED,
    SLOT_SHIFT,
    VALUE_SHIFT,
    Memo,
)
from coterie.checks.engine.code import IGNORED_CODE, Code, Labels
from coterie.checks.engine.compiled import Ints, Words
from coterie.checks.engine.extent import Extent
from coterie.checks.engine.layout import Layout, bits_for, layout_of
from coterie.checks.engine.lookup import Lookup
from coterie.checks.errors import ModelError
from coterie.checks.world import Values, World
from coterie.model.machine import Node


class Answers:
    """Numbers for values and stimuli, and the answers to all questions so far.

    Attributes:
        calls: how often a component was asked.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls = 0
        self._parts: tuple[Component, ...] = tuple(world.components.values())
        if len(self._parts) > SLOTS_MOST:
            raise ModelError(
                f"the world has {len(self._parts):,} components, and {SLOTS_MOST:,} are possible"
                " at most: say with `links` which nodes have a channel"
            )
        self._values: list[list[Any]] = [[] for _ in self._parts]
        self._numbers: list[dict[Any, int]] = [{} for _ in self._parts]
        self._stimuli: list[Any] = [ACT]
        self._stimulus_numbers: dict[Any, int] = {ACT: 0}
        self._code = Code()
        self._lookup = Lookup()
        self._places: dict[int, int] = {}
        self._acts: list[dict[int, tuple[int, int]]] = [{} for _ in self._parts]
        self._acting: set[int] = set()
        self._act: Ints = np.empty(0, np.int64)
        self._act_base: Ints = np.empty(0, np.int64)
        self._labels = Labels()
        self._labels_end: Ints = np.empty(0, np.int64)
        self._kinds = [_kind(key) for key in world.components]
        self._bits = [0] * len(self._parts)
        self._audit = Audit()

    def number(self, slot: int, value: Any) -> int:
        """Return the number of `value` in `slot`, a new one if it is new."""
        numbers = self._numbers[slot]
        try:
            number = numbers.get(value)
        except TypeError as cause:
            context = {"component": self._parts[slot], "value": repr(value)}
            raise ModelError(f"a value cannot be hashed: {cause}", context, cause) from None
        if number is None:
            number = numbers[value] = len(numbers)
            self._values[slot].append(value)
            if number > FIELD_MASK:
                raise ModelError("a component has more than 2^26 values")
        else:
            _check_alike(value, self._values[slot][number])
        return number

    def numbers(self, values: Values) -> list[int]:
        """Return the numbers of a whole state."""
        return [self.number(slot, value) for slot, value in enumerate(values)]

    def known(self, values: Values) -> list[int] | None:
        """Return the numbers of a state, or None when some value has never occurred."""
        found = [self._numbers[slot].get(value) for slot, value in enumerate(values)]
        return None if None in found else [number for number in found if number is not None]

    def values(self, numbers: Iterable[int]) -> Values:
        """Return the state with these numbers."""
        return tuple(self._values[slot][number] for slot, number in enumerate(numbers))

    @property
    def causes(self) -> Sequence[Happening | None]:
        """What the label of a step stands for: its cause, None where nobody gives one."""
        return self._labels.causes

    def value(self, slot: int, number: int) -> Any:
        """Return one value by its number."""
        return self._values[slot][number]

    def stimulus(self, number: int) -> Any:
        """Return one stimulus by its number."""
        return self._stimuli[number]

    def answer(self, keys: Iterable[int]) -> None:
        """Ask the components these questions, and remember what they say."""
        places, others = {}, {}
        for key in keys:
            self.calls += 1
            reactions = self._asked(key, self._audit.sampled())
            places[key] = self._code.add(self._encoded(key, reactions))
            if key & FIELD_MASK:
                others[key] = places[key]
            else:
                self._note_act(key, places[key], self._labels.add(reactions))
        self._places |= places
        self._lookup.put(others)

    def _note_act(self, key: int, place: int, labels_end: int) -> None:
        slot, value = key >> SLOT_SHIFT, key >> VALUE_SHIFT & FIELD_MASK
        self._acts[slot][value] = (place, labels_end)
        if place != REFUSED:
            self._acting.add(slot)
        at = self._act_base[slot] + value
        self._act[at], self._labels_end[at] = place, labels_end

    def _asked(self, key: int, ask: Ask) -> Sequence[Reaction]:
        slot, value, stimulus = self._decoded(key)
        try:
            return ask(self._parts[slot], value, stimulus)
        except ModelError:
            raise
        except Exception as cause:
            context = {"component": self._parts[slot], "value": value, "stimulus": stimulus}
            problem = f"a component raised {type(cause).__name__}: {cause}"
            raise ModelError(problem, context, cause) from cause

    def _decoded(self, key: int) -> tuple[int, Any, Any]:
        slot = key >> SLOT_SHIFT
        value = self._values[slot][key >> VALUE_SHIFT & FIELD_MASK]
        return slot, value, self._stimuli[key & FIELD_MASK]

    def _encoded(self, key: int, reactions: Sequence[Reaction]) -> tuple[int, ...]:
        slot, value, _ = self._decoded(key)
        if reactions == (Reaction(value),):
            return IGNORED_CODE
        code = [len(reactions)]
        for reaction in reactions:
            code += (self.number(slot, reaction.value), int(reaction.fault), len(reaction.stimuli))
            for asked, stimulus in reaction.stimuli:
                code += (self.world.slots[asked], self._stimulus(stimulus))
        return tuple(code)

    def _stimulus(self, stimulus: Any) -> int:
        number = self._stimulus_numbers.setdefault(stimulus, len(self._stimuli))
        if number == len(self._stimuli):
            self._stimuli.append(stimulus)
            if number > FIELD_MASK:
                raise ModelError("components ask each other in more than 2^26 ways")
        else:
            _check_alike(stimulus, self._stimuli[number])
        return number

    def audit(self) -> None:
        """Ask some of the questions again, and compare.

        Raises: ModelError where an answer has changed: a hidden variable, or an iteration order.
        """
        for key, place in list(self._places.items())[:: len(self._places) // AUDITED + 1]:
            if self._code.add(self._encoded(key, self._asked(key, compared))) != place:
                slot, value, stimulus = self._decoded(key)
                raise ModelError(
                    "the model is not deterministic: asked again, it gave another answer",
                    {"component": self._parts[slot], "value": value, "stimulus": stimulus},
                )

    def sizes(self) -> dict[str, int]:
        """Return how much is remembered."""
        return {
            "values": self.values_count,
            "stimuli": len(self._stimuli),
            "answers": len(self._places),
        }

    def extent(self) -> Extent:
        """Return how far this has come."""
        return Extent(
            len(self._places),
            tuple(map(len, self._values)),
            len(self._stimuli),
            len(self._labels.causes),
            self._code.end,
            tuple(self._bits),
        )

    def questions(self, begin: int, end: int) -> Iterable[int]:
        """Return the questions so far from `begin` to `end`, in the order of their answers."""
        return islice(self._places, begin, end)

    def learn(
        self, values: Sequence[Sequence[Any]], stimuli: Sequence[Any], causes: Iterable[Any]
    ) -> None:
        """Give numbers to values of every slot, stimuli, and causes that had them before."""
        for slot, more in enumerate(values):
            for value in more:
                self.number(slot, value)
        for stimulus in stimuli:
            self._stimulus(stimulus)
        for cause in causes:
            self._labels.number(cause)

    def answer_again(self, bits: Sequence[int], keys: Iterable[int]) -> None:
        """Ask questions that were asked before, where all values have their numbers again.

        Guard: the values fit into so many `bits`.
        """
        self._bits = list(bits)
        self._lay_out_acts()
        self.answer(keys)

    @property
    def values_count(self) -> int:
        """How many values have a number, over all slots."""
        return sum(map(len, self._values))

    def outgrown(self) -> bool:
        """Return whether some slot has more values than its bits can tell apart."""
        return any(len(v) > 1 << b for v, b in zip(self._values, self._bits, strict=True))

    def room(self, slot: int) -> int:
        """Return how many values `slot` has, as the next power of two."""
        return 1 << (len(self._values[slot]) - 1).bit_length()

    def new_layout(self) -> tuple[Layout, int]:
        """Return a layout in which all values fit, and its width in words.

        Slots of one kind get the bits of the fullest, since they tend to grow together.
        """
        fullest: dict[Any, int] = {}
        for kind, values in zip(self._kinds, self._values, strict=True):
            fullest[kind] = max(fullest.get(kind, 1), len(values))
        self._bits = bits_for([fullest[kind] for kind in self._kinds])
        self._lay_out_acts()
        return self.layout()

    def layout(self) -> tuple[Layout, int]:
        """Return the layout in use, and its width in words."""
        return layout_of(self._bits)

    def memo(self) -> Memo:
        """Return the answers as the kernel reads them."""
        lookup = self._lookup
        return Memo(
            code=self._code.array,
            act=self._act,
            act_base=self._act_base,
            labels=self._labels.array,
            labels_end=self._labels_end,
            keys=lookup.keys,
            places=lookup.numbers,
            wide=np.flatnonzero(self._bits),
            active=self._active(),
        )

    def _lay_out_acts(self) -> None:
        """Make the table of the answers to ACT anew, with room for the values of each slot."""
        sizes = np.array([1 << bits for bits in self._bits], np.int64)
        self._act_base = np.cumsum(sizes) - sizes
        self._act = np.full(int(sizes.sum()), -1, np.int64)
        self._labels_end = np.zeros(self._act.size, np.int64)
        for slot, known in enumerate(self._acts):
            at = self._act_base[slot] + np.fromiter(known.keys(), np.int64, len(known))
            noted = np.array([*known.values()], np.int64).reshape(-1, 2)
            self._act[at], self._labels_end[at] = noted[:, 0], noted[:, 1]

    def _active(self) -> Ints:
        """Return the slots that may act: some value of theirs does, or was not asked."""
        slots = [
            slot
            for slot, known in enumerate(self._acts)
            if slot in self._acting or len(known) < len(self._values[slot])
        ]
        return np.array(slots, np.int64)


AUDITED = 200
SLOTS_MOST = 1 << 12


def _check_alike(value: Any, known: Any) -> None:
    if not alike(value, known):
        raise ModelError(
            "two values are equal but of different types, so the one is taken for the other:"
            " make them frozen attrs classes, or give them different contents",
            {"the one": repr(known), "the other": repr(value)},
        )


def _kind(key: Key) -> Any:
    """Return what slots that tend to grow alike have in common: the roles in their keys."""
    match key:
        case Node(role):
            return role
        case Channel(sender, receiver):
            return (sender.role, receiver.role)
        case (str() as name, Node(role)):
            return (name, role, None)
    return key


def packed(states: Sequence[Sequence[int]] | Ints, layout: Layout, width: int) -> Words:
    """Return the rows of `states`, each a number for every slot."""
    numbers = np.array(states, np.uint64).reshape(len(states), layout.word.size)
    rows: Words = np.zeros((len(states), width), np.uint64)
    for slot in np.flatnonzero(layout.mask):
        rows[:, layout.word[slot]] |= numbers[:, slot] << layout.shift[slot]
    return rows


def unpacked(row: Words, layout: Layout) -> list[int]:
    """Return the number in every slot of one row."""
    numbers: list[int] = ((row[layout.word] >> layout.shift) & layout.mask).tolist()
    return numbers
