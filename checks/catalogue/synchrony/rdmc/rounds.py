"""The binomial pipeline in lockstep, for many numbers of nodes and blocks at once."""

from collections.abc import Callable
from functools import partial

from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.checks.world import World
from coterie.model.synchrony.rdmc.pipeline import Pipeline
from coterie.model.synchrony.rdmc.plain import Sequential
from coterie.model.synchrony.rdmc.rounds import Rounds
from coterie.model.synchrony.rdmc.schedule import Schedule, fewest_steps
from coterie.spec.synchrony.rdmc import rounds as spec


def world(nodes: int, blocks: int, schedule: Callable[[int, int], Schedule] = Pipeline) -> World:
    """Return a starting world for each number of nodes and of blocks up to these."""
    return World(
        machines={spec.ALL: Rounds(schedule)},
        starts=[{spec.ALL: (n, k)} for n in range(2, nodes + 1) for k in range(1, blocks + 1)],
    )


GUARD = "rank != self.sender(vertex, step) or…r partner == ROOT or (block <= NONE)"

CHECK = Check(
    name="synchrony.rdmc.rounds",
    about="The binomial pipeline of RDMC in lockstep, for each number of nodes and of blocks.",
    world=world,
    properties=(
        spec.nobody_sends_what_it_lacks,
        spec.one_block_in,
        spec.both_ends_agree,
        spec.no_block_twice,
        spec.done_in_the_fewest_steps,
        spec.all_have_all_in_the_end,
        spec.all_links_are_busy,
    ),
    small={"nodes": 9, "blocks": 4},
    full={"nodes": 64, "blocks": 8},
    states=164,
    mutants={
        "off_by_one": Mutant(
            changed(
                world, Pipeline.handed_over, "step - self.dimensions - 1 → step - self.dimensions"
            ),
            {"nobody_sends_what_it_lacks": 2},
        ),
        "both_send_on": Mutant(
            changed(
                world,
                Pipeline.outward,
                f"{GUARD} → is_over or partner == ROOT or block <= NONE",
            ),
            {"one_block_in": 2},
        ),
        "expects_too_much": Mutant(
            changed(
                world,
                Pipeline.received,
                "each is not None and each.receiver == rank → each is not None",
            ),
            {"both_ends_agree": 3},
        ),
        "to_the_root": Mutant(
            changed(
                world,
                Pipeline.outward,
                f"{GUARD} → rank != self.sender(vertex, step) or is_over or block <= NONE",
            ),
            {"no_block_twice": 2},
        ),
        "no_hand_over": Mutant(
            changed(
                world,
                Pipeline.sent,
                "self.outward(rank, step) or self.handed_over(rank, step)"
                " → self.outward(rank, step)",
            ),
            {"done_in_the_fewest_steps": 2},
        ),
        "no_last_swap": Mutant(
            changed(world, Pipeline.handed_over, "if step == self.steps - 1 → if False"),
            {"done_in_the_fewest_steps": 2},
        ),
        "no_last_step": Mutant(
            changed(world, fewest_steps, "1 → 2 in blocks - 1"),
            {"done_in_the_fewest_steps": 0, "all_have_all_in_the_end": 0},
        ),
        "root_alone": Mutant(partial(world, schedule=Sequential), {"all_links_are_busy": None}),
    },
)
