"""Acknowledgements along the tree: what the client hears is true of every node.

An induction along the path from the origin of an update to any node of the tree. At the origin, the
client has 3b + 1 acknowledgements. Then, node by node: where 3b + 1 replicas of a node have
acknowledged, a correct one has, and that one has heard 3b + 1 replicas of the next node do so.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4.
"""

from coterie.model.diffusion import quorums
from coterie.spec.lemmas.given import Given, Guard
from coterie.spec.lemmas.lemma import Goal, lemma
from coterie.spec.lemmas.symbols import implies


@lemma(
    broken_by={"2b + 1 acknowledgements": {"is_acknowledged": lambda acks, b: acks >= 2 * b + 1}}
)
def an_acknowledged_node_is_fresh(
    given: Given,
    node_size: Guard = quorums.node_size,
    is_acknowledged: Guard = quorums.is_acknowledged,
) -> Goal:
    """Where 3b + 1 replicas of a node have acknowledged, 2b + 1 correct ones have the update.

    In symbols: |holders - Byzantine| >= 2b + 1.
    Why: a correct replica stores what it acknowledges, or has something newer.
    Source: Malkhi and Sella 2001, section 4, the write protocol, rules 6 and 7.
    """
    b = given.natural("b")
    names = ("Byzantine", "acknowledged", "holders")
    _, byzantine, acknowledged, holders = given.sets("node", node_size(b), *names)
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size <= b,
            "the node has acknowledged": is_acknowledged(acknowledged.size, b),
            "correct replicas have what they acknowledge": (acknowledged - byzantine - holders).size
            == 0,
        },
        claim=(holders - byzantine).size >= 2 * b + 1,
    )


@lemma(broken_by={"b acknowledgements": {"is_acknowledged": lambda acks, b: acks >= b}})
def an_acknowledgement_is_about_the_next_node(
    given: Given,
    node_size: Guard = quorums.node_size,
    is_acknowledged: Guard = quorums.is_acknowledged,
) -> Goal:
    """Where a node has acknowledged, so has the next one on the way from the origin.

    In symbols: acknowledged(node) implies acknowledged(next).
    Why: one correct replica is enough to carry the induction on, and 3b + 1 contain one. With
    `an_acknowledged_node_is_fresh` every node of the tree has a write that has ended.
    Source: Malkhi and Sella 2001, section 4, the write protocol, rule 5.
    """
    b = given.natural("b")
    node = given.sets("node", node_size(b), "Byzantine", "acknowledged")
    after = given.sets("next", node_size(b), "next acknowledged", called="s")
    _, byzantine, acknowledged = node
    _, onward = after
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size <= b,
            "the node has acknowledged": is_acknowledged(acknowledged.size, b),
            "a correct replica waits for the next node": implies(
                (acknowledged - byzantine).size >= 1, is_acknowledged(onward.size, b)
            ),
        },
        claim=is_acknowledged(onward.size, b),
    )


@lemma(
    broken_by={
        "b + 1 acknowledgements": {"is_acknowledged": lambda acks, b: acks >= b + 1},
        "2b + 1 acknowledgements": {"is_acknowledged": lambda acks, b: acks >= 2 * b + 1},
        "3b answers": {"is_answered": lambda answers, b: answers >= 3 * b},
    }
)
def a_read_behind_an_acknowledging_node_is_fresh(
    given: Given,
    node_size: Guard = quorums.node_size,
    is_answered: Guard = quorums.is_answered,
    is_acknowledged: Guard = quorums.is_acknowledged,
    is_supported: Guard = quorums.is_supported,
) -> Goal:
    """Where a node has acknowledged, a read at the next meets b + 1 correct replicas that know it.

    In symbols: |(answered & holders) - Byzantine| >= b + 1 in the next node.
    Why: so it does not matter at which node of the tree one reads.
    Source: Malkhi and Sella 2001, section 4, rules 5 to 7, and the read protocol.
    """
    b = given.natural("b")
    _, byzantine, acknowledged = given.sets("node", node_size(b), "Byzantine", "acknowledged")
    names = ("next Byzantine", "next acknowledged", "holders", "answered")
    _, forging, onward, holders, answered = given.sets("next", node_size(b), *names, called="s")
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size + forging.size <= b,
            "the node has acknowledged": is_acknowledged(acknowledged.size, b),
            "a correct replica waits for the next node": implies(
                (acknowledged - byzantine).size >= 1, is_acknowledged(onward.size, b)
            ),
            "correct replicas have what they acknowledge": (onward - forging - holders).size == 0,
            "the read has its answers": is_answered(answered.size, b),
        },
        claim=is_supported(((answered & holders) - forging).size, b),
    )
