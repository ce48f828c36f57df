"""Services that do something wrong, so that a replay has something to find."""

from collections.abc import Iterable
from typing import Any

from attrs import evolve, frozen

from coterie.impl.service import Service
from coterie.impl.services import group
from coterie.model.call import Call
from coterie.model.machine import Effect, Event, Machine, Node, Outcome, Send, Timeout
from coterie.model.stacked import Stacked
from coterie.model.synchrony.service.messages import Done
from coterie.model.synchrony.service.server import Server
from coterie.model.synchrony.service.store import Application

NEVER_WRITTEN = 777


@frozen
class Lying(Machine[Any, Any]):
    """A server that tells clients of numbers that nobody has written; it knows better.

    Attributes:
        inside: what does everything else.
    """

    inside: Machine[Any, Any]

    def start(self, memory: Any) -> Outcome[Any]:
        return self.inside.start(memory)

    def options(self, state: Any) -> Iterable[Timeout]:
        return self.inside.options(state)

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        outcome = self.inside.step(state, event)
        return outcome and evolve(outcome, effects=map(_false, outcome.effects))

    def memory(self, state: Any) -> Any:
        return self.inside.memory(state)

    def recorded(self, memory: Any, change: Any) -> Any:
        return self.inside.recorded(memory, change)


def _false(effect: Effect) -> Effect:
    if not isinstance(effect, Send) or not isinstance(effect.message, Done):
        return effect
    result = effect.message.result
    wrong = NEVER_WRITTEN if type(result) is int else result
    return evolve(effect, message=evolve(effect.message, result=wrong))


def unheard(value: Any, call: Call) -> tuple[Any, Any]:
    """Do nothing at all."""
    del call
    return value, None


def _made(node: Node, servers: tuple[Node, ...], options: Any) -> tuple[Stacked, Server]:
    made = group.machine_of(node, servers, options)
    assert isinstance(made, Stacked)
    assert isinstance(made.upper, Server)
    return made, made.upper


def _lying(node: Node, servers: tuple[Node, ...], options: Any) -> Machine[Any, Any]:
    made, server = _made(node, servers, options)
    return evolve(made, upper=Lying(server))


def _deaf(node: Node, servers: tuple[Node, ...], options: Any) -> Machine[Any, Any]:
    made, server = _made(node, servers, options)
    return evolve(made, upper=evolve(server, application=Application(execute=unheard)))


LIAR: Service = evolve(group.SERVICE, machine=_lying)
DEAF: Service = evolve(group.SERVICE, machine=_deaf)
