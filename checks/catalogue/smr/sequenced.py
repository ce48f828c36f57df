"""State machine replication with a sequencer, a customer who tries again, and a joiner."""

from functools import partial
from typing import Any

from coterie.checks.catalogue.smr.naive import always_new, expiring, requests
from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.checks.world import World
from coterie.model.machine import Node
from coterie.model.smr.sequenced import SequencedReplica
from coterie.spec.smr import naive, sequenced

SEQUENCER = Node("replica", 0)


def world(replicas: int, customers: int, retries: int, joiners: int, **fields: Any) -> World:
    """Return so many replicas and joiners with these `fields`; the first replica orders."""
    followers = tuple(Node("replica", index) for index in range(1, replicas))
    joining = tuple(Node("replica", index) for index in range(replicas, replicas + joiners))
    common = {"sequencer": SEQUENCER, "followers": followers, **fields}
    return World(
        machines={
            name: SequencedReplica(name, joins=name in joining, **common)
            for name in (SEQUENCER, *followers, *joining)
        },
        workload=requests(replicas, customers, retries) | dict.fromkeys(joining, ()),
        observers={"sales": naive.SALES, "open": sequenced.OPEN},
        links=[
            link
            for name in (*followers, *joining)
            for link in ((SEQUENCER, name), (name, SEQUENCER))
        ],
    )


def on_receipt(slot: int, length: int) -> bool:
    """Mutant: apply every command as it arrives."""
    return slot + length >= 0


def one_late(first: int) -> int:
    """Mutant: the log is sent from the slot after the one that was asked for."""
    return first + 1


CHECK = Check(
    name="smr.sequenced",
    about="One replica orders the commands for all: the repair of naive replication.",
    world=world,
    properties=(
        naive.same_order,
        naive.state_is_replayed_log,
        naive.applied_once,
        naive.same_commands_same_state,
        naive.agree_at_rest,
        naive.sold_once,
        naive.everything_is_applied_everywhere,
        sequenced.waits_for_whom_it_owes,
        sequenced.everyone_is_answered,
        sequenced.asks_once_for_the_log,
        sequenced.joiners_catch_up,
        sequenced.is_a_replicated_log,
    ),
    small={"replicas": 2, "customers": 2, "retries": 1, "joiners": 1},
    full={"replicas": 3, "customers": 3},
    states=526,
    mutants={
        "hasty": Mutant(
            partial(world, may_apply=on_receipt),
            {
                "same_order": 4,
                "same_commands_same_state": 5,
                "agree_at_rest": 9,
                "sold_once": 4,
                "is_a_replicated_log": 4,
            },
        ),
        "wrong_offset": Mutant(
            partial(world, cut=one_late),
            {"joiners_catch_up": 1, "same_order": 6, "agree_at_rest": 9},
        ),
        "local_clock": Mutant(partial(world, execute=expiring), {"state_is_replayed_log": 5}),
        "no_dedupe": Mutant(
            partial(world, is_new=always_new), {"applied_once": 4, "is_a_replicated_log": 4}
        ),
        "deaf": Mutant(
            partial(world, followers=()),
            {"everything_is_applied_everywhere": None, "everyone_is_answered": 8},
        ),
        "speechless": Mutant(
            changed(
                world,
                SequencedReplica._applied,  # noqa: SLF001 (the change is to this very function)
                "without Return(answer(answered, command))",
            ),
            {"waits_for_whom_it_owes": 1, "everyone_is_answered": 9},
        ),
        "impatient": Mutant(
            changed(
                world,
                SequencedReplica.step,
                "evolve(state) without membership=Membership.JOINING",
            ),
            {"asks_once_for_the_log": 1},
        ),
    },
)
