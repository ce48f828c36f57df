"""The processes of a cluster on this machine: one a node, which is started again when it dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from attrs import define, field, frozen

from coterie.impl.cluster import Cluster
from coterie.model.machine import Node

LOG = "log.jsonl"
MISTAKE = 2
"""The exit code of a node that cannot run as it is told: starting it again would not help."""


@frozen
class Ended:
    """The process of a node has ended.

    Attributes:
        node: whose.
        code: its exit code; negative for the signal that has killed it.
        again: whether it will be started again.
    """

    node: Node
    code: int
    again: bool

    def __str__(self) -> str:
        how = f"was killed by {signal.Signals(-self.code).name}" if self.code < 0 else "ended"
        code = "" if self.code < 0 else f" with exit code {self.code}"
        return f"{self.node} {how}{code}" + ("; it starts again" if self.again else "")


def command(config: Path) -> list[str]:
    """Return how a node is started from its configuration."""
    return [sys.executable, "-m", "coterie", "node", str(config)]


@define(eq=False)
class Supervisor:
    """Starts the nodes of a cluster, and starts them again.

    Attributes:
        cluster: whose nodes.
        restarts: whether a node that dies is started again.
        pause_seconds: how long it stays dead before that.
        clock: seconds that only grow.
        processes: of the nodes that run.
    """

    cluster: Cluster
    restarts: bool = True
    pause_seconds: float = 1.0
    clock: Callable[[], float] = time.monotonic
    processes: dict[Node, "subprocess.Popen[bytes]"] = field(factory=dict)
    _due: dict[Node, float] = field(factory=dict)

    def start(self, node: Node) -> None:
        """Start a node, in a session of its own: a Ctrl-C is for this process alone."""
        config = self.cluster.config_of(node)
        with (config.parent / LOG).open("ab") as log:
            self.processes[node] = subprocess.Popen(  # noqa: S603  our own command
                command(config),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )

    def start_all(self) -> None:
        """Start every node."""
        for node in self.cluster.servers:
            self.start(node)

    def poll(self) -> Iterator[Ended]:
        """Yield what has ended since, and start again what is due."""
        now = self.clock()
        for node, process in list(self.processes.items()):
            if (code := process.poll()) is not None:
                del self.processes[node]
                again = self.restarts and code not in {0, MISTAKE}
                if again:
                    self._due[node] = now + self.pause_seconds
                yield Ended(node, code, again)
        for node in [node for node, at in self._due.items() if at <= now]:
            del self._due[node]
            self.start(node)

    @property
    def is_over(self) -> bool:
        """Whether no node runs, and none will."""
        return not self.processes and not self._due

    def stop(self, patience_seconds: float = 10.0) -> Mapping[Node, int]:
        """Ask every node to end, kill those that do not, and return their exit codes."""
        self._due.clear()
        for process in self.processes.values():
            process.terminate()
        until, codes = self.clock() + patience_seconds, {}
        for node, process in self.processes.items():
            try:
                codes[node] = process.wait(max(0.0, until - self.clock()))
            except subprocess.TimeoutExpired:
                process.kill()
                codes[node] = process.wait()
        self.processes.clear()
        return codes
