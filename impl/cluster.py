"""The folder of a cluster on this machine: its keys, and each node's folder and configuration.

`coterie up` lays it out and starts from it again; clients find in it whom to ask, and under which
name. Nothing that is there is ever overwritten.
"""

import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
from attrs import frozen

from coterie.impl import keys
from coterie.impl.config import FILE, Config, ConfigError, node_of, read_config, written
from coterie.impl.service import service_of
from coterie.model.machine import Node

KEYS = "keys"
SERVER = "server"
CLIENT = Node("client", 0)
DEVICE = Node("device", 0)


@frozen
class Cluster:
    """A cluster whose nodes are configured in one folder.

    Attributes:
        folder: where.
        configs: of each server, by name.
    """

    folder: Path
    configs: Mapping[Node, Config]

    @property
    def any(self) -> Config:
        """The configuration of some server: most of it is the same for all."""
        return next(iter(self.configs.values()))

    @property
    def servers(self) -> tuple[Node, ...]:
        """The servers, in order."""
        return tuple(sorted(self.configs))

    def config_of(self, node: Node) -> Path:
        """Return the file that configures a server."""
        return self.folder / str(node) / FILE


def opened(folder: Path) -> Cluster:
    """Return the cluster that is laid out in `folder`.

    Raises: ConfigError where there is none.
    """
    paths = sorted(folder.glob(f"*/{FILE}"))
    if not paths:
        raise ConfigError(f"{folder} holds no cluster: `coterie up` makes one")
    configs = [read_config(path) for path in paths]
    return Cluster(folder, {node_of(config.node): config for config in configs})


def laid_out(
    folder: Path, service: str, nodes: int, storage: str, options: Mapping[str, Any]
) -> Cluster:
    """Lay out a new cluster in `folder`: servers on free ports of loopback, and two clients' keys.

    Attributes:
        storage: `sqlite` for a file each; or the URL of a PostgreSQL database, in which each node
            has a schema of its own.

    Raises: ConfigError where the folder holds a cluster already.
    """
    if any(folder.glob(f"*/{FILE}")):
        raise ConfigError(f"{folder} holds a cluster already")
    names = [Node(SERVER, index) for index in range(nodes)]
    keys.make(folder / KEYS, [*names, CLIENT, DEVICE])
    options = {**service_of(service).prepare(folder / KEYS), **options}
    ports = list(_free_ports(2 * nodes))
    addresses = {str(name): f"127.0.0.1:{port}" for name, port in zip(names, ports, strict=False)}
    for name, port in zip(names, ports[nodes:], strict=True):
        config = Config(
            cluster=folder.resolve().name,
            service=service,
            node=str(name),
            addresses=addresses,
            keys=f"../{KEYS}",
            storage="data.sqlite" if storage == "sqlite" else storage,
            status=f"127.0.0.1:{port}",
            options=dict(options),
        )
        own = folder / str(name)
        own.mkdir(parents=True, exist_ok=True)
        (own / FILE).write_text(written(config), encoding="utf-8")
    return opened(folder)


def _free_ports(count: int) -> Iterator[int]:
    """Yield ports of loopback that nobody listens on now, all different."""
    with ExitStack() as stack:
        for _ in range(count):
            listener = stack.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            yield listener.getsockname()[1]


def status_of(config: Config, timeout_seconds: float = 2.0) -> Mapping[str, Any] | None:
    """Return what a node says of itself; None where it does not answer."""
    from http.client import HTTPException  # noqa: PLC0415
    from urllib.error import URLError  # noqa: PLC0415  a third of the time of `coterie --help`
    from urllib.request import urlopen  # noqa: PLC0415

    try:
        with urlopen(f"http://{config.status}/status", timeout=timeout_seconds) as answer:
            found: Mapping[str, Any] = msgspec.json.decode(answer.read())
    except (URLError, HTTPException, OSError, ValueError):
        return None
    return found
