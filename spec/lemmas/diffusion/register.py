"""The quorums of the register on a tree.

A node of the tree has 4b + 1 replicas, and at most b of all replicas are Byzantine.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4.
"""

from coterie.model.diffusion import quorums
from coterie.spec.lemmas.given import Given, Guard
from coterie.spec.lemmas.lemma import Goal, lemma
from coterie.spec.lemmas.symbols import no


@lemma(
    broken_by={
        "nodes of 4b": {"node_size": lambda b: 4 * b},
        "4b answers": {"is_answered": lambda answers, b: answers >= 4 * b},
        "4b acknowledgements": {"is_acknowledged": lambda acks, b: acks >= 4 * b},
    }
)
def the_correct_replicas_of_a_node_are_enough(
    given: Given,
    node_size: Guard = quorums.node_size,
    is_answered: Guard = quorums.is_answered,
    is_acknowledged: Guard = quorums.is_acknowledged,
) -> Goal:
    """Nobody who asks a node has to wait for a Byzantine replica.

    In symbols: |node - Byzantine| >= 3b + 1.
    Why: b may stay silent for ever, and 4b + 1 without them are 3b + 1.
    Source: Malkhi and Sella 2001, section 4, the write protocol, rules 1 and 7.
    """
    b = given.natural("b")
    node, byzantine = given.sets("node", node_size(b), "Byzantine")
    correct = (node - byzantine).size
    return Goal(
        needs={"at most b replicas are Byzantine": byzantine.size <= b},
        claim=is_answered(correct, b) & is_acknowledged(correct, b),
    )


@lemma(
    broken_by={
        "3b answers": {"is_answered": lambda answers, b: answers >= 3 * b},
        "3b acknowledgements": {"is_acknowledged": lambda acks, b: acks >= 3 * b},
        "nodes of 4b, and quorums of 3b": {
            "node_size": lambda b: 4 * b,
            "is_answered": lambda answers, b: answers >= 3 * b,
            "is_acknowledged": lambda acks, b: acks >= 3 * b,
        },
        "nodes of 3b + 1, and quorums of 2b + 1": {
            "node_size": quorums.bounded_node_size,
            "is_answered": lambda answers, b: answers >= 2 * b + 1,
            "is_acknowledged": lambda acks, b: acks >= 2 * b + 1,
        },
        "nodes of 4b + 2": {"node_size": lambda b: 4 * b + 2},
    }
)
def a_read_meets_every_completed_write(
    given: Given,
    node_size: Guard = quorums.node_size,
    is_answered: Guard = quorums.is_answered,
    is_acknowledged: Guard = quorums.is_acknowledged,
    is_supported: Guard = quorums.is_supported,
) -> Goal:
    """Those who answer a read and those who acknowledged a write share b + 1 correct replicas.

    In symbols: |(answered & acknowledged) - Byzantine| >= b + 1.
    Why: two sets of 3b + 1 in a node of 4b + 1 share at least 2b + 1, of which b may be Byzantine.
    Then those b + 1 support what was written, and answers older than it can be told to be old.
    Source: Malkhi and Sella 2001, section 3: read sets and write sets meet in b + 1 correct ones.
    """
    b = given.natural("b")
    names = ("Byzantine", "answered", "acknowledged")
    _, byzantine, answered, acknowledged = given.sets("node", node_size(b), *names)
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size <= b,
            "the read has its answers": is_answered(answered.size, b),
            "the write has its acknowledgements": is_acknowledged(acknowledged.size, b),
        },
        claim=is_supported(((answered & acknowledged) - byzantine).size, b),
    )


@lemma(broken_by={"a support of b": {"is_supported": lambda votes, b: votes >= b}})
def a_supported_value_is_genuine(
    given: Given,
    node_size: Guard = quorums.node_size,
    is_supported: Guard = quorums.is_supported,
) -> Goal:
    """Among b + 1 replicas that say the same there is a correct one.

    In symbols: |supporters - Byzantine| >= 1.
    Why: without it a read could return a value that nobody wrote.
    Source: Malkhi and Sella 2001, section 4, the read protocol, step 3.
    """
    b = given.natural("b")
    _, byzantine, supporters = given.sets("node", node_size(b), "Byzantine", "supporters")
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size <= b,
            "the value is supported": is_supported(supporters.size, b),
        },
        claim=(supporters - byzantine).size >= 1,
    )


@lemma(broken_by={"b copies": {"is_copied": lambda copies, b: copies >= b}})
def a_copied_update_is_genuine(
    given: Given,
    node_size: Guard = quorums.node_size,
    is_copied: Guard = quorums.is_copied,
) -> Goal:
    """Among b + 1 replicas of one node that pass an update on there is a correct one.

    In symbols: |copiers - Byzantine| >= 1.
    Why: so by induction along the tree no correct replica takes over what no client wrote.
    Source: Malkhi and Sella 2001, section 4, the write protocol, rule 3.
    """
    b = given.natural("b")
    _, byzantine, copiers = given.sets("node", node_size(b), "Byzantine", "copiers")
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size <= b,
            "the update is copied": is_copied(copiers.size, b),
        },
        claim=(copiers - byzantine).size >= 1,
    )


