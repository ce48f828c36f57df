"""What a sequencer adds, and the abstract log that it stands for."""

from coterie.model.machine import Invoke, Node, Return
from coterie.model.smr.sequenced import Fetch, Membership, Ordered
from coterie.model.smr.tickets import Book
from coterie.spec.observer import Observer, Seen
from coterie.spec.property import View, always, at_rest, each, recoverable
from coterie.spec.refinement import refines
from coterie.spec.smr.log import Log
from coterie.spec.smr.naive import log
from coterie.spec.smr.refined import CUSTOMERS_MOST, abstract_log


def membership(state: Ordered) -> Membership:
    """Return whether a replica takes part."""
    return state.membership


Open = frozenset[tuple[Node, Book]]
UNASKED = Book(ticket=-1, customer="nobody")
SURVIVORS = {
    "Only the sequencer reads whom it tells; what any other replica holds there is never used.": (
        "smr.sequenced.SequencedReplica.start: if self.name == self.sequencer → if True",
    ),
}


def waiting(state: Ordered) -> frozenset[Book]:
    """Return the commands whose customers wait at a replica for an answer."""
    return state.waiting


def still_open(calls: Open, node: Node, seen: Seen) -> Open:
    """Return the calls that were not answered, after `seen`.

    An answer to nobody's call leaves `UNASKED` there for ever.
    """
    match seen:
        case Invoke(Book() as command):
            return calls | {(node, command)}
        case Return(result):
            wanted = (node, result.ticket, result.customer)
            mine = {(at, it) for at, it in calls if (at, it.ticket, it.customer) == wanted}
            return calls - mine if mine else calls | {(node, UNASKED)}
    return calls


OPEN = Observer(initial=frozenset(), observe=still_open)


@always(broken_by="speechless", each=each("replica"))
def waits_for_whom_it_owes(world: View, replica: Node) -> bool:
    """A replica takes those customers to be waiting whom it has not answered, and no others.

    In symbols: waiting(r) = {c : c was asked at r, and not answered at r}.
    Why: a customer joins them with the call, and leaves them with the answer, in one step each.
    Source: our own; the customers of Jha, Replication, section 2, get one answer a request.
    """
    owed = {command for at, command in world.observed("open") if at == replica}
    return world.see(replica, waiting) == owed


@at_rest(broken_by="speechless")
def everyone_is_answered(world: View) -> bool:
    """When all is done, every customer has an answer.

    In symbols: at rest, nobody is waiting.
    Why: each command reaches the sequencer, and the replica that was asked applies it in its turn.
    Source: Jha, Replication, section 2: the replica that was asked replies to the customer.
    """
    return not world.observed("open")


@always(broken_by="impatient")
def asks_once_for_the_log(world: View) -> bool:
    """A joiner asks the sequencer once.

    In symbols: at most one Fetch is on its way from r, and none when r is a member.
    Why: it asks as it goes from outside to joining, and never goes back.
    Source: Jha, Replication, section 4: the joining replica copies the log.
    """
    for replica in world.nodes("replica"):
        for sequencer in world.nodes("replica"):
            sent = [each for each in world.in_flight(replica, sequencer) if isinstance(each, Fetch)]
            if len(sent) > (world.see(replica, membership) is Membership.JOINING):
                return False
    return True


@recoverable(broken_by="wrong_offset")
def joiners_catch_up(world: View) -> bool:
    """Every replica that is outside can still join, and have what the others have.

    In symbols: AG EF (for all replicas r, s: member(r), and log(r) = log(s) is not empty).
    Why: the sequencer sends its log and then every order; orders that come before the log are kept.
    Source: Jha, Replication, section 4: a joining replica copies the log and replays it.
    """
    replicas = world.nodes("replica")
    logs = {world.see(replica, log) for replica in replicas}
    members = {world.see(replica, membership) for replica in replicas}
    return members == {Membership.MEMBER} and len(logs) == 1 and logs != {()}


@refines(abstract_log, within=CUSTOMERS_MOST, broken_by=("hasty", "no_dedupe"))
def is_a_replicated_log(world: View) -> Log | None:
    """The replicas are one replicated log: the sequencer's log is what is chosen.

    In symbols: each step of the world is a stutter, or some steps Append and Apply of the log.
    Why: the sequencer chooses a command and applies it at once; the others apply what it has
    chosen, in its order, one or several when a missing command arrives.
    Source: Schneider, The State Machine Approach, 1990, section 3: one order for all replicas.
    """
    replicas = world.nodes("replica")
    logs = [world.see(replica, log) for replica in replicas]
    if any(each != logs[0][: len(each)] for each in logs):
        return None
    return Log(logs[0], tuple(map(len, logs)))
