"""What a sequencer adds, and the abstract log that it stands for."""

from coterie.model.machine import Node
from coterie.model.smr.sequenced import Membership, Ordered
from coterie.spec.property import View, recoverable
from coterie.spec.smr.log import Log
from coterie.spec.smr.naive import log


def membership(state: Ordered) -> Membership:
    """Return whether a replica takes part."""
    return state.membership


def abstract(world: View, sequencer: Node) -> Log | None:
    """Return the abstract log that `world` stands for: the sequencer's log is what is chosen.

    None stands for nothing: some replica has applied what is not a prefix of that.
    """
    chosen = world.see(sequencer, log)
    logs = [world.see(replica, log) for replica in world.nodes("replica")]
    if any(each != chosen[: len(each)] for each in logs):
        return None
    return Log(chosen, tuple(map(len, logs)))


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
