"""The steps of a world, with a memory: each state is asked once, and so is each component.

A step that changes nothing is left out everywhere in a simulation: a run that takes it is the same
run, and no property is judged on it.
"""

from collections.abc import Iterator
from typing import Any

from attrs import define, field

from coterie.checks.component import (
    ACT,
    Channel,
    Crashed,
    Delivered,
    Duplicated,
    Fired,
    Forged,
    Happening,
    Invoked,
    Key,
    Lost,
    Reaction,
    Restarted,
)
from coterie.checks.world import Step, Values, World
from coterie.model.machine import Node

STATES_MOST = 20_000
REACTIONS_MOST = 500_000


@define
class Steps:
    """The steps of `world`: those that `World.successors` yields, and in its order.

    What was answered is remembered, up to some number of answers.

    Attributes:
        world: where the steps are taken.
        starts: its starting states, in their order, each once.
    """

    world: World
    starts: tuple[Values, ...] = field(init=False, repr=False)
    _known: dict[Values, tuple[Step, ...]] = field(init=False, factory=dict, repr=False)
    _quiet: dict[Key, dict[Any, bool]] = field(init=False, factory=dict, repr=False)
    _reactions: dict[tuple[Key, Any, Any], tuple[Reaction, ...]] = field(
        init=False, factory=dict, repr=False
    )

    @starts.default
    def _starts(self) -> tuple[Values, ...]:
        return tuple(dict.fromkeys(self.world.initial()))

    def of(self, values: Values) -> tuple[Step, ...]:
        """Return the steps that change `values`.

        Raises: ModelError where the model is at fault.
        """
        known = self._known.get(values)
        if known is None:
            keys = (key for key, slot in self.world.slots.items() if self._acts(key, values[slot]))
            every = (step for key in keys for step in self._begun_by(key, values))
            known = tuple(step for step in every if step.values != values)
            if len(self._known) < STATES_MOST:
                self._known[values] = known
        return known

    def _acts(self, key: Key, value: Any) -> bool:
        """Return whether the component of `key` can do anything of its own accord."""
        quiet = self._quiet.setdefault(key, {})
        if value not in quiet:
            quiet[value] = not self._react(key, value, ACT)
        return not quiet[value]

    def _begun_by(self, key: Key, values: Values) -> Iterator[Step]:
        """Yield the steps that the component of `key` begins, as the world does."""
        slots = self.world.slots
        branches: list[tuple[Values, tuple[tuple[Key, Any], ...], tuple[Happening, ...], bool]]
        branches = [(values, ((key, ACT),), (), False)]
        while branches:
            now, agenda, happened, fault = branches.pop()
            if not agenda:
                yield Step(happened, fault, now)
                continue
            (to, stimulus), later = agenda[0], agenda[1:]
            slot = slots[to]
            for reaction in reversed(self._react(to, now[slot], stimulus)):
                after = (*now[:slot], reaction.value, *now[slot + 1 :])
                rest = (*reaction.stimuli, *later)
                happenings = (*happened, *reaction.happenings)
                branches.append((after, rest, happenings, fault or reaction.fault))

    def _react(self, key: Key, value: Any, stimulus: Any) -> tuple[Reaction, ...]:
        known = self._reactions.get((key, value, stimulus))
        if known is None:
            known = tuple(self.world.components[key].react(value, stimulus))
            if len(self._reactions) < REACTIONS_MOST:
                self._reactions[key, value, stimulus] = known
        return known

    def at_rest(self, values: Values) -> bool:
        """Return whether nothing but faults and the adversary can change `values`."""
        return all(step.fault for step in self.of(values))


def actor(what: Happening) -> Key:
    """Return the key of the component of whose own accord this happens.

    A delivery is its channel's doing, a call its user's; the rest is that of a node.
    """
    match what:
        case Delivered() | Duplicated() | Lost():
            return Channel(what.sender, what.receiver)
        case Invoked(node):
            return ("workload", node)
        case Forged(sender):
            return sender
        case Fired(node) | Crashed(node) | Restarted(node):
            return node


def concerned(what: Happening) -> Node | None:
    """Return the node to which this happens; a message that is lost happens to none."""
    match what:
        case Delivered() | Duplicated() | Forged():
            return what.receiver
        case Fired(node) | Invoked(node) | Crashed(node) | Restarted(node):
            return node
        case Lost():
            return None
