"""Replication by diffusion in general: what its sizes are for, whoever tells whom.

A scheme says how large the sets are: entry sets, write sets and read sets of a group, and how many
senders or supporters are believed. The lemmas are about any such sizes, so about the register on a
tree, about gossip, and about whatever else has them.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 3.
"""

from typing import Any

from coterie.model.diffusion import quorums
from coterie.model.diffusion import scheme as model
from coterie.model.diffusion.scheme import Scheme
from coterie.spec.lemmas.given import Given, Guard
from coterie.spec.lemmas.lemma import Goal, lemma
from coterie.spec.lemmas.symbols import Said, no


def _any_scheme(given: Given) -> Scheme:
    """Return a scheme of one group, with any sizes."""
    names = ("b", "size", "entry", "write", "read", "senders", "support")
    return Scheme(groups=1, **{name: given.natural(name) for name in names})


@lemma(
    broken_by={
        "sets that meet in 2b": {
            "meets": lambda scheme: scheme.read + scheme.write >= scheme.size + 2 * scheme.b
        }
    }
)
def reads_meet_writes_in_correct_replicas(given: Given, meets: Guard = model.meets) -> Goal:
    """Any read set and any write set of a group share b + 1 correct replicas.

    In symbols: read + write >= size + 2b + 1 implies |(reading & written) - Byzantine| >= b + 1.
    Why: so what was written is vouched for by enough of those that a reader hears.
    Source: Malkhi and Sella 2001, section 3.
    """
    scheme = _any_scheme(given)
    names = ("Byzantine", "reading", "written")
    _, byzantine, reading, written = given.sets("group", scheme.size, *names)
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size <= scheme.b,
            "the sizes are such that sets meet": meets(scheme),
            "a read set has its size": reading.size >= scheme.read,
            "a write set has its size": written.size >= scheme.write,
        },
        claim=((reading & written) - byzantine).size >= scheme.b + 1,
    )


@lemma(broken_by={"entries of 2b": {"enters": lambda scheme: scheme.entry >= 2 * scheme.b}})
def an_entry_set_can_begin(given: Given, enters: Guard = model.enters) -> Goal:
    """An entry set has b + 1 correct replicas.

    In symbols: entry >= 2b + 1 implies |entering - Byzantine| >= b + 1.
    Why: they are the first whom the others can believe.
    Source: Malkhi and Sella 2001, section 3.
    """
    scheme = _any_scheme(given)
    _, byzantine, entering = given.sets("group", scheme.size, "Byzantine", "entering")
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size <= scheme.b,
            "entries are large enough": enters(scheme),
            "an entry set has its size": entering.size >= scheme.entry,
        },
        claim=(entering - byzantine).size >= scheme.b + 1,
    )


@lemma(broken_by={"b senders": {"is_sound": lambda scheme: scheme.senders >= scheme.b}})
def whoever_convinces_includes_a_correct_replica(
    given: Given, is_sound: Guard = model.is_sound
) -> Goal:
    """Those who make a replica accept an update include a correct one.

    In symbols: senders >= b + 1 implies |telling - Byzantine| >= 1.
    Why: by induction no correct replica accepts what no client wrote, whatever the way it takes.
    Source: Malkhi and Sella 2001, section 3.
    """
    scheme = _any_scheme(given)
    _, byzantine, telling = given.sets("group", scheme.size, "Byzantine", "telling")
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size <= scheme.b,
            "enough are asked for": is_sound(scheme),
            "so many tell of it": telling.size >= scheme.senders,
        },
        claim=(telling - byzantine).size >= 1,
    )


@lemma(
    broken_by={"entries without b more": {"is_live": lambda scheme: scheme.entry >= scheme.senders}}
)
def the_correct_replicas_of_an_entry_set_convince(
    given: Given, is_live: Guard = model.is_live
) -> Goal:
    """The correct replicas of an entry set are enough senders for all others.

    In symbols: entry >= senders + b implies |entering - Byzantine| >= senders.
    Why: a diffusion begins, however silent the Byzantine replicas are.
    Source: Malkhi and Sella 2001, section 3.
    """
    scheme = _any_scheme(given)
    _, byzantine, entering = given.sets("group", scheme.size, "Byzantine", "entering")
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size <= scheme.b,
            "the sizes are such that it begins": is_live(scheme),
            "an entry set has its size": entering.size >= scheme.entry,
        },
        claim=(entering - byzantine).size >= scheme.senders,
    )


