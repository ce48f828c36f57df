"""The laws of a machine, as functions to call and as Hypothesis strategies to call them from.

    @given(walks(world))
    def test_the_laws(walk):
        check_walk(walk)

Every law is checked on what a machine really meets: along random runs of a world, at every node,
for its options, for what is on its way to it, and for all that was ever sent to anybody.
"""

import hashlib
import pickle
from collections import deque
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import reduce
from itertools import islice
from typing import Any

import attrs
from attrs import Factory, frozen
from hypothesis import strategies as st

from coterie.checks.canonical import canonical
from coterie.checks.component import Channel
from coterie.checks.nodes import Down, Running, is_over
from coterie.checks.world import Values, World
from coterie.model.machine import Event, Machine, Node, Outcome, Receive, Record

STARTS_MAX = 1_000
RECEIPTS_MAX = 100


class LawBrokenError(AssertionError):
    """A machine does not keep a law.

    Attributes:
        law: its name.
        problem: what was seen, in words.
    """

    def __init__(self, law: str, problem: str, **context: Any) -> None:
        self.law, self.problem = law, problem
        lines = [f"not {law}: {problem}"]
        lines += [f"  {name}: {value!r}" for name, value in context.items()]
        super().__init__("\n".join(lines))


@frozen(eq=False)
class Texts:
    """The canonical text of every value met so far: one for all equal ones, and of them alone."""

    text_of: dict[Any, str] = Factory(dict)
    value_of: dict[str, Any] = Factory(dict)

    def note(self, value: Any) -> str:
        """Return the text of `value`.

        Raises: LawBrokenError where something is hidden from `==`, or from the text.
        """
        for kind in dict.fromkeys(type(part) for part in _parts(value)):
            if problem := _hidden(kind):
                raise LawBrokenError("canonical", problem, value=value)
        try:
            text = canonical(value)
        except TypeError as cause:
            raise LawBrokenError("canonical", str(cause), value=value) from None
        other = self.text_of.setdefault(value, text)
        if other != text:
            raise LawBrokenError("canonical", f"two texts of equal values: {other} and {text}")
        if self.value_of.setdefault(text, value) != value:
            raise LawBrokenError("canonical", f"two different values have the text {text}")
        return text


def _hidden(kind: type) -> str:
    """Return what instances of `kind` hide from `==`, in words; nothing when all is well."""
    if not attrs.has(kind):
        return ""
    if kind.__eq__ is object.__eq__:
        return f"{kind.__name__} does not compare its fields"
    hidden = [f"{kind.__name__}.{a.name}" for a in attrs.fields(kind) if not a.eq]
    return f"{', '.join(hidden)} is hidden from `==`" if hidden else ""


def _parts(value: Any) -> Iterator[Any]:
    """Yield `value` and everything in it."""
    yield value
    match value:
        case Mapping():
            inner: tuple[Any, ...] = (*value.keys(), *value.values())
        case tuple() | AbstractSet():
            inner = tuple(value)
        case _ if attrs.has(type(value)):
            inner = tuple(getattr(value, a.name) for a in attrs.fields(type(value)))
        case _:
            inner = ()
    for part in inner:
        yield from _parts(part)


def check_laws(
    machine: Machine[Any, Any], state: Any, event: Event | None = None, texts: Texts | None = None
) -> None:
    """Check every law of `machine` at `state`: for `event`, or for its options and a restart.

    Attributes:
        texts: what was met before, to compare with; None for nothing.
    Raises: LawBrokenError that names the law, the machine, the event and the state.
    """
    texts = Texts() if texts is None else texts
    try:
        if event is None:
            _check_state(machine, state, texts)
        else:
            _check_step(machine, state, event, texts)
    except LawBrokenError as broken:
        context = {"machine": machine, "event": event, "state": state}
        raise LawBrokenError(broken.law, broken.problem, **context) from broken.__cause__


def _check_state(machine: Machine[Any, Any], state: Any, texts: Texts) -> None:
    before = texts.note(state)
    options = tuple(machine.options(state))
    if canonical(state) != before:
        raise LawBrokenError("pure", f"`options` has changed {before} to {canonical(state)}")
    if tuple(machine.options(_copied(state))) != options:
        raise LawBrokenError("deterministic", "an equal state has other options")
    for event in options:
        _check_step(machine, state, event, texts)
        if machine.step(state, event) is None:
            raise LawBrokenError("answered", f"{event!r} is an option, but `step` refuses it")
    memory = machine.memory(state)
    check_restart(machine, memory, texts)
    if memory is not None:
        _check_closed(machine, state, machine.start(memory).state)


def check_restart(machine: Machine[Any, Any], memory: Any, texts: Texts | None = None) -> None:
    """Check that `machine` starts from `memory`, and that its records say what became of it."""
    before = (texts or Texts()).note(memory)
    outcome = machine.start(memory)
    if canonical(memory) != before:
        raise LawBrokenError("pure", f"`start` has changed {before} to {canonical(memory)}")
    if machine.start(_copied(memory)) != outcome:
        raise LawBrokenError("deterministic", f"two restarts from {before} differ")
    if memory is not None:
        _check_recorded(machine, memory, outcome)


