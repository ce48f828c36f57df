"""A lock service: clients ask for the lock, the server queues them."""

from attrs import frozen

import coterie as c

SERVER = c.Node("server")


@frozen
class Act(c.Timeout):
    """A client asks for the lock, or gives it back."""


class Client(c.Machine):
    """Its state is "idle", "waiting" or "holding"."""

    def start(self, memory):
        return c.Outcome("idle")

    def options(self, state):
        return [] if state == "waiting" else [Act()]

    def step(self, state, event):
        match state, event:
            case "idle", Act():
                return c.Outcome("waiting", [c.Send(SERVER, "ask")])
            case "waiting", c.Receive(_, "granted"):
                return c.Outcome("holding")
            case "holding", Act():
                return c.Outcome("idle", [c.Send(SERVER, "release")])
        return c.Outcome(state)


class Server(c.Machine):
    """Its state is a queue: the first client holds the lock, the others wait for it."""

    def start(self, memory):
        return c.Outcome(())

    def step(self, queue, event):
        match event:
            case c.Receive(client, "ask"):
                return c.Outcome((*queue, client), [] if queue else [c.Send(client, "granted")])
            case c.Receive(_, "release"):
                return c.Outcome(queue[1:], [c.Send(first, "granted") for first in queue[1:2]])
        return c.Outcome(queue)


@c.always(each=c.pairs("client"))
def exclusive(world, one, other):
    """No two clients hold the lock at once."""
    return not world[one] == world[other] == "holding"


@c.recoverable
def released(world):
    """Whatever happens, the lock can become free again."""
    return all(world[client] == "idle" for client in world.nodes("client"))


def world(clients):
    """Return so many clients around one server."""
    machines = {c.Node("client", index): Client() for index in range(clients)}
    return c.World({**machines, SERVER: Server()})


CHECK = c.Check("lock", "A lock service.", world, (exclusive, released), small={"clients": 3})
