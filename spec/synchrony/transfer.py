"""What joining, and going from view to view, promises."""

from itertools import pairwise

from coterie.model.machine import Node
from coterie.model.synchrony.member import State
from coterie.model.synchrony.state import Inside, Outside, rank_of, row_of
from coterie.model.synchrony.transfer import Welcome
from coterie.spec.property import View as World
from coterie.spec.property import always, at_rest, each, reachable
from coterie.spec.synchrony.deliveries import is_prefix, words
from coterie.spec.synchrony.pasts import (
    applied,
    given,
    inside,
    items_in,
    others_at,
    past_of,
    view_of,
    views_in,
)
from coterie.spec.synchrony.views import asked


@always(
    broken_by=("empty_handed", "before_the_trim"),
    each=each("joiner"),
)
def joins_with_the_state_of_its_view(world: World, joiner: Node) -> bool:
    """A joiner begins with the state that all others have at the start of its view.

    In symbols: application(j) at Installed(v) = fold of all that any member which installs v has
    delivered before it.
    Why: the state is taken when the view is installed, after all that belongs to the view before
    is delivered; and all who install a view have delivered the same before it.
    Source: Jha, Replication, recitation of CS 5412 Cloud Computing, Cornell University, section 3;
    Birman and Joseph, Exploiting Virtual Synchrony in Distributed Systems, SOSP 1987.
    """
    views = views_in(past_of(world, joiner).heard)
    if not views or joiner not in inside(world):
        return True
    start = given(world, joiner)
    return all(state == start for state in others_at(world, joiner, views[0]))


@always(broken_by="empty_handed")
def one_history(world: World) -> bool:
    """Of the states of two processes, one is how the other goes on.

    In symbols: application(p) is a prefix of application(q), or the other way round.
    Why: they begin with the same state, and deliver the same in the same order.
    Source: Jha et al., Derecho: Fast State Machine Replication for Cloud Services, ACM TOCS 2019,
    section 2 (state machine replication).
    """
    states = sorted((applied(world, node) for node in inside(world)), key=len)
    return all(is_prefix(shorter, longer) for shorter, longer in pairwise(states))


@always(broken_by=("resends_kept", "told_of_now"))
def nothing_twice(world: World) -> bool:
    """No message is twice in a state, whichever views its sender has multicast it in.

    In symbols: the words of application(p) are different from one another.
    Why: what the trim names is delivered in its view, and only what is above is multicast again.
    Source: Jha et al., Derecho: Fast State Machine Replication for Cloud Services, ACM TOCS 2019,
    section 3.4.2.
    """
    states = [words(applied(world, node)) for node in inside(world)]
    return all(len(said) == len(set(said)) for said in states)


@always(broken_by=("resends_kept", "told_of_now"), each=each("joiner"))
def nothing_from_before(world: World, joiner: Node) -> bool:
    """A joiner delivers nothing that belongs to a view before its own.

    In symbols: no word that j delivers is in the state that it was given, and each is of a view
    that it has installed.
    Why: it is sent the rows and messages of its own views only.
    Source: Birman and Joseph, Exploiting Virtual Synchrony in Distributed Systems, SOSP 1987.
    """
    if joiner not in inside(world):
        return True
    own = items_in(past_of(world, joiner).heard)
    numbers = {view.number for view in views_in(past_of(world, joiner).heard)}
    is_old = not frozenset(words(own)).isdisjoint(words(given(world, joiner)))
    return not is_old and numbers.issuperset(item.view for item in own)


@always(broken_by="enters_again", each=each("joiner"))
def enters_once(world: World, joiner: Node) -> bool:
    """A joiner enters once, however often it is told, and goes on from view to view.

    In symbols: the numbers of the views that it installs count up by one.
    Why: who is inside already does not read that it may enter.
    Source: Jha et al., Derecho: Fast State Machine Replication for Cloud Services, ACM TOCS 2019,
    section 3.4.3.
    """
    numbers = [view.number for view in views_in(past_of(world, joiner).heard)]
    return all(after == before + 1 for before, after in pairwise(numbers))


def _invites_members(state: State) -> bool:
    if not isinstance(state, Inside):
        return False
    return not row_of(state).joining.isdisjoint(state.view.members)


@always(broken_by="wishes_stay")
def wishes_are_of_outsiders(world: World) -> bool:
    """Nobody's row has the wish of a process that is a member already.

    In symbols: joining(p) and members(view(p)) have nobody in common.
    Why: it would be let in a second time, once it is gone, and be waited for.
    Source: Jha et al., Derecho: Fast State Machine Replication for Cloud Services, ACM TOCS 2019,
    section 3.4.3.
    """
    return not any(world.see(node, _invites_members) for node in inside(world))


def _out_of_turn(state: State) -> bool:
    if not isinstance(state, Inside) or not state.welcomed:
        return False
    before = state.view.members[: rank_of(state)]
    return not row_of(state).suspected.issuperset(set(before) - set(state.view.joined))


@always(broken_by="all_tell")
def hosts_take_turns(world: World) -> bool:
    """A member tells the joiners only when it has given up all old members of lower rank.

    In symbols: welcomed(p) implies that p suspects q, for each q of lower rank that did not join.
    Why: the state may be large, and one copy of it is enough.
    Source: Jha et al., Derecho: Fast State Machine Replication for Cloud Services, ACM TOCS 2019,
    section 3.4.3.
    """
    return not any(world.see(node, _out_of_turn) for node in inside(world))


