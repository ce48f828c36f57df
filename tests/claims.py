"""Random properties: decision trees that read a world here and there, in an order that depends."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from attrs import evolve, frozen
from hypothesis import strategies as st

from coterie.checks.component import Channel
from coterie.checks.world import World
from coterie.model.machine import Event, Machine, Node, Outcome, Timeout
from coterie.spec.property import Each, Kind, Property, View, each, pairs
from coterie.spec.refinement import Refinement


def parity(state: int) -> int:
    """A lens: whether the state is odd."""
    return state % 2


def above(limit: int) -> Callable[[int], bool]:
    """Return a lens that is made anew each time: whether the state is above `limit`."""
    return lambda state: state > limit


@frozen(cache_hash=True)
class Read:
    """One question to a view.

    Attributes:
        what: which of the view's functions to ask.
        about: of which node, channel, or name; a number stands for one of the claim's nodes.
        when: of which of the two views, where the claim is about a step.
    """

    what: str
    about: Any
    when: int = 0

    def ask(self, views: tuple[View, ...], nodes: tuple[Node, ...]) -> Hashable:
        view = views[self.when]
        about: Any = nodes[self.about] if isinstance(self.about, int) else self.about
        answers: dict[str, Callable[[], Hashable]] = {
            "state": lambda: view[about] % 3 if view.up(about) else None,
            "parity": lambda: view.see(about, parity) if view.up(about) else None,
            "above": lambda: view.see(about, above(1)) if view.up(about) else None,
            "up": lambda: view.up(about),
            "memory": lambda: view.memory(about),
            "flight": lambda: len(view.in_flight(about.sender, about.receiver)),
            "observed": lambda: view.observed(about) in {0, None},
            "left": lambda: bool(view.left(about)),
        }
        return answers[self.what]()


@frozen(cache_hash=True)
class Fork:
    """Read something, and go on by the answer: to the branch of its hash."""

    read: Read
    branches: "tuple[Tree, ...]"


Tree = Fork | bool


@frozen(cache_hash=True)
class Claim:
    """A claim that is a decision tree.

    Attributes:
        tree: its answer for these views and nodes.
        views: of how many views it is: one of a state, two of a step.
    """

    tree: Tree
    views: int

    def __call__(self, *arguments: Any) -> bool:
        views, nodes = arguments[: self.views], arguments[self.views :]
        tree = self.tree
        while isinstance(tree, Fork):
            answer = tree.read.ask(views, nodes)
            tree = tree.branches[_number(answer) % len(tree.branches)]
        return tree


def _number(answer: Hashable) -> int:
    return -1 if answer is None else int(answer)  # type: ignore[call-overload]


def reads(world: World, nodes: int, views: int) -> st.SearchStrategy[Read]:
    """Draw a question that this world can answer, of a claim over so many nodes and views."""
    when = st.integers(0, views - 1)
    players = [*range(nodes), *world.machines]
    whats = st.sampled_from(["state", "parity", "above", "up", "memory"])
    asked = [st.builds(Read, whats, st.sampled_from(players), when)]
    channels = [key for key in world.slots if isinstance(key, Channel)]
    budgets = [key for key in ("crashes", "losses", "down") if key in world.slots]
    if channels:
        asked.append(st.builds(Read, st.just("flight"), st.sampled_from(channels), when))
    if world.observers:
        names = st.sampled_from(sorted(world.observers))
        asked.append(st.builds(Read, st.just("observed"), names, when))
    whose = [*budgets, *world.workload]
    asked.append(st.builds(Read, st.just("left"), st.sampled_from(whose), when))
    return st.one_of(asked)


def trees(read: st.SearchStrategy[Read], *, mostly: bool) -> st.SearchStrategy[Tree]:
    """Draw a decision tree whose leaves are `mostly` true, or mostly false."""
    leaf = st.sampled_from([mostly, mostly, not mostly])
    small: st.SearchStrategy[Tree] = leaf
    for _ in range(3):
        branches = st.tuples(small, small) | st.tuples(small, small, small)
        small = st.one_of(leaf, st.builds(Fork, read, branches))
    return st.builds(Fork, read, st.tuples(small, small))


@frozen(cache_hash=True)
class Seen:
    """A mapping to an abstract state: what one question answers, as one of three numbers."""

    read: Read

    def __call__(self, view: View) -> int:
        return _number(self.read.ask((view,), ())) % 3


@frozen(cache_hash=True)
class Jump(Timeout):
    """The abstract machine goes to this state."""

    to: int


@frozen(cache_hash=True)
class Jumper(Machine[int, None]):
    """An abstract machine of three states.

    Attributes:
        first: where it begins.
        jumps: from where to where it may go.
    """

    first: int
    jumps: frozenset[tuple[int, int]]

    def start(self, memory: None) -> Outcome[int]:
        return Outcome(self.first)

    def options(self, state: int) -> Iterable[Timeout]:
        return [Jump(to) for to in range(3) if (state, to) in self.jumps]

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        return Outcome(event.to) if isinstance(event, Jump) else Outcome(state)


@st.composite
def refinements(draw: st.DrawFn, world: World, name: str) -> Property:
    """Draw a claim that what a question sees of the world is a run of a small machine."""
    ways = st.frozensets(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=6)
    machine = draw(st.builds(Jumper, st.integers(0, 2), ways))
    refinement = Refinement(
        Seen(draw(reads(world, 0, 1))), lambda _: machine, draw(st.integers(1, 2))
    )
    return Property(name, Kind.REFINES, refinement)


@st.composite
def properties(draw: st.DrawFn, world: World, number: int = 0) -> Property:
    """Draw a property of any kind, over all nodes at once, each node, or each pair."""
    kind = draw(st.sampled_from(Kind))
    if kind is Kind.REFINES:
        return draw(refinements(world, f"claim_{number}"))
    roles = sorted({node.role for node in world.machines})
    over: dict[int, list[Each]] = {0: [], 1: list(map(each, roles)), 2: list(map(pairs, roles))}
    nodes = draw(st.sampled_from([0, 0, 1, 2]))
    views = 2 if kind is Kind.STEP_ALWAYS else 1
    rare = kind in {Kind.REACHABLE, Kind.RECOVERABLE, Kind.EVENTUALLY, Kind.LEADS_TO}
    mostly = not rare if draw(st.sampled_from([True, True, True, False])) else rare
    claim, premise = (
        Claim(draw(trees(reads(world, nodes, views), mostly=which)), views)
        for which in (mostly, not mostly)
    )
    made = Property(f"claim_{number}", kind, claim)
    made = evolve(made, premise=premise) if kind is Kind.LEADS_TO else made
    return evolve(made, each=draw(st.sampled_from(over[nodes]))) if nodes else made


@st.composite
def claims(draw: st.DrawFn, world: World) -> list[Property]:
    """Draw up to four properties of `world`."""
    count = draw(st.integers(0, 4))
    return [draw(properties(world, number)) for number in range(count)]
