"""The worlds that the register is put in."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve

from coterie.checks.adversary import Adversary
from coterie.checks.catalogue.diffusion.register.lies import lies
from coterie.checks.faults import Faults
from coterie.checks.world import World
from coterie.model.call import Call
from coterie.model.diffusion.quorums import node_size
from coterie.model.diffusion.register.client import Client
from coterie.model.diffusion.register.replica import Replica
from coterie.model.machine import Machine, Node
from coterie.spec.history.observer import HISTORY

Tree = Mapping[str, tuple[str, ...]]
ROOT, LEAF = "root", "leaf"
ONE_NODE: Tree = {ROOT: ()}
TWO_NODES: Tree = {ROOT: (LEAF,), LEAF: (ROOT,)}
STAR: Tree = {LEAF: (ROOT,), ROOT: (LEAF, "other"), "other": (ROOT,)}
Work = Mapping[Node, tuple[Call, ...]]
Sizing = Callable[[int], int]


def writer(index: int, *values: str) -> tuple[Node, tuple[Call, ...]]:
    """Return the client of that ID, who writes these values."""
    return Node("client", index), tuple(Call("write", value) for value in values)


def reader(index: int, reads: int) -> tuple[Node, tuple[Call, ...]]:
    """Return the client of that ID, who reads so many times."""
    return Node("client", index), (Call("read"),) * reads


def calls(writes: tuple[int, ...], reads: tuple[int, ...]) -> Work:
    """Return a workload: a client for each number, who writes or reads so often.

    No two values written are the same.
    """
    letters = iter("abcdefgh")
    writers = [writer(i, *(next(letters) for _ in range(n))) for i, n in enumerate(writes)]
    readers = [reader(len(writes) + i, n) for i, n in enumerate(reads)]
    return dict([*writers, *readers])


def members(role: str, count: int) -> tuple[Node, ...]:
    """Return the replicas of the tree's node `role`."""
    return tuple(Node(role, index) for index in range(count))


def one_node(writes: tuple[int, ...], reads: tuple[int, ...], **fields: Any) -> World:
    """Return a register on a single node of the tree, with these `fields` of `on_a_tree`."""
    return on_a_tree(writes, reads, ROOT, tree=ONE_NODE, **fields)


def on_a_tree(
    writes: tuple[int, ...],
    reads: tuple[int, ...],
    liar: str,
    *,
    b: int = 1,
    tree: Tree = TWO_NODES,
    liars: int | None = None,
    size: Sizing = node_size,
    crashes: int = 0,
    restarts: int | None = None,
    agree: bool = False,
    replica: Mapping[str, Any] | None = None,
    **client: Any,
) -> World:
    """Return a register on a tree; clients write and read at its first node.

    Attributes:
        writes: how often each writer writes.
        reads: how often each reader reads.
        liar: the node whose last replicas are Byzantine ...
        liars: ... and how many they are; None for b.
        tree: the neighbours of each node.
        size: how many replicas a node has, of b.
        crashes: how often a client may crash.
        restarts: how often it may start again; None for as often as it crashes.
        agree: whether the replicas of a node echo to each other what they take.
        replica: other fields of the replicas.
        client: other fields of the clients.
    """
    nodes = {name: members(name, size(b)) for name in tree}
    work = calls(writes, reads)
    machine = Replica(b, **(replica or {}))
    machines: dict[Node, Machine[Any, Any]] = {
        each: evolve(
            machine,
            neighbours=tuple(nodes[beyond] for beyond in tree[name]),
            peers=tuple(peer for peer in own if agree and peer != each),
        )
        for name, own in nodes.items()
        for each in own
    }
    entry = next(iter(nodes.values()))
    machines |= {each: Client(each, b, entry, **client) for each in work}
    faults = Faults(crashes=crashes, restarts=restarts, crashing=("client",) if crashes else ())
    return among(machines, nodes[liar][-(b if liars is None else liars) :], work, faults)


def among(
    machines: dict[Node, Machine[Any, Any]],
    liars: tuple[Node, ...],
    work: Work,
    faults: Faults,
) -> World:
    """Return the world of these machines, of which the `liars` are Byzantine."""
    correct = {node: machine for node, machine in machines.items() if node not in liars}
    roles = tuple(dict.fromkeys(node.role for node in machines if node not in work))
    return World(
        machines=correct,
        adversary=Adversary(liars, lies(machines, work, faults, liars)),
        faults=faults,
        workload=work,
        observers={"history": HISTORY},
        closing=(*roles, "client"),
        symmetric=roles,
    )
