"""View changes of PBFT: the next primary takes over, with all that may be committed.

Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, sections 4.4 and 4.5.2.
"""

from attrs import evolve

from coterie.model.diffusion.pbft.checkpoints import stabilised
from coterie.model.diffusion.pbft.messages import (
    Certificate,
    Leaving,
    NewView,
    Proposed,
    ViewChange,
)
from coterie.model.diffusion.pbft.ordering import agree
from coterie.model.diffusion.pbft.state import Member, Replica, joined
from coterie.model.machine import Node, Outcome
from coterie.model.signature import Signature


def may_suspect(member: Member, state: Replica) -> bool:
    """Return whether the timer may expire: a backup waits for a request, or for a new view."""
    is_waiting = bool(state.waiting) and not member.is_primary(state.view)
    return (is_waiting or not state.is_active) and state.view + 1 < member.views


def leave(member: Member, state: Replica, view: int) -> Outcome[Replica]:
    """VIEW-CHANGE: take no part in lower views any more, and show what is prepared there."""
    certificates = frozenset(certificates_of(member, state).values())
    said = Leaving(view, state.stable.number, state.stable.proof, certificates)
    change = member.signed(said)
    after = evolve(state, view=view, is_active=False).logging(change)
    return Outcome(after, member.to_others(ViewChange(change)))


def certificates_of(member: Member, state: Replica) -> dict[int, Certificate]:
    """Return, for each number that is prepared here, the certificate of the highest view."""
    found = {}
    for view in range(state.view + 1):
        for proposal in state.proposals(view):
            said: Proposed = proposal.content
            votes = state.votes(said)
            if member.group.has_votes(said, votes):
                found[said.number] = Certificate(proposal, votes)
    return found


def on_view_change(
    member: Member, state: Replica, sender: Node, message: ViewChange
) -> Outcome[Replica]:
    """Log the first VIEW-CHANGE of each replica for each view, if it is one."""
    change = message.change
    if not (sender == change.signer and member.group.is_view_change(change)):
        return Outcome(state)
    said: Leaving = change.content
    has_one = any((one.signer, one.content.view) == (sender, said.view) for one in state.changes())
    is_late = said.view < state.view or (said.view == state.view and state.is_active)
    if has_one or is_late or said.view >= member.views:
        return Outcome(state)
    return Outcome(state.logging(change))


def join(member: Member, state: Replica) -> Outcome[Replica] | None:
    """Leave for the lowest of the views that others want, when one of them must be correct."""
    wanted = [change for change in state.changes() if change.content.view > state.view]
    others = {change.signer for change in wanted}
    if not member.group.is_view_change_joined(len(others), member.group.f):
        return None
    return leave(member, state, min(change.content.view for change in wanted))


def open_view(member: Member, state: Replica) -> Outcome[Replica] | None:
    """NEW-VIEW: the primary starts its view, when enough want it."""
    if state.is_active or not member.is_primary(state.view):
        return None
    changes = frozenset(one for one in state.changes() if one.content.view == state.view)
    if not member.group.starts_view(state.view, changes):
        return None
    proposals = member.group.continued(state.view, changes)
    message = NewView(state.view, changes, proposals)
    entered = _entered(state, state.view, changes)
    current = [one for one in proposals if one.content.number > entered.stable.number]
    return Outcome(entered.logging(*current), member.to_others(message))


def on_new_view(member: Member, state: Replica, sender: Node, message: NewView) -> Outcome[Replica]:
    """Begin the view, and agree to the proposals with which it starts.

    Guard: it comes from the view's primary, shows enough view changes, and proposes what follows
        from them; the view has not begun, and none above it is wanted.
    """
    is_open = message.view > state.view or (message.view == state.view and not state.is_active)
    if not (
        is_open
        and sender == member.group.primary(message.view)
        and message.view < member.views
        and member.group.starts_view(message.view, message.changes)
        and message.proposals == member.group.continued(message.view, message.changes)
    ):
        return Outcome(state)
    outcome = Outcome(_entered(state, message.view, message.changes))
    for proposal in message.proposals:
        if proposal.content.number > outcome.state.stable.number:
            outcome = joined(outcome, agree(member, outcome.state, proposal))
    return outcome


def _entered(state: Replica, view: int, changes: frozenset[Signature]) -> Replica:
    """Return the state in which `view` has begun, from the newest stable checkpoint shown."""
    newest: Leaving = max((change.content for change in changes), key=_proof)
    log = frozenset(
        entry
        for entry in state.log
        if not (
            isinstance(entry, Signature)
            and isinstance(entry.content, Leaving)
            and entry.content.view <= view
        )
    )
    after = evolve(state, view=view, is_active=True, log=log)
    return stabilised(after, newest.stable, newest.proof)


def _proof(said: Leaving) -> tuple[int, list[str]]:
    """Return what puts proofs in order: the number, and then anything that never changes."""
    return said.stable, sorted(map(repr, said.proof))
