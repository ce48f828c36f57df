"""The worlds that virtual synchrony is put in, and how a rule of it is changed."""

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from coterie.checks.fairness import Fairness
from coterie.checks.faults import Faults
from coterie.checks.network import Latest, Network
from coterie.checks.world import World
from coterie.model.machine import Node
from coterie.model.synchrony.member import Leave, Member, Tell
from coterie.model.synchrony.table import coalesced
from coterie.model.synchrony.view import first_view
from coterie.spec.synchrony import deliveries

ROWS = Latest(coalesced=coalesced)
"""Rows that overwrite one another while they are on their way, as remote writes do."""


def once(older: Any, newer: Any) -> Any:
    """Return what two messages say together; one that repeats the one before it says nothing."""
    return newer if older == newer else coalesced(older, newer)


NEWS = Latest(coalesced=once)
"""Rows that overwrite one another, and questions that are asked again and again, as one."""


def members(count: int) -> tuple[Node, ...]:
    """Return the members of the first view, by rank."""
    return tuple(Node("member", index) for index in range(count))


def words(node: Node, count: int) -> tuple[Tell, ...]:
    """Return the operations of a user who multicasts so many messages, one at a time."""
    return tuple(Tell((f"{node}.{number}",)) for number in range(count))


def group(
    size: int = 3,
    told: tuple[int, ...] = (),
    joiners: int = 0,
    crashes: int = 0,
    suspicions: int = 0,
    crashing: tuple[str, ...] = (),
    leaving: tuple[int, ...] = (),
    contacts: tuple[int, ...] = (),
    network: Network = ROWS,
    fairness: tuple[Fairness, ...] = (),
    rules: Mapping[str, Mapping[str, Any]] | None = None,
) -> World:
    """Return a group with its users, and processes that want to join.

    Attributes:
        size: how many members the first view has.
        told: how many messages the user of each multicasts, by rank; none beyond.
        leaving: the ranks of those who leave, once they have said everything.
        contacts: the ranks of those whom joiners may ask; none for all.
        rules: fields of the members' rules that are changed, by `multicast`, `membership`, `trim`
            and `transfer`; and of the members themselves, by `member`.
    """
    names = members(size)
    outside = tuple(Node("joiner", index) for index in range(joiners))
    member = changed_rules(
        Member(names[0], first_view(*names), contacts=tuple(names[rank] for rank in contacts)),
        rules or {},
    )
    calls: dict[Node, tuple[Any, ...]] = {
        name: words(name, count) for name, count in zip(names, told, strict=False) if count
    }
    for rank in leaving:
        calls[names[rank]] = (*calls.get(names[rank], ()), Leave())
    return World(
        machines={name: evolve(member, name=name) for name in (*names, *outside)},
        network=network,
        faults=Faults(crashes=crashes, restarts=0, crashing=crashing, suspicions=suspicions),
        workload=calls,
        observers={deliveries.NAME: deliveries.DELIVERIES},
        fairness=fairness,
        closing=("member", "joiner") if joiners else ("member",),
    )


def changed_rules(member: Member, rules: Mapping[str, Mapping[str, Any]]) -> Member:
    """Return `member` with these fields of its rules changed."""
    for name, fields in rules.items():
        if name == "member":
            member = evolve(member, **fields)
        else:
            member = evolve(member, **{name: evolve(getattr(member, name), **fields)})
    return member
