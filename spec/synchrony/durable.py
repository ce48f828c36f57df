"""What durable mode promises: whatever was reported outlives every crash."""

from attrs import frozen

from coterie.model.machine import Deliver, Node
from coterie.model.synchrony.disk import Log, Memory
from coterie.model.synchrony.durable import Durable, Keeping, State
from coterie.model.synchrony.membership import has_majority
from coterie.model.synchrony.view import View as Group
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import View, always, at_rest, each, pairs, reachable, step_always
from coterie.spec.refinement import refines
from coterie.spec.smr.log import Log as AbstractLog
from coterie.spec.smr.log import ReplicatedLog
from coterie.spec.synchrony.deliveries import is_prefix, words

ROLE = "member"
NAME = "reported"


@frozen(cache_hash=True)
class Reported:
    """Everything that anybody was ever told to be durable.

    Attributes:
        log: the longest beginning of the log that has been reported.
        view: the number of the latest view in which something was.
        agreed: whether all reports, of all processes and lives, are of one log.
    """

    log: Log = ()
    view: int = 0
    agreed: bool = True


def noted(reported: Reported, node: Node, seen: Seen) -> Reported:
    """Return `reported` with what `node` reports now."""
    del node
    match seen:
        case Deliver(Durable(view, first, items)):
            known = reported.log
            says = (*known[:first], *items)
            agreed = first <= len(known) and (is_prefix(says, known) or is_prefix(known, says))
            longest = says if len(says) > len(known) else known
            return Reported(longest, max(view, reported.view), reported.agreed and agreed)
    return reported


REPORTED = Observer(Reported(), noted)


def log_of(memory: Memory | None) -> Log:
    """Return the log on a disk; empty where there is none."""
    return () if memory is None else memory.log


def latest_of(memory: Memory | None) -> int:
    """Return the number of the latest view that a disk knows of; -1 where there is none."""
    if memory is None:
        return -1
    return memory.view.number if memory.ending is None else memory.ending.next.number


def here(state: State) -> tuple[Group, Log] | None:
    """Return the view that a member is in and its log; None outside."""
    return (state.inside.view, state.inside.application) if isinstance(state, Keeping) else None


def claimed(state: State) -> tuple[Group, Log] | None:
    """Return the view that a member is in, and what it has reported; None outside."""
    if not isinstance(state, Keeping):
        return None
    return state.inside.view, state.inside.application[: state.reported]


def is_awaited(view: Group, node: Node, memory: Memory | None) -> bool:
    """Return whether `node` joins in `view`, but has not been let in yet."""
    return node in view.joined and (memory is None or memory.view.number < view.number)


def agree(one: Log, other: Log) -> bool:
    """Return whether these are one log, of which one shows more."""
    return is_prefix(one, other) or is_prefix(other, one)


@always(broken_by=("anyone_restarts", "counts_strangers", "forgets_what_follows"))
def all_reports_are_of_one_log(world: View) -> bool:
    """Whatever is reported as durable, by anybody, in any view and any life, is of one log.

    In symbols: two reports of the item at index i are of the same item, and nobody is told of
    index i before somebody was told of all below.
    Why: what is reported is on every disk of its view; and of each two majorities that go on from
    one view, at least one process is in both.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3 (durable logs).
    """
    reported: Reported = world.observed(NAME)
    return reported.agreed


WORDS_MOST = 2
"""How many messages a member multicasts at most, and are reported at once."""


def abstract_log(world: View) -> ReplicatedLog:
    """Return the abstract log of one node, of all that members of this world may say."""
    said = ((node, f"{node}.{number}") for node in world.nodes() for number in range(WORDS_MOST))
    return ReplicatedLog(1, tuple(said))


