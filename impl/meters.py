"""What a node counts, in the shape that Prometheus reads."""

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import define, field
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from coterie.impl.core import Step
from coterie.impl.timers import innermost
from coterie.model.machine import Receive, Record, Send, Timeout

_SECONDS = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0)


def payload(message: Any) -> Any:
    """Return what a message carries, of one that a link or a key is wrapped around."""
    while (inner := getattr(message, "message", getattr(message, "inner", None))) is not None:
        message = inner
    return message


@define
class Meters:
    """The counters of one node.

    Attributes:
        registry: holds them all, those of others too.
    """

    registry: CollectorRegistry = field(factory=CollectorRegistry)
    _steps: Counter = field(init=False)
    _turns: Counter = field(init=False)
    _changes: Counter = field(init=False)
    _messages: Counter = field(init=False)
    _commits: Histogram = field(init=False)
    _inbox: Gauge = field(init=False)
    _channels: Gauge = field(init=False)

    def __attrs_post_init__(self) -> None:
        make: Any = {"namespace": "coterie", "registry": self.registry}
        self._steps = Counter("steps", "Steps taken, by cause.", ["cause"], **make)
        self._turns = Counter("turns", "Turns taken.", **make)
        self._changes = Counter("changes", "Changes made durable.", **make)
        self._messages = Counter("messages", "Messages sent, by kind.", ["kind"], **make)
        self._inbox = Gauge("inbox", "Messages that wait to be stepped.", **make)
        about = "What the channels of the present start have done."
        self._channels = Gauge("channels", about, ["what", "reason"], **make)
        self._commits = Histogram(
            "commit_seconds",
            "How long a commit takes.",
            buckets=_SECONDS,
            **make,
        )

    def committed(self, seconds: float) -> None:
        """Count a commit."""
        self._commits.observe(seconds)

    def turned(self, steps: Iterable[Step], waiting: int) -> None:
        """Count the steps of a turn."""
        self._turns.inc()
        self._inbox.set(waiting)
        for step in steps:
            self._steps.labels(_cause(step.cause)).inc()
            for effect in step.effects:
                match effect:
                    case Record():
                        self._changes.inc()
                    case Send(_, message):
                        self._messages.labels(type(payload(message)).__name__).inc()

    def text(self, channels: Mapping[str, Any]) -> bytes:
        """Return all of it, as Prometheus reads it.

        Attributes:
            channels: what was counted of connections; a mapping stands for one number a reason.
        """
        for name, counted in channels.items():
            each = counted if isinstance(counted, Mapping) else {"": counted}
            for reason, number in each.items():
                self._channels.labels(name, str(reason)).set(number)
        return generate_latest(self.registry)


def _cause(cause: Any) -> str:
    match cause:
        case Receive(_, message):
            return type(payload(message)).__name__
        case Timeout():
            return type(innermost(cause)).__name__
    return type(cause).__name__
