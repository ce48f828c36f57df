"""What clients see while nobody crashes: commands, batches, stable and stale looks."""

from functools import partial

from coterie.checks.catalogue.synchrony.service.twins import (
    Backwards,
    Forgetful,
    Hasty,
    OnlyAPart,
    OnlyTheFirst,
    all_for_one,
    always_new,
    by_local_clock,
    nothing,
)
from coterie.checks.catalogue.synchrony.service.worlds import (
    CLAIM,
    FAIR,
    READ,
    READ_BOTH,
    STABLY,
    STALELY,
    WRITE,
    WRITE_BOTH,
    Rover,
    world,
)
from coterie.checks.check import Check, Mutant
from coterie.checks.mutation.named import changed
from coterie.model.synchrony.service.server import Server
from coterie.model.synchrony.service.store import Application
from coterie.spec.synchrony import service as spec

MUTE = {"multicast": {"window": 0}}
ONE_AT_A_TIME = {"in_flight_most": 1}

COMMANDS = Check(
    name="synchrony.service.commands",
    about="Two clients of two servers, one of which may ask again elsewhere: each is done once.",
    world=world,
    properties=(
        spec.linearizable,
        spec.contents_are_the_log,
        spec.same_position_same_contents,
        spec.what_is_answered_is_on_most_disks,
        spec.an_answer_is_what_the_log_says,
        spec.a_write_is_read,
    ),
    small={
        "size": 2,
        "calls": ((CLAIM,), (READ,)),
        "asked": ((0, 1), (1,)),
        "retries": 1,
    },
    full={"calls": ((CLAIM, READ), (READ,))},
    states=23_514,
    mutants={
        "answers_early": Mutant(
            partial(world, kind=Hasty),
            {
                "linearizable": 6,
                "what_is_answered_is_on_most_disks": 3,
                "an_answer_is_what_the_log_says": 2,
            },
        ),
        "no_dedupe": Mutant(
            partial(world, applications=(Application(is_new=always_new),) * 2),
            {"linearizable": 10, "contents_are_the_log": 9, "an_answer_is_what_the_log_says": 9},
        ),
        "takes_all_for_one": Mutant(
            partial(world, applications=(Application(caller_of=all_for_one),) * 2),
            {"linearizable": 10, "contents_are_the_log": 7},
        ),
        "local_rules": Mutant(
            partial(world, applications=(Application(), Application(execute=by_local_clock))),
            {"same_position_same_contents": 7},
        ),
        "mute": Mutant(partial(world, rules=MUTE), {"a_write_is_read": None}),
    },
)

BATCHES = Check(
    name="synchrony.service.batches",
    about="Three clients of one server, which tells its group in batches of two.",
    world=world,
    properties=(
        spec.linearizable,
        spec.contents_are_the_log,
        spec.an_answer_is_what_the_log_says,
        spec.a_batch_has_two,
    ),
    small={
        "size": 2,
        "calls": ((WRITE,), (CLAIM,), (READ,)),
        "asked": ((0,), (0,), (0,)),
        "server": {**ONE_AT_A_TIME, "batch_most": 2},
    },
    full={"size": 3},
    states=3_146,
    mutants={
        "backwards": Mutant(
            partial(world, applications=(Backwards(),) * 2), {"contents_are_the_log": 15}
        ),
        "only_the_first": Mutant(
            partial(world, applications=(OnlyTheFirst(),) * 2), {"contents_are_the_log": 15}
        ),
        "one_at_a_time": Mutant(
            world, {"a_batch_has_two": None}, {"server": {**ONE_AT_A_TIME, "batch_most": 1}}
        ),
    },
)

SEVERAL = Check(
    name="synchrony.service.several",
    about="A client writes two keys at once, through one server; another reads both at the other.",
    world=world,
    properties=(
        spec.several_are_done_as_one,
        spec.contents_are_the_log,
        spec.an_answer_is_what_the_log_says,
        spec.several_are_read,
    ),
    small={"size": 2, "calls": ((WRITE_BOTH,), (READ_BOTH,)), "asked": ((0,), (1,))},
    full={"calls": ((WRITE_BOTH,), (READ_BOTH, READ_BOTH))},
    states=282,
    mutants={
        "only_a_part": Mutant(
            partial(world, applications=(OnlyAPart(),) * 2), {"several_are_done_as_one": 10}
        ),
        "mute": Mutant(partial(world, rules=MUTE), {"several_are_read": None}),
    },
)