@lemma(
    broken_by={
        "write sets of everybody": {"is_available": lambda scheme: scheme.write <= scheme.size}
    }
)
def every_set_can_be_had_of_correct_replicas(
    given: Given, is_available: Guard = model.is_available
) -> Goal:
    """The correct replicas of a group contain a read set and a write set.

    In symbols: write, read <= size - b implies |group - Byzantine| >= write, read.
    Why: b may stay silent for ever.
    Source: Malkhi and Sella 2001, section 3.
    """
    scheme = _any_scheme(given)
    group, byzantine = given.sets("group", scheme.size, "Byzantine")
    correct = (group - byzantine).size
    return Goal(
        needs={
            "at most b replicas are Byzantine": byzantine.size <= scheme.b,
            "the sizes leave out b": is_available(scheme),
        },
        claim=(correct >= scheme.write) & (correct >= scheme.read),
    )


def _is_whole(scheme: Scheme) -> Said:
    """Return whether it has all that the lemmas above need."""
    is_safe = model.enters(scheme) & model.meets(scheme) & model.is_sound(scheme)
    return is_safe & model.is_live(scheme) & model.is_available(scheme)


def _instance(
    given: Given, b: Any, size: Any, entry: Any, guards: dict[str, Guard]
) -> tuple[Scheme, dict[str, Said]]:
    """Return the scheme of these guards, and that its numbers are the least that satisfy them."""
    least = {name: given.natural(name) for name in guards}
    needs = {
        f"{name} is the least that suffices": guard(least[name], b) & no(guard(least[name] - 1, b))
        for name, guard in guards.items()
    }
    return Scheme(b=b, groups=1, size=size, entry=entry, **least), needs


@lemma(
    broken_by={
        "nodes of 4b": {"node_size": lambda b: 4 * b},
        "3b answers": {"is_answered": lambda answers, b: answers >= 3 * b},
        "a support of b": {"is_supported": lambda votes, b: votes >= b},
        "b copies": {"is_copied": lambda copies, b: copies >= b},
    }
)
def the_register_on_a_tree_is_an_instance(
    given: Given,
    node_size: Guard = quorums.node_size,
    is_acknowledged: Guard = quorums.is_acknowledged,
    is_answered: Guard = quorums.is_answered,
    is_copied: Guard = quorums.is_copied,
    is_supported: Guard = quorums.is_supported,
) -> Goal:
    """The quorums of the register on a tree have all that the general scheme asks for.

    In symbols: enters, meets, is_sound, is_live and is_available are true of every b.
    Why: so the lemmas about any scheme are about the register too.
    Source: Malkhi and Sella 2001, sections 3 and 4.
    """
    b = given.natural("b")
    guards = {
        "write": is_acknowledged,
        "read": is_answered,
        "senders": is_copied,
        "support": is_supported,
    }
    scheme, needs = _instance(given, b, node_size(b), node_size(b), guards)
    return Goal(needs=needs, claim=_is_whole(scheme))


@lemma(broken_by={"entries of 2b": {"entry_size": lambda b: 2 * b}})
def gossip_is_an_instance(
    given: Given,
    node_size: Guard = quorums.node_size,
    entry_size: Guard = model.entry_size,
    is_acknowledged: Guard = quorums.is_acknowledged,
    is_answered: Guard = quorums.is_answered,
    is_copied: Guard = quorums.is_copied,
    is_supported: Guard = quorums.is_supported,
) -> Goal:
    """Gossip that begins at any 2b + 1 replicas has all that the general scheme asks for.

    In symbols: enters, meets, is_sound, is_live and is_available are true of every b.
    Why: of 2b + 1 replicas b + 1 are correct, and those convince whomever they tell.
    Source: Malkhi, Mansour and Reiter 2003, section 2; Malkhi and Sella 2001, section 3.
    """
    b = given.natural("b")
    guards = {
        "write": is_acknowledged,
        "read": is_answered,
        "senders": is_copied,
        "support": is_supported,
    }
    scheme, needs = _instance(given, b, node_size(b), entry_size(b), guards)
    return Goal(needs=needs, claim=_is_whole(scheme))
