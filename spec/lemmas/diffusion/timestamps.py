"""The timestamps of the register: each above all completed writes, and none out of thin air.

A writer sorts the timestamps of its answers, TS[0] to TS[3b], and builds on TS[2b]: it drops the b
largest. The lemmas say what it may know of the number at a rank: no more than so many answers are
below it, and with those that are equal there are more than that.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4.
"""

from coterie.model.diffusion import quorums
from coterie.spec.lemmas.given import Given, Guard
from coterie.spec.lemmas.lemma import Goal, lemma
from coterie.spec.lemmas.symbols import implies


@lemma(
    broken_by={
        "the b + 1 largest dropped": {"trusted_rank": lambda b: 2 * b - 1},
        "3b acknowledgements": {"is_acknowledged": lambda acks, b: acks >= 3 * b},
    }
)
def a_new_timestamp_is_above_every_completed_write(
    given: Given,
    node_size: Guard = quorums.node_size,
    is_acknowledged: Guard = quorums.is_acknowledged,
    trusted_rank: Guard = quorums.trusted_rank,
) -> Goal:
    """TS[2b] is at least the timestamp of any write that was completed before.

    In symbols: TS[2b] >= written, and so TS[2b] + 1 > written.
    Why: of k replicas that answer, k - 2b at least are correct and have acknowledged the write.
    Were TS[2b] less, they would all be above it; but 2b + 1 of the k are not. So that holds of any
    number of answers; that there are 3b + 1 is needed for the next lemma.
    Source: Malkhi and Sella 2001, section 4, the write protocol, rule 1.
    """
    b, trusted, written = (given.natural(name) for name in ("b", "trusted", "written"))
    names = ("Byzantine", "answered", "acknowledged", "higher")
    _, byzantine, answered, acknowledged, higher = given.sets("node", node_size(b), *names)
    fresh = (answered & acknowledged) - byzantine
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size <= b,
            "the write has its acknowledgements": is_acknowledged(acknowledged.size, b),
            "more than its rank are not higher": (answered - higher).size > trusted_rank(b),
            "who has acknowledged answers no less": implies(
                trusted < written, (fresh - higher).size == 0
            ),
        },
        claim=trusted >= written,
    )


@lemma(
    broken_by={
        "none dropped": {"trusted_rank": lambda b: 3 * b},
        "the b - 1 largest dropped": {"trusted_rank": lambda b: 2 * b + 1},
        "3b answers": {"is_answered": lambda answers, b: answers >= 3 * b},
    }
)
def a_new_timestamp_builds_on_a_correct_one(
    given: Given,
    node_size: Guard = quorums.node_size,
    is_answered: Guard = quorums.is_answered,
    trusted_rank: Guard = quorums.trusted_rank,
) -> Goal:
    """Some correct replica answers TS[2b] or more.

    In symbols: |answered - lower - Byzantine| >= 1.
    Why: b + 1 of 3b + 1 sorted answers are from place 2b on.
    Source: Malkhi and Sella 2001, section 4, the write protocol, rule 1 and its notes.
    """
    b = given.natural("b")
    names = ("Byzantine", "answered", "lower")
    _, byzantine, answered, lower = given.sets("node", node_size(b), *names)
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size <= b,
            "the writer has its answers": is_answered(answered.size, b),
            "no more than its rank are lower": (answered & lower).size <= trusted_rank(b),
        },
        claim=(answered - lower - byzantine).size >= 1,
    )


@lemma(broken_by={"none dropped": {"trusted_rank": lambda b: 3 * b}})
def timestamps_count_the_writes(
    given: Given,
    node_size: Guard = quorums.node_size,
    is_answered: Guard = quorums.is_answered,
    trusted_rank: Guard = quorums.trusted_rank,
) -> Goal:
    """A new timestamp is at most the number of writes that were started, its own included.

    In symbols: TS[2b] + 1 <= started, where correct replicas have at most started - 1 before.
    Why: this is the step of an induction over the writes; so Byzantine replicas cannot use up the
    64 bits of a timestamp.
    Source: Malkhi and Sella 2001, section 4, the notes on timestamps.
    """
    b, trusted, started = (given.natural(name) for name in ("b", "trusted", "started"))
    names = ("Byzantine", "answered", "lower", "inflated")
    _, byzantine, answered, lower, inflated = given.sets("node", node_size(b), *names)
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size <= b,
            "the writer has its answers": is_answered(answered.size, b),
            "no more than its rank are lower": (answered & lower).size <= trusted_rank(b),
            "correct replicas had no more than one a write": (inflated - byzantine).size == 0,
            "what is not lower than too much is too much": implies(
                trusted > started - 1, (answered - lower - inflated).size == 0
            ),
        },
        claim=trusted + 1 <= started,
    )
