"""A correct node as a component: its machine, up or down."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from attrs import evolve, frozen

from coterie.checks.component import (
    Act,
    Channel,
    Close,
    CloseAll,
    Component,
    Crashed,
    Fired,
    IsDown,
    IsUp,
    Key,
    Observe,
    Owe,
    Put,
    Reaction,
    Refund,
    Restarted,
    Spend,
    Unwanted,
    Wanted,
)
from coterie.checks.errors import ModelError, definition
from coterie.checks.signatures import SIGNATURES, Issue, signatures_in
from coterie.model.detector import Suspect
from coterie.model.keyed import At
from coterie.model.machine import (
    Deliver,
    Effect,
    Event,
    Halt,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Record,
    Return,
    Send,
)
from coterie.model.stacked import Above, Below


@frozen(cache_hash=True)
class Running:
    """The value of a node that is up."""

    state: Any


@frozen(cache_hash=True)
class Down:
    """The value of a node that has crashed or halted: only its durable memory is left."""

    memory: Any


def is_over(machine: Machine[Any, Any], closed: frozenset[Any], message: Any) -> bool:
    """Return whether `message`, or a topic, is about something that is `closed`."""
    return not closed.isdisjoint(machine.topics(message))


def suspect_of(event: Event) -> Node | None:
    """Return whom `event` suspects, also where it is for a part of a composed machine."""
    match event:
        case Suspect(node):
            return node
        case Above(inner) | Below(inner) | At(_, inner):
            return suspect_of(inner)
    return None


@frozen
class NodeComponent(Component):
    """A node and its machine.

    Attributes:
        crashes: the keys of what a crash spends; None where the node never crashes.
        halts: the keys of what a halt takes from, even where nothing is left.
        restarts: what a restart spends or refunds; None where it stays down for good.
        suspicions: the keys of what a false suspicion spends; None where there is none.
        others: the other nodes that have a machine, which it may suspect.
        targets: the nodes that it has a channel to.
        silent: the Byzantine nodes; what is sent to them is gone.
        observers: the keys of those that see its operations, results and deliveries.
        signing: whether the world counts the signatures that its nodes have issued.
        closing: the channels to it, which drop what is over; none where they keep everything.
    """

    node: Node
    machine: Machine[Any, Any]
    crashes: tuple[str, ...] | None = None
    halts: tuple[str, ...] = ()
    restarts: tuple[tuple[str, Spend | Refund], ...] | None = ()
    suspicions: tuple[str, ...] | None = None
    others: frozenset[Node] = frozenset()
    targets: frozenset[Node] = frozenset()
    silent: frozenset[Node] = frozenset()
    observers: tuple[str, ...] = ()
    signing: bool = False
    closing: tuple[Channel, ...] = ()

    def react(self, value: Any, stimulus: Any) -> Iterable[Reaction]:
        """Step the machine; crash; restart."""
        match value, stimulus:
            case Running(state), Receive() | Invoke():
                return self._stepped(state, stimulus)
            case (Running(), IsUp()) | (Down(), IsDown()):
                return (Reaction(value),)
            case Running(state), Act():
                crash = (self._closing(value, each) for each in self._crash(state))
                return [*self._options(state), *crash]
            case _, Wanted(_, message):
                return () if self._is_over(value, message) else (Reaction(value),)
            case _, Unwanted(sender, message) if self._is_over(value, message):
                return self._ignored(value, Receive(sender, message))
            case Down(memory), Act():
                return self._restarted(memory)
        return ()

    def boot(self, memory: Any) -> Reaction:
        """Return how the node starts from `memory`, which is None the first time."""
        return self._reaction(self._started(memory), memory=memory)

    def durable(self, value: Running | Down) -> Any:
        """Return what survives, or has survived, a crash."""
        if isinstance(value, Down):
            return value.memory
        state = value.state
        return self._asked("memory", lambda: self.machine.memory(state), state=state)

    def _started(self, memory: Any) -> Outcome[Any]:
        outcome: Outcome[Any] = self._asked(
            "start", lambda: self.machine.start(memory), memory=memory
        )
        return outcome

    def _restarted(self, memory: Any) -> list[Reaction]:
        if self.restarts is None:
            return []
        return [
            evolve(
                each,
                stimuli=(*self.restarts, *each.stimuli),
                happenings=(Restarted(self.node), *each.happenings),
            )
            for each in self._reactions(self._started(memory), memory=memory)
        ]

    def _options(self, state: Any) -> Iterator[Reaction]:
        options = self._asked("options", lambda: tuple(self.machine.options(state)), state=state)
        for event in options:
            for reaction in self._stepped(state, event):
                happenings = (Fired(self.node, event), *reaction.happenings)
                yield from self._suspected(event, evolve(reaction, happenings=happenings))

    def _suspected(self, event: Event, fired: Reaction) -> Iterator[Reaction]:
        """Yield `fired`; a suspicion where it is right, and where it is wrong: as a fault."""
        other = suspect_of(event)
        if other is None or other in self.silent:
            yield fired
            return
        if other not in self.others:
            raise self._error(f"it suspects {other}, which is no other node of this world")
        yield evolve(fired, stimuli=((other, IsDown()), *fired.stimuli))
        if self.suspicions is not None:
            spent = tuple((budget, Spend()) for budget in self.suspicions)
            yield evolve(fired, stimuli=((other, IsUp()), *spent, *fired.stimuli), fault=True)

    def _stepped(self, state: Any, event: Event) -> list[Reaction]:
        outcome = self._asked(
            "step", lambda: self.machine.step(state, event), event=event, state=state
        )
        if outcome is None and isinstance(event, Receive):
            problem = "`step` refused a message; it must be total on Receive"
            raise self._error(problem, event=event, state=state)
        if outcome is None:
            return []
        reactions = self._reactions(outcome, event=event, state=state)
        reactions = [self._closing(Running(state), each) for each in reactions]
        if isinstance(event, Invoke):
            call = self._seen(event)
            reactions = [evolve(each, stimuli=(*call, *each.stimuli)) for each in reactions]
        return reactions

    def _closing(self, before: Running, reaction: Reaction) -> Reaction:
        """Return `reaction`, which begins with closing what is over since `before`."""
        if not self.closing:
            return reaction
        if self._is_gone(reaction.value):
            drop = tuple((channel, CloseAll()) for channel in self.closing)
            return evolve(reaction, stimuli=(*drop, *reaction.stimuli))
        was, now = self._over(before), self._over(reaction.value)
        if not all(is_over(self.machine, now, topic) for topic in was):
            problem = "what was over is not over any more"
            raise self._error(problem, before=before, after=reaction.value)
        close = tuple((channel, Close(now - was)) for channel in self.closing if was != now)
        return evolve(reaction, stimuli=(*close, *reaction.stimuli))

    def _over(self, value: Running | Down) -> frozenset[Any]:
        """Return the topics that are over, for a node that is down after its restart."""
        return self.machine.closed(self._next_up(value))

    def _is_gone(self, value: Running | Down) -> bool:
        """Return whether the node is down for good."""
        return isinstance(value, Down) and self.restarts is None

    def _next_up(self, value: Running | Down) -> Any:
        return value.state if isinstance(value, Running) else self._started(value.memory).state

    def _is_over(self, value: Running | Down, message: Any) -> bool:
        return self._is_gone(value) or is_over(self.machine, self._over(value), message)

    def _ignored(self, value: Running | Down, receipt: Receive) -> tuple[Reaction]:
        """Answer that `receipt`, which is about what is over, changes nothing; but look."""
        if self._is_gone(value):
            return (Reaction(value),)
        state = self._next_up(value)
        outcome = self._asked(
            "step", lambda: self.machine.step(state, receipt), event=receipt, state=state
        )
        if outcome != Outcome(state):
            problem = "a message about what is over changes something"
            raise self._error(problem, event=receipt, state=state)
        return (Reaction(value),)

    def _reactions(self, outcome: Outcome[Any], **context: Any) -> list[Reaction]:
        """Return the step, and its twin that dies after its commit and before its other effects."""
        done = self._reaction(outcome, **context)
        if all(isinstance(effect, Record) for effect in outcome.effects):
            return [done]
        return [done, *self._crash(outcome.state, midway=True)]

    def _crash(self, state: Any, *, midway: bool = False) -> Iterator[Reaction]:
        if self.crashes is not None:
            memory = self.durable(Running(state))
            spent = tuple((budget, Spend()) for budget in self.crashes)
            yield Reaction(Down(memory), spent, (Crashed(self.node, midway),), fault=True)

    def _reaction(self, outcome: Any, **context: Any) -> Reaction:
        if not isinstance(outcome, Outcome):
            raise self._error(f"an Outcome is wanted, not {outcome!r}", **context)
        try:
            hash((outcome.state, outcome.effects))
        except TypeError as cause:
            raise self._error(
                f"a state or an effect cannot be hashed: {cause}", **context
            ) from None
        stimuli = tuple(one for effect in outcome.effects for one in self._stimuli(effect, context))
        up = Running(outcome.state)
        return Reaction(Down(self.durable(up)) if Halt() in outcome.effects else up, stimuli)

    def _stimuli(self, effect: Effect, context: dict[str, Any]) -> Iterator[tuple[Key, Any]]:
        match effect:
            case Send(to, message):
                if self.signing and (issued := signatures_in(message, self.node)):
                    yield SIGNATURES, Issue(issued)
                if to in self.targets:
                    yield Channel(self.node, to), Put(message)
                elif to not in self.silent:
                    problem = f"it sends to {to}, to which it has no channel"
                    raise self._error(problem, effect=effect, **context)
            case Return() | Deliver():
                yield from self._seen(effect)
            case Halt():
                yield from ((name, Owe()) for name in self.halts)
            case Record():
                return
            case _:
                raise self._error(f"it asks for {effect!r}, which is no effect", **context)

    def _seen(self, what: Any) -> list[tuple[Key, Any]]:
        return [(observer, Observe(self.node, what)) for observer in self.observers]

    def _asked(self, function: str, call: Callable[[], Any], **context: Any) -> Any:
        try:
            return call()
        except Exception as cause:
            problem = f"`{function}` of {self.node} raised {type(cause).__name__}: {cause}"
            raise ModelError(problem, {"machine": self.machine, **context}, cause) from cause

    def _error(self, problem: str, **context: Any) -> ModelError:
        kind = type(self.machine)
        where = {"defined at": definition(kind.start if "memory" in context else kind.step)}
        return ModelError(f"{self.node}: {problem}", {"machine": self.machine, **context, **where})
