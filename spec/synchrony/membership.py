"""What membership promises: one chain of views, and everybody in it or stopped."""

from itertools import pairwise

from coterie.model.machine import Node
from coterie.model.synchrony.member import State
from coterie.model.synchrony.membership import has_majority
from coterie.model.synchrony.state import Inside, leader, rank_of, row_of, trusted
from coterie.model.synchrony.table import is_wedged
from coterie.model.synchrony.view import View as GroupView
from coterie.spec.property import View, always, at_rest, each, reachable, step_always
from coterie.spec.synchrony.views import (
    NAME,
    alive,
    asked,
    is_chain,
    is_inside,
    members_seen,
    processes,
    successions,
    waits,
    wants_to_leave,
)


@always(
    broken_by=(
        "split_brain",
        "half_is_enough",
        "forgets_and_heeds_any_trim",
        "takes_over_alone_and_heeds_any_trim",
    )
)
def views_form_one_chain(world: View) -> bool:
    """Each view has at most one successor, whoever installs it, and crashes or halts afterwards.

    In symbols: if p has installed v and q has installed w, and v.number = w.number, then v = w, in
    members and in their ranks; and no number is missing.
    Why: a next view needs a majority of the present one, and two majorities meet; who leads next
    waits until all have given up the leader before, and goes on with the batch that one has left.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4; Birman and Joseph, SOSP 1987.
    """
    return is_chain(world.observed(NAME))


def _staying(view: GroupView, following: GroupView) -> tuple[Node, ...]:
    return tuple(node for node in view.members if node in following.members)


@always(broken_by=("split_brain", "half_is_enough"))
def a_majority_goes_on(world: View) -> bool:
    """More than half of the members of a view are in the next, where nobody leaves by itself.

    In symbols: v followed by w implies 2·|v ∩ w| > |v|.
    Why: else the rest could go on as well, and there would be two groups.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4; Jha, Replication, recitation of CS 5412
    Cloud Computing, Cornell University, section 4.2.
    """
    return all(
        has_majority(len(_staying(view, following)), len(view.members))
        for view, following in successions(world.observed(NAME))
    )


@always(broken_by="joiners_first")
def who_stays_keeps_its_place(world: View) -> bool:
    """Who stays keeps its rank among those who stay, and joiners come after them.

    In symbols: v followed by w implies that w is v without those who are gone, and then joiners.
    Why: so the leader of a view has seen the views before it, unless all of them are gone.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4.
    """
    return all(
        following.members == (*_staying(view, following), *following.joined)
        for view, following in successions(world.observed(NAME))
    )


@always(broken_by="invites_back")
def who_is_removed_never_returns(world: View) -> bool:
    """A process that was removed is in no later view.

    In symbols: the numbers of the views that p is in follow one another without a gap.
    Why: it has halted, or is behind for ever; it would come back without what it has missed. Where
    a process asks two members, the one's view may have ended without it when the other hears of it:
    then it is let in once more, dead, and removed again.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4; Birman and Joseph, SOSP 1987.
    """
    views = sorted(world.observed(NAME), key=lambda view: view.number)
    gone: set[Node] = set()
    for view, following in pairwise(views):
        gone |= set(view.members) - set(following.members)
        if not gone.isdisjoint(following.members):
            return False
    return True


@always(broken_by="blames_the_living", each=processes)
def only_the_failed_are_removed(world: View, node: Node) -> bool:
    """Who is up, and has not said that it leaves, is removed from no view, if suspicions are right.

    In symbols: p up and p in v and v followed by w and p not in w implies that p is leaving.
    Why: the batch names who is suspected, and nobody else.
    Source: Birman and Joseph, SOSP 1987.
    """
    removed = any(
        node in view.members and node not in following.members
        for view, following in successions(world.observed(NAME))
    )
    return not removed or not world.up(node) or world.see(node, wants_to_leave)


def _is_told(state: State) -> bool:
    return isinstance(state, Inside) and any(state.name in row.suspected for row in trusted(state))


@always(broken_by="runs_on", each=processes)
def who_is_told_that_it_failed_has_halted(world: View, node: Node) -> bool:
    """No process runs that reads, in a row that it trusts, that it has failed.

    In symbols: p up and p trusts q implies that p does not read p in suspected of q.
    Why: the others go on without it, and it would acknowledge and deliver beside them.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4.
    """
    return not world.up(node) or not world.see(node, _is_told)


def _is_cut_off(state: State) -> bool:
    return isinstance(state, Inside) and not has_majority(len(trusted(state)), len(state.rows))


@always(broken_by="half_of_four_is_enough", each=processes)
def a_minority_has_halted(world: View, node: Node) -> bool:
    """No process runs that suspects half of its view or more.

    In symbols: p up in v implies 2·|trusted by p| > |v|.
    Why: it cannot tell failures from a cut through the network, beyond which a majority may work.
    Source: Jha, Replication, recitation of CS 5412 Cloud Computing, Cornell University, section 5.
    """
    return not world.up(node) or not world.see(node, _is_cut_off)


def _batches(state: State) -> int:
    if not isinstance(state, Inside):
        return 0
    return len({row.changes for row in trusted(state) if row.changes is not None})


@always(broken_by=("takes_over_alone", "forgets", "runs_on"), each=processes)
def one_batch_a_view(world: View, node: Node) -> bool:
    """No process reads two different batches in rows that it trusts.

    In symbols: p trusts q and r implies changes of q = changes of r, where p reads both.
    Why: only a leader proposes; the next one does so when all whom it trusts have given up those
    before it, so that they take over nothing more from there, and repeats what they have.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4.1.
    """
    return not world.up(node) or world.see(node, _batches) <= 1


def _wedged_in(state: State) -> tuple[int, bool] | None:
    return (state.view.number, is_wedged(row_of(state))) if isinstance(state, Inside) else None


