"""What has passed between each process and its user: a ghost, and what can be read from it.

It is everything that a process was told by its user and has handed to its application, in order,
with the views that it has installed in between. The application is the list of what was delivered,
so that its state is a history too: that of a joiner begins with what it was given.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from attrs import evolve, frozen
from immutables import Map

from coterie.model.machine import Deliver, Invoke, Node
from coterie.model.synchrony.member import Installed, State, Tell
from coterie.model.synchrony.state import Inside, Item
from coterie.model.synchrony.view import View
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import View as World


@frozen(cache_hash=True)
class Past:
    """What has passed between one process and its user.

    Attributes:
        told: what it was to multicast.
        heard: the items that it has delivered, and the views that it has installed.
    """

    told: tuple[Any, ...] = ()
    heard: tuple[Item | View, ...] = ()


Pasts = Map[Node, Past]


def noted(pasts: Pasts, node: Node, seen: Seen) -> Pasts:
    """Return `pasts` with what `node` has just been told, or has handed over."""
    past = pasts.get(node, Past())
    match seen:
        case Invoke(Tell(payloads)):
            return pasts.set(node, evolve(past, told=past.told + payloads))
        case Deliver(Item() as item):
            return pasts.set(node, evolve(past, heard=(*past.heard, item)))
        case Deliver(Installed(view)):
            return pasts.set(node, evolve(past, heard=(*past.heard, view)))
    return pasts


NAME = "pasts"
PASTS = Observer(Map(), noted)


def past_of(world: World, node: Node) -> Past:
    """Return the past of `node`."""
    past: Past = world.observed(NAME).get(node, Past())
    return past


def items_in(heard: Iterable[Item | View]) -> tuple[Item, ...]:
    """Return the items among what a process has heard."""
    return tuple(each for each in heard if isinstance(each, Item))


def views_in(heard: Iterable[Item | View]) -> tuple[View, ...]:
    """Return the views among what a process has heard."""
    return tuple(each for each in heard if isinstance(each, View))


def _application(state: State) -> Any:
    return state.application if isinstance(state, Inside) else None


def view_of(state: State) -> View | None:
    """Return the view that a process is in; None where it is in none."""
    return state.view if isinstance(state, Inside) else None


def inside(world: World) -> tuple[Node, ...]:
    """Return the processes that are up and in a view."""
    nodes = world.nodes("member", "joiner")
    return tuple(node for node in nodes if world.up(node) and world.see(node, view_of))


def applied(world: World, node: Node) -> tuple[Item, ...]:
    """Return the items that the state of `node`, which is inside, is made of."""
    items: tuple[Item, ...] = world.see(node, _application)
    return items


def given(world: World, node: Node) -> tuple[Item, ...]:
    """Return the state that `node`, which is inside, began with: all that it has not delivered."""
    own = items_in(past_of(world, node).heard)
    state = applied(world, node)
    return state[: len(state) - len(own)]


def state_at(world: World, node: Node, view: View) -> tuple[Item, ...] | None:
    """Return the state of `node` when it installed `view`; None where that is not known.

    A member of the first view began with nothing. A joiner that is down has taken with it what it
    was given.
    """
    heard = past_of(world, node).heard
    if view not in heard or (node.role == "joiner" and not world.up(node)):
        return None
    before = items_in(heard[: heard.index(view)])
    return (*given(world, node), *before) if node.role == "joiner" else before


def others_at(world: World, joiner: Node, view: View) -> Iterator[tuple[Item, ...]]:
    """Yield the state of each who was there before `joiner`, when it installed `view`."""
    for node in world.nodes("member", "joiner"):
        state = None if node in view.joined else state_at(world, node, view)
        if node != joiner and state is not None:
            yield state
