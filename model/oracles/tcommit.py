"""Transaction commit, said without messages.

Resource managers agree to commit or to abort, and each sees the stage of all: this says what may
be decided, not how anybody learns of it. Since every action reads the stages of all managers, one
machine holds them all.

Source: Lamport, `TCommit`, in "Consensus on Transaction Commit" (Gray and Lamport, ACM TODS 2006),
section 2 and the TLA+ examples; its granularity is kept, so that the published number of states
comes out.
"""

from collections.abc import Callable, Iterable

from attrs import frozen

from coterie.model.machine import Event, Machine, Outcome, Receive, Timeout
from coterie.model.oracles.two_phase import Stage, all_prepared

Stages = tuple[Stage, ...]


@frozen(cache_hash=True)
class Prepare(Timeout):
    """The resource manager of this index makes itself ready to commit."""

    manager: int


@frozen(cache_hash=True)
class Decide(Timeout):
    """The resource manager of this index commits or aborts.

    Attributes:
        manager: its index.
        commit: whether it commits.
    """

    manager: int
    commit: bool


def none_committed(committed: int) -> bool:
    """Return whether a manager may abort when so many have `committed`: only if none has."""
    return committed == 0


@frozen
class TransactionCommit(Machine[Stages, None]):
    """All resource managers; the state is their stages, by index.

    Attributes:
        managers: how many there are.
        may_commit: the guard of a commit, over two numbers: how many are prepared or committed, of
            how many.
        may_abort: the guard of an abort, over how many have committed.
    """

    managers: int
    may_commit: Callable[[int, int], bool] = all_prepared
    may_abort: Callable[[int], bool] = none_committed

    def start(self, memory: None) -> Outcome[Stages]:
        """Everybody begins to work."""
        del memory
        return Outcome((Stage.WORKING,) * self.managers)

    def options(self, state: Stages) -> Iterable[Timeout]:
        """Every manager that works may prepare, and every one may decide what is permitted."""
        for manager, stage in enumerate(state):
            if stage is Stage.WORKING:
                yield Prepare(manager)
            if stage is Stage.PREPARED and self._commits(state):
                yield Decide(manager, commit=True)
            if stage in {Stage.WORKING, Stage.PREPARED} and self._aborts(state):
                yield Decide(manager, commit=False)

    def step(self, state: Stages, event: Event) -> Outcome[Stages] | None:
        """Move one manager to its next stage."""
        match event:
            case Receive():
                return Outcome(state)
            case Prepare(manager) if event in self.options(state):
                return Outcome(_moved(state, manager, Stage.PREPARED))
            case Decide(manager, commit) if event in self.options(state):
                return Outcome(_moved(state, manager, Stage.COMMITTED if commit else Stage.ABORTED))
        return None

    def _commits(self, state: Stages) -> bool:
        ready = state.count(Stage.PREPARED) + state.count(Stage.COMMITTED)
        return self.may_commit(ready, self.managers)

    def _aborts(self, state: Stages) -> bool:
        return self.may_abort(state.count(Stage.COMMITTED))


def _moved(state: Stages, manager: int, stage: Stage) -> Stages:
    return (*state[:manager], stage, *state[manager + 1 :])
