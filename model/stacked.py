"""One machine on top of another: a protocol over the reliable link.

What the upper machine sends, the lower one is asked to carry: `Send(to, message)` above becomes
`Invoke(Send(to, message))` below. What the lower one hands up arrives above: a `Deliver` of a
`Receive` below becomes that `Receive` above. All of it is one step with one set of records, so that
no crash comes between the layers.
"""

from collections import deque
from collections.abc import Iterable
from typing import Any

from attrs import evolve, frozen

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
class Above(Timeout):
    """What belongs to the upper machine: a timeout of its, or a change of its memory.

    Attributes:
        inner: the timeout, or the change.
    """

    inner: Any


@frozen(cache_hash=True)
class Below(Timeout):
    """What belongs to the lower machine: a timeout of its, or a change of its memory.

    Attributes:
        inner: the timeout, or the change.
    """

    inner: Any


@frozen(cache_hash=True)
class Stack:
    """The states of the two machines, or their memories.

    Attributes:
        above: of the upper machine.
        below: of the lower one.
    """

    above: Any
    below: Any


EMPTY = Stack(None, None)
Due = deque[tuple[type[Above] | type[Below], Effect]]


@frozen
class Stacked(Machine[Stack, Stack]):
    """The upper machine over the lower one, as one machine.

    Attributes:
        upper: users invoke it; it neither sends to the network nor receives from there.
        lower: it takes every `Invoke(Send(to, message))`, at any time.
    """

    upper: Machine[Any, Any]
    lower: Machine[Any, Any]

    def start(self, memory: Stack | None) -> Outcome[Stack]:
        """Start both, then do what the lower one asks for, and the upper one."""
        of = memory or EMPTY
        below, above = self.lower.start(of.below), self.upper.start(of.above)
        due: Due = deque()
        due.extend((Below, effect) for effect in below.effects)
        due.extend((Above, effect) for effect in above.effects)
        return self._settled(Stack(above.state, below.state), due)

    def options(self, state: Stack) -> Iterable[Timeout]:
        """Offer what the upper machine offers, then what the lower one does."""
        yield from (Above(event) for event in self.upper.options(state.above))
        yield from (Below(event) for event in self.lower.options(state.below))

    def step(self, state: Stack, event: Event) -> Outcome[Stack] | None:
        """Let users and the upper timeouts in above, the network and the lower timeouts below."""
        match event:
            case Invoke():
                return self._entered(state, Above, event)
            case Receive():
                return self._entered(state, Below, event)
            case Above(inner) | Below(inner):
                return self._entered(state, type(event), inner)
        return None

    def memory(self, state: Stack) -> Stack | None:
        """Return both memories; None when there is neither."""
        kept = Stack(self.upper.memory(state.above), self.lower.memory(state.below))
        return None if kept == EMPTY else kept

    def recorded(self, memory: Stack | None, change: Any) -> Stack:
        """Return the memories after a change of one of them."""
        before = memory or EMPTY
        match change:
            case Above(inner):
                return evolve(before, above=self.upper.recorded(before.above, inner))
            case Below(inner):
                return evolve(before, below=self.lower.recorded(before.below, inner))
        raise TypeError(f"{change!r} belongs to neither layer")

    def _entered(
        self, state: Stack, layer: type[Above] | type[Below], event: Event
    ) -> Outcome[Stack] | None:
        due: Due = deque()
        after = self._taken(state, layer, event, due)
        return None if after is None else self._settled(after, due)

    def _taken(
        self, state: Stack, layer: type[Above] | type[Below], event: Event, due: Due
    ) -> Stack | None:
        """Return the states after one layer's step, whose effects become due; None if refused."""
        above = layer is Above
        machine = self.upper if above else self.lower
        outcome = machine.step(state.above if above else state.below, event)
        if outcome is None:
            return None
        due.extend((layer, effect) for effect in outcome.effects)
        return Stack(outcome.state, state.below) if above else Stack(state.above, outcome.state)

    def _settled(self, state: Stack, due: Due) -> Outcome[Stack]:
        """Pass between the layers what is between them, first come first served, until all is done.

        Raises: ValueError where the lower machine will not carry, or the upper one not receive.
        """
        out: list[Effect] = []
        while due:
            layer, effect = due.popleft()
            match effect:
                case Send() if layer is Above:
                    state = self._passed(state, Below, Invoke(effect), due)
                case Deliver(Receive() as receipt) if layer is Below:
                    state = self._passed(state, Above, receipt, due)
                case Record(change):
                    out.append(Record(layer(change)))
                case _:
                    out.append(effect)
        return Outcome(state, tuple(out))

    def _passed(
        self, state: Stack, layer: type[Above] | type[Below], event: Event, due: Due
    ) -> Stack:
        after = self._taken(state, layer, event, due)
        if after is None:
            raise ValueError(f"the machine {layer.__name__.lower()} refuses {event!r}")
        return after


def stacked(upper: Machine[Any, Any], lower: Machine[Any, Any]) -> Stacked:
    """Return `upper` running over `lower`, as one machine."""
    return Stacked(upper, lower)
