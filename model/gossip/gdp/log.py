"""A log as one replica holds it: a set of records, and the index that makes its digest cheap.

A record whose parent is absent leaves a hole; two records with one parent make a branch. So what a
replica holds is a graph in pieces. A piece's first records are its begins, its last ones its ends,
and these alone tell which records the replica holds.
"""

from collections.abc import Callable, Iterable

from attrs import field, frozen
from immutables import Map

from coterie.model.gossip.gdp.record import Entry

NONE: frozenset[str] = frozenset()


@frozen(cache_hash=True)
class Log:
    """The records that a replica holds; it only ever grows.

    Attributes:
        entries: the records by name.
        children: for each name, held or not, the held records that point at it.
        begins: the held records without parents or with an absent one.
        ends: the held records that no held one points at.
    """

    entries: Map[str, Entry] = field(factory=Map)
    children: Map[str, frozenset[str]] = field(factory=Map)
    begins: frozenset[str] = NONE
    ends: frozenset[str] = NONE


def added(log: Log, entry: Entry) -> Log:
    """Return `log` with `entry`, unless it holds a record of that name: the first one stays."""
    if entry.name in log.entries:
        return log
    entries = log.entries.set(entry.name, entry)
    children = log.children
    for parent in entry.parents:
        children = children.set(parent, children.get(parent, NONE) | {entry.name})
    heirs = children.get(entry.name, NONE)
    filled = {heir for heir in heirs if all(each in entries for each in entries[heir].parents)}
    rooted = entry.parents and all(parent in entries for parent in entry.parents)
    return Log(
        entries,
        children,
        (log.begins - filled) | (NONE if rooted else {entry.name}),
        (log.ends - set(entry.parents)) | (NONE if heirs else {entry.name}),
    )


def log_of(entries: Iterable[Entry]) -> Log:
    """Return the log that holds `entries`."""
    log = Log()
    for entry in entries:
        log = added(log, entry)
    return log


def records(log: Log, names: Iterable[str]) -> frozenset[Entry]:
    """Return the records of these `names`, all of which `log` holds."""
    return frozenset(log.entries[name] for name in names)


def held(log: Log, names: Iterable[str]) -> tuple[str, ...]:
    """Return those of these `names` whose records `log` holds, in order."""
    return tuple(name for name in sorted(names) if name in log.entries)


def parents_held(log: Log, name: str) -> tuple[str, ...]:
    """Return the parents of the record `name` that `log` holds."""
    return held(log, log.entries[name].parents)


def children_held(log: Log, name: str) -> tuple[str, ...]:
    """Return the held records that point at `name`, in order."""
    return tuple(sorted(log.children.get(name, NONE)))


@frozen(cache_hash=True)
class Begin:
    """The first record of a piece, as a digest describes it.

    Attributes:
        name: the record.
        missing: its absent parents, in order; empty at a root.
    """

    name: str
    missing: tuple[str, ...] = ()


@frozen(cache_hash=True)
class Digest:
    """What tells one log from every other log of the same writer.

    Attributes:
        begins: the first records of its pieces.
        ends: the names of the last ones.
    """

    begins: frozenset[Begin]
    ends: frozenset[str]


def names_of(begins: Iterable[Begin]) -> frozenset[str]:
    """Return the names of these `begins`."""
    return frozenset(begin.name for begin in begins)


Describe = Callable[[Log, str], Begin]


def with_missing(log: Log, name: str) -> Begin:
    """Describe a begin by its name and its absent parents.

    Why: where records have several parents the names do not suffice. Of the diamond 0; 1 and 2
    after 0; 3 after both, the sets {0, 1, 3} and {0, 2, 3} have the same begins and ends.
    """
    absent = (parent for parent in log.entries[name].parents if parent not in log.entries)
    return Begin(name, tuple(absent))


def by_name(log: Log, name: str) -> Begin:
    """Describe a begin by its name alone, as published; enough while the log is a forest."""
    return Begin(log.entries[name].name)


def digest_of(log: Log, describe: Describe = with_missing) -> Digest:
    """Return the digest of `log`."""
    return Digest(frozenset(describe(log, name) for name in log.begins), log.ends)
