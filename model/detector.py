"""A failure detector: what a node may be told about the others, rightly or wrongly.

A machine offers `Suspect(node)` among its options where it would listen. A world lets that happen
freely once the node is down, and otherwise only as a fault, which a budget of false suspicions pays
for: a slow node or a slow network looks like a failed one.

Source: Birman and Joseph, "Exploiting Virtual Synchrony in Distributed Systems", SOSP 1987.
"""

from attrs import frozen

from coterie.model.machine import Node, Timeout


@frozen(cache_hash=True)
class Suspect(Timeout):
    """The failure detector says that `node` has failed."""

    node: Node
