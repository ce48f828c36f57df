"""What the two-phase lookup owes in the end: a read returns.

These claims are about whole runs, and so rest on the fairness that the checked world declares; but
for `can_still_return`, which asks for one good way to go on, however the run has gone so far.
"""

from coterie.model.diffusion.lookup import Looking
from coterie.model.gossip.store.disk import Store
from coterie.model.machine import Node
from coterie.spec.diffusion.lookup import is_busy
from coterie.spec.property import View, each, leads_to, reachable, recoverable


def _looks_up(state: Looking) -> int | None:
    return state.date


def is_reading(world: View, client: Node) -> bool:
    """Return whether a read of `client` is under way."""
    return world.see(client, is_busy)


def _value(world: View, server: Node, date: int) -> int | None:
    store = world.memory(server)
    assert isinstance(store, Store)
    value: int | None = store.table.get(date)
    return value


def is_reading_what_is_agreed(world: View, client: Node) -> bool:
    """Return whether `client` reads a date of which all correct servers have the same."""
    date = world.see(client, _looks_up)
    if date is None:
        return False
    return len({_value(world, server, date) for server in world.nodes("server")}) == 1


@leads_to(is_reading_what_is_agreed, broken_by=("demanding", "impatient"), each=each("client"))
def agreed_reads_return(world: View, client: Node) -> bool:
    """A read of what all correct servers have alike, or lack alike, returns at some time.

    In symbols: reading(c, d) and table(p)(d) = table(q)(d) for all correct p, q leads to not
    reading(c, d).
    Why: there are 2f + 1 correct servers, all answer alike, and the time δ is long enough for
    their answers to come, if not in this attempt then in the next. That the device's data may
    arrive in between changes it for a while only.
    Source: Shadmon and Srivastav, Replicated and Consistent Distributed Data Storage, section V-B.
    """
    return not is_reading(world, client)


@leads_to(
    is_reading, broken_by=("published", "two_holes", "demanding", "impatient"), each=each("client")
)
def reads_return(world: View, client: Node) -> bool:
    """Every read returns at some time.

    In symbols: reading(c, d) leads to not reading(c, d).
    Why: where each correct server stores all data, they are alike in the end. Where f of them
    never will, the other f + 1 have the value; that is enough for a client which believes them, or
    which passes their value on. The published one waits for 2f + 1 alike, for ever.
    Source: section V-B: "the client must retry its request", which section III leaves in vain.
    """
    return not is_reading(world, client)


@recoverable(broken_by="published", each=each("client"))
def can_still_return(world: View, client: Node) -> bool:
    """Whatever has happened, a read can still return, without a fault.

    In symbols: for all clients c: AG EF not reading(c).
    Why: once the device's data have arrived, f + 1 correct servers have them; a client which
    passes their value on makes good what the recovery has missed.
    Source: section V-B; section III, whose recovery asks once, and too early where a helper lags.
    """
    return not is_reading(world, client)


@reachable(broken_by="never_enough")
def a_read_returns(world: View) -> bool:
    """A read can return.

    Why: every read leads to its return where none is ever called.
    Source: the witness to `reads_return`.
    """
    clients = world.nodes("client")
    return not any(is_reading(world, client) or world.left(client) for client in clients)


@reachable(broken_by="no_crash")
def a_date_is_missed(world: View) -> bool:
    """A correct server can lack a date for ever that all other correct servers have.

    Why: its recovery asked before they had it, the device's own message to it was lost, and
    nobody asks again.
    Source: section III; here it is what makes the lookup wait.
    """
    servers = world.nodes("server")
    dates = [len(world.memory(server).table) for server in servers]
    on_the_way = (world.in_flight(one, other) for one in world.nodes() for other in servers)
    at_rest = all(map(world.up, servers)) and not any(on_the_way)
    return at_rest and sorted(dates) == [0, *[1] * (len(servers) - 1)]
