"""A register that three replicas keep, with and without the reader's second phase.

A write sends its value with a new stamp to all replicas and waits for a majority. A read asks all,
waits for a majority, and takes the value with the highest stamp. That makes a *regular* register:
two reads during one write may see the new value and then the old one again. A reader that writes
back what it is about to return, before it returns it, makes the register *linearizable*.

    coterie check register.py

Source: Attiya, Bar-Noy and Dolev, "Sharing Memory Robustly in Message-Passing Systems", JACM 1995.
"""

from typing import Any

from attrs import evolve, frozen

import coterie as c
from coterie.model.call import Call
from coterie.spec.history.claims import linearizable, regular
from coterie.spec.history.objects import REGISTER
from coterie.spec.history.observer import HISTORY, operations


@frozen(cache_hash=True)
class Stamped:
    """A value and the number of its write."""

    stamp: int = 0
    value: Any = None


@frozen(cache_hash=True)
class Ask:
    """A client wants to know what a replica holds; `number` counts the client's questions."""

    number: int


@frozen(cache_hash=True)
class Store:
    """A client wants a replica to hold this, unless it holds something later."""

    number: int
    what: Stamped


@frozen(cache_hash=True)
class Answer:
    """A replica says what it holds, or repeats what it was told to hold."""

    number: int
    what: Stamped


class Replica(c.Machine):
    """Its state is the latest value that it was sent."""

    def start(self, memory):
        return c.Outcome(Stamped())

    def step(self, held, event):
        match event:
            case c.Receive(client, Ask(number)):
                return c.Outcome(held, [c.Send(client, Answer(number, held))])
            case c.Receive(client, Store(number, what)):
                held = what if what.stamp > held.stamp else held
                return c.Outcome(held, [c.Send(client, Answer(number, what))])
        return c.Outcome(held)


@frozen(cache_hash=True)
class Waiting:
    """What a client is doing.

    Attributes:
        call: the operation under way, or None.
        number: of the question that it waits for.
        storing: what it has told the replicas to hold; None while it asks.
        latest: the latest value that it has heard of since the call; a writer's own.
        heard: the replicas that have answered.
    """

    call: Call | None = None
    number: int = 0
    storing: Stamped | None = None
    latest: Stamped = Stamped()
    heard: frozenset[c.Node] = frozenset()


@frozen
class Client(c.Machine):
    """Calls one operation at a time; there is one client that writes."""

    replicas: tuple[c.Node, ...]
    write_back: bool

    def start(self, memory):
        return c.Outcome(Waiting())

    def step(self, state, event):
        match event:
            case c.Invoke(Call("write", value) as call) if state.call is None:
                latest = Stamped(state.latest.stamp + 1, value)
                return self.ask(evolve(state, call=call, latest=latest), latest)
            case c.Invoke(Call("read") as call) if state.call is None:
                return self.ask(evolve(state, call=call, latest=Stamped()), None)
            case c.Receive(replica, Answer(number, what)):
                if state.call is None or number != state.number:
                    return c.Outcome(state)
                return self.hear(state, replica, what)
        return None

    def ask(self, state, storing):
        """Ask all replicas what they hold, or tell them what to store."""
        number = state.number + 1
        question = Store(number, storing) if storing else Ask(number)
        state = evolve(state, number=number, storing=storing, heard=frozenset())
        return c.Outcome(state, [c.Send(replica, question) for replica in self.replicas])

    def hear(self, state, replica, what):
        """Go on once a majority has answered."""
        latest = max(state.latest, what, key=lambda each: each.stamp)
        state = evolve(state, latest=latest, heard=state.heard | {replica})
        if 2 * len(state.heard) <= len(self.replicas):
            return c.Outcome(state)
        if self.write_back and not state.storing:
            return self.ask(state, latest)
        result = state.latest.value if state.call.f == "read" else None
        return c.Outcome(evolve(state, call=None, heard=frozenset()), [c.Return(result)])


@c.reachable
def read_while_written(world):
    """A read can return the new value while the write is under way."""
    calls = operations(world.observed("history"))
    writing = any(each.call.f == "write" and not each.is_known for each in calls)
    return writing and any(each.call.f == "read" and each.result == 1 for each in calls)


def world(replicas, write_back):
    """Return so many replicas, a client that writes once, and one that reads twice."""
    names = tuple(c.Node("replica", index) for index in range(replicas))
    writer, reader = c.Node("client", 0), c.Node("client", 1)
    links = [(client, name) for client in (writer, reader) for name in names]
    client = Client(names, write_back)
    return c.World(
        machines=dict.fromkeys(names, Replica()) | {writer: client, reader: client},
        links=links + [(name, client) for client, name in links],
        workload={writer: (Call("write", 1),), reader: (Call("read"), Call("read"))},
        observers={"history": HISTORY},
    )


PROPERTIES = (regular("history", REGISTER), linearizable("history", REGISTER), read_while_written)

REGULAR = c.Check(
    "register.regular",
    "A replicated register whose readers do not write back: regular, but not linearizable.",
    world,
    PROPERTIES,
    small={"replicas": 3, "write_back": False},
    refuted={"linearizable": 12},
    states=63_426,
)

ATOMIC = c.Check(
    "register.atomic",
    "The same register with readers that write back: linearizable.",
    world,
    PROPERTIES,
    small={"replicas": 3, "write_back": True},
    states=2_889_070,
)
