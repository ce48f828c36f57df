"""Layouts: how the members of a view are split into subgroups and shards.

A layout is a pure function of the view, so that all members who are in a view agree on it without a
word. A shard without enough members stops the group: its leader proposes no view that the layout
does not fit (`Membership.is_adequate`), and the group stands still until somebody joins.

Source: Jha et al., Derecho, ACM TOCS 2019, sections 2.2 (subgroups and shards) and 3.4 (adequate
provisioning).
"""

from itertools import pairwise

from attrs import field, frozen

from coterie.model.machine import Node
from coterie.model.synchrony.view import View

Shard = tuple[Node, ...]


def _positive(_: object, attribute: object, value: int) -> None:
    if value < 1:
        raise ValueError(f"{getattr(attribute, 'name', attribute)} must be 1 or more, not {value}")


@frozen
class Subgroup:
    """A part of the application with a state of its own.

    Attributes:
        name: what it is called.
        shards: how many parts its state has; each is replicated by a shard of its own.
        least: how many members a shard needs.
        most: how many it takes; whoever is left over serves in the next one, or nowhere.
    """

    name: str
    shards: int = field(default=1, validator=_positive)
    least: int = field(default=1, validator=_positive)
    most: int = field(default=1, validator=_positive)

    @property
    def needs(self) -> int:
        """How many members it needs."""
        return self.shards * self.least

    def __attrs_post_init__(self) -> None:
        """Refuse a shard that can never be.

        Raises: ValueError.
        """
        if self.most < self.least:
            raise ValueError(
                f"{self.name}: shards of at least {self.least} and at most {self.most}"
            )


@frozen
class Layout:
    """All subgroups of an application.

    Attributes:
        subgroups: in the order in which members are handed out.
        apart: whether a member serves in one shard alone; else each subgroup begins afresh.
    """

    subgroups: tuple[Subgroup, ...]
    apart: bool = True

    def __call__(self, view: View) -> dict[str, tuple[Shard, ...]] | None:
        """Return the shards of each subgroup; None where the view has too few members.

        Shape: the shards in order, each in the order of ranks. Members are handed out evenly, the
            longest there first: each shard gets what it needs, then one more as long as it takes
            and there are any that no later subgroup needs.
        """
        found: dict[str, tuple[Shard, ...]] = {}
        free = view.members
        for place, subgroup in enumerate(self.subgroups):
            later = self.subgroups[place + 1 :] if self.apart else ()
            needed = sum(each.needs for each in later)
            if len(free) < subgroup.needs + needed:
                return None
            found[subgroup.name] = _handed_out(free[: len(free) - needed], subgroup)
            taken = {member for shard in found[subgroup.name] for member in shard}
            free = tuple(m for m in free if m not in taken) if self.apart else view.members
        return found

    def is_adequate(self, view: View) -> bool:
        """Return whether every shard has the members that it needs in `view`."""
        return self(view) is not None


def _handed_out(free: tuple[Node, ...], subgroup: Subgroup) -> tuple[Shard, ...]:
    """Return the shards of a subgroup that has enough members to choose from."""
    count = min(len(free), subgroup.shards * subgroup.most)
    each, more = divmod(count, subgroup.shards)
    ends = [each * number + min(number, more) for number in range(subgroup.shards + 1)]
    return tuple(free[start:end] for start, end in pairwise(ends))


def shards_of(layout: Layout, view: View, node: Node) -> tuple[tuple[str, int], ...]:
    """Return where `node` serves in `view`: the subgroup and the number of the shard."""
    placed = layout(view) or {}
    return tuple(
        (name, number)
        for name, shards in placed.items()
        for number, shard in enumerate(shards)
        if node in shard
    )
