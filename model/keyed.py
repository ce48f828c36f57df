"""One machine an object, as in a key-value store.

Every object has a key and a state of its own, and knows nothing of the others. Operations,
messages, timeouts, deliveries and records carry the key: `At(key, ...)`. An object is born by the
first event that does something to it; until then it takes no room.
"""

from collections.abc import Iterable
from typing import Any

from attrs import evolve, frozen
from immutables import Map

from coterie.model.machine import (
    Deliver,
    Effect,
    Event,
    Invoke,
    Machine,
    Outcome,
    Receive,
    Record,
    Send,
    Timeout,
)


@frozen(cache_hash=True)
class At(Timeout):
    """What concerns one object: an operation, message, timeout, delivery, or change of memory.

    Attributes:
        key: which object; the keys of a store can be ordered among each other.
        inner: what its machine makes of it.
    """

    key: Any
    inner: Any


@frozen(cache_hash=True)
class Born:
    """A change of memory: the object is there, and remembers what a first start leaves behind."""


Objects = Map[Any, Any]


@frozen
class Keyed(Machine[Objects, Objects]):
    """Any number of objects, all of one machine; state and memory are maps by key.

    Attributes:
        machine: what every object is.
    """

    machine: Machine[Any, Any]

    def start(self, memory: Objects | None) -> Outcome[Objects]:
        """Start every object that has a memory, in the keys' order; the others are yet unborn."""
        objects: Objects = Map()
        effects: list[Effect] = []
        for key in sorted(memory or ()):
            outcome = self.machine.start((memory or Map())[key])
            objects = objects.set(key, outcome.state)
            effects += _addressed(key, outcome.effects)
        return Outcome(objects, tuple(effects))

    def options(self, state: Objects) -> Iterable[Timeout]:
        """Offer what each object offers, in the keys' order."""
        for key in sorted(state):
            yield from (At(key, event) for event in self.machine.options(state[key]))

    def step(self, state: Objects, event: Event) -> Outcome[Objects] | None:
        """Step the object that the event is for; it is born if need be."""
        match event:
            case Invoke(At(key, operation)):
                return self._stepped(state, key, Invoke(operation))
            case Receive(sender, At(key, message)):
                return self._stepped(state, key, Receive(sender, message))
            case Receive():
                return Outcome(state)
            case At(key, timeout) if key in state:
                return self._stepped(state, key, timeout)
        return None

    def memory(self, state: Objects) -> Objects:
        """Return the memories of the objects that have one.

        Why: it takes a look at every object; who commits each step keeps to its records instead.
        """
        kept = {key: self.machine.memory(one) for key, one in state.items()}
        return Map({key: memory for key, memory in kept.items() if memory is not None})

    def recorded(self, memory: Objects | None, change: Any) -> Objects:
        """Return the memories after one object's birth or change."""
        objects: Objects = Map() if memory is None else memory
        match change:
            case At(key, Born()):
                return objects.set(key, self.machine.memory(self.machine.start(None).state))
            case At(key, inner):
                after = self.machine.recorded(objects.get(key), inner)
                return objects.delete(key) if after is None else objects.set(key, after)
        raise TypeError(f"{change!r} does not say which object it changes")

    def _stepped(self, state: Objects, key: Any, event: Event) -> Outcome[Objects] | None:
        born = Outcome(state[key]) if key in state else self._born()
        outcome = self.machine.step(born.state, event)
        if outcome is None:
            return None
        if key not in state and outcome == Outcome(born.state):
            return Outcome(state)  # nothing was done to it: it stays unborn
        effects = _addressed(key, (*born.effects, *outcome.effects))
        return Outcome(state.set(key, outcome.state), effects)

    def _born(self) -> Outcome[Any]:
        """Return an object's first start; one record stands for all that it leaves in memory."""
        first = self.machine.start(None)
        others = tuple(effect for effect in first.effects if not isinstance(effect, Record))
        remembers = self.machine.memory(first.state) is not None
        return evolve(first, effects=(*((Record(Born()),) if remembers else ()), *others))


def _addressed(key: Any, effects: Iterable[Effect]) -> tuple[Effect, ...]:
    return tuple(_with_key(key, effect) for effect in effects)


def _with_key(key: Any, effect: Effect) -> Effect:
    """Return `effect` with the key on it; the caller of an operation knows which key it used."""
    match effect:
        case Send(to, message):
            return Send(to, At(key, message))
        case Deliver(item):
            return Deliver(At(key, item))
        case Record(change):
            return Record(At(key, change))
    return effect


def keyed(machine: Machine[Any, Any]) -> Keyed:
    """Return any number of objects, each of them a `machine`, as one machine."""
    return Keyed(machine)