@step_always(broken_by="unwedges", each=processes)
def the_wedged_stay_wedged(before: View, after: View, node: Node) -> bool:
    """A process that is wedged stays so until it has another view, or stops.

    In symbols: wedged(p) in v implies that next p is wedged, in another view, or down.
    Why: counts that others have read, to end the view by, must stand still.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4.
    """
    if not (before.up(node) and after.up(node)):
        return True
    was, now = before.see(node, _wedged_in), after.see(node, _wedged_in)
    return was is None or now is None or not was[1] or now[1] or now[0] > was[0]


def _knows_the_end(number: int, state: State) -> bool:
    """Return whether a process is beyond a view, or knows where it ends."""
    if not isinstance(state, Inside) or state.view.number > number:
        return True
    return row_of(state).trim is not None


@always(broken_by="leaves_at_once", each=processes)
def a_leaver_stays_to_the_end(world: View, node: Node) -> bool:
    """Where nothing fails, who leaves is there until all members know where its last view ends.

    In symbols: p down implies, for every q of its view that is up, that q has the trim.
    Why: it may have what others lack; its row counts, like any other, until the view is over.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4.
    """
    numbers = [view.number for view in world.observed(NAME) if node in view.members]
    if world.up(node) or not numbers:
        return True
    last = max(numbers)
    return all(
        world.see(other, lambda state: _knows_the_end(last, state))
        for other in world.nodes("member")
        if world.up(other)
    )


@at_rest(broken_by=("no_new_leader", "leader_once"), each=processes)
def no_view_change_is_stuck(world: View, node: Node) -> bool:
    """When nothing more happens, no process waits for its view to end.

    In symbols: at rest implies that p is down, outside or not wedged.
    Why: with a majority there is always a leader, whom all whom it trusts will answer.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4.
    """
    return not world.up(node) or not world.see(node, waits)


@at_rest(broken_by=("no_new_leader", "stays_on"))
def the_living_are_in_one_view(world: View) -> bool:
    """When nothing more happens, all processes in the group are in one view, of exactly them.

    In symbols: at rest implies, for p in the group and up, that p's view is all q in the group and
    up.
    Why: who is down is suspected at last, and who is suspected is removed, or learns it and halts.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4; Birman and Joseph, SOSP 1987.
    """
    living = alive(world)
    return all(world.see(node, members_seen) == living for node in sorted(living))


@at_rest(broken_by=("deaf", "first_host_only"), each=each("joiner"))
def who_asks_is_let_in(world: View, joiner: Node) -> bool:
    """When nothing more happens, who has asked a process that still runs to be let in, is in.

    In symbols: at rest, p up and q in asked of p and q up implies that p is in a view.
    Why: whom it asks tells the leader, whoever that becomes; and the first of the old members tells
    the joiner, or the next does when that one is gone.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4.
    """
    if not world.up(joiner) or world.see(joiner, is_inside):
        return True
    return not any(world.up(node) for node in world.see(joiner, asked))


@at_rest(broken_by=("never_leaves", "stays_on"), each=processes)
def who_leaves_is_out(world: View, node: Node) -> bool:
    """When nothing more happens, nobody is left that wants to leave.

    In symbols: at rest implies that p is down, or is not leaving.
    Why: the leader, which may be p itself, puts it into the next batch; with that view p halts.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4.
    """
    return not world.up(node) or not world.see(node, wants_to_leave)


def is_provisioned(view: GroupView) -> bool:
    """Return whether a layout of three shards, of one member each, has its members in `view`."""
    return len(view.members) >= 3


@always(broken_by="goes_on_too_small")
def every_view_is_adequate(world: View) -> bool:
    """No view is installed in which a shard has too few members.

    In symbols: v installed implies that v is adequate for the layout.
    Why: the leader proposes none, however long it has to wait for somebody to join.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 2.2.
    """
    return all(is_provisioned(view) for view in world.observed(NAME))


def _waits_for_a_joiner(state: State) -> bool:
    if not isinstance(state, Inside) or not is_wedged(row_of(state)):
        return False
    is_ready = all(row.suspected == row_of(state).suspected for row in trusted(state))
    return is_ready and leader(state) == rank_of(state) and row_of(state).changes is None


@reachable(broken_by="goes_on_too_small")
def a_view_change_waits_for_a_joiner(world: View) -> bool:
    """A leader, whom all let lead, can be without a batch to propose, though its view is wedged.

    Why: then what is left is too small for the layout.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 2.2.
    """
    return any(
        world.see(node, _waits_for_a_joiner) for node in world.nodes("member") if world.up(node)
    )


def _goes_on_with_what_was_left(state: State) -> bool:
    if not isinstance(state, Inside) or leader(state) != rank_of(state) or rank_of(state) == 0:
        return False
    own, first, old = row_of(state), state.view.members[0], state.rows[0]
    if own.changes is None or own.trim is None or old.trim is not None:
        return False
    return first not in own.changes.leaving


@reachable(broken_by="no_new_leader")
def a_batch_outlives_its_leader(world: View) -> bool:
    """A new leader can finish what the one before has begun, and in which that one goes on.

    Why: the old leader may have installed the view already; its own end is for the next batch.
    Source: the witness to views_form_one_chain: Jha et al., Derecho, ACM TOCS 2019, section 3.4.1.
    """
    return any(
        world.see(node, _goes_on_with_what_was_left)
        for node in world.nodes("member")
        if world.up(node)
    )


@reachable(broken_by="never_ends")
def a_view_follows(world: View) -> bool:
    """A second view can be installed.

    Why: a group that never changed its view would keep every promise above.
    Source: the witness to views_form_one_chain.
    """
    return len(world.observed(NAME)) > 1
