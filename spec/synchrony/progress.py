"""What must happen in a group, where no more than a minority fails and the schedule is fair."""

from typing import Any

from coterie.model.machine import Node
from coterie.model.synchrony.member import State
from coterie.model.synchrony.state import Inside, Item, row_of
from coterie.spec.property import View, each, eventually_always, leads_to, reachable, step_always
from coterie.spec.synchrony.told import TOLD
from coterie.spec.synchrony.views import (
    alive,
    asked,
    is_inside,
    members_seen,
    processes,
    waits,
)


def waits_for_the_next_view(world: View, node: Node) -> bool:
    """Return whether a process is wedged."""
    return world.up(node) and world.see(node, waits)


def wants_in(world: View, joiner: Node) -> bool:
    """Return whether a process that is up stands outside."""
    return world.up(joiner) and not world.see(joiner, is_inside)


def has_told(world: View, member: Node) -> bool:
    """Return whether the user of a member that is up has said something."""
    return world.up(member) and member in world.observed(TOLD)


def heard(state: State) -> frozenset[tuple[Node, Any]]:
    """Return what a member's application has got, which lists its items."""
    if not isinstance(state, Inside):
        return frozenset()
    items: tuple[Item, ...] = state.application
    return frozenset((item.sender, item.payload) for item in items)


@leads_to(
    waits_for_the_next_view,
    broken_by="no_new_leader",
    each=processes,
)
def every_view_change_ends(world: View, node: Node) -> bool:
    """Every process that is wedged is, some time, in a view in which it is not, or stops.

    In symbols: wedged(p) ~> p not wedged, or down.
    Why: whoever is down is suspected at last; there is a leader whom all trust; it gets a batch, a
    trim and an echo from each, and there are no more than so many failures to begin again for.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4 (progress needs a majority of the view).
    """
    return not world.up(node) or not world.see(node, waits)


@leads_to(has_told, broken_by=("loses_the_rest", "never_suspects"), each=each("member"))
def what_a_survivor_tells_is_delivered(world: View, member: Node) -> bool:
    """What a member tells is delivered by all members that go on, unless the teller fails.

    In symbols: told(p, m) ~> p down, or m is delivered at q, for all q in the group and up.
    Why: all have it and deliver it in the view in which it is sent, or it is above the trim; then
    p sends it again in the next view, and views change a limited number of times.
    Source: Birman and Joseph, SOSP 1987; Jha et al., Derecho, ACM TOCS 2019, section 3.4.2.
    """
    if not world.up(member):
        return True
    said = frozenset((member, payload) for payload in world.observed(TOLD).get(member, ()))
    return all(said <= world.see(node, heard) for node in alive(world))


@leads_to(wants_in, broken_by="deaf", each=each("joiner"))
def who_wants_in_gets_in(world: View, joiner: Node) -> bool:
    """A process that is outside is let in, unless it fails, or all whom it asks.

    In symbols: p up and outside ~> p in a view, or p down, or q down for all q in asked of p, and
    there is one.
    Why: it asks; whom it has asked says so in its row to every leader; and if the first of the old
    members is gone before it has told the joiner, the next one does.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4.
    """
    if not wants_in(world, joiner):
        return True
    contacts = world.see(joiner, asked)
    return bool(contacts) and not any(world.up(node) for node in contacts)


@eventually_always(broken_by=("never_suspects", "no_new_leader"))
def the_living_agree_on_who_lives(world: View) -> bool:
    """From some time on, all processes in the group are in one view, of exactly them.

    In symbols: <>[] for p in the group and up: p's view is all q in the group and up.
    Why: failures come to an end; then the last of them is suspected, and removed.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4; Birman and Joseph, SOSP 1987.
    """
    living = alive(world)
    return all(world.see(node, members_seen) == living for node in sorted(living))


def wants_out(state: State) -> bool:
    """Return whether a member has said that it leaves."""
    return isinstance(state, Inside) and row_of(state).leaving


@step_always(broken_by="all_must_live", each=processes)
def who_stops_has_failed_or_left(before: View, after: View, node: Node) -> bool:
    """A process that is up stays up, unless it crashes or leaves; failures of others stop nobody.

    In symbols: p up and p down' implies that a crash was spent, or leaving(p); where no more than a
    minority of any view fails or leaves, and nobody is suspected falsely.
    Why: a majority of each view is left, and that may go on. Where a leaver that has stopped is
    suspected before its last row is read, it counts as failed: it may take the others with it.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4 (progress needs a majority of the view).
    """
    if after.up(node) or not before.up(node):
        return True
    return after.left("crashes") < before.left("crashes") or before.see(node, wants_out)


def _is_in_a_later_view(state: State) -> bool:
    return isinstance(state, Inside) and state.view.number > 0 and not waits(state)


@reachable(broken_by="never_ends")
def a_view_change_has_ended(world: View) -> bool:
    """A process can be in a second view, and at work there.

    Why: where no view ever ended, or ended in another change, nothing above would be asked for.
    Source: the witness to every_view_change_ends.
    """
    return any(world.see(node, _is_in_a_later_view) for node in world.nodes() if world.up(node))
