"""What the nodes of a simulated cluster are put together from."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from coterie.impl.node import Node
from coterie.impl.simulation.disk import SimulatedDisk
from coterie.impl.timers import Detector, Pace, Paces
from coterie.model.machine import Machine, Timeout
from coterie.model.session import Resend, Session


def counted(starts: int, clock: float) -> int:
    """Return the number of a client's start: how many there were."""
    del clock
    return starts


def itself(made: Machine[Any, Any]) -> Machine[Any, Any]:
    """Return the machine as it is."""
    return made


def impatient(paces: Mapping[type[Timeout], Pace]) -> Paces:
    """Return these paces, but that messages are sent again soon.

    Why: this network loses some though a connection stands; a real one loses none.
    """
    return Paces({**paces, Resend: 1.0})


@frozen
class Build:
    """What nodes are put together from: a planted bug is a build with another part.

    Attributes:
        node: the loop.
        session: the links, of servers and clients.
        upper: what becomes of a server's machine above them.
        disk: every server's.
        detector: the failure detector, of its patience.
        paces: when timeouts happen, of the service's paces.
        numbers: how the starts of clients that have no disk are numbered, of how many there were
            and the time of day.
    """

    node: type[Node] = Node
    session: Session = field(factory=Session)
    upper: Callable[[Machine[Any, Any]], Machine[Any, Any]] = itself
    disk: Callable[..., SimulatedDisk] = SimulatedDisk
    detector: Callable[[float], Detector] = Detector
    paces: Callable[[Mapping[type[Timeout], Pace]], Callable[[Timeout], Pace]] = impatient
    numbers: Callable[[int, float], int] = counted


CORRECT = Build()
