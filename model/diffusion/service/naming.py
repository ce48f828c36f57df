"""Clients that create objects from world views which may be old, while replicas come and go.

The world view is a data object that stewards keep up: each sees some of the replicas join, leave
and come back, and tells the clients. A client merges what it hears, creates an object in the view
that it has, and tells the others its system name, as text; with it the view spreads as well.
Whoever hears a system name computes the tree, and so the names of the replicas to talk to.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 6.
"""

from collections.abc import Callable, Iterable

from attrs import frozen

from coterie.model.diffusion.quorums import is_answered
from coterie.model.diffusion.service.names import name_of
from coterie.model.diffusion.service.objects import Sname, parse
from coterie.model.diffusion.service.placement import Rule, newest_neighbour, tree_of
from coterie.model.diffusion.service.world_view import WorldView, after_change, merged
from coterie.model.machine import Event, Machine, Node, Outcome, Receive, Send, Timeout


@frozen(cache_hash=True)
class Seen:
    """A steward tells its view."""

    view: WorldView


@frozen(cache_hash=True)
class Named:
    """A client tells the system name of an object that it has created.

    Attributes:
        sname: the system name.
    """

    sname: str


@frozen(cache_hash=True)
class Change(Timeout):
    """The replica of that number joins, or leaves if it was there."""

    number: int


@frozen(cache_hash=True)
class Create(Timeout):
    """A client creates an object around that tree node.

    Attributes:
        origin: the tree node.
    """

    origin: int


@frozen(cache_hash=True)
class Object:
    """An object as somebody knows it.

    Attributes:
        nodes: the tree nodes of its tree, the oldest first.
        replicas: the names of the replicas of each of them.
    """

    sname: Sname
    nodes: tuple[int, ...]
    replicas: tuple[tuple[str, ...], ...]


@frozen(cache_hash=True)
class Knowing:
    """What a client knows.

    Attributes:
        view: the world view; it only ever grows.
        made: the objects that it has created.
        heard: those whose system names others have told it.
    """

    view: WorldView
    made: frozenset[Object] = frozenset()
    heard: frozenset[Object] = frozenset()


@frozen(cache_hash=True)
class Watching:
    """What a steward knows.

    Attributes:
        view: the world view; it only ever grows.
        left: how many changes it is still to see.
    """

    view: WorldView
    left: int


@frozen
class Steward(Machine[Watching, None]):
    """Sees some replicas come and go.

    Attributes:
        view: what it knows in the beginning.
        moving: the numbers of the replicas that it sees; no other steward does.
        changes: how many changes it sees in all.
        clients: whom it tells.
    """

    view: WorldView
    moving: tuple[int, ...]
    changes: int
    clients: tuple[Node, ...]

    def start(self, memory: None) -> Outcome[Watching]:
        """Know the view of the beginning."""
        del memory
        return Outcome(Watching(self.view, self.changes))

    def options(self, state: Watching) -> Iterable[Timeout]:
        """Each of the moving replicas may join or leave."""
        return tuple(map(Change, self.moving)) if state.left > 0 else ()

    def step(self, state: Watching, event: Event) -> Outcome[Watching] | None:
        """See a change, and tell all clients the view after it."""
        match event:
            case Receive():
                return Outcome(state)
            case Change(number):
                view = after_change(state.view, number)
                told = (Send(client, Seen(view)) for client in self.clients)
                return Outcome(Watching(view, state.left - 1), told)
        return None


def of_its_name(sname: Sname, view: WorldView) -> Sname:
    """Return that a tree is computed from the system name alone, whatever one's own `view` is."""
    del view
    return sname


@frozen
class Client(Machine[Knowing, None]):
    """Creates objects, and hears of others'.

    Attributes:
        name: its own; objects are called after it.
        view: the world view that it knows in the beginning.
        b: b(v) of its objects.
        degree: of the skeleton tree.
        level: the replication level of its objects.
        origins: the tree nodes around each of which it creates an object, once there is room.
        others: the clients that it tells.
        rule: which tree nodes an object gets.
        suffices: the guard of a tree node's use, over how many are present and b.
        merge: its own view and one that it hears, as one.
        written: the text of a system name.
        placed_by: the system name, and one's own view, as what a tree is computed from.
    """

    name: Node
    view: WorldView
    b: int
    degree: int
    level: int
    origins: tuple[int, ...]
    others: tuple[Node, ...]
    rule: Rule = newest_neighbour
    suffices: Callable[[int, int], bool] = is_answered
    merge: Callable[[WorldView, WorldView], WorldView] = merged
    written: Callable[[Sname], str] = str
    placed_by: Callable[[Sname, WorldView], Sname] = of_its_name

    def start(self, memory: None) -> Outcome[Knowing]:
        """Know the view of the beginning, and no object."""
        del memory
        return Outcome(Knowing(self.view))

    def options(self, state: Knowing) -> Iterable[Timeout]:
        """Create an object around a tree node for which none was, and where there is room."""
        return tuple(Create(origin) for origin in self.origins if self._new(state, origin))

    def step(self, state: Knowing, event: Event) -> Outcome[Knowing] | None:
        """Create; or hear of replicas, or of an object."""
        match event:
            case Create(origin):
                new = self._new(state, origin)
                return self._created(state, new) if new else None
            case Receive(_, Seen(view)):
                return Outcome(Knowing(self.merge(state.view, view), state.made, state.heard))
            case Receive(_, Named(text)):
                return Outcome(self._told(state, text))
            case Receive():
                return Outcome(state)
        return None

    def _new(self, state: Knowing, origin: int) -> Object | None:
        """Return the object that it may create around that tree node."""
        if any(one.sname.origin == origin for one in state.made):
            return None
        uname = f"{self.name}/{origin}"
        return self._object(Sname(self.b, self.level, origin, uname, state.view), state.view)

    def _created(self, state: Knowing, new: Object) -> Outcome[Knowing]:
        named = Named(self.written(new.sname))
        after = Knowing(state.view, state.made | {new}, state.heard)
        return Outcome(after, (Send(other, named) for other in self.others))

    def _told(self, state: Knowing, text: str) -> Knowing:
        """Return the state after hearing that text; what is no system name changes nothing."""
        try:
            sname = parse(text)
        except ValueError:
            return state
        told = self._object(sname, state.view)
        heard = state.heard | ({told} if told else frozenset())
        return Knowing(self.merge(state.view, sname.view), state.made, heard)

    def _object(self, sname: Sname, view: WorldView) -> Object | None:
        """Return the object of that name; None where there is no room for its tree."""
        tree = tree_of(self.placed_by(sname, view), self.degree, self.rule, self.suffices)
        if tree is None:
            return None
        nodes = tuple(sorted(tree.nodes))
        names = tuple(tuple(map(name_of, tree.skeleton.members(node))) for node in nodes)
        return Object(sname, nodes, names)