def _check_step(machine: Machine[Any, Any], state: Any, event: Event, texts: Texts) -> None:
    texts.note(event)
    before = texts.note(state)
    memory = machine.memory(state)
    outcome = _stepped(machine, state, event)
    if canonical((state, event)) != f"({before}, {texts.text_of[event]})":
        raise LawBrokenError("pure", f"`step` has changed {before} to {canonical(state)}")
    if machine.step(state, event) != outcome:
        raise LawBrokenError("deterministic", "the second time the outcome is another one")
    if machine.step(_copied(state), _copied(event)) != outcome:
        raise LawBrokenError("deterministic", "an equal state and event have another outcome")
    if outcome is None and isinstance(event, Receive):
        raise LawBrokenError("total", "`step` refuses a message")
    if outcome is not None:
        texts.note(outcome.state)
        texts.note(outcome.effects)
        _check_recorded(machine, memory, outcome)
        _check_closed(machine, state, outcome.state)
    late = isinstance(event, Receive) and is_over(machine, machine.closed(state), event.message)
    if late and outcome != Outcome(state):
        raise LawBrokenError("closed", "a message about what is over changes something")


def _check_closed(machine: Machine[Any, Any], before: Any, after: Any) -> None:
    over = machine.closed(after)
    if not all(is_over(machine, over, topic) for topic in machine.closed(before)):
        raise LawBrokenError("closed", "what was over is not over any more")


def _stepped(machine: Machine[Any, Any], state: Any, event: Event) -> Outcome[Any] | None:
    try:
        return machine.step(state, event)
    except Exception as cause:
        raise LawBrokenError("total", f"`step` raised {type(cause).__name__}: {cause}") from cause


def _check_recorded(machine: Machine[Any, Any], memory: Any, outcome: Outcome[Any]) -> None:
    changes = [effect.change for effect in outcome.effects if isinstance(effect, Record)]
    recorded = reduce(machine.recorded, changes, memory)
    after = machine.memory(outcome.state)
    if recorded != after:
        raise LawBrokenError("recorded", f"the disk holds {recorded!r}, the memory is {after!r}")


def _copied(value: Any) -> Any:
    """Return an equal value that shares nothing with `value`."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301 -- our own bytes of a moment ago


@frozen(eq=False)
class Walk:
    """A random run of a world, as the states that it passes through."""

    world: World
    states: tuple[Values, ...]


def walks(world: World, steps_max: int = 15) -> st.SearchStrategy[Walk]:
    """Draw a run of `world` of at most so many steps."""
    starts = tuple(islice(world.initial(), STARTS_MAX))

    @st.composite
    def walk(draw: st.DrawFn) -> Walk:
        states = [starts[draw(st.integers(0, len(starts) - 1))]]
        for _ in range(draw(st.integers(0, steps_max))):
            steps = tuple(world.successors(states[-1]))
            if not steps:
                break
            states.append(steps[draw(st.integers(0, len(steps) - 1))].values)
        return Walk(world, tuple(states))

    return walk()


def check_walk(walk: Walk) -> None:
    """Check every law at every node and state of `walk`, each state of a node once."""
    nodes = [key for key in walk.world.components if isinstance(key, Node)]
    met = {(node, values[walk.world.slots[node]]) for values in walk.states for node in nodes}
    receipts = _receipts(walk, nodes)
    texts = Texts()
    for node, value in sorted(met, key=canonical):
        match value:
            case Running(state):
                machine = walk.world.machines[node]
                check_laws(machine, state, None, texts)
                for receipt in receipts:
                    check_laws(machine, state, receipt, texts)
            case Down(memory):
                check_restart(walk.world.machines[node], memory, texts)


def _receipts(walk: Walk, senders: list[Node]) -> list[Receive]:
    """Return every message that a channel carried or a liar may say, from each of `senders`."""
    channels = [slot for key, slot in walk.world.slots.items() if isinstance(key, Channel)]
    said = {message for values in walk.states for slot in channels for message in values[slot]}
    if walk.world.adversary:
        said.update(walk.world.adversary.repertoire)
    receipts = [Receive(sender, one) for one in sorted(said, key=canonical) for sender in senders]
    return receipts[:: len(receipts) // RECEIPTS_MAX + 1]


def digest(world: World, states_max: int) -> str:
    """Return a digest of the first states of `world` and of their steps, breadth first.

    Why: it is the same under every PYTHONHASHSEED, or else an order hangs on a set's.
    """
    summary = hashlib.sha256()
    known: dict[Values, None] = dict.fromkeys(islice(world.initial(), states_max))
    queue = deque(known)
    while queue:
        values = queue.popleft()
        summary.update(canonical(values).encode())
        for step in world.successors(values):
            summary.update(canonical(step.happenings).encode())
            if step.values not in known and len(known) < states_max:
                known[step.values] = None
                queue.append(step.values)
    return summary.hexdigest()
