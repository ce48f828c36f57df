"""What Byzantine gossip promises."""

from coterie.model.diffusion.gossip import INITIAL, Knowledge, Session, Update, Write
from coterie.model.machine import Node
from coterie.spec.history.claims import safe
from coterie.spec.history.objects import REGISTER
from coterie.spec.property import View, always, each, leads_to, reachable

SURVIVORS = {
    "`tells` bounds what is explored, and is no part of the protocol; tests hold it to its word.": (
        "diffusion.gossip.Gossiper.step: if self.tells is None → if False",
        "diffusion.gossip.Gossiper._is_interested: …",
    ),
}

CLIENT = Node("client")
WRITTEN = 1
"""The one value that the client of a world writes."""

OWN = Update(1, WRITTEN)


def accepted(state: Knowledge) -> frozenset[Update]:
    """Return what a replica vouches for, beside the initial value."""
    return state.accepted - {INITIAL}


def _called(state: Session) -> int:
    return state.timestamp


def _entered(state: Session) -> bool:
    return state.timestamp > 0 and (not isinstance(state.busy, Write) or state.busy.entered)


def _completed(state: Session) -> bool:
    return state.timestamp > 0 and not isinstance(state.busy, Write)


def _knows(state: Knowledge) -> bool:
    return OWN in state.accepted


@always(broken_by=("credulous", "many_voices"), each=each("replica"))
def accepted_was_written(world: View, replica: Node) -> bool:
    """A correct replica accepts only what the client has handed to an entry set.

    In symbols: u in accepted(r) implies u = (1, v), where write(v) was called and has entered.
    Why: b + 1 distinct replicas include a correct one, and the first correct one that accepted
    has it from the client.
    Source: Malkhi, Mansour and Reiter, Diffusion without False Rumors, TCS 2003: no spurious
    update is ever accepted.
    """
    allowed = {OWN} if world.see(CLIENT, _entered) else set()
    return world.see(replica, accepted) <= allowed


def _called_here(world: View, replica: Node) -> bool:
    del replica
    return world.see(CLIENT, _called) > 0


@leads_to(_called_here, each=each("replica"), broken_by=("small_entry", "demanding", "mongering"))
def everybody_accepts(world: View, replica: Node) -> bool:
    """Once a write is called, every correct replica accepts it in the end.

    In symbols: write(v) was called leads to v in accepted(r), for every correct r.
    Why: b + 1 correct replicas of the entry set have it from the client, and each of them tells
    everybody sooner or later.
    Source: Malkhi, Mansour and Reiter, Diffusion without False Rumors, TCS 2003.
    """
    return world.see(replica, _knows)


@reachable(broken_by="deaf")
def somebody_accepts_by_hearsay(world: View) -> bool:
    """A correct replica can accept what the client did not tell it.

    Why: it is what diffusion is for.
    Source: the witness to `accepted_was_written`; Malkhi and Sella, Replication by Diffusion in
    Large Networks, 2001, section 3.
    """
    return world.see(CLIENT, _entered) and any(
        world.see(replica, _knows) and not _was_told(world, replica)
        for replica in world.nodes("replica")
    )


def _was_told(world: View, replica: Node) -> bool:
    """Return whether the client has sent the update there; a `Pool` shows it for ever."""
    return bool(world.in_flight(CLIENT, replica))


@always(broken_by="hasty_client")
def a_completed_write_is_at_a_write_set(world: View) -> bool:
    """When a write has completed, 2b + 1 correct replicas have accepted it: all but b.

    In symbols: completed(u) implies |{r correct: u in accepted(r)}| + b >= |{r correct}|.
    Why: of 3b + 1 that report, b may be lying.
    Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 3: the
    write set obtains a copy.
    """
    replicas = world.nodes("replica")
    b = len(replicas) // 4
    knowing = sum(world.see(replica, _knows) for replica in replicas)
    return not world.see(CLIENT, _completed) or knowing + b >= len(replicas)


SAFE = safe(
    "history",
    REGISTER.starting(INITIAL.value),
    broken_by=("hasty_client", "hasty_reader", "gullible_reader"),
)


@reachable(broken_by="unanimous")
def a_write_is_read_before_all_know(world: View) -> bool:
    """What was written can be read while a correct replica has not heard of it.

    Why: neither the write nor the read waits for everybody.
    Source: the witness to `safe`; Malkhi and Sella, 2001, section 3.
    """
    results = [each.result for each in world.observed("history").values() if each.call.f == "read"]
    ignorant = any(not world.see(replica, _knows) for replica in world.nodes("replica"))
    return ignorant and WRITTEN in results
