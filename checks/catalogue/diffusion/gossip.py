"""Byzantine gossip: nothing false is accepted, everybody hears, and what is written can be read."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from coterie.checks.adversary import Adversary, repertoire
from coterie.checks.check import Check, Mutant
from coterie.checks.fairness import Fairness, weak
from coterie.checks.network import Pool
from coterie.checks.world import World
from coterie.model.call import Call
from coterie.model.diffusion.gossip import (
    INITIAL,
    Accepted,
    Client,
    Gossiper,
    Reply,
    Told,
    Update,
)
from coterie.model.machine import Node
from coterie.spec.diffusion import gossip as spec
from coterie.spec.history.observer import HISTORY

FALSE = 66
LIES = (Update(1, FALSE), Update(2, FALSE))
FAIR = (weak("timers"), weak("deliveries"))


def world(
    replicas: int,
    calls: tuple[Call, ...],
    said: Mapping[Any, tuple[Any, ...]],
    *,
    tells: int | None = None,
    b: int = 1,
    gossiper: Mapping[str, Any] | None = None,
    client: Mapping[str, Any] | None = None,
    **fields: Any,
) -> World:
    """Return so many replicas, the last b of which are Byzantine, and a client.

    Attributes:
        calls: what the client does, one after the other.
        said: the domain of each kind of message that a Byzantine replica may send.
        tells: how many peers a correct replica tells; None for no limit.
        gossiper: other fields of the correct replicas.
        client: other fields of the client.
        fields: those of the world.
    """
    nodes = tuple(Node("replica", index) for index in range(replicas))
    correct, liars = nodes[: replicas - b], nodes[replicas - b :]
    domains = {(kind, "update"): updates for kind, updates in said.items()}
    lies = repertoire(*said, domains={**domains, int: range(1, len(calls) + 1)})
    return World(
        {
            **{
                node: Gossiper(node, nodes, spec.CLIENT, b, tells, **(gossiper or {}))
                for node in correct
            },
            spec.CLIENT: Client(nodes, b, **(client or {})),
        },
        network=Pool(),
        adversary=Adversary(liars, lies),
        workload={spec.CLIENT: calls},
        **fields,
    )


WRITE = Call("write", spec.WRITTEN)


def spreading(
    replicas: int, lies: int, fairness: tuple[Fairness, ...] = FAIR, **fields: Any
) -> World:
    """Return a world with one write, in which Byzantine replicas know so many `lies`."""
    said = {Told: (spec.OWN, *LIES[:lies])}
    return world(replicas, (WRITE,), said, fairness=fairness, **fields)


def register(replicas: int, lies: int, **fields: Any) -> World:
    """Return a world with one write, and a read after it.

    Byzantine replicas answer a reader with the initial value and so many `lies`, and pretend to
    have accepted what is written.
    """
    said = {Told: (spec.OWN,), Accepted: (spec.OWN,), Reply: (INITIAL, *LIES[len(LIES) - lies :])}
    return world(
        replicas,
        (WRITE, Call("read")),
        said,
        observers={"history": HISTORY},
        symmetric=("replica",),
        **fields,
    )


def by_hearsay(votes: int, b: int) -> bool:
    """Mutant: believe b replicas, all of which may lie."""
    return votes >= b


def almost_everybody(votes: int, b: int) -> bool:
    """Mutant: believe 2b + 1 replicas, more than an entry set has correct ones."""
    return votes >= 2 * b + 1


def everybody(votes: int, b: int) -> bool:
    """Mutant: wait for 4b + 1, the Byzantine replicas included."""
    return votes >= 4 * b + 1


def most_correct(votes: int, b: int) -> bool:
    """Mutant: be content with 2b + 1."""
    return votes >= 2 * b + 1


def two_b(b: int) -> int:
    """Mutant: hand an update to 2b replicas, of which b are correct."""
    return 2 * b


def every_time(times: int) -> int:
    """Mutant: whoever says the same twice counts as two."""
    return times


SPREADING = Check(
    name="diffusion.gossip.spreading",
    about="Byzantine gossip spreads what was written to everybody, and no false rumours.",
    world=spreading,
    properties=(
        spec.accepted_was_written,
        spec.everybody_accepts,
        spec.somebody_accepts_by_hearsay,
    ),
    small={"replicas": 4, "lies": 1},
    full={"lies": 2},
    states=31_120,
    mutants={
        "credulous": Mutant(
            partial(spreading, gossiper={"copied": by_hearsay}), {"accepted_was_written": 1}
        ),
        "many_voices": Mutant(
            partial(spreading, gossiper={"voice": every_time}), {"accepted_was_written": 2}
        ),
        "small_entry": Mutant(
            partial(spreading, client={"entry": two_b}), {"everybody_accepts": 8}
        ),
        "demanding": Mutant(
            partial(spreading, gossiper={"copied": almost_everybody}), {"everybody_accepts": 12}
        ),
        "mongering": Mutant(partial(spreading, tells=1), {"everybody_accepts": 8}),
        "deaf": Mutant(
            partial(spreading, gossiper={"copied": everybody}),
            {"somebody_accepts_by_hearsay": None},
        ),
    },
)

REGISTER = Check(
    name="diffusion.gossip.register",
    about="What was written by Byzantine gossip is what a read finds.",
    world=register,
    properties=(
        spec.a_completed_write_is_at_a_write_set,
        spec.SAFE,
        spec.a_write_is_read_before_all_know,
    ),
    small={"replicas": 5, "lies": 0, "tells": 1},
    full={"lies": 1},
    states=108_450,
    mutants={
        "hasty_client": Mutant(
            partial(register, client={"acknowledged": most_correct}),
            {"a_completed_write_is_at_a_write_set": 7, "safe": 15},
            {"tells": 0},
        ),
        "hasty_reader": Mutant(
            partial(register, client={"answered": most_correct}), {"safe": 15}, {"tells": 0}
        ),
        "gullible_reader": Mutant(
            partial(register, client={"supported": by_hearsay}),
            {"safe": 17},
            {"tells": 0, "lies": 1},
        ),
        "unanimous": Mutant(
            partial(register, client={"acknowledged": everybody}),
            {"a_write_is_read_before_all_know": None},
        ),
    },
)
