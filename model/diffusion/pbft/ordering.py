"""The normal case of PBFT: the primary numbers a request, backups agree, all commit and execute.

A function `on_…` says what a message does; the others say what a replica does of its own as soon as
its log permits it, and return None while it does not.

Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, sections 4.1 and 4.2.
"""

from attrs import evolve

from coterie.model.diffusion.pbft.messages import (
    Agreed,
    Call,
    Checkpoint,
    Commit,
    Executed,
    Prepare,
    PrePrepare,
    Proposed,
    Reached,
    Reply,
    Request,
)
from coterie.model.diffusion.pbft.service import Answer, answered
from coterie.model.diffusion.pbft.state import Committed, Member, Replica
from coterie.model.machine import Deliver, Effect, Node, Outcome, Send
from coterie.model.signature import Signature


def is_call(signature: Signature) -> bool:
    """Return whether it is a call, signed by the client whose call it is."""
    return isinstance(signature.content, Call) and signature.signer == signature.content.client


def on_request(member: Member, state: Replica, request: Request) -> Outcome[Replica]:
    """Answer again what is executed; else wait for its execution, and tell the primary of it."""
    call = request.call.content
    if not is_call(request.call) or request.call in state.waiting:
        return Outcome(state)
    last = state.service.last(call.client)
    if last is not None and call.timestamp == last.timestamp:
        return Outcome(state, (Send(call.client, _reply(state, last)),))
    if state.has_executed(call):
        return Outcome(state)
    relayed = () if member.is_primary(state.view) else (member.group.primary(state.view),)
    sends = (Send(primary, request) for primary in relayed)
    return Outcome(evolve(state, waiting=(*state.waiting, request.call)), tuple(sends))


def propose(member: Member, state: Replica) -> Outcome[Replica] | None:
    """PRE-PREPARE: the primary gives the first unnumbered request the next number, if there is one.

    Guard: the number is not beyond the high water mark.
    """
    if not (state.is_active and member.is_primary(state.view)):
        return None
    proposed = [proposal.content for proposal in state.proposals(state.view)]
    number = 1 + max([state.stable.number, *(one.number for one in proposed)])
    digests = {one.digest for one in proposed}
    unnumbered = [call for call in state.waiting if call.content not in digests]
    if not unnumbered or not member.group.is_within(number, state.stable.number):
        return None
    call = unnumbered[0]
    proposal = member.signed(Proposed(state.view, number, call.content))
    return Outcome(state.logging(proposal), member.to_others(PrePrepare(proposal, call)))


def on_pre_prepare(
    member: Member, state: Replica, sender: Node, message: PrePrepare
) -> Outcome[Replica]:
    """PREPARE: a backup agrees to the primary's proposal.

    Guard: it is signed by the primary of this view, its number is between the water marks, its
        request is signed by its client, and no other has that number in this view.
    """
    proposed, call = message.proposal.content, message.request
    if not (
        isinstance(proposed, Proposed)
        and sender == message.proposal.signer == member.group.primary(state.view)
        and member.group.is_within(proposed.number, state.stable.number)
        and is_call(call)
        and call.content == proposed.digest
        and member.is_first(_accepted(state, proposed))
    ):
        return Outcome(state)
    return agree(member, state, message.proposal)


def _accepted(state: Replica, proposed: Proposed) -> int:
    own = [one.content.number for one in state.proposals(proposed.view)]
    return own.count(proposed.number)


def agree(member: Member, state: Replica, proposal: Signature) -> Outcome[Replica]:
    """Accept `proposal`, and tell the others so."""
    proposed: Proposed = proposal.content
    vote = member.signed(Agreed(proposed.view, proposed.number, proposed.digest))
    return Outcome(state.logging(proposal, vote), member.to_others(Prepare(vote)))


def on_prepare(member: Member, state: Replica, sender: Node, message: Prepare) -> Outcome[Replica]:
    """Log a backup's agreement."""
    agreed = message.vote.content
    if not (
        isinstance(agreed, Agreed)
        and sender == message.vote.signer
        and member.group.is_within(agreed.number, state.stable.number)
    ):
        return Outcome(state)
    return Outcome(state.logging(message.vote))


def commit(member: Member, state: Replica) -> Outcome[Replica] | None:
    """COMMIT: the first proposal that is prepared here, and not said to be so."""
    if not state.is_active:
        return None
    for proposal in state.proposals(state.view):
        said: Proposed = proposal.content
        message = Commit(said.view, said.number, said.digest)
        entry = Committed(member.name, message)
        if entry not in state.log and member.group.has_votes(said, state.votes(said)):
            return Outcome(state.logging(entry), member.to_others(message))
    return None


def on_commit(member: Member, state: Replica, sender: Node, message: Commit) -> Outcome[Replica]:
    """Log that another replica has a certificate."""
    if not member.group.is_within(message.number, state.stable.number):
        return Outcome(state)
    return Outcome(state.logging(Committed(sender, message)))


def execute(member: Member, state: Replica) -> Outcome[Replica] | None:
    """Execute the next request, if it is committed here, and REPLY to its client.

    Guard: this replica and 2f others have sent the same COMMIT; all lower numbers are executed.
    """
    own = (
        entry.commit
        for entry in state.log
        if isinstance(entry, Committed) and entry.sender == member.name
    )
    for message in sorted(own, key=lambda one: (one.number, one.view, repr(one.digest))):
        commits = len(state.committing(message))
        is_due = member.is_next(message.number, state.executed)
        if is_due and member.group.is_committed(commits, member.group.f):
            return _executed(member, state, message)
    return None


def _executed(member: Member, state: Replica, message: Commit) -> Outcome[Replica]:
    after = evolve(state, executed=message.number)
    call = message.digest
    effects: tuple[Effect, ...] = (Deliver(Executed(message.number, call)),)
    if call is not None:
        last = state.service.last(call.client)
        if member.is_new(call.timestamp, last.timestamp if last else 0):
            after = _applied(member, after, call)
        answer = after.service.last(call.client)
        assert answer is not None
        effects = (*effects, Send(call.client, _reply(after, answer)))
    if message.number % member.period == 0:
        vote = member.signed(Reached(message.number, after.service))
        return Outcome(after.logging(vote), (*effects, *member.to_others(Checkpoint(vote))))
    return Outcome(after, effects)


def _applied(member: Member, state: Replica, call: Call) -> Replica:
    value, result = member.apply(state.service.value, call.operation)
    service = answered(state.service, Answer(call.client, call.timestamp, result), value)
    return without_executed(evolve(state, service=service))


def without_executed(state: Replica) -> Replica:
    """Return the state in which no call waits that is executed."""
    waiting = [call for call in state.waiting if not state.has_executed(call.content)]
    return evolve(state, waiting=tuple(waiting))


def _reply(state: Replica, answer: Answer) -> Reply:
    return Reply(state.view, answer.timestamp, answer.result)
