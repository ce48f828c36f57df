"""Two-phase commit.

A transaction manager asks nothing: the resource managers prepare of their own accord and say so;
when all have, the transaction manager commits, and it may abort at any time before. There are no
crashes and nothing is lost for good, yet messages may be late, repeated and reordered: the world
gives it a `Pool`.

Source: Lamport, `TwoPhase`, in "Consensus on Transaction Commit" (Gray and Lamport, ACM TODS 2006)
and the TLA+ examples; its granularity is kept, so that the published numbers of states come out.
"""

from collections.abc import Callable, Iterable
from enum import Enum

from attrs import evolve, frozen

from coterie.model.machine import Event, Machine, Node, Outcome, Receive, Send, Timeout


class Stage(Enum):
    """Where a manager is in the transaction."""

    WORKING = "working"
    PREPARED = "prepared"
    COMMITTED = "committed"
    ABORTED = "aborted"


@frozen(cache_hash=True)
class Prepared:
    """A resource manager is prepared to commit."""


@frozen(cache_hash=True)
class Commit:
    """The transaction manager has decided to commit."""


@frozen(cache_hash=True)
class Abort:
    """The transaction manager has decided to abort."""


@frozen(cache_hash=True)
class Prepare(Timeout):
    """A resource manager makes itself ready to commit."""


@frozen(cache_hash=True)
class Decide(Timeout):
    """A manager decides by itself.

    Attributes:
        commit: whether to commit; only the transaction manager may.
    """

    commit: bool


@frozen
class ResourceManager(Machine[Stage, None]):
    """A participant of the transaction; its state is its stage.

    Attributes:
        coordinator: the transaction manager.
    """

    coordinator: Node

    def start(self, memory: None) -> Outcome[Stage]:
        """Begin to work."""
        del memory
        return Outcome(Stage.WORKING)

    def options(self, state: Stage) -> Iterable[Timeout]:
        """While it works, prepare or abort."""
        return (Prepare(), Decide(commit=False)) if state is Stage.WORKING else ()

    def step(self, state: Stage, event: Event) -> Outcome[Stage] | None:
        """Prepare and say so; abort; or do what the transaction manager has decided."""
        match event:
            case Prepare() if state is Stage.WORKING:
                return Outcome(Stage.PREPARED, (Send(self.coordinator, Prepared()),))
            case Decide(commit=False) if state is Stage.WORKING:
                return Outcome(Stage.ABORTED)
            case Receive(message=Commit()):
                return Outcome(Stage.COMMITTED)
            case Receive(message=Abort()):
                return Outcome(Stage.ABORTED)
            case Receive():
                return Outcome(state)
        return None


@frozen(cache_hash=True)
class Coordination:
    """What the transaction manager knows.

    Attributes:
        stage: WORKING until it decides; never PREPARED.
        prepared: the resource managers that have said so; it only grows while it is WORKING.
    """

    stage: Stage = Stage.WORKING
    prepared: frozenset[Node] = frozenset()


def all_prepared(prepared: int, managers: int) -> bool:
    """Return whether `prepared` of so many `managers` suffice to commit: all of them."""
    return prepared == managers


@frozen
class TransactionManager(Machine[Coordination, None]):
    """The one who decides.

    Attributes:
        managers: the resource managers.
        may_commit: the guard of the decision, over two numbers: how many are prepared, of how many.
    """

    managers: tuple[Node, ...]
    may_commit: Callable[[int, int], bool] = all_prepared

    def start(self, memory: None) -> Outcome[Coordination]:
        """Wait."""
        del memory
        return Outcome(Coordination())

    def options(self, state: Coordination) -> Iterable[Timeout]:
        """Until it has decided: commit if it may, or abort."""
        if state.stage is Stage.WORKING:
            if self.may_commit(len(state.prepared), len(self.managers)):
                yield Decide(commit=True)
            yield Decide(commit=False)

    def step(self, state: Coordination, event: Event) -> Outcome[Coordination] | None:
        """Count who is prepared; decide, and tell everybody."""
        match event:
            case Receive(sender, Prepared()) if state.stage is Stage.WORKING:
                return Outcome(evolve(state, prepared=state.prepared | {sender}))
            case Receive():
                return Outcome(state)
            case Decide(commit) if state.stage is Stage.WORKING:
                stage = Stage.COMMITTED if commit else Stage.ABORTED
                message = Commit() if commit else Abort()
                sends = tuple(Send(manager, message) for manager in self.managers)
                return Outcome(evolve(state, stage=stage), sends)
        return None
