"""Runs of the register by hand: machines, and what they send, moved as a test says."""

from collections.abc import Callable, Iterable
from typing import Any

from coterie.model.machine import Event, Machine, Node, Receive, Return, Send


class Run:
    """Some machines of the model, and the messages between them.

    Attributes:
        states: what each node remembers.
        waiting: the messages that were sent and not yet delivered.
        returned: what users were answered, in order.
    """

    def __init__(self, machines: dict[Node, Machine[Any, Any]]) -> None:
        self.machines = machines
        self.states = {node: each.start(None).state for node, each in machines.items()}
        self.waiting: list[tuple[Node, Send]] = []
        self.returned: list[Any] = []

    def happens(self, node: Node, event: Event) -> None:
        """Let `event` happen at `node`, and keep what it sends."""
        outcome = self.machines[node].step(self.states[node], event)
        assert outcome is not None
        self.states[node] = outcome.state
        self.waiting += [(node, each) for each in outcome.effects if isinstance(each, Send)]
        self.returned += [each.result for each in outcome.effects if isinstance(each, Return)]

    def restarts(self, node: Node) -> None:
        """Let `node` lose all but its memory, and what it has sent."""
        machine = self.machines[node]
        self.states[node] = machine.start(machine.memory(self.states[node])).state
        self.waiting = [each for each in self.waiting if node not in {each[0], each[1].to}]

    def delivers(self, wanted: Callable[[Node, Node, Any], bool] = lambda *_: True) -> None:
        """Deliver the `wanted` messages, by (sender, receiver, message), until none is left."""
        while chosen := [
            each for each in self.waiting if wanted(each[0], each[1].to, each[1].message)
        ]:
            sender, send = chosen[0]
            self.waiting.remove(chosen[0])
            if send.to in self.machines:
                self.happens(send.to, Receive(sender, send.message))

    def says(self, liar: Node, to: Iterable[Node], message: Any) -> None:
        """Let a Byzantine node say `message`."""
        for node in to:
            self.happens(node, Receive(liar, message))
