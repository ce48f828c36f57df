"""The quorums of Paxos: majorities of any number of acceptors.

Source: Lamport, Paxos Made Simple, 2001, section 2.
"""

from coterie.model.oracles import paxos
from coterie.spec.lemmas.given import Given, Guard
from coterie.spec.lemmas.lemma import Goal, lemma


@lemma(broken_by={"halves": {"is_majority": lambda votes, acceptors: 2 * votes >= acceptors}})
def majorities_meet(given: Given, is_majority: Guard = paxos.is_majority) -> Goal:
    """Any two majorities have an acceptor in common.

    In symbols: |one & other| >= 1.
    Why: so whoever asks a majority hears of what another majority has chosen.
    Source: Lamport 2001, section 2.1.
    """
    n = given.natural("n")
    _, one, other = given.sets("acceptors", n, "one", "other", called="a")
    return Goal(
        needs={
            "the one is a majority": is_majority(one.size, n),
            "the other is a majority": is_majority(other.size, n),
        },
        claim=(one & other).size >= 1,
    )


@lemma(
    broken_by={"two thirds": {"is_majority": lambda votes, acceptors: 3 * votes > 2 * acceptors}}
)
def a_minority_may_be_down(given: Given, is_majority: Guard = paxos.is_majority) -> Goal:
    """Where fewer than half of the acceptors are down, the others are a majority.

    In symbols: 2 |down| < n implies 2 |acceptors - down| > n.
    Why: so a leader need not wait for those that are down for ever.
    Source: Lamport 2001, section 2.4.
    """
    n = given.natural("n")
    acceptors, down = given.sets("acceptors", n, "down", called="a")
    return Goal(
        needs={"fewer than half are down": 2 * down.size < n},
        claim=is_majority((acceptors - down).size, n),
    )
