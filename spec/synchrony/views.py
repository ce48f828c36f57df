"""The views that there were, and where a process stands: what claims about a group are made of.

A ghost keeps every view that anybody was ever in. A member that has crashed or halted since may
have acted in its last view, so that uniform claims are about that one as well.
"""

from collections.abc import Iterable

from coterie.model.machine import Deliver, Node
from coterie.model.synchrony.member import Installed, State
from coterie.model.synchrony.state import Inside, Outside, row_of
from coterie.model.synchrony.table import is_wedged
from coterie.model.synchrony.view import View as GroupView
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import View

Views = frozenset[GroupView]

NAME = "views"


def noted(views: Views, node: Node, seen: Seen) -> Views:
    """Return `views` with the one that `node` has just installed."""
    del node
    match seen:
        case Deliver(Installed(view)):
            return views | {view}
    return views


def views_from(first: GroupView) -> Observer:
    """Return the ghost of the views that anybody was ever in: also who has crashed or halted."""
    return Observer(frozenset({first}), noted)


def processes(world: View) -> Iterable[tuple[Node, ...]]:
    """Return every process, be it a member or a joiner, for a claim about each."""
    return [(node,) for node in world.nodes()]


def successions(views: Views) -> list[tuple[GroupView, GroupView]]:
    """Return each view that was installed, together with every one that has the number before."""
    return [(one, other) for one in views for other in views if one.number + 1 == other.number]


def is_chain(views: Views) -> bool:
    """Return whether the views have the numbers 0, 1 and so on, each once."""
    return sorted(view.number for view in views) == list(range(len(views)))


def is_inside(state: State) -> bool:
    """Return whether a process is in a view."""
    return isinstance(state, Inside)


def waits(state: State) -> bool:
    """Return whether a process is in a view that is about to end."""
    return isinstance(state, Inside) and is_wedged(row_of(state))


def wants_to_leave(state: State) -> bool:
    """Return whether a process has said that it leaves."""
    return isinstance(state, Inside) and row_of(state).leaving


def members_seen(state: State) -> frozenset[Node] | None:
    """Return who is in the process's view; None where it is in none."""
    return frozenset(state.view.members) if isinstance(state, Inside) else None


def asked(state: State) -> frozenset[Node]:
    """Return the members that a process outside has asked to be let in."""
    return state.asked if isinstance(state, Outside) else frozenset()


def alive(world: View) -> frozenset[Node]:
    """Return the processes that are in the group, and up."""
    return frozenset(n for n in world.nodes() if world.up(n) and world.see(n, is_inside))
