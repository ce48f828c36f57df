"""How a run is told of, in lines of at most eighty columns."""

from collections.abc import Mapping
from textwrap import fill
from typing import Any

from coterie.impl.simulation.cluster import SimulatedCluster
from coterie.model.machine import Node

COLUMNS = 80


def wrapped(text: str) -> str:
    """Return the text in lines; all but the first are indented."""
    return fill(text, COLUMNS, subsequent_indent="    ", break_on_hyphens=False)


def told(name: Node, facts: Mapping[str, Any]) -> str:
    """Return what is known of a node."""
    return wrapped(f"{name}: " + ", ".join(f"{key} {_word(value)}" for key, value in facts.items()))


def servers_of(cluster: SimulatedCluster) -> str:
    """Return how the servers are."""
    said = []
    for name in cluster.servers:
        node = cluster.nodes[name].node
        up = node is not None and node.core.state is not None
        facts = cluster.service.facts(node.core.state) if up and node is not None else {}
        said.append(told(name, facts if up else {"state": "down"}))
    return "\n".join(said)


def _word(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
