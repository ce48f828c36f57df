"""What the replicated store owes in the end: recoveries end, tables become equal, reads return.

These claims are about whole runs, and so rest on the fairness that the checked world declares.
"""

from coterie.model.gossip.store.disk import Store
from coterie.model.gossip.store.reads import Asking
from coterie.model.gossip.store.server import Serving
from coterie.model.machine import Node
from coterie.spec.property import View, each, eventually_always, leads_to


def _disk(world: View, server: Node) -> Store:
    store = world.memory(server)
    assert isinstance(store, Store)
    return store


def _catches_up(state: Serving) -> bool:
    return state.recovering or bool(state.unheard)


def is_catching_up(world: View, server: Node) -> bool:
    """Return whether some peer still owes this server an answer, or it answers no reads yet."""
    return world.up(server) and world.see(server, _catches_up)


@leads_to(is_catching_up, broken_by=("one_shot", "unready", "lossy"), each=each("server"))
def recoveries_end(world: View, server: Node) -> bool:
    """A server that has started again is at some time up and has heard every other server.

    In symbols: for all servers p: up(p) and (recovering(p) or unheard(p) != {}) leads to up(p) and
    not recovering(p) and unheard(p) = {}.
    Why: it asks again and again (weak fairness of timers), some request and some answer get
    through (strong fairness of deliveries), and who is down starts again (weak fairness of
    restarts); a server that is itself recovering answers requests.
    Source: Shadmon and Srivastav, Replicated and Consistent Distributed Data Storage, section III;
    the paper's request is sent once, and is lost with the only helper that is up.
    """
    return world.up(server) and not world.see(server, _catches_up)


@eventually_always(
    broken_by=("one_shot", "no_follow_up", "one_way", "keep_first", "lossy", "null_span")
)
def tables_become_equal(world: View) -> bool:
    """Once the device stops, all servers are up with the same table in the end, and for ever.

    In symbols: <>[] (for all servers p, q: up(p) and table(p) = table(q)), where the device has
    finitely many measurements, and servers crash finitely often.
    Why: of any two servers one goes on asking the other with all that it has; the answer and the
    question back bring both to the union, in which the greater of two values wins. Rests on the
    same fairness as `recoveries_end`.
    Source: section III and abstract, which claims it as long as one server is alive at every
    moment; the paper's recovery fails at that after two crashes, and after one if its helper lags.
    """
    first, *rest = servers = world.nodes("server")
    return all(world.up(server) for server in servers) and all(
        _disk(world, server).table == _disk(world, first).table for server in rest
    )


@eventually_always(broken_by="null_span", each=each("server"))
def holes_are_filled(world: View, server: Node) -> bool:
    """In the end, and for ever, a server misses no date between the first and the last of its log.

    In symbols: for all servers p: <>[] (for all dates d on some disk: first(log(p)) ≤ d ≤
    last(log(p)) implies d in table(p)).
    Why: in one order of everything a server that was down once asks before anything newer is
    logged. After a second crash it asks for what is outside of its log, and never for the hole.
    Source: section III, step 3: only what is before the first and after the last date is sent.
    """
    store = _disk(world, server)
    if store.last is None:
        return True
    first, last = store.log[0], store.last
    stored = {date for each in world.nodes("server") for date in _disk(world, each).table}
    return all(date in store.table for date in stored if first <= date <= last)


def _has_asked(state: Asking) -> bool:
    return state.read is not None


def is_reading(world: View, client: Node) -> bool:
    """Return whether `client` waits for an answer."""
    return world.see(client, _has_asked)


@leads_to(is_reading, broken_by="mute", each=each("client"))
def reads_return(world: View, client: Node) -> bool:
    """A read returns at some time, be it with a value, with none, or with "recovering".

    In symbols: for all clients c: read(c) under way leads to read(c) not under way.
    Why: a server that is up answers, recovering or not, and one that is down starts again. The
    client need not give up; that it might is its own affair, and no fairness makes it.
    Source: section II-F, where only a server that has failed leaves a client waiting.
    """
    return not is_reading(world, client)
