"""The register as published, on one node of the tree."""

from functools import partial

from coterie.checks.catalogue.diffusion.register import guards
from coterie.checks.catalogue.diffusion.register.worlds import one_node
from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.model.diffusion.quorums import bounded_node_size
from coterie.model.diffusion.register.replica import is_its_client
from coterie.spec.diffusion.register import history, replicas

world = partial(one_node, writes_back=False, names_incarnation=False)

READS = Check(
    name="diffusion.register.published.reads",
    about="One client writes and another reads at a node of five replicas, one of them Byzantine.",
    world=world,
    properties=(
        history.a_quiet_read_is_right,
        history.a_read_is_regular_or_fails,
        history.every_operation_ends,
        history.a_read_returns_what_was_written,
        history.a_read_fails,
        replicas.nothing_is_forged,
        replicas.timestamps_are_bounded,
        replicas.a_finished_write_is_everywhere(1),
        replicas.what_is_quiet_can_be_read(1),
    ),
    small={"writes": (1,), "reads": (1,)},
    full={"writes": (2,), "reads": (2,)},
    states=26_381,
    mutants={
        "few_acks": Mutant(
            partial(world, acknowledged=guards.at_2b_and_1),
            {
                "a_quiet_read_is_right": 21,
                "a_read_is_regular_or_fails": 21,
                "a_finished_write_is_everywhere": 13,
            },
        ),
        "few_answers": Mutant(
            partial(world, answered=guards.at_2b_and_1),
            {"a_quiet_read_is_right": 19, "a_read_is_regular_or_fails": 19},
        ),
        "too_many_liars": Mutant(
            partial(world, liars=2),
            {"a_quiet_read_is_right": 7},
        ),
        "few_supporters": Mutant(
            partial(world, supported=guards.at_b),
            {"a_read_is_regular_or_fails": 8, "a_read_fails": None},
        ),
        "nothing_outdated": Mutant(
            partial(world, outdated=guards.never),
            {"a_read_is_regular_or_fails": 32},
            {"writes": (2,)},
        ),
        "nothing_supported": Mutant(
            partial(world, supported=guards.never), {"a_read_returns_what_was_written": None}
        ),
        "keeps_the_largest": Mutant(
            partial(world, rank=guards.the_largest), {"timestamps_are_bounded": 9}, {"reads": ()}
        ),
        "demanding": Mutant(
            partial(world, acknowledged=guards.at_4b_and_1), {"every_operation_ends": 25}
        ),
        "obeys_replicas": Mutant(
            changed(
                world,
                is_its_client,
                "sender.role == CLIENT and sender == ticket.client → sender == ticket.client",
            ),
            {"nothing_is_forged": 1},
        ),
        "small_node": Mutant(partial(world, size=bounded_node_size), {"every_operation_ends": 14}),
    },
)

READERS = Check(
    name="diffusion.register.published.readers",
    about="A second read may return an older value than the first: the register is not atomic.",
    world=world,
    properties=(
        history.a_quiet_read_is_right,
        history.a_read_is_regular_or_fails,
        history.reads_are_atomic_or_fail,
        history.every_operation_ends,
    ),
    small={"writes": (1,), "reads": (2,)},
    refuted={"reads_are_atomic_or_fail": 25},
    states=192_911,
)

WRITERS = Check(
    name="diffusion.register.published.writers",
    about="Two clients write at the same time, and may choose the same timestamp.",
    world=world,
    properties=(
        history.a_quiet_read_is_right,
        history.a_read_is_regular_or_fails,
        history.every_operation_ends,
        replicas.nothing_is_forged,
        replicas.timestamps_are_bounded,
        replicas.an_identity_means_one_update,
        replicas.a_finished_write_is_everywhere(1),
        replicas.what_is_quiet_can_be_read(1),
        replicas.two_updates_have_one_timestamp,
    ),
    small={"writes": (1, 1), "reads": ()},
    full={"reads": (1,)},
    states=110_054,
    mutants={
        "no_tie_break": Mutant(
            partial(world, replica={"newer": guards.by_timestamp_alone}),
            {"a_finished_write_is_everywhere": 24},
        ),
        "one_at_a_time": Mutant(
            partial(world), {"two_updates_have_one_timestamp": None}, {"writes": (2,)}
        ),
    },
)

CRASH = Check(
    name="diffusion.register.published.crash",
    about="A writer crashes, starts again and writes: two repairs are needed.",
    world=world,
    properties=(
        history.every_operation_ends,
        replicas.nothing_is_forged,
        replicas.timestamps_are_bounded,
        replicas.an_identity_means_one_update,
        replicas.a_finished_write_is_everywhere(1),
        replicas.what_is_quiet_can_be_read(1),
    ),
    small={"writes": (2,), "reads": (), "crashes": 1},
    refuted={"an_identity_means_one_update": 20, "what_is_quiet_can_be_read": 30},
    states=23_392,
)

BOUNDED = Check(
    name="diffusion.register.published.bounded",
    about="Nodes of 3b + 1, as for synchronous channels, on channels that are not: stale reads.",
    world=partial(
        world,
        size=bounded_node_size,
        answered=guards.at_2b_and_1,
        acknowledged=guards.at_2b_and_1,
    ),
    properties=(
        history.a_quiet_read_is_right,
        history.every_operation_ends,
        history.a_read_returns_what_was_written,
        replicas.nothing_is_forged,
    ),
    small={"writes": (1,), "reads": (1,)},
    refuted={"a_quiet_read_is_right": 17},
    states=10_837,
)
