"""When the options of a machine happen: the one thing that a model leaves to whoever runs it.

A model says what may happen by itself; any time will do. The runtime gives each kind of timeout a
pace. An option that stays possible for that long happens; one that vanishes meanwhile, and comes
back, waits anew. What a failure detector says happens when it has reason to.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from attrs import define, field, frozen

from coterie.model.detector import Suspect
from coterie.model.machine import Node, Timeout

Pace = float | tuple[float, float] | Literal["detected"]
"""Seconds for which an option must have been possible; 0 for at once; two where chance chooses
between them, for what several nodes should not do at once; or as the detector says."""


def innermost(event: Timeout) -> Timeout:
    """Return the timeout itself, of one that a stack or a key is wrapped around."""
    while isinstance(inner := getattr(event, "inner", None), Timeout):
        event = inner
    return event


@frozen
class Paces:
    """A pace for every kind of timeout of a machine.

    Attributes:
        seconds: by the class of the timeout, whatever it is wrapped in.
    """

    seconds: Mapping[type[Timeout], Pace]

    def __call__(self, event: Timeout) -> Pace:
        """Return the pace of `event`.

        Raises: LookupError where none is given: the service's mistake.
        """
        kind = type(innermost(event))
        if kind not in self.seconds:
            raise LookupError(f"no pace is given for the timeout {kind.__name__}")
        return self.seconds[kind]


STRANGERS = 10
"""How many times as much patience there is with a node that was never connected."""


@define
class Detector:
    """What the connections tell of the other nodes.

    Attributes:
        patience: seconds without a connection after which a node is taken for failed.
        here: the nodes with which a connection stands.
        lost: when the last connection with each node was lost, of those that have none now.
        restarted: when the connection was lost with each node that has come back as another
            incarnation since.
    """

    patience: float
    here: set[Node] = field(factory=set)
    lost: dict[Node, float] = field(factory=dict)
    restarted: dict[Node, float] = field(factory=dict)

    def connected(self, peer: Node, now: float, *, anew: bool) -> None:
        """Learn that a connection with `peer` stands; `anew` if the peer has started again."""
        self.here.add(peer)
        lost = self.lost.pop(peer, now)
        if anew:
            self.restarted[peer] = lost

    def disconnected(self, peer: Node, now: float) -> None:
        """Learn that there is none."""
        self.here.discard(peer)
        self.lost.setdefault(peer, now)

    def due(self, peer: Node, since: float) -> float | None:
        """Return when a suspicion of `peer`, possible `since`, happens; None if there is no reason.

        Why: who is known to have started again has failed before. But that says nothing against
        the new incarnation, which the machine may have come to know meanwhile: its suspicion has
        become possible after the connection with the old one was lost.
        """
        if since < self.restarted.get(peer, since):
            return since
        if peer in self.here:
            return None
        if peer in self.lost:
            return max(self.lost[peer], since) + self.patience
        return since + STRANGERS * self.patience


@define(eq=False)
class Plan:
    """When one option happens.

    Attributes:
        since: from when on it has been possible, or when it last happened.
        at: when it happens; None for one that waits for the detector.
        suspect: whom it suspects; None for any other kind.
        peer: whom it needs a connection with; None for any other kind.
    """

    since: float
    at: float | None
    suspect: Node | None = None
    peer: Node | None = None


@define
class Timers:
    """Which options happen when.

    Attributes:
        pace: the pace of each.
        detector: what is known of the others.
        jitter: a random number from 0 to 1, which makes a pace up to a fifth longer, so that nodes
            do not act in step.
        hastened: the kinds that are of use only while a connection with their `peer` stands, and
            happen as soon as one does.
        plans: what is possible now, in the machine's order, and when it happens.
    """

    pace: Callable[[Timeout], Pace]
    detector: Detector
    jitter: Callable[[], float]
    hastened: tuple[type, ...] = ()
    plans: dict[Timeout, Plan] = field(factory=dict)

    def offered(self, options: Iterable[Timeout], now: float) -> None:
        """Learn what is possible now: what is new waits from now on, what is missing is off."""
        before, self.plans = self.plans, {}
        for event in options:
            self.plans[event] = before.get(event) or self._planned(event, now)

    def due(self, now: float) -> list[Timeout]:
        """Return what happens now, in the machine's order; it waits anew from now on."""
        happening = [
            event
            for event, plan in self.plans.items()
            if (at := self._at(plan)) is not None and at <= now
        ]
        for event in happening:
            self.plans[event] = self._planned(event, now)
        return happening

    def next(self) -> float | None:
        """Return when the next option happens; None if nothing is to be waited for."""
        planned = map(self._at, self.plans.values())
        return min((at for at in planned if at is not None), default=None)

    def connected(self, peer: Node, now: float) -> None:
        """Let happen now what has waited for a connection with `peer`."""
        for plan in self.plans.values():
            if plan.peer == peer:
                plan.at = now

    def _planned(self, event: Timeout, now: float) -> Plan:
        pace, inner = self.pace(event), innermost(event)
        if pace == "detected":
            return Plan(now, None, suspect=inner.node if isinstance(inner, Suspect) else None)
        least, most = pace if isinstance(pace, tuple) else (pace, 1.2 * pace)
        peer = getattr(inner, "peer", None) if isinstance(inner, self.hastened) else None
        return Plan(now, now + least + (most - least) * self.jitter(), peer=peer)

    def _at(self, plan: Plan) -> float | None:
        if plan.suspect is not None:
            return self.detector.due(plan.suspect, plan.since)
        return plan.at if plan.peer is None or plan.peer in self.detector.here else None
