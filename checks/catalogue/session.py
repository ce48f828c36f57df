"""Sessions: on networks that lose, repeat and reorder, between ends that crash and come back."""

from functools import partial
from typing import Any

from immutables import Map

from coterie.checks.check import Check, Mutant
from coterie.checks.fairness import Fairness, weak
from coterie.checks.faults import Faults
from coterie.checks.mutation.named import changed
from coterie.checks.network import Bag, Fifo, Network, Pool
from coterie.checks.world import World
from coterie.model import session
from coterie.model.diary import Diary
from coterie.model.machine import Node
from coterie.model.postbox import Say
from coterie.model.session import Outbox, Session
from coterie.model.stacked import stacked
from coterie.spec import session as spec

LEFT, RIGHT = Node("end", 0), Node("end", 1)
OTHER = {LEFT: RIGHT, RIGHT: LEFT}


FAIR = (weak("deliveries"), weak("timers"), weak("restarts"))


def between(
    network: Network,
    words: int,
    answers: int,
    faults: Faults,
    session: Session,
    fairness: tuple[Fairness, ...] = (),
) -> World:
    """Return two diaries over `session` that want to say so many words to each other."""
    said = {LEFT: "abc"[:words], RIGHT: "xyz"[:answers]}
    return World(
        machines={node: stacked(Diary(), session) for node in OTHER},
        network=network,
        faults=faults,
        workload={node: tuple(Say(OTHER[node], word) for word in said[node]) for node in OTHER},
        observers={"said": spec.SAID, "heard": spec.HEARD},
        fairness=fairness,
    )


def haunted(words: int, answers: int, crashes: int, **fields: Any) -> World:
    """Return ends between which whatever was ever sent may arrive at any time, again and again."""
    return between(Pool(), words, answers, Faults(crashes=crashes), Session(**fields))


def talking(words: int, answers: int, crashes: int, capacity: int, **fields: Any) -> World:
    """Return ends between which messages are lost and repeated; a full channel loses the rest."""
    faults = Faults(crashes=crashes, losses="any", duplications="any")
    return between(Bag(capacity, "drop"), words, answers, faults, Session(**fields))


def connected(
    words: int, answers: int, crashes: int, capacity: int, losses: int, **fields: Any
) -> World:
    """Return ends between which messages keep their order, and so many are lost."""
    faults = Faults(crashes=crashes, losses=losses)
    return between(Fifo(capacity, "drop"), words, answers, faults, Session(**fields), FAIR)


def anybody(yours: int, incarnation: int) -> bool:
    """Mutant: take in what is for any incarnation, be it an earlier one."""
    return 0 < yours <= incarnation


def anybody_new(yours: int, incarnation: int) -> bool:
    """Mutant: take in what is for this incarnation, and what is for whoever is there."""
    return yours in (0, incarnation)


def nobody(own: int, known: int) -> bool:
    """Mutant: refuse no incarnation, be it gone or not."""
    return own < 0 * known


def old_too(number: int, received: int) -> bool:
    """Mutant: hand up what is next, and what was handed up before."""
    return number <= received


def new(number: int, received: int) -> bool:
    """Mutant: hand up whatever is new, though others come before it."""
    return number >= received


def nothing(number: int, received: int) -> bool:
    """Mutant: hand up nothing."""
    return number < 0 * received


def never(unacknowledged: int) -> bool:
    """Mutant: never send again."""
    return unacknowledged < 0


def emptied(outbox: Outbox) -> Outbox:
    """Mutant: forget what a peer has not acknowledged when it starts again, or is first heard."""
    del outbox
    return Map()


def as_before(outbox: Outbox) -> Outbox:
    """Mutant: tell a peer's next incarnation under the numbers that the last one was told."""
    return outbox


def none(starts: int) -> int:
    """Mutant: a crash forgets how many starts there were."""
    return 0 * starts


