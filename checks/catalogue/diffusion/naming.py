"""Naming: objects created by clients with old world views, while replicas come and go.

As published, the rule is a wish, and nothing bounds the holes of a tree node. Read to the letter,
it takes the tree with the newest nodes; the repaired rule spares old nodes, and shuns holes.
"""

from collections.abc import Collection
from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.checks.world import World
from coterie.model.diffusion.quorums import is_answered
from coterie.model.diffusion.service import world_view
from coterie.model.diffusion.service.naming import Client, Steward
from coterie.model.diffusion.service.objects import Sname
from coterie.model.diffusion.service.placement import newest_of_all, oldest_neighbour
from coterie.model.diffusion.service.skeleton import Skeleton
from coterie.model.diffusion.service.world_view import WorldView, after_change, view_of
from coterie.model.machine import Node
from coterie.spec.diffusion import naming as spec

JOINING = (29,)
"""The sixth tree node, of the numbers 26 to 30, has three replicas, and may get this one."""

LEAVING = (16, 17)
"""Two replicas of the fourth tree node, of the numbers 16 to 20."""


def world(clients: int, changes: int, leaving: tuple[int, ...] = LEAVING, **fields: Any) -> World:
    """Return clients, and two stewards, in a world of six tree nodes of five.

    Attributes:
        clients: how many; each creates an object of four tree nodes.
        changes: how many changes the steward of the replicas that may leave sees.
        fields: of all clients.
    """
    names = tuple(Node("client", index) for index in range(clients))
    view = WorldView(last=28)
    client = Client(names[0], view, 1, spec.DEGREE, 20, (1,), names, **fields)
    return World(
        machines={
            Node("steward", 0): Steward(view, JOINING, 1, names),
            Node("steward", 1): Steward(view, leaving, changes, names),
            **{
                name: evolve(client, name=name, others=tuple(o for o in names if o != name))
                for name in names
            },
        },
        links=[
            (sender, receiver)
            for sender in (Node("steward", 0), Node("steward", 1), *names)
            for receiver in names
            if sender != receiver
        ],
    )


def growing(origins: int, **fields: Any) -> World:
    """Return a client that creates an object of three around each of so many tree nodes of one.

    The last of them joins while it does.
    """
    name = Node("client")
    view = WorldView(last=origins - 1)
    client = Client(name, view, 0, spec.DEGREE, 3, tuple(range(origins)), (), **fields)
    steward = Steward(view, (origins,), 1, (name,))
    return World(machines={Node("steward"): steward, name: client})


def any_is_enough(present: int, b: int) -> bool:
    """As published: no number of holes is said to be too many. Mutant: `ignores_holes`."""
    return (present >= 1) & (b >= 0)


def wherever(
    skeleton: Skeleton, usable: Collection[int], origin: int, count: int
) -> frozenset[int]:
    """Mutant: take the newest tree nodes, be they connected or not."""
    del skeleton
    return frozenset([origin, *sorted(usable, reverse=True)][:count])


def without_holes(sname: Sname) -> str:
    """Mutant: write only the last name of a view, as if there were no holes."""
    return str(evolve(sname, view=WorldView(sname.view.last)))


def of_its_reader(sname: Sname, view: WorldView) -> Sname:
    """Mutant: compute a tree in one's own view."""
    return evolve(sname, view=view)


def the_last(own: WorldView, said: WorldView) -> WorldView:
    """Mutant: take what was said last."""
    del own
    return said


def own(own: WorldView, said: WorldView) -> WorldView:
    """Mutant: hear nothing."""
    del said
    return own


def summed(own: WorldView, said: WorldView) -> WorldView:
    """Mutant: add the changes up."""
    numbers = range(1, max(own.last, said.last) + 1)
    known = {n for view in (own, said) for n, _ in view.changed}
    return view_of({n: own.changes(n) + said.changes(n) if n in known else 1 for n in numbers})


PROMISES = (
    spec.a_name_is_read_as_it_was_written,
    spec.a_unique_name_is_unique,
    spec.one_name_one_tree,
    spec.each_replica_is_in_one_tree_node,
    spec.a_tree_is_connected_around_its_origin,
    spec.a_new_tree_can_answer,
    spec.old_nodes_are_spared,
    spec.views_know_only_what_happened,
    spec.views_only_grow,
    spec.stewards_count_each_change,
    spec.everybody_knows_in_the_end,
    spec.everybody_hears_of_every_object,
    spec.holes_are_tolerated,
    spec.a_tree_can_wait_for_its_holes,
    spec.an_old_view_can_be_in_a_name,
)
SIZE = {"clients": 2, "changes": 2}