@always(broken_by="tells_again", each=each("joiner"))
def a_host_tells_once(world: World, joiner: Node) -> bool:
    """No host tells a joiner of one view twice.

    In symbols: the welcomes on their way from p to j are of different views.
    Why: channels lose nothing as long as both are up.
    Source: Jha et al., Derecho: Fast State Machine Replication for Cloud Services, ACM TOCS 2019,
    section 3.4.3.
    """
    return all(
        len(views) == len(set(views))
        for host in world.nodes("member")
        for views in ([message.view for message in _welcomes(world, host, joiner)],)
    )


def _welcomes(world: World, host: Node, joiner: Node) -> list[Welcome]:
    messages = world.in_flight(host, joiner)
    return [message for message in messages if isinstance(message, Welcome)]


@always(broken_by="new_before_old")
def senders_keep_their_order(world: World) -> bool:
    """The messages of one sender are delivered in the order in which it was told them.

    In symbols: the payloads of s in application(p) are a prefix of all that s was told.
    Why: what was multicast in vain comes before what has not been multicast yet.
    Source: Birman and Joseph, Exploiting Virtual Synchrony in Distributed Systems, SOSP 1987.
    """
    senders = world.nodes("member", "joiner")
    return all(
        is_prefix(
            tuple(item.payload for item in applied(world, node) if item.sender == sender),
            past_of(world, sender).told,
        )
        for node in inside(world)
        for sender in senders
    )


@always(broken_by="impatient")
def nobody_speaks_before_the_joiners_are_in(world: World) -> bool:
    """In the view that somebody joins in, nothing is delivered before all its joiners are told.

    Guard: those that have failed are not waited for, once the view ends; nor would be one that is
        suspected wrongly.
    In symbols: Item(v, s, p) is delivered implies that each of joined(v) that is up is in v.
    Why: delivery waits until all members are known to have received, and who is outside says
    nothing. So the state at the start of the view is also the state at the time of telling.
    Source: Jha et al., Derecho: Fast State Machine Replication for Cloud Services, ACM TOCS 2019,
    section 3.2.1.
    """
    pasts = [past_of(world, node).heard for node in world.nodes("member", "joiner")]
    spoken = {item.view for heard in pasts for item in items_in(heard)}
    begun = {view for heard in pasts for view in views_in(heard) if view.number in spoken}
    return all(
        view in past_of(world, joiner).heard or not world.up(joiner)
        for view in begun
        for joiner in view.joined
    )


@at_rest(broken_by=("no_resend", "early_is_dropped", "one_host", "resends_kept"))
def who_stays_is_heard(world: World) -> bool:
    """When all is quiet, every message of a process that is up is in every state, exactly once.

    In symbols: p and q are inside, and q was told w, implies that application(p) has w once.
    Why: what is above the trim is multicast again in the next view, by a sender that stays.
    Source: Birman and Joseph, Exploiting Virtual Synchrony in Distributed Systems, SOSP 1987.
    """
    nodes = inside(world)
    told = [(sender, payload) for sender in nodes for payload in past_of(world, sender).told]
    return all(words(applied(world, node)).count(word) == 1 for node in nodes for word in told)


@at_rest(broken_by=("one_host", "all_at_once"))
def all_are_in_one_view(world: World) -> bool:
    """When all is quiet, all who are inside are in one view, and nobody else is in that view.

    Why: who is gone is removed, and who has joined is told. No more join at once than members stay:
    so where none of those is left who could tell them, too few are left for anybody to go on.
    Source: Jha et al., Derecho: Fast State Machine Replication for Cloud Services, ACM TOCS 2019,
    section 3.4.
    """
    nodes = inside(world)
    views = {world.see(node, view_of) for node in nodes}
    return len(views) <= 1 and all(view and set(view.members) == set(nodes) for view in views)


@at_rest(broken_by=("one_host", "forgets_wishes", "nobody_is_let_in"), each=each("joiner"))
def who_asks_is_let_in(world: World, joiner: Node) -> bool:
    """When all is quiet, nobody is outside who has asked a process that is inside.

    Guard: nobody is suspected wrongly; such a joiner may be gone from the group before it is in.
    Why: wishes are carried along from view to view, and a host that fails is replaced.
    Source: Jha et al., Derecho: Fast State Machine Replication for Cloud Services, ACM TOCS 2019,
    section 3.4.3.
    """
    if not world.up(joiner):
        return True
    return world.see(joiner, asked).isdisjoint(inside(world))


def _told_again(world: World, joiner: Node) -> bool:
    if joiner not in inside(world):
        return False
    hosts = world.nodes("member")
    return any(
        isinstance(message, Welcome) for host in hosts for message in world.in_flight(host, joiner)
    )


@reachable(broken_by="one_host", each=each("joiner"))
def a_joiner_is_told_twice(world: World, joiner: Node) -> bool:
    """A second host can tell a joiner that is in already.

    Why: otherwise `enters_once` would hold of itself.
    Source: the witness to `enters_once`.
    """
    return _told_again(world, joiner)


@reachable(broken_by="early_is_dropped", each=each("joiner"))
def a_joiner_hears_before_it_is_in(world: World, joiner: Node) -> bool:
    """A push of its first view can reach a joiner that is not told yet.

    Why: pushes and the word that it may enter come from different processes.
    Source: the witness to `who_stays_is_heard`.
    """
    return world.up(joiner) and world.see(joiner, _has_heard_early)


def _has_heard_early(state: State) -> bool:
    return isinstance(state, Outside) and bool(state.early)


@reachable(broken_by="nobody_is_let_in", each=each("joiner"))
def a_joiner_delivers(world: World, joiner: Node) -> bool:
    """A joiner can deliver a message.

    Why: a joiner that does nothing would keep every promise above.
    Source: the witness to `nothing_from_before`.
    """
    return bool(items_in(past_of(world, joiner).heard))
