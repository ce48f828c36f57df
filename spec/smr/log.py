"""The replicated log, abstractly: what a protocol of state machine replication is to refine.

There is one sequence of chosen commands, which only grows at its end, and each node has applied a
prefix of it. How the nodes agree on the sequence is what the protocols differ in.

Source: Schneider, "Implementing Fault-Tolerant Services Using the State Machine Approach", ACM
Computing Surveys 1990; Lamport, "Time, Clocks, and the Ordering of Events", CACM 1978.
"""

from collections.abc import Callable, Iterable
from typing import Any

from attrs import evolve, frozen

from coterie.model.machine import Event, Machine, Outcome, Receive, Timeout
from coterie.spec.property import View, always, reachable, recoverable, step_always

SURVIVORS = {
    "How many nodes apply the log is a parameter, which no property of the log can know; a log with"
    " one node is a log, too.": ("spec.smr.log.ReplicatedLog.start: (0,) * self.nodes → (0,)",),
}


@frozen(cache_hash=True)
class Log:
    """The chosen commands, and how far each node has applied them.

    Attributes:
        chosen: the commands by slot; it only grows, at its end.
        applied: for each node, how many of the chosen commands it has applied, the oldest first.
    """

    chosen: tuple[Any, ...]
    applied: tuple[int, ...]


@frozen(cache_hash=True)
class Append(Timeout):
    """A command is chosen for the next slot."""

    command: Any


@frozen(cache_hash=True)
class Apply(Timeout):
    """A node applies its next command.

    Attributes:
        node: its index.
    """

    node: int


def not_chosen(times: int) -> bool:
    """Return whether a command that was chosen so many `times` may be chosen (again)."""
    return times == 0


def is_chosen(slot: int, length: int) -> bool:
    """Return whether the log of that `length` has a command in `slot`."""
    return slot < length


def at_the_end(length: int) -> int:
    """Return the slot for the next command of a log of that `length`."""
    return length


@frozen
class ReplicatedLog(Machine[Log, None]):
    """The abstract log of so many nodes.

    Attributes:
        nodes: how many nodes apply it.
        commands: those that may be chosen, in an order without meaning.
        may_append: the guard of choosing a command, over how often it is in the log.
        may_apply: the guard of applying, over two numbers: the slot, and the log's length.
        place: the slot of the next command, over the log's length.
    """

    nodes: int
    commands: tuple[Any, ...]
    may_append: Callable[[int], bool] = not_chosen
    may_apply: Callable[[int, int], bool] = is_chosen
    place: Callable[[int], int] = at_the_end

    def start(self, memory: None) -> Outcome[Log]:
        """Nothing is chosen."""
        del memory
        return Outcome(Log((), (0,) * self.nodes))

    def options(self, state: Log) -> Iterable[Timeout]:
        """Choose a command; apply the next one at some node."""
        for command in self.commands:
            if self.may_append(state.chosen.count(command)):
                yield Append(command)
        for node, slot in enumerate(state.applied):
            if self.may_apply(slot, len(state.chosen)):
                yield Apply(node)

    def step(self, state: Log, event: Event) -> Outcome[Log] | None:
        """Choose, or apply; None where a guard forbids it."""
        match event:
            case Append(command) if self.may_append(state.chosen.count(command)):
                slot = self.place(len(state.chosen))
                chosen = (*state.chosen[:slot], command, *state.chosen[slot:])
                return Outcome(evolve(state, chosen=chosen))
            case Apply(node) if self.may_apply(state.applied[node], len(state.chosen)):
                counts = tuple(n + (place == node) for place, n in enumerate(state.applied))
                return Outcome(evolve(state, applied=counts))
            case Receive():
                return Outcome(state)
        return None


def chosen(log: Log) -> tuple[Any, ...]:
    """Return the chosen commands."""
    return log.chosen


def applied(log: Log) -> tuple[int, ...]:
    """Return how many commands each node has applied."""
    return log.applied


@always(broken_by="appends_twice")
def chosen_once(world: View) -> bool:
    """No command is chosen twice.

    In symbols: i != j implies chosen[i] != chosen[j].
    Why: a command that a client repeats is the same command, and it is to take effect once.
    Source: Schneider, The State Machine Approach, 1990.
    """
    return all(
        len(set(commands)) == len(commands)
        for commands in (world.see(log, chosen) for log in world.nodes("log"))
    )


@always(broken_by="runs_ahead")
def applied_is_chosen(world: View) -> bool:
    """Every node has applied only what is chosen.

    In symbols: for all nodes n: applied(n) <= |chosen|.
    Why: with it the applied sequences are prefixes of one sequence, and so of one another.
    Source: Schneider, The State Machine Approach, 1990.
    """
    return all(
        max(world.see(log, applied)) <= len(world.see(log, chosen)) for log in world.nodes("log")
    )


@step_always(broken_by="prepends")
def what_is_chosen_stays(before: View, after: View) -> bool:
    """The log only grows, and only at its end.

    In symbols: chosen is a prefix of chosen'.
    Why: what a node has applied cannot be taken back.
    Source: Schneider, The State Machine Approach, 1990.
    """
    return all(
        after.see(log, chosen)[: len(before.see(log, chosen))] == before.see(log, chosen)
        for log in before.nodes("log")
    )


@reachable(broken_by="never_applies")
def all_applied(world: View) -> bool:
    """Some command can be chosen and applied at every node.

    Why: the witness that the log is of use.
    Source: the witness to the properties above.
    """
    return any(min(world.see(log, applied)) > 0 for log in world.nodes("log"))


@recoverable(broken_by="never_applies")
def everyone_can_catch_up(world: View) -> bool:
    """Every node can still apply everything that is chosen.

    In symbols: AG EF (for all nodes n: applied(n) = |chosen|, and chosen is not empty).
    Why: nothing that is chosen is out of reach for a node that is behind.
    Source: Schneider, The State Machine Approach, 1990.
    """
    return all(
        set(world.see(log, applied)) == {len(world.see(log, chosen))} and world.see(log, chosen)
        for log in world.nodes("log")
    )
