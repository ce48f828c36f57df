"""A run of a cluster, held against the model: what `coterie replay DIR` does."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field

from coterie.impl import journal
from coterie.impl.codec import Codec
from coterie.impl.config import FILE, ConfigError, node_of, read_config
from coterie.impl.journal import JournalError
from coterie.impl.replay.calls import Requests
from coterie.impl.replay.claims import CLAIMS
from coterie.impl.replay.divergence import DivergenceError, ReplayError
from coterie.impl.replay.happening import Happened
from coterie.impl.replay.merging import Merged
from coterie.impl.replay.monitor import Monitor
from coterie.impl.replay.reading import Reader
from coterie.impl.replay.stepping import Stepper
from coterie.impl.service import Service, service_of
from coterie.model.machine import Node


@define
class Run:
    """The journals of a cluster, and what has come of them so far.

    Attributes:
        service: what the nodes run.
        servers: all servers that there are, be it with or without a journal.
        steppers: of the nodes that have journals.
        merged: the order of all steps.
        monitor: the properties.
        requests: of the clients.
        sizes: how many bytes each journal had at the beginning.
    """

    service: str
    servers: tuple[Node, ...]
    steppers: Mapping[Node, Stepper]
    merged: Merged
    monitor: Monitor
    requests: Requests
    sizes: Mapping[Node, int] = field(factory=dict)

    def happened(self) -> Iterator[Happened]:
        """Yield all that has happened, in one order, as far as it is the model's.

        Raises: DivergenceError where it is not.
            ReplayError where journals grow while they are read.
        """
        try:
            for now in self.merged.happened():
                self.requests.happened(now)
                self.monitor.happened(now)
                yield now
            self.monitor.finish()
        except DivergenceError as error:
            if any(_bytes(s.reader.paths) != self.sizes[n] for n, s in self.steppers.items()):
                problem = "the journals grow while they are read: stop the cluster first"
                raise ReplayError(problem) from error
            raise

    @property
    def missing(self) -> tuple[Node, ...]:
        """The servers that have no journal here."""
        return tuple(node for node in self.servers if node not in self.steppers)

    @property
    def steps(self) -> int:
        """How many steps were taken again so far."""
        return sum(stepper.steps for stepper in self.steppers.values())

    @property
    def progress(self) -> float:
        """How much of the journals has been read, from 0 to 1."""
        read = sum(stepper.reader.progress for stepper in self.steppers.values())
        return read / max(1, sum(self.sizes.values()))


def folders_in(folder: Path) -> list[Path]:
    """Return the folders of journals that belong to a cluster's folder, or are in it.

    Raises: ReplayError where a configuration cannot be read.
    """
    found = {path.parent for path in folder.rglob("*.jsonl") if path.stem.isdigit()}
    try:
        for path in folder.glob(f"*/{FILE}"):
            config = read_config(path)
            own = path.parent / config.journal
            if config.journal and journal.paths(own):
                found.add(own)
    except ConfigError as error:
        raise ReplayError(str(error)) from error
    return [each for _, each in sorted({each.resolve(): each for each in found}.items())]


def opened(
    folders: Sequence[Path],
    *,
    ordered: bool = True,
    every_step: bool = False,
    find: Callable[[str], Service] = service_of,
) -> Run:
    """Return the run that these journals tell of.

    Attributes:
        ordered: whether the network carries messages in order, and once, as a real one does.
        every_step: whether properties are evaluated at every change, however long that takes.
        find: finds a service by its name.

    Raises: ReplayError where they cannot be those of one run.
    """
    steppers: dict[Node, Stepper] = {}
    codecs: dict[str, Codec] = {}
    said: list[tuple[str, str, tuple[str, ...]]] = []
    for folder in folders:
        heading = _heading(folder)
        said.append((heading["cluster"], heading["service"], tuple(heading["servers"])))
        node = node_of(heading["node"])
        if node in steppers:
            raise ReplayError(f"there are two journals of {node}")
        steppers[node] = Stepper(node, Reader(str(node), journal.paths(folder)), find, codecs)
    if not steppers:
        raise ReplayError("there are no journals")
    if len(set(said)) > 1:
        raise ReplayError("these are journals of different clusters")
    _, service, names = said[0]
    nodes = tuple(sorted(steppers))
    steppers = {node: steppers[node] for node in nodes}
    merged = Merged({node: steppers[node].happened() for node in nodes}, ordered)
    monitor = Monitor(CLAIMS.get(service, ()), nodes, every_step)
    sizes = {node: _bytes(stepper.reader.paths) for node, stepper in steppers.items()}
    servers = tuple(map(node_of, names))
    return Run(service, servers, steppers, merged, monitor, Requests(), sizes)


def _heading(folder: Path) -> Mapping[str, Any]:
    """Return what the journal in a folder says first.

    Raises: ReplayError where that is not what a node writes.
    """
    for path in journal.paths(folder):
        try:
            heading = journal.heading_of(path)
            missing = {"cluster", "service", "node", "servers", "options"} - set(heading)
        except JournalError as error:
            if path.stat().st_size == 0:
                continue
            raise ReplayError(str(error)) from error
        if missing:
            raise ReplayError(f"{path}: its first line does not say {', '.join(sorted(missing))}")
        return heading
    raise ReplayError(f"{folder}: no start of the node is written there")


def _bytes(paths: Sequence[Path]) -> int:
    return sum(path.stat().st_size for path in paths)