REPAIRED = Check(
    name="diffusion.naming.repaired",
    about="Objects are placed by the rule that spares old nodes, on tree nodes of at most b holes.",
    world=world,
    properties=PROMISES,
    small=SIZE,
    full={"changes": 3},
    states=16_976,
    mutants={
        "forgets_holes": Mutant(
            partial(world, written=without_holes), {"a_name_is_read_as_it_was_written": 4}
        ),
        "places_by_own_view": Mutant(
            partial(world, placed_by=of_its_reader), {"one_name_one_tree": 5}
        ),
        "creates_twice": Mutant(
            changed(
                world,
                Client._new,  # noqa: SLF001
                "if any((one.sname.origin == origin for one in state.made)) → if False",
            ),
            {"a_unique_name_is_unique": 4},
        ),
        "forgets_the_last": Mutant(
            changed(world, after_change, "view.last + 1 → view.last"),
            {"stewards_count_each_change": 1},
        ),
        "sees_no_end": Mutant(
            changed(world, Steward.step, "state.left - 1 → state.left"),
            {"stewards_count_each_change": 1},
        ),
        "reads_no_holes": Mutant(
            changed(
                world,
                world_view._as_written,  # noqa: SLF001
                "count != 1 → count == 1",
            ),
            {"everybody_hears_of_every_object": 13},
        ),
        "overlapping": Mutant(
            changed(world, Skeleton.members, "1 → 2 in (node + 1) * self.size + 1"),
            {"each_replica_is_in_one_tree_node": 1},
        ),
        "scattered": Mutant(
            partial(world, rule=wherever), {"a_tree_is_connected_around_its_origin": 1}
        ),
        "ignores_holes": Mutant(
            partial(world, suffices=any_is_enough), {"a_new_tree_can_answer": 4}
        ),
        "oldest_first": Mutant(partial(world, rule=oldest_neighbour), {"old_nodes_are_spared": 1}),
        "sums_views": Mutant(partial(world, merge=summed), {"views_know_only_what_happened": 2}),
        "takes_the_last": Mutant(partial(world, merge=the_last), {"views_only_grow": 4}),
        "deaf": Mutant(partial(world, merge=own), {"everybody_knows_in_the_end": 13}),
        "demanding": Mutant(
            changed(world, is_answered, "3 → 4 in 3 * b"), {"holes_are_tolerated": None}
        ),
        "nobody_leaves": Mutant(
            partial(world, leaving=()), {"a_tree_can_wait_for_its_holes": None}
        ),
        "tells_nobody": Mutant(
            changed(
                world,
                Client._created,  # noqa: SLF001
                "Outcome(after, (Send(other, named) f…in self.others)) without its effects",
            ),
            {"an_old_view_can_be_in_a_name": None},
        ),
    },
)

LOAD = Check(
    name="diffusion.naming.load",
    about="However many tree nodes there are, the rule loads none of them beyond the bound.",
    world=growing,
    properties=(
        spec.load_is_bounded,
        spec.a_new_tree_can_answer,
        spec.old_nodes_are_spared,
        spec.a_tree_is_connected_around_its_origin,
        spec.every_node_can_be_an_origin,
    ),
    small={"origins": 7},
    full={"origins": 8},
    states=1_586,
    mutants={
        "oldest_first": Mutant(
            partial(growing, rule=oldest_neighbour),
            {"load_is_bounded": 6, "old_nodes_are_spared": 1},
        ),
        "scattered": Mutant(
            partial(growing, rule=wherever), {"a_tree_is_connected_around_its_origin": 1}
        ),
        "forgets_objects": Mutant(
            changed(growing, Client._created, "state.made | {new} → state.made"),  # noqa: SLF001
            {"every_node_can_be_an_origin": None},
        ),
    },
)

PUBLISHED = Check(
    name="diffusion.naming.published",
    about="Objects are placed on the newest nodes, at the cost of old ones, and on any with holes.",
    world=partial(world, rule=newest_of_all, suffices=any_is_enough),
    properties=PROMISES,
    small=SIZE,
    full={"changes": 3},
    refuted={"a_new_tree_can_answer": 1, "old_nodes_are_spared": 1},
    states=16_976,
)
