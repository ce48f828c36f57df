"""A replicated register: clients write and read it through the members of a group."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.synchrony.worlds import changed_rules, group
from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.checks.world import World
from coterie.model.call import Call
from coterie.model.machine import Node
from coterie.model.synchrony.member import Member
from coterie.model.synchrony.replica import (
    Application,
    Applied,
    Command,
    Glance,
    Query,
    Replica,
    executed,
)
from coterie.spec.synchrony import smr as spec

Fields = Mapping[str, Any]
READS: dict[str, tuple[Any, ...]] = {
    "command": (Command("reader", 1, Call("read")),),
    "query": (Query(),),
    "glance": (Glance(), Glance()),
}


def world(
    size: int,
    writes: int,
    retries: int,
    reads: str,
    *,
    readers: int = 1,
    applications: tuple[Fields, ...] = (),
    replica: Fields | None = None,
    rules: Mapping[str, Fields] | None = None,
    **group_of: Any,
) -> World:
    """Return so many replicas with their clients.

    Attributes:
        writes: how many clients write, each through a replica of its own, from rank 0 on.
        retries: how often the first client calls its command again, through the second replica.
        reads: how replicas are read: by a `command`, `query` or `glance`.
        readers: how many of them, the last ones.
        applications: fields of the application that are changed, by rank.
        replica: fields of the replicas that are changed.
    """
    below = group(size, rules=rules, **group_of)
    machines = {
        name: _replica(member, fields, replica or {})
        for (name, member), fields in zip(
            below.machines.items(), (*applications, *({},) * len(below.machines)), strict=False
        )
    }
    return evolve(
        below,
        machines=machines,
        workload=_calls(size, writes, retries, READS[reads], readers),
        observers={**below.observers, spec.HISTORY: spec.SERVED},
    )


def _replica(member: Any, application: Fields, fields: Fields) -> Replica:
    assert isinstance(member, Member)
    changes = {"initial": Applied(), "apply": Application(**application)}
    return Replica(changed_rules(member, {"member": changes}), **fields)


def _calls(
    size: int, writes: int, retries: int, reads: tuple[Any, ...], readers: int
) -> dict[Node, tuple[Any, ...]]:
    """Return what clients call, by the replica that they call."""
    written = [Command(f"client{client}", 1, Call("write", client)) for client in range(writes)]
    calls: dict[Node, tuple[Any, ...]] = {
        Node("member", rank): (command,) for rank, command in enumerate(written)
    }
    second = Node("member", 1)
    calls[second] = (*calls.get(second, ()), *written[:1] * retries)
    for rank in range(size - readers, size):
        node = Node("member", rank)
        calls[node] = (*calls.get(node, ()), *reads)
    return calls


def always_new(number: int, last: int) -> bool:
    """Mutant: take every retry for a new command."""
    return number + last >= 0


def by_local_clock(value: Any, call: Call) -> tuple[Any, Any]:
    """Mutant: where the clock is ahead, a write seems to have expired already."""
    return executed(value, Call("read")) if call.f == "write" else executed(value, call)


UNORDERED = {"multicast": {"ordered": False}}
UNSTABLE = {"multicast": {"stable": max}}
MUTE = {"multicast": {"window": 0}}

COMMANDS = Check(
    name="synchrony.smr.commands",
    about="Every read and write goes through the group: a register that is linearizable.",
    world=world,
    properties=(
        spec.same_order,
        spec.state_is_replayed_log,
        spec.applied_once,
        spec.linearizable,
        spec.what_is_read_is_never_taken_back,
        spec.everyone_who_lives_is_answered,
        spec.a_write_is_read_elsewhere,
        spec.is_a_replicated_log,
    ),
    small={"size": 3, "writes": 1, "retries": 0, "reads": "command"},
    full={"retries": 1, "crashes": 1},
    states=6_054,
    mutants={
        "own_turn": Mutant(
            partial(world, rules=UNORDERED),
            {"same_order": 2, "linearizable": 2, "is_a_replicated_log": 2},
        ),
        "local_clock": Mutant(
            partial(world, applications=({}, {"execute": by_local_clock})),
            {"state_is_replayed_log": 4},
        ),
        "no_dedupe": Mutant(
            partial(world, applications=({"is_new": always_new},) * 2),
            {"applied_once": 4, "is_a_replicated_log": 4},
            {"size": 2, "retries": 1},
        ),
        "forgets": Mutant(
            changed(world, Application.__call__, "without *state.log"),
            {"what_is_read_is_never_taken_back": 9},
        ),
        "answers_early": Mutant(
            changed(
                world,
                Replica._answered,  # noqa: SLF001
                "if number >= state.waiting.number → if True",
            ),
            {"linearizable": 2},
        ),
        "mute": Mutant(
            partial(world, rules=MUTE),
            {"everyone_who_lives_is_answered": 2, "a_write_is_read_elsewhere": None},
        ),
    },
)
GLANCES = Check(
    name="synchrony.smr.glances",
    about="Reads of the own state as it is: weak, and stale by no more than what is in hand.",
    world=world,
    properties=(
        spec.linearizable,
        spec.sequential,
        spec.a_glance_misses_only_what_is_here,
        spec.a_write_is_read_elsewhere,
    ),
    small={"size": 3, "writes": 1, "retries": 0, "reads": "glance"},
    full={"writes": 2, "readers": 2},
    states=213,
    refuted={"linearizable": 6},
    mutants={
        "own_turn": Mutant(
            partial(world, rules=UNORDERED), {"sequential": 9}, {"writes": 2, "readers": 2}
        ),
        "unstable": Mutant(
            partial(world, rules=UNSTABLE), {"a_glance_misses_only_what_is_here": 1}
        ),
        "mute": Mutant(partial(world, rules=MUTE), {"a_write_is_read_elsewhere": None}),
    },
)
QUERIES = Check(
    name="synchrony.smr.queries",
    about="Reads at a stable prefix: linearizable as long as nobody is suspected falsely.",
    world=world,
    properties=(
        spec.linearizable,
        spec.everyone_who_lives_is_answered,
        spec.a_write_is_read_elsewhere,
    ),
    small={"size": 3, "writes": 1, "retries": 0, "reads": "query"},
    full={"crashes": 1},
    states=101,
    mutants={
        "own_turn": Mutant(partial(world, rules=UNORDERED), {"linearizable": 2}),
        "mute": Mutant(
            partial(world, rules=MUTE),
            {"everyone_who_lives_is_answered": 2, "a_write_is_read_elsewhere": None},
        ),
    },
)
STALE = Check(
    name="synchrony.smr.queries.suspected",
    about="A member that is suspected falsely does not know, and answers from a view that is over.",
    world=world,
    properties=(spec.linearizable,),
    small={"size": 3, "writes": 1, "retries": 0, "reads": "query", "suspicions": 1},
    states=2_200,
    refuted={"linearizable": 7},
)
