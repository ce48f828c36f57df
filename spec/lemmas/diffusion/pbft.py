"""The quorums of PBFT.

Of 3f + 1 replicas at most f are Byzantine; a quorum is 2f + 1 of them.

Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.
"""

from coterie.model.diffusion.pbft import quorums
from coterie.spec.lemmas.given import Given, Guard
from coterie.spec.lemmas.lemma import Goal, lemma


@lemma(
    broken_by={
        "3f replicas": {"replica_count": lambda f: 3 * f},
        "2f + 1 prepares": {"is_prepared": lambda prepares, f: prepares >= 2 * f + 1},
        "quorums of 2f + 2": {"is_committed": lambda commits, f: commits >= 2 * f + 2},
    }
)
def the_correct_replicas_are_a_quorum(
    given: Given,
    replica_count: Guard = quorums.replica_count,
    is_prepared: Guard = quorums.is_prepared,
    is_committed: Guard = quorums.is_committed,
    is_checkpoint_quorum: Guard = quorums.is_checkpoint_quorum,
    is_view_change_quorum: Guard = quorums.is_view_change_quorum,
) -> Goal:
    """Nobody has to wait for a Byzantine replica, whatever it waits for.

    In symbols: |replicas - Byzantine| >= 2f + 1, the primary's pre-prepare among them.
    Why: f may stay silent for ever.
    Source: Castro and Liskov 1999, section 3 and 4.
    """
    f = given.natural("f")
    names = ("Byzantine", "primary")
    replicas, byzantine, primary = given.sets("replicas", replica_count(f), *names)
    correct = replicas - byzantine
    enough = is_checkpoint_quorum(correct.size, f) & is_view_change_quorum(correct.size, f)
    return Goal(
        needs={
            "at most f replicas are Byzantine": byzantine.size <= f,
            "a view has one primary": primary.size == 1,
        },
        claim=enough & is_committed(correct.size, f) & is_prepared((correct - primary).size, f),
    )


@lemma(
    broken_by={
        "f prepares": {"is_prepared": lambda prepares, f: prepares >= f},
        "2f - 1 prepares": {"is_prepared": lambda prepares, f: prepares >= 2 * f - 1},
        "3f + 2 replicas": {"replica_count": lambda f: 3 * f + 2},
        "3f replicas, and quorums of 2f": {
            "replica_count": lambda f: 3 * f,
            "is_prepared": lambda prepares, f: prepares >= 2 * f - 1,
        },
    }
)
def two_certificates_share_a_correct_replica(
    given: Given,
    replica_count: Guard = quorums.replica_count,
    is_prepared: Guard = quorums.is_prepared,
) -> Goal:
    """Two prepared certificates for one view and one number share a correct replica.

    In symbols: |(one & other) - Byzantine| >= 1, each being the primary and 2f backups.
    Why: a correct replica prepares one digest there; so the certificates are for the same one.
    Source: Castro and Liskov 1999, section 4.2: the first invariant.
    """
    f = given.natural("f")
    names = ("Byzantine", "primary", "prepares", "others")
    _, byzantine, primary, prepares, others = given.sets("replicas", replica_count(f), *names)
    shared = (prepares | primary) & (others | primary)
    return Goal(
        needs={
            "at most f replicas are Byzantine": byzantine.size <= f,
            "a view has one primary": primary.size == 1,
            "the primary sends no prepare": ((prepares | others) & primary).size == 0,
            "the one is a certificate": is_prepared(prepares.size, f),
            "the other is a certificate": is_prepared(others.size, f),
        },
        claim=(shared - byzantine).size >= 1,
    )


@lemma(
    broken_by={
        "2f commits": {"is_committed": lambda commits, f: commits >= 2 * f},
        "2f view changes": {"is_view_change_quorum": lambda changes, f: changes >= 2 * f},
        "3f + 2 replicas": {"replica_count": lambda f: 3 * f + 2},
        "3f replicas, and quorums of 2f": {
            "replica_count": lambda f: 3 * f,
            "is_committed": lambda commits, f: commits >= 2 * f,
            "is_view_change_quorum": lambda changes, f: changes >= 2 * f,
        },
    }
)
def a_new_view_hears_of_every_commit(
    given: Given,
    replica_count: Guard = quorums.replica_count,
    is_committed: Guard = quorums.is_committed,
    is_view_change_quorum: Guard = quorums.is_view_change_quorum,
) -> Goal:
    """Those who committed and those whose view changes start a view share a correct replica.

    In symbols: |(commits & changes) - Byzantine| >= 1.
    Why: that one reports the certificate with which it committed, or a higher one.
    Source: Castro and Liskov 1999, section 4.4, and 4.5.1: the ordering across views.
    """
    f = given.natural("f")
    names = ("Byzantine", "commits", "changes")
    _, byzantine, commits, changes = given.sets("replicas", replica_count(f), *names)
    return Goal(
        needs={
            "at most f replicas are Byzantine": byzantine.size <= f,
            "the commits are a quorum": is_committed(commits.size, f),
            "the view changes are a quorum": is_view_change_quorum(changes.size, f),
        },
        claim=((commits & changes) - byzantine).size >= 1,
    )