LATE = Check(
    name="session.late",
    about="What comes late, be it from an incarnation that is gone, is never taken for new.",
    world=haunted,
    properties=(
        spec.in_order_and_once,
        spec.incarnations_in_order,
        spec.counted_by_incarnation,
        spec.dropped_only_when_heard,
        spec.numbered_by_place,
        spec.known_after_its_start,
        spec.sent_to_somebody,
        spec.every_outbox_can_empty,
        spec.everything_can_be_heard,
        spec.heard_in_spite_of_crashes,
        spec.heard_by_two_incarnations,
    ),
    small={"words": 2, "answers": 0, "crashes": 2},
    full={"words": 3},
    states=28_858,
    mutants={
        "takes_any": Mutant(partial(haunted, may_take_in=anybody), {"dropped_only_when_heard": 10}),
        "takes_the_old": Mutant(
            partial(haunted, must_refuse=nobody),
            {"incarnations_in_order": 15, "counted_by_incarnation": 9},
        ),
        "no_dedupe": Mutant(
            partial(haunted, may_hand_up=old_too),
            {"in_order_and_once": 6, "counted_by_incarnation": 6},
        ),
        "out_of_order": Mutant(partial(haunted, may_hand_up=new), {"in_order_and_once": 6}),
        "deaf": Mutant(
            partial(haunted, may_hand_up=nothing),
            {"heard_in_spite_of_crashes": None, "heard_by_two_incarnations": None},
        ),
        "forgets_outbox": Mutant(
            partial(haunted, readdressed=emptied),
            {
                "dropped_only_when_heard": 4,
                "everything_can_be_heard": 1,
                "heard_by_two_incarnations": None,
            },
        ),
        "forgets_to_renumber": Mutant(
            partial(haunted, readdressed=as_before), {"every_outbox_can_empty": 9}
        ),
        "amnesia": Mutant(partial(haunted, keeps=none), {"known_after_its_start": 2}),
        "renumbered": Mutant(
            changed(
                haunted,
                Session._carry,  # noqa: SLF001 (the change is to this very function)
                "before.acknowledged + len(before.outbox) → len(before.outbox)",
            ),
            {"numbered_by_place": 8},
        ),
        "hasty": Mutant(
            changed(
                haunted,
                Session._carry,  # noqa: SLF001 (the change is to this very function)
                "if after.incarnation → if True",
            ),
            {"sent_to_somebody": 1},
        ),
        "no_handshake": Mutant(
            changed(
                partial(haunted, may_take_in=anybody_new),
                Session._carry,  # noqa: SLF001 (the change is to this very function)
                "if after.incarnation → if True",
            ),
            {"in_order_and_once": 12, "dropped_only_when_heard": 10},
        ),
        "acknowledges_too_much": Mutant(
            changed(
                haunted,
                Session._taken,  # noqa: SLF001 (the change is to this very function)
                "1 → 2 in arrived.number + 1",
            ),
            {"dropped_only_when_heard": 8},
        ),
        "never_acknowledges": Mutant(
            changed(haunted, Session.options, "without yield Acknowledge(peer)"),
            {"every_outbox_can_empty": 1},
        ),
    },
)

ANSWERED = Check(
    name="session.answered",
    about="Two ends talk at once over a network that loses and repeats, and one of them restarts.",
    world=talking,
    properties=LATE.properties,
    small={"words": 2, "answers": 1, "crashes": 1, "capacity": 1},
    full={"capacity": 2},
    states=30_426,
    mutants={
        "takes_any": Mutant(partial(talking, may_take_in=anybody), {"dropped_only_when_heard": 8}),
        "no_resend": Mutant(partial(talking, may_resend=never), {"everything_can_be_heard": 2}),
        "never_acknowledges": Mutant(
            changed(talking, Session.options, "without yield Acknowledge(peer)"),
            {"every_outbox_can_empty": 2},
        ),
    },
)

PROGRESS = Check(
    name="session.progress",
    about="What is said between ends that stay up is heard and acknowledged; then all is silent.",
    world=connected,
    properties=(spec.is_acknowledged, spec.falls_silent, spec.heard_in_spite_of_crashes),
    small={"words": 2, "answers": 1, "crashes": 1, "capacity": 1, "losses": 1},
    full={"capacity": 2, "losses": 2},
    states=42_683,
    mutants={
        "no_resend": Mutant(partial(connected, may_resend=never), {"is_acknowledged": 2}),
        "forgets_to_renumber": Mutant(
            partial(connected, readdressed=as_before), {"is_acknowledged": 15}
        ),
        "never_acknowledges": Mutant(
            changed(connected, Session.options, "without yield Acknowledge(peer)"),
            {"is_acknowledged": 4, "falls_silent": 4},
        ),
        "never_pays": Mutant(
            changed(
                connected,
                session._sent,  # noqa: SLF001 (the change is to this very function)
                "if parcels → if False",
            ),
            {"falls_silent": 9},
        ),
        "deaf": Mutant(
            partial(connected, may_hand_up=nothing), {"heard_in_spite_of_crashes": None}
        ),
    },
)
