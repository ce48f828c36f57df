"""Echoes inside a node: what one correct replica takes from a client, all of them take.

A repair of ours. A client that crashes may have told some replicas of a node and not the others. So
replicas echo to one another what a client, or b + 1 of them, say, and take it once 2b + 1 have.

Source: after Bracha, Asynchronous Byzantine Agreement Protocols, 1987.
"""

from coterie.model.diffusion import quorums
from coterie.spec.lemmas.given import Given, Guard
from coterie.spec.lemmas.lemma import Goal, lemma


@lemma(broken_by={"b echoes": {"is_echoed": lambda echoes, b: echoes >= b}})
def an_echoed_update_is_genuine(
    given: Given,
    node_size: Guard = quorums.node_size,
    is_echoed: Guard = quorums.is_echoed,
) -> Goal:
    """Among b + 1 replicas that echo an update there is a correct one.

    In symbols: |echoing - Byzantine| >= 1.
    Why: so by induction no correct replica echoes what no client wrote.
    Source: after Bracha 1987.
    """
    b = given.natural("b")
    _, byzantine, echoing = given.sets("node", node_size(b), "Byzantine", "echoing")
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size <= b,
            "the update is echoed": is_echoed(echoing.size, b),
        },
        claim=(echoing - byzantine).size >= 1,
    )


@lemma(broken_by={"2b echoes": {"is_agreed": lambda echoes, b: echoes >= 2 * b}})
def what_is_agreed_is_echoed_by_all(
    given: Given,
    node_size: Guard = quorums.node_size,
    is_echoed: Guard = quorums.is_echoed,
    is_agreed: Guard = quorums.is_agreed,
) -> Goal:
    """Among 2b + 1 replicas that echo an update there are enough to make everybody echo it.

    In symbols: |echoing - Byzantine| >= b + 1.
    Why: correct replicas echo to all of their node, while Byzantine ones may echo to some.
    Source: after Bracha 1987.
    """
    b = given.natural("b")
    _, byzantine, echoing = given.sets("node", node_size(b), "Byzantine", "echoing")
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size <= b,
            "the update is agreed": is_agreed(echoing.size, b),
        },
        claim=is_echoed((echoing - byzantine).size, b),
    )


@lemma(
    broken_by={
        "3b + 2 echoes": {"is_agreed": lambda echoes, b: echoes >= 3 * b + 2},
        "nodes of 3b": {"node_size": lambda b: 3 * b},
    }
)
def what_all_echo_is_agreed(
    given: Given,
    node_size: Guard = quorums.node_size,
    is_agreed: Guard = quorums.is_agreed,
) -> Goal:
    """Once all correct replicas echo an update, all of them take it.

    In symbols: |node - Byzantine| >= 2b + 1.
    Why: b may stay silent for ever. With the two lemmas above: what one correct replica takes, all
    of its node take.
    Source: after Bracha 1987.
    """
    b = given.natural("b")
    node, byzantine = given.sets("node", node_size(b), "Byzantine")
    return Goal(
        needs={"at most b replicas are Byzantine": byzantine.size <= b},
        claim=is_agreed((node - byzantine).size, b),
    )
