"""The device of the serving store: what it tells its user, and how it treats slow servers."""

from functools import partial
from typing import Any

from attrs import evolve

from coterie.checks.catalogue.gossip.store.service.agreement import one_will_do
from coterie.checks.catalogue.gossip.store.service.recovery import never
from coterie.checks.catalogue.gossip.store.service.worlds import TINY, in_order, serving
from coterie.checks.catalogue.gossip.store.worlds import DEVICE
from coterie.checks.check import Check, Mutant
from coterie.checks.faults import Faults
from coterie.checks.mutation.named import changed
from coterie.checks.network import Fifo
from coterie.checks.world import World
from coterie.model.gossip.store.service.comparing import Compare, Compared
from coterie.model.gossip.store.service.sensor import Sensor
from coterie.model.gossip.store.service.serving import StoreServer, when_idle
from coterie.spec.gossip import store_agreement as spec

ALONE = evolve(TINY, device=DEVICE, asks_anew=never)
"""A server that tells the device what it has kept, and asks no other server."""

HELPED = evolve(TINY, device=DEVICE, asks_anew=when_idle)
"""A server that does, over channels that lose nothing."""

ASKING = evolve(TINY, device=DEVICE, sizes=evolve(TINY.sizes, few=2, batch=2))
"""A server that does, and asks again at any time, for an answer may be lost in a crash."""

WINDOWED = Sensor((), window=1)
EASY = evolve(WINDOWED, required=one_will_do)
"""A device that is content with one server."""


def windowed(servers: int, items: int, server: StoreServer, sensor: Sensor) -> World:
    """Return a device with a window of one measurement, and servers, on queues."""
    return serving(
        server,
        servers,
        in_order(items),
        sensor=sensor,
        network=Fifo(),
        observers={"safe": spec.SAFE},
    )


class Newest(Fifo):
    """A queue in which a newer question, or answer, replaces the one that waits.

    Why: a server may ask from the beginning at any time, and a queue is to hold only so much.
    """

    def put(self, held: tuple[Any, ...], message: Any) -> tuple[Any, ...]:
        """Append `message`, in the place of what it replaces."""
        if isinstance(message, Compare | Compared):
            held = tuple(each for each in held if type(each) is not type(message))
        return (*held, message)


def crashing(
    servers: int,
    items: int,
    crashes: int,
    server: StoreServer = ASKING,
    sensor: Sensor = WINDOWED,
) -> World:
    """Return such a device and servers, any of which may crash; what is under way may be lost."""
    world = serving(
        server,
        servers,
        in_order(items),
        sensor=sensor,
        network=Newest(),
        observers={"safe": spec.SAFE},
    )
    return evolve(world, faults=Faults(crashes=crashes))


def any_distance(behind: int, window: int) -> bool:
    """Mutant: send to everybody, however far behind."""
    return behind + window >= 0


WINDOW = Check(
    name="gossip.store.service.device",
    about="The device waits for a majority of the servers, and says what is safe there.",
    world=partial(windowed, server=ALONE, sensor=WINDOWED),
    properties=(
        spec.what_is_safe_is_held,
        spec.the_window_is_kept,
        spec.all_comes_to_be_safe,
        spec.a_server_is_left_behind,
    ),
    small={"servers": 3, "items": 3},
    full={"items": 5},
    states=325,
    mutants={
        "trusts_one": Mutant(
            partial(windowed, server=ALONE, sensor=EASY), {"what_is_safe_is_held": 3}
        ),
        "no_window": Mutant(
            partial(windowed, server=ALONE, sensor=evolve(WINDOWED, is_near=any_distance)),
            {"the_window_is_kept": 2, "a_server_is_left_behind": None},
        ),
        "never_kept": Mutant(
            changed(
                partial(windowed, server=ALONE, sensor=WINDOWED),
                StoreServer._telling,  # noqa: SLF001
                "without yield Send(self.device, Kept(after.position))",
            ),
            {"all_comes_to_be_safe": 0},
        ),
    },
)

BEHIND = Check(
    name="gossip.store.service.left_behind",
    about="Who is left behind by the device gets what it lacks from another, and is near again.",
    world=partial(windowed, server=HELPED, sensor=EASY),
    properties=(
        spec.the_window_is_kept,
        spec.nobody_stays_behind,
        spec.a_server_is_left_behind,
    ),
    small={"servers": 2, "items": 2},
    full={"items": 3},
    states=7744,
    mutants={
        "asks_once": Mutant(
            partial(windowed, server=ALONE, sensor=EASY), {"nobody_stays_behind": 4}
        ),
    },
)

CRASHES = Check(
    name="gossip.store.service.device_crash",
    about="What was measured outlives a crash of the device, or of a server, before it is safe.",
    world=crashing,
    properties=(
        spec.what_is_safe_is_held,
        spec.the_window_is_kept,
        spec.nobody_stays_behind,
        spec.all_comes_to_be_safe,
        spec.everything_is_safe,
    ),
    small={"servers": 2, "items": 1, "crashes": 1},
    full={"items": 2},
    states=174_326,
    mutants={
        "never_again": Mutant(
            changed(
                crashing,
                Sensor._resumed,  # noqa: SLF001
                "without *(Send(server, each) for each in again)",
            ),
            {"nobody_stays_behind": 1},
        ),
        "never_told": Mutant(
            changed(crashing, Sensor.start, "without Deliver(Safe(memory.safe))"),
            {"all_comes_to_be_safe": 5},
        ),
        "never_crossed": Mutant(
            changed(
                crashing,
                Sensor._acknowledged,  # noqa: SLF001
                "if safe <= state.diary.safe → if True",
            ),
            {"everything_is_safe": None},
        ),
    },
)
