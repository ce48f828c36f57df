"""The records of a log: each names its parents by their hashes and is signed by the log's writer.

Any user who is authenticated may read the log; a single user, the writer, may add to it. A replica
is not trusted: a record proves itself, by its hash and by the writer's signature.

Source: Numamoto, "Replication for the Global Data Plane", 2019, and the program described there.
"""

from attrs import frozen

from coterie.model.machine import Node
from coterie.model.signature import Signature, is_signed


@frozen(cache_hash=True)
class Entry:
    """One record of the log, as somebody presents it; whether it is genuine is to be seen.

    Attributes:
        name: its hash, by which others refer to it.
        parents: the names of the records it points at, in order; empty at the root. One is usual,
            several are allowed; a name that nobody holds makes a hole that never closes.
        value: what the writer wanted to say, a word.
        signature: the writer's, under the name.
    """

    name: str
    parents: tuple[str, ...]
    value: str
    signature: Signature


def hash_of(parents: tuple[str, ...], value: str) -> str:
    """Return the hash of a record's content: here a token that shows what was hashed.

    Why: the text tells contents apart as surely as a hash that nobody can invert or collide.
    """
    return f"{value}({','.join(parents)})"


def written(writer: Node, value: str, *parents: str) -> Entry:
    """Return the record that `writer` makes of `value`, pointing at `parents`."""
    name = hash_of(parents, value)
    return Entry(name, parents, value, Signature(writer, name))


def has_its_hash(entry: Entry) -> bool:
    """Return whether the record's name is the hash of its content."""
    return entry.name == hash_of(entry.parents, entry.value)


def is_genuine(entry: Entry, writer: Node) -> bool:
    """Return whether `writer` has written exactly this record."""
    return has_its_hash(entry) and is_signed(entry.signature, writer, entry.name)


def has_a_name(entry: Entry, writer: Node) -> bool:
    """Return whether the record has a name at all: the published program looks at nothing else."""
    del writer
    return entry.name != ""
