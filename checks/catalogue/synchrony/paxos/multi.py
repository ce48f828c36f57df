"""Multi-Paxos: a stable leader; new leaders; crashes and a joiner."""

from functools import partial
from itertools import product
from typing import Any

from immutables import Map

from coterie.checks.catalogue.oracles.paxos import at_any_ballot
from coterie.checks.catalogue.smr.naive import always_new, expiring
from coterie.checks.catalogue.smr.sequenced import on_receipt, one_late
from coterie.checks.catalogue.synchrony.paxos.single import never, no_vote
from coterie.checks.check import Check, Mutant
from coterie.checks.faults import Amount, Faults
from coterie.checks.network import Network, Pool
from coterie.checks.world import World
from coterie.model.machine import Node
from coterie.model.smr.tickets import Book
from coterie.model.synchrony.paxos.entries import Accepted, Kept
from coterie.model.synchrony.paxos.multi import ReplicaNode
from coterie.spec.history.claims import linearizable
from coterie.spec.history.observer import HISTORY
from coterie.spec.smr import naive, refined
from coterie.spec.synchrony.paxos import multi as spec

Calls = tuple[tuple[int, ...], ...]
A, B = Book(0, "customer0"), Book(0, "customer1")


def world(
    members: int,
    calls: Calls,
    ballots: int,
    joiners: int = 0,
    crashes: int = 0,
    losses: Amount = 0,
    network: Network = Pool(),  # noqa: B008  it is frozen
    observed: bool = False,  # noqa: FBT001, FBT002  the name says it
    starts: tuple[dict[Node, Kept], ...] = ({},),
    **fields: Any,
) -> World:
    """Return so many members and joiners with these `fields`.

    Attributes:
        calls: for each member the customers who want the one ticket and ask this member.
        observed: whether what they ask and are answered is kept.
    """
    names = tuple(Node("replica", index) for index in range(members))
    joining = tuple(Node("replica", members + index) for index in range(joiners))
    common = {"members": names, "learners": joining, "limit": ballots, **fields}
    machines = {name: ReplicaNode(name, **common) for name in names}
    for name in joining:
        machines[name] = ReplicaNode(name, **{**common, "sources": names[1:2]})
    return World(
        machines=machines,
        network=network,
        links=[(a, b) for a in names for b in (*names, *joining) if a != b]
        + [(joiner, source) for joiner in joining for source in names],
        workload={
            name: tuple(Book(0, f"customer{one}") for one in asked)
            for name, asked in zip(names, calls, strict=True)
            if asked
        },
        faults=Faults(crashes=crashes, losses=losses),
        observers={"history": HISTORY, "sales": naive.SALES} if observed else {},
        starts=starts,
    )


observed = partial(world, observed=True)

CHECK = Check(
    name="synchrony.paxos.multi",
    about="A stable leader has commands chosen slot by slot; a customer tries twice.",
    world=observed,
    properties=(
        naive.same_order,
        naive.state_is_replayed_log,
        naive.applied_once,
        naive.same_commands_same_state,
        naive.sold_once,
        spec.all_know_two_commands,
        refined.is_one_replicated_log,
        linearizable("history", spec.TICKETS, broken_by="hasty"),
    ),
    small={"members": 3, "calls": ((0,), (1,), (0,)), "ballots": 1},
    full={"ballots": 2, "calls": ((0,), (1,), ())},
    states=8_180,
    mutants={
        "hasty": Mutant(
            partial(observed, may_apply=on_receipt),
            {
                "same_order": 8,
                "is_one_replicated_log": 8,
                "linearizable": 8,
                "sold_once": 8,
                "same_commands_same_state": 9,
            },
        ),
        "local_clock": Mutant(partial(observed, execute=expiring), {"state_is_replayed_log": 9}),
        "no_dedupe": Mutant(
            partial(observed, is_new=always_new), {"applied_once": 7, "is_one_replicated_log": 7}
        ),
        "deaf": Mutant(partial(observed, quorum=never), {"all_know_two_commands": None}),
    },
)


