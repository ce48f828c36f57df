"""A tree of the service, as machines of the register."""

from coterie.model.diffusion.service.machines import members, replicas, tree_node
from coterie.model.diffusion.service.placement import Tree
from coterie.model.diffusion.service.skeleton import Skeleton

TREE = Tree(Skeleton(b=1, degree=2), frozenset({0, 1, 4}))


def test_each_replica_of_the_tree_has_a_machine_that_knows_its_neighbours() -> None:
    machines = replicas(TREE)

    assert len(machines) == len(TREE.replicas)
    for name, machine in machines.items():
        beside = TREE.neighbours(tree_node(name))
        assert machine.neighbours == tuple(members(TREE, node) for node in beside)
        assert machine.b == 1


def test_the_name_of_a_tree_node_is_the_role_of_its_replicas() -> None:
    assert [tree_node(name) for name in replicas(TREE)] == [0] * 5 + [1] * 5 + [4] * 5
    assert {name.role for name in members(TREE, 4)} == {"node4_"}
