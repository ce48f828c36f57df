"""An acceptor: it promises, it votes, and it never forgets either.

Source: Lamport, "Paxos Made Simple", ACM SIGACT News 2001, sections 2.2 and 2.5.
"""

from collections.abc import Callable

from attrs import frozen

from coterie.model.machine import Effect, Event, Machine, Node, Outcome, Receive, Record, Send
from coterie.model.oracles.paxos import Acceptor, as_proposed, may_promise, may_vote
from coterie.model.synchrony.paxos.messages import Ask, Promise, Propose, Refused, Vote


def as_kept(memory: Acceptor) -> Acceptor:
    """Return what an acceptor knows that has started from this `memory`: all of it."""
    return memory


@frozen
class AcceptorNode(Machine[Acceptor, Acceptor]):
    """One acceptor; who it is, and who asks, does not matter to it.

    Attributes:
        informs: whether it tells a proposer in whose ballot it takes no part any more.
        may_promise: the guard of 1b, over the ballot and what it has promised.
        may_vote: the guard of 2b, over the same.
        cast: the value that it votes for, of the one proposed.
        recalled: what it knows after a restart, of its memory.
    """

    informs: bool = False
    may_promise: Callable[[int, int], bool] = may_promise
    may_vote: Callable[[int, int], bool] = may_vote
    cast: Callable[[int], int] = as_proposed
    recalled: Callable[[Acceptor], Acceptor] = as_kept

    def start(self, memory: Acceptor | None) -> Outcome[Acceptor]:
        """It has promised and voted nothing, or what its memory says."""
        if memory is None:
            return Outcome(Acceptor())
        state = self.recalled(memory)
        return Outcome(state, (Record(state),) if state != memory else ())

    def step(self, state: Acceptor, event: Event) -> Outcome[Acceptor] | None:
        """Answer a proposer, once the answer is on disk."""
        match event:
            case Receive(sender, Ask(ballot)):
                if self.may_promise(ballot, state.promised):
                    after = Acceptor(ballot, state.voted_ballot, state.voted_value)
                    promise = Promise(ballot, state.voted_ballot, state.voted_value)
                    return Outcome(after, (Record(after), Send(sender, promise)))
                return Outcome(state, self._refusal(state, sender, ballot))
            case Receive(sender, Propose(ballot, value)):
                if self.may_vote(ballot, state.promised):
                    after = Acceptor(ballot, ballot, self.cast(value))
                    vote = Vote(ballot, after.voted_value)
                    return Outcome(after, (Record(after), Send(sender, vote)))
                return Outcome(state, self._refusal(state, sender, ballot))
            case Receive():
                return Outcome(state)
        return None

    def _refusal(self, state: Acceptor, sender: Node, ballot: int) -> tuple[Effect, ...]:
        if self.informs and not self.may_vote(ballot, state.promised):
            return (Send(sender, Refused(ballot, state.promised)),)
        return ()

    def memory(self, state: Acceptor) -> Acceptor:
        """All of it."""
        return state

    def recorded(self, memory: Acceptor | None, change: Acceptor) -> Acceptor:
        """A record replaces what was there."""
        del memory
        return change
