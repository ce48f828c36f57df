"""Batching: updates of many objects to one tree node travel in one message.

All trees of one b are parts of one skeleton, so objects share edges: what a replica has for the
same neighbouring tree node, of whatever objects, goes there together.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, sections 1, 5 and 6.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from attrs import frozen

from coterie.model.diffusion.service.placement import Tree


@frozen(cache_hash=True)
class Pending:
    """An update, or an acknowledgement, that a replica is to pass on.

    Attributes:
        uname: the object's name.
        item: what is said of it.
        to: the tree nodes to which it goes, each once.
    """

    uname: str
    item: Any
    to: tuple[int, ...]


@frozen(cache_hash=True)
class Batch:
    """One message to all replicas of the tree node `to`.

    Attributes:
        items: pairs (object's name, what is said of it), in the order in which they came up.
    """

    to: int
    items: tuple[tuple[str, Any], ...]


def passed_on(uname: str, item: Any, tree: Tree, node: int, source: int | None) -> Pending:
    """Return what a replica of `node` does with an update: to all neighbours but its source.

    Attributes:
        source: the tree node that it came from; None where a client sent it.
    """
    return Pending(uname, item, tuple(to for to in tree.neighbours(node) if to != source))


def batched(pending: Sequence[Pending], items_max: int | None = None) -> tuple[Batch, ...]:
    """Return the messages for all that is pending, the oldest tree node's first.

    Nothing is lost or said twice, and each tree node hears of each object in the order of
    `pending`. A message holds at most `items_max`, so a tree node may get several.
    """
    targets = sorted({to for each in pending for to in each.to})
    return tuple(
        Batch(to, items)
        for to in targets
        for items in _parts(
            [(each.uname, each.item) for each in pending if to in each.to], items_max
        )
    )


def _parts(
    items: Sequence[tuple[str, Any]], items_max: int | None
) -> Iterable[tuple[tuple[str, Any], ...]]:
    most = items_max or len(items)
    return (tuple(items[start : start + most]) for start in range(0, len(items), most))
