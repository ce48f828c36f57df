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


def one_node(
    writes: tuple[int, ...],
    reads: tuple[int, ...],
    *,
    b: int = 1,
    liars: int = 1,
    size: Sizing = node_size,
    crashes: int = 0,
    restarts: int | None = None,
    agree: bool = False,
    replica: Mapping[str, Any] | None = None,
    **client: Any,
) -> World:
    """Return a register on a single node of the tree.

    Attributes:
        writes: how often each writer writes.
        reads: how often each reader reads.
        liars: how many replicas are Byzantine.
        size: how many replicas the node has, of b.
        crashes: how often a client may crash.
        restarts: how often it may start again; None for as often as it crashes.
        agree: whether the replicas of a node echo to each other what they take.
        replica: other fields of the replicas.
        client: other fields of the clients.
    """
    root = members(ROOT, size(b))
    work = calls(writes, reads)
    machine = Replica(b, **(replica or {}))
    machines: dict[Node, Machine[Any, Any]] = {
        each: evolve(machine, peers=_others(root, each) if agree else ()) for each in root
    }
    machines |= {each: Client(each, b, root, **client) for each in work}
    faults = Faults(crashes=crashes, restarts=restarts, crashing=("client",) if crashes else ())
    return among(machines, root[len(root) - liars :], work, faults)


def _others(members: tuple[Node, ...], member: Node) -> tuple[Node, ...]:
    return tuple(each for each in members if each != member)


def on_a_tree(
    writes: tuple[int, ...],
    reads: tuple[int, ...],
    liar: str,
    *,
    b: int = 1,
    tree: Tree = TWO_NODES,
    agree: bool = False,
    replica: Mapping[str, Any] | None = None,
    **client: Any,
) -> World:
    """Return a register on a tree; clients write and read at its first node.

    Attributes:
        liar: the node whose last b replicas are Byzantine.
        tree: the neighbours of each node.
    """
    nodes = {name: members(name, node_size(b)) for name in tree}
    work = calls(writes, reads)
    machine = Replica(b, **(replica or {}))
    machines: dict[Node, Machine[Any, Any]] = {
        each: evolve(
            machine,
            neighbours=tuple(nodes[beyond] for beyond in tree[name]),
            peers=_others(own, each) if agree else (),
        )
        for name, own in nodes.items()
        for each in own
    }
    entry = next(iter(nodes.values()))
    machines |= {each: Client(each, b, entry, **client) for each in work}
    return among(machines, nodes[liar][-b:], work)


def among(
    machines: dict[Node, Machine[Any, Any]],
    liars: tuple[Node, ...],
    work: Work,
    faults: Faults | None = None,
) -> World:
    """Return the world of these machines, of which the `liars` are Byzantine."""
    correct = {node: machine for node, machine in machines.items() if node not in liars}
    roles = tuple(dict.fromkeys(node.role for node in machines if node not in work))
    return World(
        machines=correct,
        adversary=Adversary(liars, lies(machines, work, faults or Faults())),
        faults=faults or Faults(),
        workload=work,
        observers={"history": HISTORY},
        closing=(*roles, "client"),
        symmetric=roles,
    )
