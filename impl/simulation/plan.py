"""What goes wrong in one run, and when: drawn from a seed, and over at a stated time.

Swarm testing: a run has some of the kinds of faults and not the others, so that what one kind would
hide another can show.

Source: Groce et al., "Swarm Testing", ISSTA 2012; the kinds are those of FoundationDB, TigerBeetle
and turmoil, as far as a node here can meet them.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from random import Random

from attrs import evolve, frozen

from coterie.model.machine import Node


class Kind(StrEnum):
    """What may go wrong."""

    LOSS = "loss"
    REPETITION = "repetition"
    REORDER = "reorder"
    PARTITION = "partition"
    ONE_WAY = "one-way"
    CRASH = "crash"
    POWER = "power"
    TORN = "torn"
    SLOW = "slow"
    CLOCK = "clock"
    PAUSE = "pause"
    ROLLBACK = "rollback"


MEANINGS = {
    Kind.LOSS: "messages are lost, though the connection stands",
    Kind.REPETITION: "messages arrive twice",
    Kind.REORDER: "messages come late, and overtake one another",
    Kind.PARTITION: "the nodes fall into two parts that do not reach one another",
    Kind.ONE_WAY: "some ways are cut, each in one direction only",
    Kind.CRASH: "a process dies; what it has written stays, for the computer goes on",
    Kind.POWER: "some computers, or all, lose power: writes that were not synced may be lost",
    Kind.TORN: "the same, and the last write may be there in part, or with rubbish after it",
    Kind.SLOW: "a disk takes up to seconds for a sync",
    Kind.CLOCK: "the clock of a node jumps, up to an hour forward or back",
    Kind.PAUSE: "a process stands still for a while, and goes on as if nothing had been",
    Kind.ROLLBACK: "a server crashes, and starts from an older image of its disk",
}

DURABLE = tuple(kind for kind in Kind if kind is not Kind.ROLLBACK)
"""The kinds under which every promise must hold: nothing that was synced is ever taken back."""

WEATHER = frozenset({Kind.LOSS, Kind.REPETITION, Kind.REORDER})
"""The kinds that are a matter of each message."""


@frozen
class Fault:
    """One thing that goes wrong.

    Attributes:
        at: when, in virtual seconds.
        lasts: for how long; a crashed node is down for so long.
        kind: what it is.
        nodes: whom it concerns; those of one part, of a partition; all, of weather.
        strength: from 0 to 1: how likely, how slow, how far back.
    """

    at: float
    lasts: float
    kind: Kind
    nodes: tuple[Node, ...]
    strength: float

    def __str__(self) -> str:
        whom = " ".join(map(str, self.nodes)) if self.kind not in WEATHER else "all"
        return (
            f"{self.at:6.2f} for {self.lasts:4.2f} s  {self.kind:<10}  {self.strength:4.2f}  {whom}"
        )


@frozen
class Plan:
    """What goes wrong in one run.

    Attributes:
        seed: of the run; all other chance comes from it, too.
        kinds: what may go wrong in it.
        faults: what does, by time.
        heals: when all of it is over, in virtual seconds.
    """

    seed: int
    kinds: tuple[Kind, ...]
    faults: tuple[Fault, ...]
    heals: float

    def __str__(self) -> str:
        head = f"seed {self.seed}; healed at {self.heals:.2f} s"
        return "\n".join((head, *map(str, self.faults)))


def drawn(
    seed: int,
    servers: tuple[Node, ...],
    clients: tuple[Node, ...],
    kinds: Iterable[Kind] = DURABLE,
    *,
    heals: float = 4.0,
) -> Plan:
    """Return the plan of a seed, with about half of these kinds, and at least one."""
    random = Random(f"plan {seed}")
    offered = tuple(kinds)
    chosen = tuple(kind for kind in offered if random.random() < 0.5)
    return only(seed, servers, clients, chosen or (random.choice(offered),), heals=heals)


def only(
    seed: int,
    servers: tuple[Node, ...],
    clients: tuple[Node, ...],
    kinds: Iterable[Kind],
    *,
    heals: float = 4.0,
) -> Plan:
    """Return the plan of a seed, with each of these kinds and no other one."""
    faults: list[Fault] = []
    chosen = tuple(kinds)
    for kind in chosen:
        random = Random(f"{kind} {seed}")
        faults += _of_kind(kind, random, servers, clients, heals)
    ordered = tuple(sorted(faults, key=lambda fault: (fault.at, fault.kind, fault.nodes)))
    return Plan(seed, chosen, ordered, heals)


def _of_kind(
    kind: Kind, random: Random, servers: tuple[Node, ...], clients: tuple[Node, ...], heals: float
) -> Iterator[Fault]:
    """Yield what goes wrong of one kind; all of it is over before the time of healing."""
    for _ in range(random.randint(1, 3)):
        at = 0.0 if kind in WEATHER and random.random() < 1 / 3 else heals * 0.8 * random.random()
        lasts = min(0.2 + random.expovariate(1 / 1.2), heals - at)
        whom = _whom(kind, random, servers, clients)
        yield Fault(at, lasts, kind, whom, random.random())


def _whom(
    kind: Kind, random: Random, servers: tuple[Node, ...], clients: tuple[Node, ...]
) -> tuple[Node, ...]:
    """Return whom a fault concerns."""
    everybody = (*servers, *clients)
    if kind in WEATHER:
        return everybody
    if kind in {Kind.PARTITION, Kind.ONE_WAY}:
        return tuple(sorted(random.sample(everybody, random.randint(1, len(everybody) - 1))))
    if kind in {Kind.POWER, Kind.TORN} and random.random() < 0.5:
        return servers
    if kind in {Kind.ROLLBACK, Kind.SLOW, Kind.POWER, Kind.TORN}:
        return (random.choice(servers),)
    return (random.choice(everybody),)


def shrunk(plan: Plan, fails: Callable[[Plan], bool]) -> Plan:
    """Return the plan without the faults that its failure does not need, one by one."""
    place = 0
    while place < len(plan.faults):
        less = evolve(plan, faults=(*plan.faults[:place], *plan.faults[place + 1 :]))
        if fails(less):
            plan = less
        else:
            place += 1
    return plan
