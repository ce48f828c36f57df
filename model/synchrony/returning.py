"""A process that is back after a crash: it waits, is called to a restart, or calls to one itself.

It is in no view, and its disk says what it knows. Whatever it promises or prepares is on the disk
before it says so. It enters a view when it is let in as a joiner, or when a restart that it has
prepared is committed; but none below what it has promised.

Source: Jha et al., Derecho, ACM TOCS 2019, section 3 (total failure).
"""

from collections.abc import Iterable, Iterator

from attrs import evolve, field, frozen

from coterie.model.machine import (
    Effect,
    Event,
    Invoke,
    Node,
    Outcome,
    Receive,
    Record,
    Send,
    Timeout,
)
from coterie.model.synchrony.disk import Memory, Prepare, Promised, bound_of, written
from coterie.model.synchrony.restart import Call, Commit, Ready, Refuse, Report, Reports, Restart
from coterie.model.synchrony.state import Outside


@frozen(cache_hash=True)
class Attempt:
    """What a process that has called the others to a restart knows of it.

    Attributes:
        number: the number that it has called.
        reports: who has answered what, by name; its own among them.
        proposal: what it has asked them to prepare; None before.
        ready: who has that on its disk.
    """

    number: int
    reports: Reports
    proposal: Prepare | None = None
    ready: frozenset[Node] = frozenset()


@frozen(cache_hash=True)
class Apart:
    """A process that is in no view, be it that it was never let in, or that it has crashed.

    Attributes:
        outside: what it has asked for, and heard of views to come.
        memory: what is on its disk; None before its first view.
        attempt: the restart that it has called to; None where it has not.
        committed: whether it is to enter the view that it has prepared, now.
    """

    outside: Outside = field(factory=Outside)
    memory: Memory | None = None
    attempt: Attempt | None = None
    committed: bool = False


@frozen(cache_hash=True)
class Lead:
    """An operation: call the others to a restart."""


@frozen(cache_hash=True)
class Propose(Timeout):
    """Who has called to a restart waits for no more answers."""


@frozen
class Returning:
    """What a process does that is back.

    Attributes:
        name: its own.
        company: whom it calls to a restart.
        restart: the rules of a restart.
    """

    name: Node
    company: tuple[Node, ...]
    restart: Restart

    def options(self, apart: Apart) -> Iterator[Timeout]:
        """Wait for no more answers, once they are enough."""
        attempt = apart.attempt
        if attempt is None or attempt.proposal is not None:
            return
        if self.restart.proposal(attempt.number, attempt.reports) is not None:
            yield Propose()

    def step(self, apart: Apart, memory: Memory, event: Event) -> Outcome[Apart] | None:
        """Do what a restart asks of this process, which has `memory` on its disk."""
        match event:
            case Invoke(Lead()):
                return self._leading(apart, memory)
            case Propose():
                return self._proposed(apart, memory)
            case Receive(sender, Call(number)):
                return self._called(apart, memory, sender, number)
            case Receive(_, Refuse(number)) if number > bound_of(memory):
                after = evolve(apart, memory=evolve(memory, promised=number), attempt=None)
                return Outcome(after, (Record(Promised(number)),))
            case Receive(sender, Prepare() as proposal):
                return self._asked(apart, memory, sender, proposal)
            case Receive(_, Commit(number)) if _awaits(memory, number):
                return Outcome(evolve(apart, committed=True))
            case Receive(sender, Commit(number)) if number < bound_of(memory):
                return Outcome(apart, (Send(sender, Refuse(bound_of(memory))),))
            case Receive(sender, Report(number) | Ready(number) as answer):
                if apart.attempt is not None and apart.attempt.number == number:
                    return self._answered(apart, apart.attempt, sender, answer)
        return Outcome(apart) if isinstance(event, Receive) else None

    def _leading(self, apart: Apart, memory: Memory) -> Outcome[Apart]:
        """Call the others, under a number above all that is known here."""
        number = bound_of(memory) + 1
        promised = evolve(memory, promised=number)
        own = ((self.name, promised),)
        after = evolve(apart, memory=promised, attempt=Attempt(number, own))
        calls = (Send(node, Call(number)) for node in self.company if node != self.name)
        return Outcome(after, (Record(Promised(number)), *calls))

    def _called(self, apart: Apart, memory: Memory, sender: Node, number: int) -> Outcome[Apart]:
        """Promise and report, or refuse; a promise ends what it has called to itself."""
        bound = bound_of(memory)
        if not self.restart.may_promise(number, bound):
            return Outcome(apart, (Send(sender, Refuse(bound)),))
        promised = evolve(memory, promised=number)
        report = Send(sender, Report(number, promised))
        after = evolve(apart, memory=promised, attempt=None)
        return Outcome(after, (Record(Promised(number)), report))

    def _asked(
        self, apart: Apart, memory: Memory, sender: Node, proposal: Prepare
    ) -> Outcome[Apart]:
        """Prepare, under the number that this process has promised last."""
        if proposal.next.number != memory.promised:
            return Outcome(apart)
        ready = Send(sender, Ready(memory.promised))
        return Outcome(evolve(apart, memory=written(memory, proposal)), (Record(proposal), ready))

    def _answered(
        self, apart: Apart, attempt: Attempt, sender: Node, answer: Report | Ready
    ) -> Outcome[Apart]:
        """Take in an answer; who has proposed already needs no more reports."""
        if isinstance(answer, Ready):
            after = evolve(attempt, ready=attempt.ready | {sender})
            return self._decided(evolve(apart, attempt=after))
        if attempt.proposal is not None:
            return Outcome(apart)
        reports = tuple(sorted((*attempt.reports, (sender, answer.memory)), key=_by_name))
        return Outcome(evolve(apart, attempt=evolve(attempt, reports=reports)))

    def _proposed(self, apart: Apart, memory: Memory) -> Outcome[Apart] | None:
        """Ask those who have answered to prepare what their reports permit."""
        attempt = apart.attempt
        if attempt is None or attempt.proposal is not None:
            return None
        proposal = self.restart.proposal(attempt.number, attempt.reports)
        if proposal is None:
            return None
        asked = evolve(attempt, proposal=proposal, ready=frozenset({self.name}))
        after = evolve(apart, memory=written(memory, proposal), attempt=asked)
        sends = self._to_others(proposal.next.members, proposal)
        decided = self._decided(after)
        return Outcome(decided.state, (Record(proposal), *sends, *decided.effects))

    def _decided(self, apart: Apart) -> Outcome[Apart]:
        """Return the restart committed, if all who take part are ready."""
        attempt = apart.attempt
        if attempt is None or attempt.proposal is None:
            return Outcome(apart)
        members = attempt.proposal.next.members
        ready = len(attempt.ready & set(members))
        if not self.restart.all_ready(ready, len(members)):
            return Outcome(apart)
        after = evolve(apart, attempt=None, committed=self.name in members)
        return Outcome(after, self._to_others(members, Commit(attempt.number)))

    def _to_others(self, members: Iterable[Node], message: Prepare | Commit) -> tuple[Effect, ...]:
        return tuple(Send(node, message) for node in members if node != self.name)


def _awaits(memory: Memory, number: int) -> bool:
    """Return whether a commit of that number is about what this disk has prepared."""
    if memory.ending is None or memory.promised != number:
        return False
    return memory.ending.next.number == number


def _by_name(report: tuple[Node, Memory]) -> Node:
    return report[0]