@refines(abstract_log, within=2 * WORDS_MOST, broken_by="sends_twice")
def is_a_replicated_log(world: View) -> AbstractLog | None:
    """All reports together are one replicated log, over every view and every crash.

    In symbols: each step of the world is a stutter, or some steps Append and Apply of the log,
    where chosen = what has been reported by anybody.
    Why: a report comes after all that was reported before, whoever reported that, and in whichever
    life; and an item is reported once. A view is a Paxos without failures, and the change of views
    is the consensus that it does without.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3; Schneider, The State Machine Approach,
    1990, section 3.
    """
    reported: Reported = world.observed(NAME)
    said = words(reported.log)
    return AbstractLog(said, (len(said),)) if reported.agreed else None


@always(
    broken_by=("reports_what_some_have", "tells_before_it_stores", "lets_in_with_nothing"),
    each=each(ROLE),
)
def what_is_reported_is_on_every_disk(world: View, node: Node) -> bool:
    """What a member has reported is on the disk of every member of its view, and stays there.

    In symbols: reported(p) is a prefix of disk(q) for all q in view(p), but for those who join and
    have not been let in: they are given it with the view.
    Why: a row says what is stored only once it is, and a disk is cut only back to a log in which
    everything is that was ever reported.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3: globally persisted.
    """
    found = world.see(node, claimed) if world.up(node) else None
    if found is None or not found[1]:
        return True
    view, log = found
    disks = [(other, world.memory(other)) for other in view.members]
    return all(is_prefix(log, log_of(m)) for other, m in disks if not is_awaited(view, other, m))


@always(
    broken_by=("anyone_restarts", "forgets_what_follows", "restarts_with_nothing"), each=each(ROLE)
)
def later_views_have_what_was_reported(world: View, node: Node) -> bool:
    """Whoever is in a view in which something was reported, or in a later one, has it.

    In symbols: number(view(p)) >= number of the last view with a report implies that all that was
    ever reported is a prefix of log(p).
    Why: a view begins with what its predecessor has delivered, or, in a restart, with the longest
    log of a majority.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3 (total failure).
    """
    found = world.see(node, here) if world.up(node) else None
    reported: Reported = world.observed(NAME)
    if found is None or found[0].number < reported.view:
        return True
    return is_prefix(reported.log, found[1])


@always(broken_by="promises_twice", each=pairs(ROLE))
def one_view_a_number(world: View, one: Node, other: Node) -> bool:
    """Two members that are in views of one number are in the same view, and have one log.

    In symbols: number(view(p)) = number(view(q)) implies view(p) = view(q), and of log(p) and
    log(q) one is a prefix of the other.
    Why: a view is chosen by a majority of the one before, each of which promises a number once.
    Source: Lamport, Malkhi and Zhou, Vertical Paxos and Primary-Backup Replication, PODC 2009.
    """
    if not (world.up(one) and world.up(other)):
        return True
    first, second = world.see(one, here), world.see(other, here)
    if first is None or second is None or first[0].number != second[0].number:
        return True
    return first[0] == second[0] and agree(first[1], second[1])


@always(broken_by=("commits_at_once", "logs_no_ending"), each=each(ROLE))
def a_majority_knows_of_every_view(world: View, node: Node) -> bool:
    """Of a view that anybody is in, a majority of its members know on disk.

    In symbols: p in view w implies that more than half of w's members have on their disks that they
    have installed w or a later view, or that one comes next; as long as nobody joins.
    Why: whoever restarts without knowing of w is then no majority of it.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3: the two phases of a restart.
    """
    found = world.see(node, here) if world.up(node) else None
    if found is None:
        return True
    members, number = found[0].members, found[0].number
    knowing = sum(latest_of(world.memory(other)) >= number for other in members)
    return has_majority(knowing, len(members))


@step_always(broken_by=("takes_the_shortest", "takes_any_log"), each=each(ROLE))
def a_log_is_not_cut_in_its_view(before: View, after: View, node: Node) -> bool:
    """As long as the newest view that a disk knows is the same, the log on it only grows.

    In symbols: view(disk) = view(disk') implies that log(disk) is a prefix of log(disk').
    Why: a restart goes on with the longest log of the newest view, so that none of those who take
    part loses anything, reported or not.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3: the longest log.
    """
    was, now = before.memory(node), after.memory(node)
    if was is None or was.view != now.view:
        return True
    return is_prefix(was.log, now.log)


