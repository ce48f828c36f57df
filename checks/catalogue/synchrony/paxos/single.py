"""Single-decree Paxos: acceptors that crash, on channels that keep everything ever sent."""

from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.oracles.paxos import another, anybody, at_any_ballot, nobody
from coterie.checks.check import Check, Mutant
from coterie.checks.faults import Faults
from coterie.checks.mutation.named import changed
from coterie.checks.network import Pool
from coterie.checks.world import World
from coterie.model.machine import Node
from coterie.model.oracles.paxos import Acceptor, may_promise, may_vote
from coterie.model.synchrony.paxos.acceptor import AcceptorNode
from coterie.model.synchrony.paxos.proposer import ProposerNode
from coterie.spec.synchrony.paxos import single as spec

ACCEPTOR = AcceptorNode()


def world(
    acceptors: int,
    turns: tuple[int, ...],
    crashes: int,
    acceptor: AcceptorNode = ACCEPTOR,
    symmetric: tuple[str, ...] = (),
    **fields: Any,
) -> World:
    """Return so many acceptors, and for each number of `turns` a proposer with these `fields`."""
    voters = tuple(Node("acceptor", index) for index in range(acceptors))
    leaders = tuple(Node("proposer", index) for index in range(len(turns)))
    machines = {
        leader: ProposerNode(
            index=leader.index,
            value=leader.index,
            acceptors=voters,
            others=tuple(other for other in leaders if other != leader),
            **{"limit": turns[leader.index] * len(turns), **fields},
        )
        for leader in leaders
    }
    return World(
        machines={**dict.fromkeys(voters, acceptor), **machines},
        network=Pool(),
        links=[link for v in voters for p in leaders for link in ((v, p), (p, v))]
        + [(one, other) for one in leaders for other in leaders if one != other],
        faults=Faults(crashes=crashes, crashing=("acceptor",)),
        symmetric=symmetric,
    )


def as_new(memory: Acceptor) -> Acceptor:
    """Mutant: an acceptor has lost its disk, and starts as if it were new."""
    del memory
    return Acceptor()


def votes_only(memory: Acceptor) -> Acceptor:
    """Mutant: an acceptor keeps its vote on disk, but no promise above it."""
    return Acceptor(memory.voted_ballot, memory.voted_ballot, memory.voted_value)


def nobodys(above: int, index: int, proposers: int) -> int:
    """Mutant: all proposers count the same ballots."""
    return above + 1 + 0 * index * proposers


def all_of_them(votes: int, acceptors: int) -> bool:
    """Mutant: all acceptors must answer."""
    return votes == acceptors


def never(votes: int, acceptors: int) -> bool:
    """Mutant: no votes are ever enough."""
    return votes > acceptors


def any_vote(voted_ballot: int, highest: int) -> bool:
    """Mutant: any reported vote may decide the proposal."""
    return voted_ballot <= highest


def no_vote(voted_ballot: int, highest: int) -> bool:
    """Mutant: a proposer sticks to its own value."""
    return voted_ballot > highest


acceptor = partial(evolve, ACCEPTOR)

CHECK = Check(
    name="synchrony.paxos.single",
    about="Paxos decides on one value, though messages are lost, late, repeated and reordered.",
    world=world,
    properties=(
        spec.one_value_chosen,
        spec.chosen_was_proposed,
        spec.one_proposal_a_ballot,
        spec.one_promise_a_ballot,
        spec.learnt_is_chosen,
        spec.learners_agree,
        spec.is_a_log_of_one_command,
        spec.can_still_be_decided,
        spec.chosen_again,
    ),
    small={"acceptors": 3, "turns": (1, 1), "crashes": 0},
    full={"turns": (2, 1)},
    states=15_625,
    mutants={
        "small_quorum": Mutant(
            partial(world, is_promised=anybody),
            {"one_value_chosen": 10, "learners_agree": 14, "is_a_log_of_one_command": 14},
        ),
        "no_phase_1": Mutant(partial(world, is_promised=nobody), {"one_value_chosen": 6}),
        "vote_below_promise": Mutant(
            partial(world, acceptor=acceptor(may_vote=at_any_ballot)), {"one_value_chosen": 14}
        ),
        "any_vote": Mutant(
            partial(world, must_repeat=any_vote), {"learners_agree": 24}, {"turns": (2, 1)}
        ),
        "shared_ballot": Mutant(
            partial(world, next_ballot=nobodys, limit=1, acceptor=acceptor(may_promise=may_vote)),
            {"one_proposal_a_ballot": 10},
        ),
        "garble": Mutant(
            partial(world, acceptor=acceptor(cast=another)), {"chosen_was_proposed": 7}
        ),
        "promises_again": Mutant(
            changed(world, may_promise, "ballot > promised → ballot >= promised"),
            {"one_promise_a_ballot": 7},
        ),
        "hasty_learner": Mutant(
            partial(world, is_chosen=anybody),
            {"learnt_is_chosen": 7, "is_a_log_of_one_command": 14},
        ),
        "stubborn": Mutant(
            partial(world, must_repeat=no_vote), {"one_value_chosen": 14, "chosen_again": None}
        ),
        "deaf": Mutant(partial(world, is_chosen=never), {"can_still_be_decided": 0}),
    },
)

DURABLE = Check(
    name="synchrony.paxos.durable",
    about="Paxos decides on one value, though acceptors crash and start again from their disks.",
    world=world,
    properties=(
        spec.one_value_chosen,
        spec.one_promise_a_ballot,
        spec.can_still_be_decided,
        spec.learnt_without_a_minority,
    ),
    small={"acceptors": 3, "turns": (1, 1), "crashes": 1},
    full={"turns": (2, 1), "symmetric": ("acceptor",)},
    states=136_691,
    mutants={
        "amnesia": Mutant(
            partial(world, acceptor=acceptor(recalled=as_new)), {"one_value_chosen": 16}
        ),
        "votes_only": Mutant(
            partial(world, acceptor=acceptor(recalled=votes_only)),
            {"one_value_chosen": 16, "one_promise_a_ballot": 11},
        ),
        "demanding": Mutant(
            partial(world, is_promised=all_of_them),
            {"can_still_be_decided": 2, "learnt_without_a_minority": None},
        ),
    },
)
