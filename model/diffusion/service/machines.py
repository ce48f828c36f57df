"""An object's tree as machines of the register: the names and neighbours of its replicas."""

from coterie.model.diffusion.register.replica import Replica
from coterie.model.diffusion.service.placement import Tree
from coterie.model.machine import Node


def members(tree: Tree, node: int) -> tuple[Node, ...]:
    """Return the replicas of that tree node; its name is their role."""
    return tuple(Node(f"node{node}_", place) for place in range(tree.skeleton.size))


def tree_node(replica: Node) -> int:
    """Return the tree node of one of those replicas."""
    return int(replica.role.removeprefix("node").removesuffix("_"))


def replicas(tree: Tree, *, echoing: bool = False) -> dict[Node, Replica]:
    """Return the machine of each replica, the oldest first.

    Attributes:
        echoing: whether those of one tree node talk to one another; not so as published.
    """
    return {
        name: Replica(
            tree.skeleton.b,
            tuple(members(tree, beside) for beside in tree.neighbours(node)),
            tuple(peer for peer in members(tree, node) if echoing and peer != name),
        )
        for node in sorted(tree.nodes)
        for name in members(tree, node)
    }