@always(broken_by="trims_all", each=pairs(ROLE))
def a_logged_trim_covers_every_log(world: View, one: Node, other: Node) -> bool:
    """Where a disk says how its view ends, no disk has more items of that view.

    In symbols: trim on disk(p), and disk(q) in the same view, implies that of each sender's
    messages there are no more on disk(q) than the trim names.
    Why: what is delivered was received by every member, and a trim counts what some of them have
    received. So a restart need not cut the longest log back to a trim.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4.2: the ragged trim is logged.
    """
    disks = world.memory(one), world.memory(other)
    return _covers(*disks) and _covers(*reversed(disks))


def _covers(one: Memory | None, other: Memory | None) -> bool:
    """Return whether the trim on one disk names all that another has written in that view."""
    if one is None or other is None or one.ending is None or one.ending.trim is None:
        return True
    if one.view != other.view:
        return True
    senders = [item.sender for item in other.log if item.view == one.view.number]
    named = zip(one.view.members, one.ending.trim, strict=True)
    return all(senders.count(member) <= count for member, count in named)


def _has_reported_all(state: State) -> bool:
    return not isinstance(state, Keeping) or state.reported == len(state.inside.application)


@at_rest(broken_by="tells_nothing", each=each(ROLE))
def everything_is_reported_in_the_end(world: View, node: Node) -> bool:
    """When nothing but faults can happen any more, members have reported all of their logs.

    In symbols: at rest, reported(p) = log(p) for every p that is in a view; where no process comes
    back after a crash.
    Why: whoever keeps the others waiting for its disk is suspected, and leaves the view.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3.
    """
    return not world.up(node) or world.see(node, _has_reported_all)


def _has_reported_in_a_later_view(state: State) -> bool:
    return isinstance(state, Keeping) and state.reported > 0 and state.inside.view.number > 0


@reachable(broken_by="reports_nothing", each=each(ROLE))
def something_is_reported_later(world: View, node: Node) -> bool:
    """A member can report something in a view that is not the first.

    Why: else nothing would be said of what comes after a view change, or a restart.
    Source: the witness to `all_reports_are_of_one_log`.
    """
    return world.up(node) and world.see(node, _has_reported_in_a_later_view)


def _has_joined_again(state: State) -> bool:
    if not isinstance(state, Keeping):
        return False
    inside = state.inside
    return inside.view.number > 0 and inside.name in inside.view.joined and state.reported > 0


@reachable(broken_by="never_rejoins", each=each(ROLE))
def somebody_is_let_in_again(world: View, node: Node) -> bool:
    """A member that has crashed can be let in again, and report what it was given.

    Why: else nothing would be said of the log that such a process is given.
    Source: the witness to `what_is_reported_is_on_every_disk`.
    """
    return world.up(node) and world.see(node, _has_joined_again)


@reachable(broken_by="never_restarts", each=pairs(ROLE))
def a_tail_is_cut_off(world: View, one: Node, other: Node) -> bool:
    """A log can have a tail that a restart has cut off: it was on one disk, and never reported.

    In symbols: p is in a view above that of q's disk, and log(p) and log(disk(q)) differ.
    Why: whoever takes no part in a restart cannot be waited for.
    Source: Jha et al., Derecho, ACM TOCS 2019, section 3: logs are truncated.
    """
    return _is_ahead(world, one, other) or _is_ahead(world, other, one)


def _is_ahead(world: View, one: Node, other: Node) -> bool:
    found = world.see(one, here) if world.up(one) else None
    memory: Memory | None = world.memory(other)
    if found is None or memory is None or memory.view.number >= found[0].number:
        return False
    return not agree(found[1], memory.log)
