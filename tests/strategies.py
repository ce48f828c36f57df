"""Random small worlds, to hold one explorer against another.

Machines are tables: a state is 0, 1, 2 or 3, and a drawn rule says what an event does to it. Every
table keeps the laws of a machine, so whatever two explorers disagree about is their own fault.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast, get_args

from attrs import frozen
from hypothesis import strategies as st

from coterie.checks.adversary import Adversary
from coterie.checks.fairness import Actions, Fairness, Strength
from coterie.checks.faults import Faults
from coterie.checks.network import Bag, Fifo, Latest, Network, Pool, newest
from coterie.checks.world import World
from coterie.model.detector import Suspect
from coterie.model.machine import (
    Deliver,
    Effect,
    Event,
    Halt,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Record,
    Return,
    Send,
    Timeout,
)
from coterie.model.signature import Signature
from coterie.spec.observer import Observer, Seen

STATES = range(4)
MEMORIES = 3
PLAYERS = (Node("left", 0), Node("left", 1), Node("right", 0))
LIAR = Node("liar")


@frozen(cache_hash=True)
class Tick(Timeout):
    """One of two timers."""

    number: int


@frozen(cache_hash=True)
class Note:
    """A message with a signature in it."""

    text: int
    signature: Signature


@frozen
class Table(Machine[int, int]):
    """A machine whose every step stands in a table.

    Attributes:
        first: the state after the first boot.
        rules: for a state and an event the next state and the effects, without its records.
        durable: the memory of each state; None for a machine that forgets all.
        recovered: the state after a restart from each memory.
        booting: what it asks for at every start.
    """

    first: int
    rules: Mapping[tuple[int, Event], tuple[int, tuple[Effect, ...]]]
    durable: tuple[int, ...] | None
    recovered: tuple[int, ...]
    booting: tuple[Effect, ...] = ()

    def start(self, memory: int | None) -> Outcome[int]:
        state = self.first if memory is None else self.recovered[memory]
        return Outcome(state, (*self._records(memory, state), *self.booting))

    def options(self, state: int) -> Iterable[Timeout]:
        ticks = [tick for tick in (Tick(0), Tick(1)) if (state, tick) in self.rules]
        here = (event for at, event in self.rules if at == state)
        return [*ticks, *(event for event in here if isinstance(event, Suspect))]

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        if (state, event) not in self.rules:
            return Outcome(state) if isinstance(event, Receive) else None
        after, effects = self.rules[state, event]
        return Outcome(after, (*self._records(self.memory(state), after), *effects))

    def memory(self, state: int) -> int | None:
        return None if self.durable is None else self.durable[state]

    def recorded(self, memory: int | None, change: Any) -> int | None:
        assert memory is not None
        return cast("int", (memory + change) % MEMORIES)

    def _records(self, memory: int | None, after: int) -> tuple[Record, ...]:
        if memory is None or self.durable is None:
            return ()
        return (Record(1),) * ((self.durable[after] - memory) % MEMORIES)


@frozen(cache_hash=True)
class Counter:
    """Counts up to `cap` what some node has seen of one kind."""

    role: str
    kind: type
    cap: int

    def __call__(self, value: int, node: Node, seen: Seen) -> int:
        counts = node.role == self.role and isinstance(seen, self.kind)
        return min(self.cap, value + 1) if counts else value


@frozen(cache_hash=True)
class LastSeen:
    """Remembers who has seen something last, and what."""

    def __call__(self, value: Any, node: Node, seen: Seen) -> Any:
        del value
        return (node, seen)


def messages(nodes: tuple[Node, ...], *, signed: bool) -> list[Any]:
    """Return the messages of a world; of `signed` ones some are signed."""
    notes = [Note(1, Signature(node, text)) for node in nodes[:2] for text in (0, 1)]
    return [0, *notes] if signed else [0, 1, 2]


def unless_alike(older: Any, newer: Any) -> Any:
    """Return `newer` to stand for both, unless both are the same."""
    return None if older == newer else newer


def networks() -> st.SearchStrategy[Network]:
    """Draw a network that cannot hold endlessly many messages."""
    full = st.sampled_from(["block", "drop"])
    return st.one_of(
        st.builds(Bag, st.integers(1, 2), full),
        st.builds(Fifo, st.integers(1, 2), full),
        st.builds(Latest, st.integers(1, 2), full, st.sampled_from([newest, unless_alike])),
        st.builds(Pool, st.none() | st.integers(1, 2), full),
    )


def faults(roles: list[str]) -> st.SearchStrategy[Faults]:
    """Draw budgets of faults, most often none, for nodes of these roles."""
    few = st.sampled_from([0, 0, 1])
    return st.builds(
        Faults,
        crashes=st.sampled_from([0, 0, 1, 1, 2]),
        restarts=st.none() | st.integers(0, 2),
        down=st.none() | st.just(1),
        crashing=st.sampled_from([(), *((role,) for role in roles)]),
        losses=few | st.just("any"),
        duplications=few,
        suspicions=few | st.just("any"),
    )


@st.composite
def tables(draw: st.DrawFn, events: list[Event], sends: list[Effect]) -> Table:
    """Draw a machine to which these events may happen, and which may ask for these `sends`."""
    states = st.integers(0, draw(st.integers(1, max(STATES))))
    memories = st.integers(0, MEMORIES - 1)
    effects = st.sampled_from([*sends, *sends, Return(0), Deliver(0), Deliver(1), Halt()])
    first = draw(states)
    rules: dict[tuple[int, Event], tuple[int, tuple[Effect, ...]]] = {}
    for event in [Tick(0), *draw(st.lists(st.sampled_from(events), min_size=4, max_size=9))]:
        at = draw(states) if rules else first
        asked = draw(st.lists(effects, min_size=0 if rules else 1, max_size=2))
        rules[at, event] = (draw(states), tuple(asked))
    return Table(
        first,
        rules,
        draw(st.none() | st.tuples(*(memories for _ in STATES))),
        draw(st.tuples(*(states for _ in range(MEMORIES)))),
        tuple(draw(st.lists(st.sampled_from(sends), max_size=1))) if sends else (),
    )


def adversaries(liars: tuple[Node, ...], said: list[Any]) -> st.SearchStrategy[Adversary | None]:
    """Draw what these liars may say, to whom."""
    if not liars:
        return st.none()
    repertoire = st.lists(st.sampled_from(said), min_size=1, max_size=2, unique=True)
    towards = st.sampled_from([(), ("left",), ("right",)])
    return st.builds(Adversary, st.just(liars), repertoire.map(tuple), towards)


def observers() -> st.SearchStrategy[dict[str, Observer]]:
    """Draw a few ghost variables."""
    kinds = st.sampled_from([Return, Deliver, Invoke])
    counter = st.builds(Counter, st.sampled_from(["left", "right"]), kinds, st.integers(1, 2))
    counting = counter.map(lambda count: Observer(0, count))
    last = st.just(Observer(None, LastSeen()))
    return st.fixed_dictionaries({}, optional={"count": counting, "last": last})


def starts(players: tuple[Node, ...]) -> st.SearchStrategy[list[dict[Node, int]]]:
    """Draw one to three starting worlds; in most, every node boots for the first time."""
    memories = st.integers(0, MEMORIES - 1)
    start = st.fixed_dictionaries({}, optional=dict.fromkeys(players, memories))
    usual: list[dict[Node, int]] = [{}]
    return st.just(usual) | st.lists(start, min_size=1, max_size=3)


def fairnesses(roles: list[str]) -> st.SearchStrategy[tuple[Fairness, ...]]:
    """Draw what a schedule owes."""
    which = st.sampled_from([(), (), *((role,) for role in roles)])
    only = st.sampled_from([(), (), (), (Tick,), (int,)])
    actions: st.SearchStrategy[Actions] = st.sampled_from(get_args(Actions))
    each = st.builds(Fairness, st.sampled_from(Strength), actions, which, only)
    return st.lists(each, max_size=3).map(tuple)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Draw a world of one to three nodes, with anything around them that a world may have."""
    players = PLAYERS[: draw(st.sampled_from([2, 2, 3, 1]))]
    liars = draw(st.sampled_from([(), (), (LIAR,)]))
    others = [(a, b) for a in players for b in players if a != b]
    every = [(a, b) for a in players for b in players]
    links = draw(st.none() | st.lists(st.sampled_from(every), unique=True))
    joined = others if links is None else links
    said = messages(players, signed=draw(st.sampled_from([False, bool(liars)])))
    operations = {node: draw(st.lists(st.integers(0, 1), max_size=2)) for node in players[:2]}
    machines: dict[Node, Machine[Any, Any]] = {}
    for node in players:
        targets = [*(to for sender, to in joined if sender == node), *liars]
        senders = [*(sender for sender, to in joined if to == node), *liars]
        events: list[Event] = [Tick(0), Tick(1)]
        events += [Suspect(other) for other in (*players, *liars) if other != node]
        events += [Invoke(operation) for operation in operations.get(node, ())]
        events += [Receive(sender, message) for sender in senders for message in said]
        machines[node] = draw(tables(events, [Send(to, m) for to in targets for m in said]))
    roles = sorted({node.role for node in players})
    return World(
        machines=machines,
        network=draw(networks()),
        faults=draw(faults(roles)),
        adversary=draw(adversaries(liars, said)),
        workload={node: tuple(calls) for node, calls in operations.items()},
        observers=draw(observers()),
        starts=draw(starts(players)),
        links=links,
        fairness=draw(fairnesses(roles)),
        closing=draw(st.sampled_from([(), (), ("left",), tuple(roles)])),
    )
