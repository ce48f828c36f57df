"""A Byzantine peer that invents records, tells lies about their names, and copies signatures."""

from collections.abc import Callable
from functools import partial
from typing import Any

from coterie.checks.adversary import Adversary, repertoire
from coterie.checks.catalogue.gossip.gdp.worlds import ROOT, replicated
from coterie.checks.check import Check, Mutant
from coterie.checks.network import Bag
from coterie.checks.world import World
from coterie.model.gossip.gdp.algorithm import PUBLISHED
from coterie.model.gossip.gdp.graph import (
    First,
    Fourth,
    GraphReplica,
    Second,
    Third,
    nobody_yields,
)
from coterie.model.gossip.gdp.log import Digest, Log, added, digest_of, log_of
from coterie.model.gossip.gdp.naive import Bringing, Holding, Lacking, NaiveReplica
from coterie.model.gossip.gdp.record import Entry, has_a_name, has_its_hash, hash_of
from coterie.model.gossip.gdp.replica import Replica
from coterie.model.machine import Node
from coterie.model.signature import Signature, is_signed
from coterie.spec.gossip.gdp import replica as spec
from coterie.spec.gossip.gdp.replica import WRITER

LIAR = Node("liar")
NOTHING: frozenset[Entry] = frozenset()
NAMES = (ROOT.name, hash_of((), "lie"))
SIGNED = {
    Node: (WRITER, LIAR),
    (Signature, "content"): NAMES,
    (Entry, "name"): NAMES,
    (Entry, "parents"): ((),),
    (Entry, "value"): (ROOT.value, "lie"),
}
DIGESTS = (digest_of(Log()), digest_of(log_of([ROOT])))
SAID: dict[Any, Any] = {
    Digest: DIGESTS,
    frozenset[Entry]: (NOTHING, *(frozenset({one}) for one in repertoire(Entry, domains=SIGNED))),
    frozenset[str]: (frozenset(), frozenset({ROOT.name})),
}


def world(machine: Callable[..., Replica], says: tuple[type, ...], **fields: Any) -> World:
    """Return two replicas, of which one holds a record, and a liar.

    Attributes:
        says: the kinds of messages that the liar sends, with at most one record in each.
    """
    said = repertoire(*says, domains=SAID)
    liar = Adversary((LIAR,), said, towards=("replica",))
    logs = ((log_of([ROOT]), Log()),)
    return replicated(machine, logs, adversary=liar, **fields)


def is_signed_only(entry: Entry, writer: Node) -> bool:
    """Mutant: verify the signature under the name, but not that the name is the hash."""
    return is_signed(entry.signature, writer, entry.name)


def is_hashed_only(entry: Entry, writer: Node) -> bool:
    """Mutant: verify the hash, but not who has signed."""
    del writer
    return has_its_hash(entry)


def last_of_a_name(log: Log, entry: Entry) -> Log:
    """Mutant: a record replaces the one that is held under its name."""
    if entry.name not in log.entries:
        return added(log, entry)
    rest = [each for name, each in sorted(log.entries.items()) if name != entry.name]
    return log_of([*rest, entry])


CLAIMS = (
    spec.records_are_genuine,
    spec.one_record_a_name,
    spec.logs_only_grow,
    spec.logs_can_become_equal,
    spec.a_record_is_replicated,
)
POISONED = {"records_are_genuine": 2, "one_record_a_name": 2, "logs_can_become_equal": 2}

PUBLISHED_GRAPH = Check(
    name="gossip.gdp.published.poisoning",
    about="Nobody verifies a record, so the first one of a name stays, whoever made it.",
    world=partial(
        world,
        GraphReplica,
        algorithm=PUBLISHED,
        accepts=has_a_name,
        closes=False,
        yields=nobody_yields,
        tolerant=False,
    ),
    properties=CLAIMS,
    small={"says": (First, Third)},
    full={"says": (First, Second, Third, Fourth)},
    refuted=POISONED,
    states=292_008,
)

PUBLISHED_NAIVE = Check(
    name="gossip.gdp.published.naive_poisoning",
    about="Under the naive policy, too, the first record of a name stays, whoever made it.",
    world=partial(world, NaiveReplica, accepts=has_a_name, turns=True),
    properties=CLAIMS,
    small={"says": (Holding, Bringing), "network": Bag(1, "drop")},
    full={"says": (Holding, Lacking, Bringing)},
    refuted=POISONED,
    states=351_056,
)


def mutants(repaired: Callable[..., World]) -> dict[str, Mutant]:
    """Return what is wrong with verifying less, or with believing the last instead of the first."""
    return {
        "hash_not_verified": Mutant(
            partial(repaired, accepts=is_signed_only),
            {"records_are_genuine": 1, "one_record_a_name": 1},
        ),
        "signature_not_verified": Mutant(
            partial(repaired, accepts=is_hashed_only), {"records_are_genuine": 1}
        ),
        "last_wins": Mutant(
            partial(repaired, accepts=has_a_name, store=last_of_a_name),
            {"records_are_genuine": 1, "logs_only_grow": 1},
        ),
    }


graph_world = partial(world, GraphReplica, gives_up=True)
naive_world = partial(world, NaiveReplica)

REPAIRED_GRAPH = Check(
    name="gossip.gdp.repaired.poisoning",
    about="Records prove themselves, so a Byzantine peer can add none and change none.",
    world=graph_world,
    properties=CLAIMS,
    small={"says": (First, Second, Third, Fourth), "network": Bag(1, "drop")},
    full={"network": Bag(2, "drop")},
    states=2_686,
    mutants=mutants(graph_world),
)

REPAIRED_NAIVE = Check(
    name="gossip.gdp.repaired.naive_poisoning",
    about="Under the naive policy, too, a Byzantine peer can add no record and change none.",
    world=naive_world,
    properties=CLAIMS,
    small={"says": (Holding, Lacking, Bringing), "network": Bag(1, "drop")},
    full={"network": Bag(2, "drop")},
    states=32,
    mutants=mutants(naive_world),
)