PROGRESS = Check(
    name="synchrony.service.progress",
    about="A client calls twice, and may ask again elsewhere, in fair runs.",
    world=world,
    properties=(
        spec.every_call_is_answered,
        spec.batches_under_way_are_counted,
        spec.a_client_is_answered_elsewhere,
    ),
    small={
        "size": 2,
        "calls": ((WRITE, WRITE),),
        "asked": ((0, 1),),
        "retries": 1,
        "server": ONE_AT_A_TIME,
        "fairness": FAIR,
    },
    full={"calls": ((WRITE, WRITE, WRITE),)},
    states=7_888,
    mutants={
        "counts_up_alone": Mutant(
            changed(
                world,
                Server._applied,  # noqa: SLF001
                "state.in_flight - len(own) → state.in_flight",
            ),
            {"every_call_is_answered": 10, "batches_under_way_are_counted": 6},
            {"retries": 0},
        ),
        "mute": Mutant(partial(world, rules=MUTE), {"a_client_is_answered_elsewhere": None}),
    },
)

LOOKS = Check(
    name="synchrony.service.looks",
    about="A client looks at two servers in turn while another writes: stably, so as commands do.",
    world=world,
    properties=(
        spec.linearizable,
        spec.an_answer_is_what_the_log_says,
        spec.a_write_is_read,
    ),
    small={
        "size": 2,
        "calls": ((WRITE,), (STABLY, STABLY)),
        "asked": ((0,), (1, 0)),
        "client": Rover,
    },
    full={"size": 3, "asked": ((0,), (1, 2))},
    states=264,
    mutants={
        "waits_for_nothing": Mutant(
            partial(world, server={"awaits": nothing}), {"linearizable": 10}
        ),
        "mute": Mutant(partial(world, rules=MUTE), {"a_write_is_read": None}),
    },
)

SUSPECTED = Check(
    name="synchrony.service.looks.suspected",
    about="A server that is suspected falsely does not know: it serves old states, never older.",
    world=world,
    properties=(spec.linearizable, spec.sequential),
    small={
        "size": 3,
        "calls": ((WRITE, STABLY), (STABLY,)),
        "asked": ((1, 0), (0,)),
        "client": Rover,
        "faults": {"suspicions": 1},
    },
    full={"calls": ((WRITE, STABLY), (STABLY, STABLY))},
    refuted={"linearizable": 14},
    states=97_021,
    mutants={
        "forgets_what_it_saw": Mutant(world, {"sequential": 14}, {"client": Forgetful}),
    },
)

STALE = Check(
    name="synchrony.service.looks.stale",
    about="Stale looks are old, but each shows a state that there was; one server never goes back.",
    world=world,
    properties=(
        spec.linearizable,
        spec.sequential,
        spec.an_answer_is_what_the_log_says,
        spec.a_write_is_read,
    ),
    small={"size": 2, "calls": ((WRITE,), (STALELY, STALELY)), "asked": ((0,), (1,))},
    full={"size": 3},
    refuted={"linearizable": 10},
    states=252,
)

ROVING = Check(
    name="synchrony.service.looks.roving",
    about="Whoever looks stalely at another server than before may miss what it has written.",
    world=world,
    properties=(spec.sequential, spec.an_answer_is_what_the_log_says),
    small={"size": 2, "calls": ((WRITE, STALELY),), "asked": ((0, 1),), "client": Rover},
    full={"size": 3},
    refuted={"sequential": 10},
    states=24,
)

SESSIONS = Check(
    name="synchrony.service.sessions",
    about="A client that starts again under its old session is answered what it asked before.",
    world=world,
    properties=(spec.linearizable, spec.contents_are_the_log),
    small={
        "size": 1,
        "calls": ((WRITE, READ),),
        "asked": ((0,),),
        "faults": {"crashes": 1, "restarts": 1, "crashing": ("client",)},
    },
    full={"size": 2},
    refuted={"linearizable": 9},
    states=59,
)
