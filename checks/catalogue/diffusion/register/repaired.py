"""The register's repairs, on one node of the tree, each by itself."""

from functools import partial

from coterie.checks.catalogue.diffusion.register import guards
from coterie.checks.catalogue.diffusion.register.worlds import one_node
from coterie.checks.check import Check, Mutant
from coterie.spec.diffusion.register import history, replicas

ATOMIC = Check(
    name="diffusion.register.repaired.readers",
    about="Readers write back what they have read: the register is atomic.",
    world=one_node,
    properties=(
        history.a_quiet_read_is_right,
        history.a_read_is_regular_or_fails,
        history.reads_are_atomic_or_fail,
        history.every_operation_ends,
        history.a_read_returns_what_was_written,
        history.a_read_fails,
        replicas.nothing_is_forged,
        replicas.timestamps_are_bounded,
        replicas.a_finished_write_is_everywhere(1),
    ),
    small={"writes": (1,), "reads": (2,)},
    full={"reads": (1, 1)},
    states=230_588,
    mutants={
        "no_write_back": Mutant(
            partial(one_node, writes_back=False), {"reads_are_atomic_or_fail": 25}
        ),
    },
)

RESTART = Check(
    name="diffusion.register.repaired.restart",
    about="A client says in its updates how often it has started: no two are taken for one.",
    world=partial(one_node, writes_back=False),
    properties=(
        history.every_operation_ends,
        replicas.nothing_is_forged,
        replicas.timestamps_are_bounded,
        replicas.an_identity_means_one_update,
        replicas.a_finished_write_is_everywhere(1),
        replicas.two_updates_have_one_timestamp,
    ),
    small={"writes": (2,), "reads": (), "crashes": 1},
    states=27_317,
    mutants={
        "one_name_for_two": Mutant(
            partial(one_node, writes_back=False, names_incarnation=False),
            {"an_identity_means_one_update": 20},
        ),
    },
)

CRASH = Check(
    name="diffusion.register.repaired.crash",
    about="The replicas of a node agree on what they take, so that a crashed writer leaves no trace"
    " or a whole one.",
    world=partial(one_node, agree=True),
    properties=(
        history.every_operation_ends,
        replicas.nothing_is_forged,
        replicas.timestamps_are_bounded,
        replicas.a_finished_write_is_everywhere(1),
        replicas.what_is_quiet_can_be_read(1),
        replicas.a_crashed_write_is_taken,
    ),
    small={"writes": (1,), "reads": (), "crashes": 1, "restarts": 0},
    states=165_147,
    mutants={
        "takes_at_once": Mutant(one_node, {"what_is_quiet_can_be_read": 13}),
        "few_echoes": Mutant(
            partial(one_node, agree=True, replica={"echoed": guards.at_b}),
            {"nothing_is_forged": 3},
        ),
        "steadfast": Mutant(
            partial(one_node, agree=True), {"a_crashed_write_is_taken": None}, {"crashes": 0}
        ),
    },
)