Slots = tuple[int, ...]
WAYS: tuple[Slots, ...] = ((), (0,), (1,), (0, 1))


def half_done(ways: tuple[tuple[Slots, Slots], ...], **parameters: Any) -> World:
    """Return replicas of which the first has proposed A and B in slots 0 and 1, and crashed.

    Attributes:
        ways: in which slots each of the two others has voted; a starting world each.
    """
    leader, *others = (Node("replica", index) for index in range(3))
    starts = tuple(
        {leader: _voted((0, 1)), **dict(zip(others, map(_voted, way), strict=True))} for way in ways
    )
    return world(**{"starts": starts, **parameters})


def _voted(slots: Slots) -> Kept:
    return Kept(0, Map({slot: Accepted(slot, 0, (A, B)[slot]) for slot in slots}))


def skipped(command: Book | None) -> Book | None:
    """Mutant: a new leader leaves a gap."""
    return command


def lost(kept: Kept) -> Kept:
    """Mutant: a replica has lost its promises and votes, but not its log."""
    return Kept(0, decisions=kept.decisions)


TAKEOVER = Check(
    name="synchrony.paxos.takeover",
    about="A leader has failed in the middle of two commands, and another one takes over.",
    world=half_done,
    properties=(
        spec.one_log,
        spec.copy_is_replayed_log,
        spec.is_a_replicated_log,
        spec.everything_can_be_decided,
        spec.a_gap_is_filled,
    ),
    small={
        "ways": tuple(((1,), way) for way in WAYS),
        "members": 3,
        "calls": ((), (), ()),
        "ballots": 2,
    },
    full={"ways": tuple(product(WAYS, WAYS)), "calls": ((), (), (0,))},
    states=5_600,
    mutants={
        "skips_gaps": Mutant(
            partial(half_done, filled=skipped),
            {"everything_can_be_decided": 3, "a_gap_is_filled": None},
        ),
        "no_dedupe": Mutant(
            partial(half_done, is_new=always_new),
            {"copy_is_replayed_log": 11},
            {"ways": (((1,), (0,)),), "calls": ((), (), (0,))},
        ),
    },
)

CRASH = Check(
    name="synchrony.paxos.restart",
    about="A replica crashes, replays its log, and follows whoever leads then.",
    world=world,
    properties=(
        spec.one_log,
        spec.copy_is_replayed_log,
        spec.is_a_replicated_log,
        spec.a_new_leader_decides,
    ),
    small={"members": 3, "calls": ((0,), (), ()), "ballots": 2, "crashes": 1},
    full={"calls": ((0,), (), (0,)), "ballots": 3},
    states=7_198,
    mutants={
        "forgetful": Mutant(
            partial(world, must_repeat=no_vote), {"one_log": 8, "is_a_replicated_log": 8}
        ),
        "amnesia": Mutant(
            partial(world, recalled=lost), {"one_log": 10}, {"calls": ((0,), (1,), ())}
        ),
        "vote_below_promise": Mutant(
            partial(world, may_vote=at_any_ballot),
            {"one_log": 9},
            {"crashes": 0, "calls": ((0,), (1,), ())},
        ),
        "deaf": Mutant(partial(world, quorum=never), {"a_new_leader_decides": None}),
    },
)

JOINER = Check(
    name="synchrony.paxos.joiner",
    about="A replica joins: it copies the log from a member, and replays it.",
    world=world,
    properties=(
        spec.one_log,
        spec.copy_is_replayed_log,
        spec.joiners_catch_up,
        spec.all_know_a_command,
    ),
    small={"members": 3, "calls": ((0,), (), ()), "ballots": 2, "joiners": 1},
    full={"calls": ((0,), (1,), ()), "ballots": 1},
    states=13_303,
    mutants={
        "wrong_offset": Mutant(
            partial(world, cut=one_late, learners=()),
            {"joiners_catch_up": 0, "one_log": 12},
            {"calls": ((0,), (1,), ()), "ballots": 1},
        ),
        "deaf": Mutant(partial(world, quorum=never), {"all_know_a_command": None}),
    },
)