@lemma(broken_by={"2f commits": {"is_committed": lambda commits, f: commits >= 2 * f}})
def what_is_committed_is_prepared_at_many(
    given: Given,
    replica_count: Guard = quorums.replica_count,
    is_committed: Guard = quorums.is_committed,
) -> Goal:
    """What is committed at one correct replica is prepared at f + 1 correct ones.

    In symbols: |prepared - Byzantine| >= f + 1.
    Why: committed-local implies committed, as the paper puts it.
    Source: Castro and Liskov 1999, section 4.2: the second invariant.
    """
    f = given.natural("f")
    names = ("Byzantine", "commits", "prepared")
    _, byzantine, commits, prepared = given.sets("replicas", replica_count(f), *names)
    return Goal(
        needs={
            "at most f replicas are Byzantine": byzantine.size <= f,
            "the commits are a quorum": is_committed(commits.size, f),
            "who commits is prepared": (commits - byzantine - prepared).size == 0,
        },
        claim=(prepared - byzantine).size >= f + 1,
    )


@lemma(broken_by={"f replies": {"is_reply_certain": lambda replies, f: replies >= f}})
def a_certain_reply_is_correct(
    given: Given,
    replica_count: Guard = quorums.replica_count,
    is_reply_certain: Guard = quorums.is_reply_certain,
) -> Goal:
    """Among f + 1 equal replies there is a correct replica's.

    In symbols: |replies - Byzantine| >= 1.
    Why: a client believes what a correct replica has executed.
    Source: Castro and Liskov 1999, section 4.1.
    """
    f = given.natural("f")
    _, byzantine, replies = given.sets("replicas", replica_count(f), "Byzantine", "replies")
    return Goal(
        needs={
            "at most f replicas are Byzantine": byzantine.size <= f,
            "the reply is certain": is_reply_certain(replies.size, f),
        },
        claim=(replies - byzantine).size >= 1,
    )


@lemma(broken_by={"f others": {"is_view_change_joined": lambda changes, f: changes >= f}})
def a_view_change_is_joined_for_a_reason(
    given: Given,
    replica_count: Guard = quorums.replica_count,
    is_view_change_joined: Guard = quorums.is_view_change_joined,
) -> Goal:
    """Among f + 1 replicas that give up a view there is a correct one.

    In symbols: |changes - Byzantine| >= 1.
    Why: Byzantine replicas alone cannot force view changes.
    Source: Castro and Liskov 1999, section 4.5.2.
    """
    f = given.natural("f")
    _, byzantine, changes = given.sets("replicas", replica_count(f), "Byzantine", "changes")
    return Goal(
        needs={
            "at most f replicas are Byzantine": byzantine.size <= f,
            "they are joined": is_view_change_joined(changes.size, f),
        },
        claim=(changes - byzantine).size >= 1,
    )


@lemma(
    broken_by={"2f votes": {"is_checkpoint_quorum": lambda votes, f: votes >= 2 * f}},
)
def a_stable_checkpoint_can_be_fetched(
    given: Given,
    replica_count: Guard = quorums.replica_count,
    is_checkpoint_quorum: Guard = quorums.is_checkpoint_quorum,
    is_reply_certain: Guard = quorums.is_reply_certain,
) -> Goal:
    """A stable checkpoint is at f + 1 correct replicas, who can prove it to one that lacks it.

    In symbols: |votes - Byzantine| >= f + 1.
    Why: the messages before it are discarded, so its state must not get lost.
    Source: Castro and Liskov 1999, section 4.3.
    """
    f = given.natural("f")
    _, byzantine, votes = given.sets("replicas", replica_count(f), "Byzantine", "votes")
    return Goal(
        needs={
            "at most f replicas are Byzantine": byzantine.size <= f,
            "the checkpoint is stable": is_checkpoint_quorum(votes.size, f),
        },
        claim=is_reply_certain((votes - byzantine).size, f),
    )
