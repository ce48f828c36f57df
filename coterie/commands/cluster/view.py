"""What a person sees of a cluster: a line a node."""

from collections.abc import Iterator, Mapping
from typing import Any

from coterie.impl.cluster import Cluster, status_of
from coterie.model.machine import Node

Said = Mapping[Node, Mapping[str, Any] | None]


def asked(cluster: Cluster) -> Said:
    """Return what each node says of itself; None for one that does not answer."""
    return {node: status_of(config) for node, config in cluster.configs.items()}


def rows(cluster: Cluster, said: Said) -> Iterator[tuple[str, str, str]]:
    """Yield the name of each node, where it listens, and how it is."""
    for node in cluster.servers:
        address = cluster.configs[node].addresses[str(node)]
        yield str(node), address, standing(said[node])


def standing(status: Mapping[str, Any] | None) -> str:
    """Return how a node is, in a few words."""
    if status is None:
        return "down"
    known = {"node", "service", "cluster", "starts", "up", "peers"}
    facts = {name: value for name, value in status.items() if name not in known}
    words = [f"{name} {_short(value)}" for name, value in facts.items() if name != "state"]
    return ", ".join([str(facts.get("state", "starting")), *words])


def _short(value: Any) -> str:
    return str(len(value)) if isinstance(value, list) else str(value)


def lines(cluster: Cluster, said: Said) -> Iterator[str]:
    """Yield the lines of the view."""
    table = list(rows(cluster, said))
    name, address = (max(len(row[column]) for row in table) for column in (0, 1))
    for row in table:
        yield f"{row[0]:{name}}  {row[1]:{address}}  {row[2]}"
