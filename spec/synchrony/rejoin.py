"""How a process that is back gets into the group again, over links that may say things twice.

Between processes that crash a link can do no better than this: what a process has taken in before
its crash may come again, and what was under way from it may be lost.
"""

from attrs import frozen
from immutables import Map

from coterie.model.machine import Deliver, Node
from coterie.model.synchrony.durable import Keeping, State
from coterie.model.synchrony.member import Installed
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import View, always, leads_to, reachable
from coterie.spec.synchrony.views import processes

NAME = "installed"


@frozen(cache_hash=True)
class Entered:
    """What a process has installed, over all its lives.

    Attributes:
        latest: the number of the last view.
        upwards: whether each had a higher number than the one before.
    """

    latest: int = -1
    upwards: bool = True


def noted(entered: Map[Node, Entered], node: Node, seen: Seen) -> Map[Node, Entered]:
    """Return `entered` with the view that `node` installs now."""
    match seen:
        case Deliver(Installed(view)):
            was = entered.get(node, Entered())
            upwards = was.upwards and view.number > was.latest
            return entered.set(node, Entered(view.number, upwards))
    return entered


INSTALLED = Observer(Map(), noted)


def _is_inside(state: State) -> bool:
    return isinstance(state, Keeping)


def is_out(world: View, node: Node) -> bool:
    """Return whether a process that is up is in no view."""
    return world.up(node) and not world.see(node, _is_inside)


@leads_to(is_out, broken_by=("asks_once", "takes_no_notice", "tells_once"), each=processes)
def who_is_back_gets_in(world: View, node: Node) -> bool:
    """Every process that is up and in no view is let into one in the end, or crashes.

    In symbols: up(p) and out(p) ~> not out(p); where a majority of each view stays up.
    Why: it asks again and again. Who reads that it is bound to a number as high as the view's takes
    it for gone, though it is up; once the view is over, the next question is a wish to join. If it
    is a member by then and has not been told, the next question is answered with the view.
    Source: Birman and Joseph, SOSP 1987: a process that has failed comes back as a new member; Jha
    et al., Derecho, ACM TOCS 2019, section 3.
    """
    return not is_out(world, node)


@always(broken_by="enters_any_view", each=processes)
def views_go_up(world: View, node: Node) -> bool:
    """The views that a process installs have ever higher numbers, over all its lives.

    In symbols: if p installs v and later w, then number(v) < number(w).
    Why: the disk knows the last of them, and a process is let into none up to that: be it told
    again what it was told in an earlier life.
    Source: Lamport, Malkhi and Zhou, Vertical Paxos and Primary-Backup Replication, PODC 2009.
    """
    entered: Map[Node, Entered] = world.observed(NAME)
    return entered.get(node, Entered()).upwards


@reachable(broken_by="never_rejoins", each=processes)
def somebody_comes_in_again(world: View, node: Node) -> bool:
    """A process that has been in a view can come into a later one from outside.

    Why: else nothing would be said of those who are back.
    Source: the witness to `views_go_up`.
    """
    return world.up(node) and world.see(node, _has_come_in) and world.left("restarts") == 0


def _has_come_in(state: State) -> bool:
    """Return whether a member is in a view that it has joined, which is not the first."""
    if not isinstance(state, Keeping):
        return False
    view = state.inside.view
    return view.number > 0 and state.inside.name in view.joined
