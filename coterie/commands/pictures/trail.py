"""What went on inside a step: which component was asked what, in which order, and answered what.

A trace keeps only the states before and after. What a node has sent, and what became of it in its
channel, is found by asking the components again, as the world does.
"""

from collections.abc import Iterator
from typing import Any

from attrs import frozen

from coterie.checks.component import (
    ACT,
    Act,
    Fired,
    Happening,
    Key,
    Reaction,
    Restarted,
)
from coterie.checks.errors import ModelError
from coterie.checks.nodes import Down, Running
from coterie.checks.simulation.steps import actor
from coterie.checks.world import Step, Values, World
from coterie.model.machine import Effect, Invoke, Node, Receive


@frozen
class Touch:
    """One question to a component, and its answer.

    Attributes:
        key: the component.
        before: its value when it was asked.
        stimulus: the question.
        reaction: the answer, one of those that it may give.
    """

    key: Key
    before: Any
    stimulus: Any
    reaction: Reaction


Trail = tuple[Touch, ...]


def trail(world: World, before: Values, step: Step) -> Trail:
    """Return what went on inside `step`, first to last.

    Raises: ModelError where the world has no such step from `before`.
    """
    cause = step.happenings[0] if step.happenings else None
    keys = world.components if cause is None else (actor(cause),)
    for key in keys:
        for found, after in trails(world, before, key):
            if after == step.values and _happened(found) == (step.happenings, step.fault):
                return found
    raise ModelError("the run has a step that the world has not", {"step": step.happenings})


def trails(world: World, values: Values, key: Key) -> Iterator[tuple[Trail, Values]]:
    """Yield each way in which the component at `key` may act, and the world's state after it."""
    agenda: tuple[tuple[Key, Any], ...] = ((key, ACT),)
    so_far: Trail = ()
    branches = [(values, agenda, so_far)]
    while branches:
        values, agenda, so_far = branches.pop()
        if not agenda:
            yield so_far, values
            continue
        (at, stimulus), later = agenda[0], agenda[1:]
        slot = world.slots[at]
        before = values[slot]
        for reaction in reversed(tuple(world.components[at].react(before, stimulus))):
            after = (*values[:slot], reaction.value, *values[slot + 1 :])
            touch = Touch(at, before, stimulus, reaction)
            branches.append((after, (*reaction.stimuli, *later), (*so_far, touch)))


def _happened(found: Trail) -> tuple[tuple[Happening, ...], bool]:
    """Return what the trail calls itself, and whether it is a fault: as the world's step does."""
    happenings = tuple(each for touch in found for each in touch.reaction.happenings)
    return happenings, any(touch.reaction.fault for touch in found)


def effects(world: World, touch: Touch) -> tuple[Effect, ...]:
    """Return what the machine asked for when its node was touched; nothing for other touches."""
    machine = world.machines.get(touch.key) if isinstance(touch.key, Node) else None
    if machine is None:
        return ()
    match touch.before, touch.stimulus, touch.reaction.happenings:
        case Running(state), Receive() | Invoke() as event, _:
            outcome = machine.step(state, event)
        case Running(state), Act(), (Fired(event=event), *_):
            outcome = machine.step(state, event)
        case Down(memory), Act(), (Restarted(), *_):
            outcome = machine.start(memory)
        case _:
            return ()
    return () if outcome is None else outcome.effects