@lemma(broken_by={"b newer answers": {"is_outdated": lambda newer, b: newer >= b}})
def the_newest_correct_answer_stays(
    given: Given,
    node_size: Guard = quorums.node_size,
    is_outdated: Guard = quorums.is_outdated,
) -> Goal:
    """An answer is discarded only beside a correct replica's newer one.

    In symbols: |newer| >= b + 1 implies |newer - Byzantine| >= 1.
    Why: Byzantine replicas alone cannot make a reader discard what it ought to return.
    Source: Malkhi and Sella 2001, section 4, the read protocol, step 2.
    """
    b = given.natural("b")
    _, byzantine, newer = given.sets("node", node_size(b), "Byzantine", "newer")
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size <= b,
            "no correct replica says anything newer": (newer - byzantine).size == 0,
        },
        claim=no(is_outdated(newer.size, b)),
    )


@lemma(
    broken_by={
        "3b answers": {"is_answered": lambda answers, b: answers >= 3 * b},
        "b + 2 newer answers": {"is_outdated": lambda newer, b: newer >= b + 2},
    }
)
def older_answers_are_discarded(
    given: Given,
    node_size: Guard = quorums.node_size,
    is_answered: Guard = quorums.is_answered,
    is_acknowledged: Guard = quorums.is_acknowledged,
    is_outdated: Guard = quorums.is_outdated,
) -> Goal:
    """After a completed write a reader discards every answer that is older.

    In symbols: |newer| >= b + 1, where newer are the answers from what was written on.
    Why: the correct replicas that acknowledged the write and answer the read say nothing older.
    Source: Malkhi and Sella 2001, section 4, the read protocol, step 2.
    """
    b = given.natural("b")
    names = ("Byzantine", "answered", "acknowledged", "newer")
    _, byzantine, answered, acknowledged, newer = given.sets("node", node_size(b), *names)
    fresh = (answered & acknowledged) - byzantine
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size <= b,
            "the read has its answers": is_answered(answered.size, b),
            "the write has its acknowledgements": is_acknowledged(acknowledged.size, b),
            "who has acknowledged says nothing older": (fresh - newer).size == 0,
        },
        claim=is_outdated(newer.size, b),
    )


@lemma(
    broken_by={
        "a support of b": {"is_supported": lambda votes, b: votes >= b},
        "all 4b + 1 answers": {"is_answered": lambda answers, b: answers >= 4 * b + 1},
    }
)
def at_most_two_candidates(
    given: Given,
    node_size: Guard = quorums.node_size,
    is_answered: Guard = quorums.is_answered,
    is_supported: Guard = quorums.is_supported,
) -> Goal:
    """Of 3b + 1 answers no three different ones can each be supported.

    In symbols: 3 (b + 1) > 3b + 1.
    Why: a replica answers one thing. It rests on the reader's deciding as soon as it may: among
    4b + 1 answers there is room for three from b = 2 on.
    Source: Malkhi and Sella 2001, section 4, the read protocol, step 4.
    """
    b = given.natural("b")
    names = ("answered", "first", "second", "third")
    _, answered, first, second, third = given.sets("node", node_size(b), *names)
    shared = (first & second) | (first & third) | (second & third)
    return Goal(
        needs={
            "the reader decides as soon as it may": no(is_answered(answered.size - 1, b)),
            "only answers count": ((first | second | third) - answered).size == 0,
            "a replica answers one thing": shared.size == 0,
            "the first is supported": is_supported(first.size, b),
            "the second is supported": is_supported(second.size, b),
        },
        claim=no(is_supported(third.size, b)),
    )


@lemma(broken_by={"a support of b": {"is_supported": lambda votes, b: votes >= b}})
def two_candidates_are_possible(
    given: Given,
    is_answered: Guard = quorums.is_answered,
    is_supported: Guard = quorums.is_supported,
) -> Goal:
    """The bound of two candidates is exact: 3b + 1 divided by b + 1 is 2, and a remainder.

    In symbols: 2 (b + 1) <= 3b + 1 < 3 (b + 1).
    Why: a correct client needs a rule for two, such as two writes with equal timestamps.
    Source: Malkhi and Sella 2001, section 4, the read protocol, step 4.
    """
    b, answers, votes = (given.natural(name) for name in ("b", "answers", "votes"))
    return Goal(
        needs={
            "b is at least 1": b >= 1,
            "so many answers are enough": is_answered(answers, b),
            "and no fewer": no(is_answered(answers - 1, b)),
            "so many votes are enough": is_supported(votes, b),
            "and none fewer": no(is_supported(votes - 1, b)),
        },
        claim=(2 * votes <= answers) & (answers < 3 * votes),
    )


@lemma(broken_by={"nodes of 2b": {"bounded_node_size": lambda b: 2 * b}})
def smaller_nodes_suffice_where_delays_are_bounded(
    given: Given,
    bounded_node_size: Guard = quorums.bounded_node_size,
    is_supported: Guard = quorums.is_supported,
) -> Goal:
    """Of 3b + 1 replicas b + 1 correct ones have a write and answer a read, if nobody is late.

    In symbols: |(answered & acknowledged) - Byzantine| >= b + 1.
    Why: with synchronous channels a client waits for all correct replicas, 2b + 1 or more. Without
    them it cannot, which is why a node has 4b + 1.
    Source: Malkhi and Sella 2001, section 4, footnote 1.
    """
    b = given.natural("b")
    names = ("Byzantine", "answered", "acknowledged")
    node, byzantine, answered, acknowledged = given.sets("node", bounded_node_size(b), *names)
    correct = node - byzantine
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size <= b,
            "every correct replica answers": (correct - answered).size == 0,
            "every correct replica acknowledges": (correct - acknowledged).size == 0,
        },
        claim=is_supported(((answered & acknowledged) - byzantine).size, b),
    )
