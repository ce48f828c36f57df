"""The quorums of the two-phase lookup.

Of 3f + 1 servers at most f are Byzantine, and a client believes what 2f + 1 of them say.

Source: Shadmon and Srivastav, "Replicated and Consistent Distributed Data Storage", section V-B.
"""

from coterie.model.diffusion import lookup_quorums as quorums
from coterie.spec.lemmas.given import Given, Guard
from coterie.spec.lemmas.lemma import Goal, lemma
from coterie.spec.lemmas.symbols import no


@lemma(
    broken_by={
        "3f + 2 servers": {"server_count": lambda f: 3 * f + 2},
        "3f servers, and quorums of 2f": {
            "server_count": lambda f: 3 * f,
            "is_vouched": lambda answers, f: answers >= 2 * f,
        },
        "quorums of 2f": {"is_vouched": lambda answers, f: answers >= 2 * f},
        "quorums of f + 1": {"is_vouched": quorums.is_witnessed},
    }
)
def two_quorums_share_a_witness(
    given: Given,
    server_count: Guard = quorums.server_count,
    is_vouched: Guard = quorums.is_vouched,
    is_witnessed: Guard = quorums.is_witnessed,
) -> Goal:
    """Any 2f + 1 servers and any other 2f + 1 have f + 1 in common, a correct one among them.

    In symbols: |first & second| >= f + 1.
    Why: 2 (2f + 1) - (3f + 1) = f + 1.
    Source: Shadmon and Srivastav, section V-B.
    """
    f = given.natural("f")
    _, first, second = given.sets("servers", server_count(f), "first", "second", called="s")
    return Goal(
        needs={
            "the first are a quorum": is_vouched(first.size, f),
            "the second are a quorum": is_vouched(second.size, f),
        },
        claim=is_witnessed((first & second).size, f),
    )


@lemma(
    broken_by={
        "3f servers": {"server_count": lambda f: 3 * f},
        "quorums of 2f + 2": {"is_vouched": lambda answers, f: answers >= 2 * f + 2},
    }
)
def the_correct_servers_are_enough(
    given: Given,
    server_count: Guard = quorums.server_count,
    is_vouched: Guard = quorums.is_vouched,
) -> Goal:
    """Where all correct servers say the same, a client believes it.

    In symbols: |servers - Byzantine| >= 2f + 1.
    Why: f may be silent for ever, or lie.
    Source: Shadmon and Srivastav, section V-B.
    """
    f = given.natural("f")
    servers, byzantine = given.sets("servers", server_count(f), "Byzantine", called="s")
    return Goal(
        needs={"at most f servers are Byzantine": byzantine.size <= f},
        claim=is_vouched((servers - byzantine).size, f),
    )


@lemma(broken_by={"quorums of f": {"is_vouched": lambda answers, f: answers >= f}})
def a_lookup_returns_no_forged_value(
    given: Given,
    server_count: Guard = quorums.server_count,
    is_vouched: Guard = quorums.is_vouched,
) -> Goal:
    """What 2f + 1 servers say alike is not what Byzantine servers alone say.

    In symbols: no correct server has it implies votes < 2f + 1.
    Why: f + 1 of 2f + 1 are correct.
    Source: Shadmon and Srivastav, section V-B.
    """
    f = given.natural("f")
    _, byzantine, votes = given.sets("servers", server_count(f), "Byzantine", "votes", called="s")
    return Goal(
        needs={
            "at most f servers are Byzantine": byzantine.size <= f,
            "no correct server has the value": (votes - byzantine).size == 0,
        },
        claim=no(is_vouched(votes.size, f)),
    )


@lemma(broken_by={"a witness of f": {"is_witnessed": lambda answers, f: answers >= f}})
def a_value_that_is_passed_on_is_not_forged(
    given: Given,
    server_count: Guard = quorums.server_count,
    is_witnessed: Guard = quorums.is_witnessed,
) -> Goal:
    """What f + 1 servers say alike is not what Byzantine servers alone say.

    In symbols: no correct server has it implies votes < f + 1.
    Why: so a client may believe it, or tell it to all servers, before it is vouched for.
    Source: the repairs of the two-phase lookup, which are ours.
    """
    f = given.natural("f")
    _, byzantine, votes = given.sets("servers", server_count(f), "Byzantine", "votes", called="s")
    return Goal(
        needs={
            "at most f servers are Byzantine": byzantine.size <= f,
            "no correct server has the value": (votes - byzantine).size == 0,
        },
        claim=no(is_witnessed(votes.size, f)),
    )


