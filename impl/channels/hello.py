"""The greeting: both ends say who they are, and whom they mean, before anything else is said.

Over TLS both send a `Hello`, and answer the other's with a `Welcome` or a `Farewell`. A connection
stands at an end that has sent a `Welcome` and received one. That is more than the handshake says:
in TLS 1.3 a dialler sees a success before the other end has looked at its certificate.
"""

from attrs import frozen

from coterie.impl.channels.reasons import Reason
from coterie.impl.codec import Codec
from coterie.model.machine import Node

VERSION = 1
_LONGEST_DETAIL = 300


@frozen
class Hello:
    """Who speaks, and to whom.

    Attributes:
        version: of this protocol.
        cluster: the cluster's name.
        name: of the node that sends this.
        peer: the name of the node that it takes the other end for.
        incarnation: which process of the node this is; later ones have higher numbers.
        attempt: which of its attempts to reach anybody this is, counted from 1; 0 at the end that
            was dialled.
    """

    version: int
    cluster: str
    name: str
    peer: str
    incarnation: int
    attempt: int


@frozen
class Welcome:
    """The other end's `Hello` is accepted."""


@frozen
class Farewell:
    """The sender closes the connection, and says why.

    Attributes:
        reason: a word for it, of `Reason`.
        detail: the same in a sentence.
    """

    reason: str
    detail: str


def farewell(reason: Reason, detail: str) -> Farewell:
    """Return a `Farewell` whose detail is short, and can be printed anywhere."""
    letters = (each if " " <= each <= "~" else "?" for each in detail[:_LONGEST_DETAIL])
    return Farewell(reason.value, "".join(letters))


Control = Hello | Welcome | Farewell
CONTROL = Codec((Hello, Welcome, Farewell))


@frozen
class Identity:
    """Who a node is on its network.

    Attributes:
        cluster: the cluster's name; nodes of another one are refused.
        node: the node's own name.
        incarnation: a number that is higher in every later process of the node.
    """

    cluster: str
    node: Node
    incarnation: int

    def hello(self, peer: Node, attempt: int) -> Hello:
        """Return what this node says first."""
        return Hello(VERSION, self.cluster, str(self.node), str(peer), self.incarnation, attempt)


def objection(
    hello: Hello, own: Identity, certified: Node, dialled: Node | None
) -> Farewell | None:
    """Return why a node refuses a `Hello`, if it does.

    Guard: `certified` is whom the peer's certificate names; `dialled` is whom this node wanted to
        reach, or None where it was the peer that dialled.
    """
    name = str(certified)
    if hello.version != VERSION:
        return farewell(Reason.VERSION, f"version {hello.version} is spoken, not {VERSION}")
    if hello.cluster != own.cluster:
        return farewell(Reason.CLUSTER, f"{name} is of cluster {hello.cluster!r}")
    if hello.name != name:
        return farewell(Reason.NAME, f"{name} claims to be {hello.name!r}")
    if certified == own.node:
        return farewell(Reason.NAME, f"{name} is the name of both ends")
    if dialled not in {None, certified}:
        return farewell(Reason.NAME, f"{name} is where {dialled} should be")
    if hello.peer != str(own.node):
        return farewell(Reason.MISDIRECTED, f"{own.node} was taken for {hello.peer!r}")
    return None
