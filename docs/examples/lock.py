"""A lock service. Check it: `coterie check docs/examples/lock.py`."""

from attrs import frozen

import coterie as c

SERVER = c.Node("server")


@frozen
class Act(c.Timeout):
    """A client asks for the lock, or gives it back."""


class Client(c.Machine[str, None]):
    """Its state is "idle", "waiting" or "holding"."""

    def start(self, _: None) -> c.Outcome[str]:
        """Begin without the lock."""
        return c.Outcome("idle")

    def options(self, state: str) -> list[c.Timeout]:
        """Act at any time, but not while it waits."""
        return [] if state == "waiting" else [Act()]

    def step(self, state: str, event: c.Event) -> c.Outcome[str] | None:
        """Ask, hold, give back."""
        match state, event:
            case "idle", Act():
                return c.Outcome("waiting", [c.Send(SERVER, "ask")])
            case "waiting", c.Receive(_, "granted"):
                return c.Outcome("holding")
            case "holding", Act():
                return c.Outcome("idle", [c.Send(SERVER, "release")])
        return c.Outcome(state)


Queue = tuple[c.Node, ...]


class Server(c.Machine[Queue, None]):
    """Its state is a queue: the first client holds the lock, the others wait for it."""

    def start(self, _: None) -> c.Outcome[Queue]:
        """Begin with the lock free."""
        return c.Outcome(())

    def step(self, queue: Queue, event: c.Event) -> c.Outcome[Queue] | None:
        """Grant the lock to the first in the queue."""
        match event:
            case c.Receive(client, "ask"):
                return c.Outcome((*queue, client), [] if queue else [c.Send(client, "granted")])
            case c.Receive(_, "release"):
                return c.Outcome(queue[1:], [c.Send(first, "granted") for first in queue[1:2]])
        return c.Outcome(queue)


@c.always(each=c.pairs("client"))
def exclusive(world: c.View, one: c.Node, other: c.Node) -> bool:
    """No two clients hold the lock at once."""
    return not world[one] == world[other] == "holding"


@c.recoverable
def released(world: c.View) -> bool:
    """Whatever happens, the lock can become free again."""
    return all(world[client] == "idle" for client in world.nodes("client"))


def world(clients: int) -> c.World:
    """Return so many clients around one server."""
    machines = {c.Node("client", index): Client() for index in range(clients)}
    return c.World({**machines, SERVER: Server()})


CHECK = c.Check("lock", "A lock service.", world, (exclusive, released), small={"clients": 3})