@lemma(
    broken_by={
        "values believed of f + 1": {"believes_value": quorums.is_witnessed},
        "none believed of f + 1": {"believes_none": quorums.is_witnessed},
        "3f + 2 servers": {"server_count": lambda f: 3 * f + 2},
        "3f servers, and quorums of 2f": {
            "server_count": lambda f: 3 * f,
            "believes_value": lambda answers, f: answers >= 2 * f,
            "believes_none": lambda answers, f: answers >= 2 * f,
        },
    }
)
def nothing_is_lost_after_it_was_read(
    given: Given,
    server_count: Guard = quorums.server_count,
    believes_value: Guard = quorums.is_vouched,
    believes_none: Guard = quorums.is_vouched,
) -> Goal:
    """After a lookup has returned a value, none returns that there is none.

    In symbols: |values| >= 2f + 1 implies |nones| < 2f + 1.
    Why: the two would share a correct server, which does not forget. To believe a value as soon as
    f + 1 servers say it is not enough for that: one correct server may be the only one to have it.
    Source: Shadmon and Srivastav, section V-B.
    """
    f = given.natural("f")
    names = ("Byzantine", "values", "nones")
    _, byzantine, values, nones = given.sets("servers", server_count(f), *names, called="s")
    return Goal(
        needs={
            "at most f servers are Byzantine": byzantine.size <= f,
            "a lookup has returned the value": believes_value(values.size, f),
            "correct servers forget nothing": ((values & nones) - byzantine).size == 0,
        },
        claim=no(believes_none(nones.size, f)),
    )


@lemma(broken_by={"none believed of 2f": {"believes_none": lambda answers, f: answers >= 2 * f}})
def what_a_correct_witness_set_has_is_not_missed(
    given: Given,
    server_count: Guard = quorums.server_count,
    believes_none: Guard = quorums.is_vouched,
    is_witnessed: Guard = quorums.is_witnessed,
) -> Goal:
    """Where f + 1 correct servers have a value, no lookup returns that there is none.

    In symbols: |holders - Byzantine| >= f + 1 implies |nones| < 2f + 1.
    Why: at most 2f servers are left to say so.
    Source: Shadmon and Srivastav, section V-B.
    """
    f = given.natural("f")
    names = ("Byzantine", "holders", "nones")
    _, byzantine, holders, nones = given.sets("servers", server_count(f), *names, called="s")
    return Goal(
        needs={
            "f + 1 correct servers have the value": is_witnessed((holders - byzantine).size, f),
            "correct servers say what they have": ((holders & nones) - byzantine).size == 0,
        },
        claim=no(believes_none(nones.size, f)),
    )


@lemma(broken_by={"3f + 2 servers": {"server_count": lambda f: 3 * f + 2}})
def a_value_and_none_are_never_both_believed(
    given: Given,
    server_count: Guard = quorums.server_count,
    is_witnessed: Guard = quorums.is_witnessed,
    believes_none: Guard = quorums.is_vouched,
) -> Goal:
    """In one round of answers f + 1 equal values leave no 2f + 1 servers to say there is none.

    In symbols: (f + 1) + (2f + 1) > 3f + 1.
    Why: the client that believes f + 1 values need not ask which came first.
    Source: the repairs of the two-phase lookup, which are ours.
    """
    f = given.natural("f")
    _, values, nones = given.sets("servers", server_count(f), "values", "nones", called="s")
    return Goal(
        needs={
            "f + 1 servers say the value": is_witnessed(values.size, f),
            "a server's first answer counts": (values & nones).size == 0,
        },
        claim=no(believes_none(nones.size, f)),
    )


@lemma(broken_by={"values believed of f + 1": {"believes_value": quorums.is_witnessed}})
def one_hole_blocks_the_published_lookup(
    given: Given,
    server_count: Guard = quorums.server_count,
    believes_value: Guard = quorums.is_vouched,
) -> Goal:
    """With f silent servers and one correct server that lacks it, a value is never believed.

    In symbols: |holders| <= 3f + 1 - f - 1 < 2f + 1.
    Why: this is the flaw of the published lookup: such a key can never be read.
    Source: found here, of Shadmon and Srivastav, sections IV and V-B together.
    """
    f = given.natural("f")
    names = ("silent", "holders")
    servers, silent, holders = given.sets("servers", server_count(f), *names, called="s")
    return Goal(
        needs={
            "f servers are silent": silent.size >= f,
            "the silent say nothing": (holders & silent).size == 0,
            "a correct server lacks the value": (servers - silent - holders).size >= 1,
        },
        claim=no(believes_value(holders.size, f)),
    )


@lemma(broken_by={"a witness of f + 2": {"is_witnessed": lambda answers, f: answers >= f + 2}})
def holes_do_not_block_the_repaired_lookup(
    given: Given,
    server_count: Guard = quorums.server_count,
    is_witnessed: Guard = quorums.is_witnessed,
) -> Goal:
    """With f silent servers and f correct ones that lack it, a value is still witnessed.

    In symbols: 3f + 1 - f - f >= f + 1.
    Why: so the repaired client passes it on to all, and then 2f + 1 can vouch for it.
    Source: the repairs of the two-phase lookup, which are ours.
    """
    f = given.natural("f")
    names = ("silent", "holders")
    servers, silent, holders = given.sets("servers", server_count(f), *names, called="s")
    return Goal(
        needs={
            "at most f servers are silent": silent.size <= f,
            "at most f others lack the value": (servers - silent - holders).size <= f,
        },
        claim=is_witnessed((holders - silent).size, f),
    )
