"""What the lookup that PBFT orders promises: a true result, and one at all."""

from typing import Any

from coterie.model.diffusion.pbft.lookup import Answer, Client, Computed, Server
from coterie.model.machine import Node
from coterie.spec.property import View, always, at_rest, each, pairs, reachable

F = 1
"""How many of the worlds' four servers may be Byzantine."""


def results(state: Client) -> tuple[Answer, ...]:
    """Return the results that a client has believed."""
    return state.results


def found(state: Server) -> tuple[Computed, ...]:
    """Return what a server has found itself."""
    return state.found


def _is_asking(state: Client) -> bool:
    return state.is_asking


@always(broken_by="any_answer", each=each("client"))
def results_are_vouched_for(world: View, client: Node) -> bool:
    """Every result that a client believes was found by f + 1 correct servers.

    In symbols: believed(c, n, r) implies |{i correct: found(i, n) = r}| >= f + 1.
    Why: of 2f + 1 equal answers f may be lies; so whatever is returned is true of some table.
    Source: Shadmon and Srivastav, Replicated and Consistent Distributed Data Storage, section V-A.
    """
    servers = [world.see(server, found) for server in world.nodes("server")]
    return all(
        sum(Computed(one.number, one.result) in each for each in servers) >= F + 1
        for one in world.see(client, results)
    )


@always(broken_by="past_the_order", each=pairs("server"))
def executed_on_equal_tables(world: View, one: Node, other: Node) -> bool:
    """Two correct servers find the same for the same lookup.

    In symbols: found(i, n) = found(j, n), where both have executed n.
    Why: PBFT replicates a deterministic service, whose state is changed by ordered operations only.
    Refuted of the published lookup: the device's writes are not ordered.
    Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 3.
    """
    first, second = (dict(_pairs(world.see(node, found))) for node in (one, other))
    return all(first[number] == second[number] for number in first.keys() & second.keys())


def _pairs(computed: tuple[Computed, ...]) -> list[tuple[int, Any]]:
    return [(one.number, one.result) for one in computed]


@at_rest(broken_by="past_the_order", each=each("client"))
def answered_at_rest(world: View, client: Node) -> bool:
    """When nothing is left to do, no client waits, be f servers silent for ever.

    In symbols: at rest, not asking(c).
    Why: 2f + 1 correct servers execute every lookup, and they have to find the same. Refuted of the
    published lookup: a write reaches some before and some after the lookup, and then no result is
    found by 2f + 1; nobody is told to try again.
    Source: Shadmon and Srivastav, Replicated and Consistent Distributed Data Storage, section V-A,
    which says that PBFT makes lookups Byzantine fault-tolerant.
    """
    return not world.see(client, _is_asking)


@reachable(broken_by="nobody_believed")
def a_written_value_is_found(world: View) -> bool:
    """A client can be told the value that the device has written.

    Why: clients that are told nothing would believe nothing wrong.
    Source: the witness to `results_are_vouched_for`.
    """
    return any(
        one.result is not None
        for client in world.nodes("client")
        for one in world.see(client, results)
    )
