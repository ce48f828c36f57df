"""Forks: two records of the writer in one place, which show that it has forgotten what it wrote.

A writer whose disk was restored from a backup, or that runs on two devices, goes on twice from one
record. Both records are genuine, so no replica may prefer one. Together they are a proof, which
whoever knows the writer can verify without asking anybody.
"""

from collections.abc import Iterator
from itertools import combinations

from attrs import frozen

from coterie.model.gossip.gdp.log import Log
from coterie.model.gossip.gdp.record import Entry

START = ""
"""What stands for the parent of a record that has none."""


@frozen(cache_hash=True)
class Fork:
    """Two records that go on from the same place.

    Attributes:
        parent: the record that both point at; `START` where both begin the log.
        one: the record whose name comes first.
        other: the other one.
    """

    parent: str
    one: Entry
    other: Entry


def forks(log: Log) -> frozenset[Fork]:
    """Return every pair of held records with a parent in common, or without any."""
    roots = [name for name in log.begins if not log.entries[name].parents]
    found = set(_pairs(log, START, roots))
    for parent, names in log.children.items():
        found.update(_pairs(log, parent, names))
    return frozenset(found)


def _pairs(log: Log, parent: str, names: frozenset[str] | list[str]) -> Iterator[Fork]:
    if len(names) > 1:
        for one, other in combinations(sorted(names), 2):
            yield Fork(parent, log.entries[one], log.entries[other])


def is_a_fork(fork: Fork) -> bool:
    """Return whether the two records do go on from one place; whether both are genuine is apart."""
    return fork.one.name != fork.other.name and all(
        fork.parent in entry.parents if fork.parent else not entry.parents
        for entry in (fork.one, fork.other)
    )
