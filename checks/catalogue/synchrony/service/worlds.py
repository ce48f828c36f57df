"""The worlds that the replicated store is put in: servers in one group, and their clients."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.synchrony.worlds import NEWS, changed_rules
from coterie.checks.fairness import Fairness, weak
from coterie.checks.faults import Faults
from coterie.checks.world import World
from coterie.model.call import Call
from coterie.model.detector import Suspect
from coterie.model.machine import Event, Node, Outcome, Timeout
from coterie.model.synchrony.durable import DurableMember
from coterie.model.synchrony.member import Member
from coterie.model.synchrony.service.client import Calling, Client, Query
from coterie.model.synchrony.service.messages import STABLE, STALE
from coterie.model.synchrony.service.server import Server
from coterie.model.synchrony.service.store import ALL, Application
from coterie.model.synchrony.view import first_view
from coterie.spec.synchrony import service as spec

Fields = Mapping[str, Any]

KEY = "x"
READ = Call("read", None, KEY)
WRITE = Call("write", "written", KEY)
WRITE_BOTH = Call(ALL, (WRITE, Call("write", "written", "y")))
READ_BOTH = Call(ALL, (READ, Call("read", None, "y")))
CLAIM = Call("cas", (None, "claimed"), KEY)
STABLY = Query(KEY, STABLE)
STALELY = Query(KEY, STALE)

FAIR = (weak("deliveries"), weak("timers"))
"""Messages arrive, disks write, who is down is suspected, and who waits asks again."""


class Patient(Client):
    """A client that asks elsewhere only when the server that it has asked is down."""

    def options(self, state: Calling) -> Iterator[Timeout]:
        """Learn that the server has failed."""
        yield from (Suspect(self.servers[state.at]) for _ in super().options(state))

    def step(self, state: Calling, event: Event) -> Outcome[Calling] | None:
        """Ask the next server when this one has failed."""
        if isinstance(event, Suspect):
            event = next(iter(super().options(state)), event)
        return super().step(state, event)


class Rover(Client):
    """A client that asks the next server for each of its calls."""

    def step(self, state: Calling, event: Event) -> Outcome[Calling] | None:
        """Turn to the next server when it has been answered."""
        outcome = super().step(state, event)
        if outcome is None or state.doing is None or outcome.state.doing is not None:
            return outcome
        at = (state.at + 1) % len(self.servers)
        return evolve(outcome, state=evolve(outcome.state, at=at))


def world(
    size: int,
    calls: tuple[tuple[Any, ...], ...],
    asked: tuple[tuple[int, ...], ...],
    retries: int = 0,
    client: type[Client] = Client,
    calling: tuple[int, ...] = (),
    contacts: tuple[int, ...] = (),
    faults: Fields | None = None,
    fairness: tuple[Fairness, ...] = (),
    server: Fields | None = None,
    keeping: Fields | None = None,
    rules: Mapping[str, Fields] | None = None,
    applications: tuple[Application, ...] = (),
    kind: type[Server] = Server,
) -> World:
    """Return servers in one group, and their clients.

    Attributes:
        calls: what each client calls.
        asked: the ranks of the servers that each client asks, in this order.
        retries: how often a client may ask the next server for the same.
        client: what clients are.
        calling: by rank, the first number under which a server calls to no restart; none beyond.
        contacts: the ranks of those whom a server that is back asks to be let in; none for all.
        faults: how much may go wrong; where nothing is said, only servers crash.
        server: fields of the servers.
        keeping: fields of the members that keep logs.
        rules: fields of the rules of the members inside.
        applications: what batches do, by rank, where that is something else.
        kind: what servers are.
    """
    names = tuple(Node("server", rank) for rank in range(size))
    member = changed_rules(
        Member(names[0], first_view(*names), contacts=tuple(names[rank] for rank in contacts)),
        rules or {},
    )
    below = DurableMember(member, **(keeping or {}))
    servers = {
        name: kind(
            evolve(below, member=evolve(member, name=name)),
            calls_below=calling[rank] if rank < len(calling) else 0,
            application=applications[rank] if rank < len(applications) else Application(),
            **(server or {}),
        )
        for rank, name in enumerate(names)
    }
    clients = {
        Node("client", index): client(tuple(names[rank] for rank in ranks), retries_most=retries)
        for index, ranks in enumerate(asked)
    }
    return World(
        machines={**servers, **clients},
        network=NEWS,
        faults=Faults(**{"crashing": ("server",), "restarts": 0, **(faults or {})}),
        workload={node: calls[node.index] for node in clients},
        observers={spec.HISTORY: spec.CALLED},
        links=tuple(_links(names, tuple(clients))),
        fairness=fairness,
        closing=("server",),
    )


def _links(servers: tuple[Node, ...], clients: tuple[Node, ...]) -> Iterable[tuple[Node, Node]]:
    """Yield the pairs that talk: servers with everybody."""
    yield from ((one, other) for one in servers for other in servers if one != other)
    yield from ((one, other) for one in servers for other in clients)
    yield from ((one, other) for one in clients for other in servers)
