"""Two proposers that keep each other from a decision for ever, and one that is distinguished."""

from collections.abc import Callable
from functools import partial
from typing import Any

from coterie.checks.catalogue.synchrony.paxos.single import never
from coterie.checks.check import Check, Mutant
from coterie.checks.fairness import Fairness, strong, weak
from coterie.checks.network import Fifo
from coterie.checks.world import World
from coterie.model.machine import Node
from coterie.model.synchrony.paxos.acceptor import AcceptorNode
from coterie.model.synchrony.paxos.ballots import Dial
from coterie.model.synchrony.paxos.proposer import (
    ProposerNode,
    first_only,
    once_refused,
    whenever,
)
from coterie.spec.synchrony.paxos import duel as spec

Attempts = Callable[[int, int], bool]
FAIR = (weak("deliveries"), weak("timers"))
UTMOST = (strong("deliveries"), strong("timers"))
DIAL = Dial(8)


def world(
    acceptors: int,
    attempts: tuple[Attempts, ...],
    acceptor: AcceptorNode = AcceptorNode(informs=True),  # noqa: B008  it is frozen
    fairness: tuple[Fairness, ...] = FAIR,
    **fields: Any,
) -> World:
    """Return so many acceptors, and a proposer with these `fields` for each of the `attempts`.

    All propose the same value, which is not what they cannot agree on. Nothing is lost, and a link
    takes a message when the one before is delivered.
    """
    voters = tuple(Node("acceptor", index) for index in range(acceptors))
    leaders = tuple(Node("proposer", index) for index in range(len(attempts)))
    machines = {
        leader: ProposerNode(
            index=leader.index,
            value=0,
            acceptors=voters,
            others=tuple(other for other in leaders if other != leader),
            may_attempt=attempts[leader.index],
            **fields,
        )
        for leader in leaders
    }
    return World(
        machines={**dict.fromkeys(voters, acceptor), **machines},
        network=Fifo(capacity=1),
        links=[link for v in voters for p in leaders for link in ((v, p), (p, v))]
        + [(one, other) for one in leaders for other in leaders if one != other],
        fairness=fairness,
    )


def around(dial: Dial = DIAL) -> dict[str, Any]:
    """Return what makes proposers and acceptors count their ballots around this `dial`."""
    acceptor = AcceptorNode(informs=True, may_promise=dial.may_promise, may_vote=dial.may_vote)
    return {"acceptor": acceptor, "next_ballot": dial.next_ballot, "fairness": UTMOST}


dueling = partial(world, **around())

CHECK = Check(
    name="synchrony.paxos.duel",
    about="Two proposers refuse each other every ballot, for ever, though every message arrives.",
    world=dueling,
    properties=(spec.decided_in_the_end, spec.can_still_be_decided, spec.all_begin_again),
    small={"acceptors": 1, "attempts": (once_refused, once_refused)},
    full={"acceptors": 2},
    refuted={"decided_in_the_end": 43},
    states=343,
    mutants={
        "deaf": Mutant(partial(dueling, is_chosen=never), {"can_still_be_decided": 0}),
        "alone": Mutant(dueling, {"all_begin_again": None}, {"attempts": (once_refused, never)}),
    },
)

DISTINGUISHED = Check(
    name="synchrony.paxos.distinguished",
    about="One proposer begins ballots until it succeeds, the other only one: a value is chosen.",
    world=world,
    properties=(spec.decided_in_the_end, spec.can_still_be_decided, spec.a_value_is_learnt),
    small={"acceptors": 2, "attempts": (once_refused, first_only)},
    full={"acceptors": 3},
    states=2_111,
    mutants={
        "duelling": Mutant(
            dueling,
            {"decided_in_the_end": 43},
            {"acceptors": 1, "attempts": (once_refused, once_refused)},
        ),
        "impatient": Mutant(
            dueling,
            {"decided_in_the_end": 20},
            {"acceptors": 1, "attempts": (whenever, first_only)},
        ),
        "deaf": Mutant(
            partial(world, is_chosen=never), {"can_still_be_decided": 0, "a_value_is_learnt": None}
        ),
    },
)
