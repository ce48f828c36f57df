"""A replica of PBFT: what each message does, and then all that the log permits.

Source: Castro and Liskov, Practical Byzantine Fault Tolerance, OSDI 1999, section 4.
"""

from collections.abc import Iterable

from attrs import evolve, frozen

from coterie.model.diffusion.pbft.checkpoints import on_checkpoint, stabilise
from coterie.model.diffusion.pbft.messages import (
    Agreed,
    Checkpoint,
    Commit,
    Message,
    NewView,
    Prepare,
    PrePrepare,
    Proposed,
    Request,
    ViewChange,
)
from coterie.model.diffusion.pbft.ordering import (
    commit,
    execute,
    on_commit,
    on_pre_prepare,
    on_prepare,
    on_request,
    propose,
)
from coterie.model.diffusion.pbft.state import Early, Member, Replica, joined
from coterie.model.diffusion.pbft.views import (
    join,
    leave,
    may_suspect,
    on_new_view,
    on_view_change,
    open_view,
)
from coterie.model.machine import Event, Machine, Node, Outcome, Receive, Timeout


@frozen(cache_hash=True)
class Suspect(Timeout):
    """The timer of `view` expires: its primary is suspected."""

    view: int


@frozen
class PbftReplica(Machine[Replica, None]):
    """A replica.

    Attributes:
        member: its parameters.
    """

    member: Member

    def start(self, memory: None) -> Outcome[Replica]:
        """View 0 has begun, and nothing is ordered."""
        del memory
        return Outcome(Replica())

    def options(self, state: Replica) -> Iterable[Timeout]:
        """The timer expires."""
        if may_suspect(self.member, state):
            yield Suspect(state.view)

    def step(self, state: Replica, event: Event) -> Outcome[Replica] | None:
        """Take a message or the timer in, and then do all that the log permits."""
        match event:
            case Receive(sender, message):
                return self._settled(self._received(state, sender, message))
            case Suspect(view) if view == state.view and may_suspect(self.member, state):
                return self._settled(leave(self.member, state, view + 1))
        return None

    def _received(self, state: Replica, sender: Node, message: Message) -> Outcome[Replica]:
        """Return what `message` does; one of another view does nothing, or not yet."""
        view = _view_of(message)
        if view is not None and (view > state.view or (view == state.view and not state.is_active)):
            return Outcome(self._kept(state, view, Early(sender, message)))
        if view is not None and view < state.view:
            return Outcome(state)
        return self._handled(state, sender, message)

    def _handled(self, state: Replica, sender: Node, message: Message) -> Outcome[Replica]:
        member = self.member
        match message:
            case Request():
                return on_request(member, state, message)
            case PrePrepare():
                return on_pre_prepare(member, state, sender, message)
            case Prepare():
                return on_prepare(member, state, sender, message)
            case Commit():
                return on_commit(member, state, sender, message)
            case Checkpoint():
                return on_checkpoint(state, sender, message)
            case ViewChange():
                return on_view_change(member, state, sender, message)
            case NewView():
                return on_new_view(member, state, sender, message)
            case _:
                return Outcome(state)

    def _kept(self, state: Replica, view: int, early: Early) -> Replica:
        if early in state.early or view >= self.member.views:
            return state
        return evolve(state, early=(*state.early, early))

    def _settled(self, outcome: Outcome[Replica]) -> Outcome[Replica]:
        while (more := self._next(outcome.state)) is not None:
            outcome = joined(outcome, more)
        return outcome

    def _next(self, state: Replica) -> Outcome[Replica] | None:
        """Return the first thing that the log permits; None where there is nothing more to do."""
        for act in (commit, execute, stabilise, join, open_view, propose):
            if (outcome := act(self.member, state)) is not None:
                return outcome
        return self._replayed(state)

    def _replayed(self, state: Replica) -> Outcome[Replica] | None:
        """Take in the first message that was early, and is not any more."""
        for place, early in enumerate(state.early):
            view = _view_of(early.message)
            assert view is not None
            if view < state.view or (view == state.view and state.is_active):
                left = (*state.early[:place], *state.early[place + 1 :])
                return self._received(evolve(state, early=left), early.sender, early.message)
        return None


def _view_of(message: Message) -> int | None:
    """Return the view that a message of the normal case is part of; None of any other."""
    match message:
        case Commit(view=view):
            return view
        case PrePrepare(proposal=signature) | Prepare(vote=signature):
            said = signature.content
            return said.view if isinstance(said, Proposed | Agreed) else None
    return None
