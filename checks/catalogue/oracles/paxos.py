"""Lamport's Paxos: its number of states is published for 3 acceptors, 2 values and 2 ballots."""

from functools import partial
from typing import Any

from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.checks.world import World
from coterie.model.oracles.paxos import Paxos, may_promise, must_repeat
from coterie.spec.oracles import paxos as spec


def world(acceptors: int, values: int, ballots: int, **fields: Any) -> World:
    """Return so many acceptors, in one machine with these `fields`."""
    return World(machines={spec.SYNOD: Paxos(acceptors, values, ballots, **fields)})


def anybody(votes: int, acceptors: int) -> bool:
    """Mutant: a single promise is a quorum."""
    return (votes >= 1) & (acceptors >= 1)


def nobody(votes: int, acceptors: int) -> bool:
    """Mutant: propose without any promise."""
    return (votes == 0) & (acceptors >= 1)


def at_any_ballot(ballot: int, promised: int) -> bool:
    """Mutant: vote even below what is promised."""
    return (ballot >= promised) | (ballot < promised)


def again(proposals: int) -> bool:
    """Mutant: two leaders share a ballot, and each proposes."""
    return proposals <= 1


def never(proposals: int) -> bool:
    """Mutant: no leader ever proposes."""
    return proposals < 0


def another(value: int) -> int:
    """Mutant: vote for the value after the one that is proposed."""
    return value + 1


CHECK = Check(
    name="oracles.paxos",
    about="Paxos as Lamport specifies it, with every message that was ever sent still readable.",
    world=world,
    properties=(
        spec.one_value_chosen,
        spec.chosen_was_proposed,
        spec.one_proposal_a_ballot,
        spec.one_value_a_ballot,
        spec.one_promise_a_ballot,
        spec.votes_are_safe,
        spec.a_value_is_chosen,
        spec.chosen_again,
        spec.a_bare_majority_suffices,
    ),
    small={"acceptors": 3, "values": 2, "ballots": 2},
    full={"ballots": 3},
    states=3_921,
    mutants={
        "small_quorum": Mutant(
            partial(world, quorum=anybody), {"one_value_chosen": 10, "votes_are_safe": 4}
        ),
        "no_phase_1": Mutant(
            partial(world, quorum=nobody), {"one_value_chosen": 6, "votes_are_safe": 2}
        ),
        "vote_below_promise": Mutant(
            partial(world, may_vote=at_any_ballot), {"one_value_chosen": 12, "votes_are_safe": 10}
        ),
        "shared_ballot": Mutant(
            partial(world, may_propose=again),
            {"one_value_chosen": 9, "one_proposal_a_ballot": 5, "one_value_a_ballot": 7},
            {"ballots": 1},
        ),
        "garble": Mutant(partial(world, cast=another), {"chosen_was_proposed": 6}),
        "never_propose": Mutant(partial(world, may_propose=never), {"a_value_is_chosen": None}),
        "promises_again": Mutant(
            changed(world, may_promise, "ballot > promised → ballot >= promised"),
            {"one_promise_a_ballot": 6},
        ),
        "never_repeats": Mutant(
            changed(world, must_repeat, "voted_ballot == highest → voted_ballot != highest"),
            {"chosen_again": None},
        ),
        "demanding": Mutant(
            changed(
                world,
                Paxos._quorums,  # noqa: SLF001
                "len(promises) + 1 → len(promises)",
            ),
            {"a_bare_majority_suffices": None},
        ),
    },
)
