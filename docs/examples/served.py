"""The lock service again: does everybody who waits for the lock get it?"""

import lock
from attrs import evolve

import coterie as c


@c.leads_to(lambda world, client: world[client] == "waiting", each=c.each("client"))
def served(world, client):
    """Whoever waits for the lock gets it."""
    return world[client] == "holding"


def world(clients):
    """Return the world of the lock, in which whatever is sent arrives in the end."""
    return evolve(lock.world(clients), fairness=(c.weak("deliveries"),))


CHECK = c.Check("lock.fair", "A lock service, for ever.", world, (served,), small={"clients": 2})
