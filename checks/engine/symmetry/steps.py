"""Whether components answer renamed questions with renamed answers.

What was asked is renamed, then what was renamed is renamed again, until there is nothing new: then
the symmetry of every step that was explored is proven, since the renamings make all the others.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from attrs import evolve, frozen

from coterie.checks.component import Component, Lost, Reaction
from coterie.checks.engine.symmetry.renaming import RENAMED_MOST, Action, asymmetric, generators
from coterie.checks.world import World


@frozen(cache_hash=True)
class Asked:
    """A question: what does the component in `slot` do about `stimulus`, at `value`?"""

    slot: int
    value: Any
    stimulus: Any


def check_steps(world: World, questions: Iterable[Asked]) -> tuple[int, bool]:
    """Hold the answers to `questions` against the answers to the renamed questions.

    Returns how many answers there were, and whether they are all there are up to renaming.
    Raises: ModelError where renaming makes a difference.
    """
    return _Answers(world).check(questions)


class _Answers:
    def __init__(self, world: World) -> None:
        self._actions = generators(world)
        self._parts: tuple[Component, ...] = tuple(world.components.values())
        self._known: dict[Asked, tuple[Reaction, ...]] = {}

    def check(self, questions: Iterable[Asked]) -> tuple[int, bool]:
        queue = list(dict.fromkeys(questions))
        most, seen, whole = len(queue) + RENAMED_MOST, set(queue), True
        for asked in queue:
            for action in self._actions:
                other = self._compared(action, asked)
                if other not in seen and len(queue) < most:
                    queue.append(other)
                    seen.add(other)
                whole = whole and other in seen
        return len(queue), whole

    def _compared(self, action: Action, asked: Asked) -> Asked:
        """Return the renamed question, after comparing its answer."""
        slot = asked.slot
        other = Asked(
            action.slots[slot], action.value(slot, asked.value), action.stimulus(asked.stimulus)
        )
        renamed = [_renamed(action, slot, each) for each in self._answer(action, asked)]
        answered = self._answer(action, other)
        if _normal(renamed) != _normal(answered):
            context = {"its answer, renamed": renamed, "the renamed one's answer": answered}
            problem = "after the same event, the renamed component does something else"
            raise asymmetric(action, problem, {**self._context(asked), **context})
        return other

    def _answer(self, action: Action, asked: Asked) -> tuple[Reaction, ...]:
        if asked not in self._known:
            try:
                reactions = self._parts[asked.slot].react(asked.value, asked.stimulus)
                self._known[asked] = tuple(reactions)
            except Exception as cause:
                problem = f"when renamed, a component raises {type(cause).__name__}: {cause}"
                raise asymmetric(action, problem, self._context(asked)) from cause
        return self._known[asked]

    def _context(self, asked: Asked) -> dict[str, Any]:
        component = self._parts[asked.slot]
        return {"component": component, "value": asked.value, "stimulus": asked.stimulus}


def _renamed(action: Action, slot: int, reaction: Reaction) -> Reaction:
    return Reaction(
        action.value(slot, reaction.value),
        tuple((action.stimulus(key), action.stimulus(each)) for key, each in reaction.stimuli),
        action.renaming(reaction.happenings),
        reaction.fault,
    )


def _normal(reactions: Sequence[Reaction]) -> Counter[Hashable]:
    """Return what matters of an answer.

    Not the order of reactions; nor that of stimuli to different components, since those that a
    machine can choose the order of have no effect on one another.
    """
    return Counter(
        (each.value, _by_key(each), tuple(map(_without_words, each.happenings)), each.fault)
        for each in reactions
    )


def _by_key(reaction: Reaction) -> Hashable:
    found: dict[Hashable, list[Any]] = {}
    for key, stimulus in reaction.stimuli:
        found.setdefault(key, []).append(stimulus)
    return frozenset((key, tuple(stimuli)) for key, stimuli in found.items())


def _without_words(happening: Any) -> Any:
    return evolve(happening, because="") if isinstance(happening, Lost) else happening
