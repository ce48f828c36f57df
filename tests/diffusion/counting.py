"""A plain network, which counts: whatever is in flight arrives, until nothing is."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from coterie.model.call import Call
from coterie.model.diffusion.register.client import Client
from coterie.model.diffusion.service.machines import members, replicas
from coterie.model.diffusion.service.placement import Tree
from coterie.model.diffusion.service.skeleton import Skeleton
from coterie.model.machine import Event, Invoke, Machine, Node, Receive, Return, Send

CLIENT = Node("client")
Flying = tuple[Node, Node, Any]


def full_tree(b: int, degree: int, nodes: int) -> Tree:
    """Return the tree of the first so many tree nodes."""
    return Tree(Skeleton(b, degree), frozenset(range(nodes)))


def oldest(_: Sequence[Flying]) -> int:
    return 0


def counted(
    tree: Tree,
    origin: int,
    calls: Iterable[Call],
    arriving: Callable[[Sequence[Flying]], int] = oldest,
    *,
    echoing: bool = False,
    **fields: Any,
) -> tuple[int, int]:
    """Return how many messages there are when a client calls all this, and how often it returns.

    Attributes:
        arriving: which of the messages in flight arrives next, or rather the oldest that is on the
            same way: nothing overtakes what was sent by and to the same.
        echoing: whether the replicas of a tree node talk to one another.
        fields: of the client's machine.
    """
    client = Client(CLIENT, tree.skeleton.b, members(tree, origin), **fields)
    machines: dict[Node, Machine[Any, Any]] = {**replicas(tree, echoing=echoing), CLIENT: client}
    states = {node: machine.start(None).state for node, machine in machines.items()}
    flying: list[Flying] = []
    sent = returned = 0

    def happens(node: Node, event: Event) -> None:
        nonlocal sent, returned
        outcome = machines[node].step(states[node], event)
        assert outcome is not None
        states[node] = outcome.state
        sends = [(node, e.to, e.message) for e in outcome.effects if isinstance(e, Send)]
        flying.extend(sends)
        sent += len(sends)
        returned += sum(isinstance(effect, Return) for effect in outcome.effects)

    for call in calls:
        happens(CLIENT, Invoke(call))
        while flying:
            way = flying[arriving(flying)][:2]
            first = next(place for place, one in enumerate(flying) if one[:2] == way)
            sender, receiver, message = flying.pop(first)
            happens(receiver, Receive(sender, message))
    return sent, returned
