"""Majorities of a view: why a group does not split, whatever the network does.

Source: Jha, "Replication", recitation of CS 5412 Cloud Computing, Cornell University, section 5
(the split-brain problem); Jha et al., Derecho, ACM TOCS 2019, section 3.4.
"""

from coterie.model.synchrony import membership
from coterie.spec.lemmas.given import Given, Guard
from coterie.spec.lemmas.lemma import Goal, lemma


@lemma(broken_by={"halves": {"has_majority": lambda alive, members: 2 * alive >= members}})
def two_sides_of_a_view_share_a_member(
    given: Given, has_majority: Guard = membership.has_majority
) -> Goal:
    """Any two sets of members that may go on share a member.

    In symbols: |one & other| >= 1.
    Why: a member says once how its view ends. So two sides cannot end it differently.
    Source: Jha, recitation, section 5.
    """
    n = given.natural("n")
    _, one, other = given.sets("members", n, "one", "other", called="m")
    return Goal(
        needs={
            "the one goes on": has_majority(one.size, n),
            "the other goes on": has_majority(other.size, n),
        },
        claim=(one & other).size >= 1,
    )


@lemma(broken_by={"two thirds": {"has_majority": lambda alive, members: 3 * alive > 2 * members}})
def a_minority_may_fail(given: Given, has_majority: Guard = membership.has_majority) -> Goal:
    """Where fewer than half of a view's members fail, the others may go on.

    In symbols: 2 |failed| < n implies that |members - failed| is a majority of n.
    Why: otherwise a group of three could not lose one.
    Source: Jha, recitation, section 5.
    """
    n = given.natural("n")
    members, failed = given.sets("members", n, "failed", called="m")
    return Goal(
        needs={"fewer than half have failed": 2 * failed.size < n},
        claim=has_majority((members - failed).size, n),
    )


@lemma(broken_by={"any other": {"all_agree": lambda agreeing, asked: 2 * agreeing > asked}})
def nobody_trusted_is_left_out(given: Given, all_agree: Guard = membership.all_agree) -> Goal:
    """When as many agree as are trusted, each one who is trusted agrees.

    In symbols: |trusted & agreeing| = |trusted| implies |trusted - agreeing| = 0.
    Why: so a leader takes over from nobody whom a member that it counts on still obeys, and a
    member ends its view by nothing that one of them could still contradict.
    Source: Jha et al., Derecho, 2019, section 3.4.
    """
    _, trusted, agreeing = given.sets(
        "members", given.natural("n"), "trusted", "agreeing", called="m"
    )
    return Goal(
        needs={"as many agree": all_agree((trusted & agreeing).size, trusted.size)},
        claim=(trusted - agreeing).size == 0,
    )
