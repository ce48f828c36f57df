"""Views: the sequence of memberships that a group goes through.

Every view but the first is made from the one before it by a batch of changes, which its members
have agreed on. The order of members is part of the view: whoever has been there longer stands
first, so that all members know who leads, and whose turn it is.

Source: Birman and Joseph, "Exploiting Virtual Synchrony in Distributed Systems", SOSP 1987; Jha et
al., "Derecho: Fast State Machine Replication for Cloud Services", ACM TOCS 2019, section 2.
"""

from attrs import frozen

from coterie.model.machine import Node


@frozen(cache_hash=True)
class View:
    """A membership of the group.

    Attributes:
        number: how many views there were before it.
        members: in the order of their ranks.
        joined: those of the members that were not in the view before; all in the first view.
    """

    number: int
    members: tuple[Node, ...]
    joined: tuple[Node, ...] = ()

    def __str__(self) -> str:
        return f"view {self.number} of {', '.join(map(str, self.members))}"


@frozen(cache_hash=True)
class Changes:
    """What makes the next view out of this one: one batch, which ends the view.

    Attributes:
        leaving: the members that are gone, or want to go.
        joining: who becomes a member, in the order of the new ranks.
    """

    leaving: frozenset[Node] = frozenset()
    joining: tuple[Node, ...] = ()


def first_view(*members: Node) -> View:
    """Return the view that a group begins with."""
    return View(0, members, members)


def successor(view: View, changes: Changes) -> View:
    """Return the view after `view`: who stays keeps its place, and joiners come last."""
    staying = tuple(node for node in view.members if node not in changes.leaving)
    return View(view.number + 1, (*staying, *changes.joining), changes.joining)


def is_adequate(view: View) -> bool:
    """Return whether a group can work in `view`: it has a member.

    A layout of subgroups and shards asks for more; see `Membership`.
    """
    return len(view.members) > 0
