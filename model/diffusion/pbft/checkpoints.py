"""Checkpoints of PBFT: what 2f + 1 replicas have reached need not be shown again.

Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.3.
"""

from attrs import evolve

from coterie.model.diffusion.pbft.messages import Agreed, Checkpoint, Proposed, Reached
from coterie.model.diffusion.pbft.ordering import without_executed
from coterie.model.diffusion.pbft.state import Committed, Member, Replica, Stable
from coterie.model.machine import Node, Outcome
from coterie.model.signature import Signature


def on_checkpoint(state: Replica, sender: Node, message: Checkpoint) -> Outcome[Replica]:
    """Log what another replica has reached."""
    reached = message.vote.content
    if (
        isinstance(reached, Reached)
        and sender == message.vote.signer
        and reached.number > state.stable.number
    ):
        return Outcome(state.logging(message.vote))
    return Outcome(state)


def stabilise(member: Member, state: Replica) -> Outcome[Replica] | None:
    """Make a checkpoint stable that a quorum has reached."""
    votes = [entry for entry in state.signatures() if isinstance(entry.content, Reached)]
    for reached in sorted({vote.content for vote in votes}, key=_order):
        proof = frozenset(vote for vote in votes if vote.content == reached)
        if reached.number > state.stable.number and member.group.is_stable(reached.number, proof):
            return Outcome(stabilised(state, reached.number, proof))
    return None


def stabilised(state: Replica, number: int, proof: frozenset[Signature]) -> Replica:
    """Return the state whose low water mark is `number`: nothing at or below stays in the log.

    A replica that has not executed so far takes the service over from the proof.
    """
    if number <= state.stable.number:
        return state
    log = frozenset(entry for entry in state.log if _number(entry) > number)
    after = evolve(state, log=log, stable=Stable(number, proof))
    if state.executed >= number:
        return after
    service = next(iter(proof)).content.service
    return without_executed(evolve(after, executed=number, service=service))


def _order(reached: Reached) -> tuple[int, str]:
    return reached.number, repr(reached)


def _number(entry: Signature | Committed) -> float:
    """Return the number that an entry is about; a view change is about none, and stays."""
    said = entry.commit if isinstance(entry, Committed) else entry.content
    is_numbered = isinstance(entry, Committed) or isinstance(said, Proposed | Agreed | Reached)
    return said.number if is_numbered else float("inf")
