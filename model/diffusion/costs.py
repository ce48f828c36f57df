"""What reads and writes cost: messages, and rounds of which each replica sends one message.

The paper states bounds. The exact numbers of messages are ours: of a write that nothing disturbs,
in a tree of T nodes of 4b + 1 replicas, all correct. The client's question for timestamps is not in
the paper's bounds, and stands apart here.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 5.
"""

from fractions import Fraction
from math import log

from coterie.model.diffusion.quorums import node_size


def read_messages(b: int) -> int:
    """Return the messages of a read: 2(4b + 1), a question to each replica of a node, an answer.

    Source: section 5: O(b), and not dependent on n. That is for a reader that does not write back.
    """
    return 2 * node_size(b)


def read_rounds(b: int) -> int:
    """Return the rounds of a read: 4b + 2.

    The reader sends one question a round; each replica answers in the round after it was asked, so
    one answer a round comes back: the fan-in is 1.
    """
    return node_size(b) + 1


def timestamp_messages(b: int) -> int:
    """Return the messages by which a writer learns of timestamps: 2(4b + 1), as of a read."""
    return read_messages(b)


def edge_messages(b: int) -> int:
    """Return what passes over an edge of the tree for one update: 2(4b + 1)^2.

    Every replica of one tree node sends the update to every replica of the other, and every one of
    those acknowledges to each.
    """
    return 2 * node_size(b) ** 2


def update_messages(b: int, nodes: int) -> int:
    """Return the messages of an update in a tree of T nodes: 2(4b + 1)^2 (T - 1) + 2(4b + 1).

    The second term is the client's: it sends to each replica of a node, and each acknowledges.
    """
    return edge_messages(b) * (nodes - 1) + 2 * node_size(b)


def echo_messages(b: int) -> int:
    """Return what the replicas of the origin say to one another, where they echo: 4b(4b + 1).

    That is ours: as published they do not talk, and a writer that crashes may leave them divided.
    """
    return (node_size(b) - 1) * node_size(b)


def write_messages(b: int, nodes: int) -> int:
    """Return the messages of a whole write: the question for timestamps, then the update.

    A question that the update overtakes is not answered, which saves a message.
    """
    return timestamp_messages(b) + update_messages(b, nodes)


def update_messages_bound(b: int, replicas: int) -> int:
    """Return the paper's bound on an update's messages: 2(4b + 1)n.

    It is generous by 8b(4b + 1): a tree of T nodes has T - 1 edges, and a client is no node.
    """
    return 2 * node_size(b) * replicas


def amortised_messages(b: int, nodes: int, updates: int) -> Fraction:
    """Return the messages for each of m updates that share all messages between replicas.

    That is 2(4b + 1)^2 (T - 1) / m + 2(4b + 1): what clients send and hear is not shared.
    """
    return Fraction(edge_messages(b) * (nodes - 1), updates) + 2 * node_size(b)


def amortised_messages_bound(b: int, replicas: int, updates: int) -> Fraction:
    """Return the paper's m-amortised cost: ((4b + 1)m + 2(4b + 1)n) / m.

    It counts what clients send, but not what is acknowledged to them, which no batching saves: so
    it is a bound only up to 2(4b + 1) updates, and off by less than 4b + 1 a update beyond.
    """
    size = node_size(b)
    return Fraction(size * updates + 2 * size * replicas, updates)


def delay_bound(b: int, degree: int, replicas: int) -> float:
    """Return the paper's bound on an update's rounds.

    It is (4b + 1) + 2(4b + 1)(d + 1)(1 + 2 log_d(n / (4b + 1))): the client's messages; then, there
    and back, the tree nodes on the longest path, each with d + 1 neighbours of 4b + 1 replicas.

    Guard: the degree is 2 or more, or the logarithm has no base.
    """
    size = node_size(b)
    path = 1 + 2 * log(replicas / size, degree)
    return size + 2 * size * (degree + 1) * path
