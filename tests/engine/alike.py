"""Random worlds whose peers are interchangeable: their rules name nodes by what they do alone."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import permutations, product
from typing import Any

from attrs import evolve, field, frozen
from hypothesis import strategies as st

from coterie.checks.adversary import Adversary
from coterie.checks.engine.symmetry.renaming import Action, blocks_of
from coterie.checks.faults import Faults
from coterie.checks.world import Values, World
from coterie.model.machine import (
    Deliver,
    Effect,
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Return,
    Send,
)
from coterie.spec.observer import Observer
from coterie.spec.property import Each, Kind, Property, View, each, pairs
from tests.strategies import Counter, LastSeen, Tick, networks

HUB = Node("hub")


@frozen(cache_hash=True)
class Say:
    """A message about somebody."""

    text: int
    about: Node | None = None


@frozen(cache_hash=True)
class Notes:
    """What a peer knows: where it stands, who spoke to it, and who it was spoken to about."""

    stage: int = 0
    heard: frozenset[Node] = frozenset()
    last: Node | None = None


@frozen
class Rule:
    """What to do: the next stage, what to note, what to send to whom about whom."""

    stage: int
    notes: bool
    sends: tuple[tuple[str, int, str], ...]
    result: Effect | None


@frozen
class Gossip(Machine[Notes, Any]):
    """A machine of rules that know a node as the peers, the hub, the sender, or the last one.

    Attributes:
        itself: its own name.
        others: whom it may send to.
        rules: by stage, and by what happens.
        durable: whether its stage survives a crash.
    """

    itself: Node
    others: tuple[Node, ...] = field(repr=False)
    rules: Mapping[tuple[int, Any], Rule]
    durable: bool = False

    def start(self, memory: Any) -> Outcome[Notes]:
        return Outcome(Notes(memory or 0))

    def options(self, state: Notes) -> Iterable[Tick]:
        return [Tick(number) for number in (0, 1) if (state.stage, number) in self.rules]

    def step(self, state: Notes, event: Event) -> Outcome[Notes] | None:
        match event:
            case Receive(sender, Say(text, about)):
                return self._followed(state, ("says", text), sender, about)
            case Tick(number):
                return self._followed(state, number, None, None)
            case Invoke(operation):
                return self._followed(state, ("do", operation), None, None)
        return None

    def _followed(
        self, state: Notes, what: Any, sender: Node | None, about: Node | None
    ) -> Outcome[Notes] | None:
        rule = self.rules.get((state.stage, what))
        if rule is None:
            return Outcome(state) if sender else None
        roles = {"itself": self.itself, "sender": sender, "last": state.last, "about": about}
        after = evolve(state, stage=rule.stage)
        if rule.notes:
            heard = state.heard | ({sender} if sender else set())
            after = evolve(after, heard=heard, last=about or sender)
        sends = [
            Send(to, Say(text, roles.get(whom)))
            for target, text, whom in rule.sends
            for to in self.others
            if target in {to.role, "all"} or roles.get(target) == to
        ]
        return Outcome(after, (*sends, *([rule.result] if rule.result else [])))

    def memory(self, state: Notes) -> Any:
        return state.stage if self.durable else None

    def recorded(self, memory: Any, change: Any) -> Any:
        return change


def rules() -> st.SearchStrategy[Rule]:
    whom = st.sampled_from(["itself", "sender", "last", "about", "nobody"])
    to = st.sampled_from(["peer", "hub", "all", "sender", "last"])
    sends = st.lists(st.tuples(to, st.integers(0, 1), whom), max_size=2).map(tuple)
    results = st.sampled_from([None, None, Return(0), Deliver(1)])
    return st.builds(Rule, st.integers(0, 2), st.booleans(), sends, results)


def tables() -> st.SearchStrategy[dict[tuple[int, Any], Rule]]:
    whats = st.sampled_from([0, 1, ("says", 0), ("says", 1), ("do", 0)])
    table = st.dictionaries(st.tuples(st.integers(0, 2), whats), rules(), min_size=2, max_size=8)
    first = st.tuples(st.just((0, 0)), rules())
    return st.tuples(first, table).map(lambda drawn: {**drawn[1], drawn[0][0]: drawn[0][1]})


@st.composite
def alike(draw: st.DrawFn) -> World:
    """Draw a world of two to four peers, perhaps a hub, and perhaps liars among or beside them."""
    peers = tuple(Node("peer", index) for index in range(draw(st.sampled_from([2, 3, 3, 4]))))
    hubs = draw(st.sampled_from([(), (HUB,)]))
    liars = draw(st.sampled_from([(), (), (Node("liar"),), (Node("liar", 0), Node("liar", 1))]))
    liars = tuple(evolve(each, role=draw(st.sampled_from(["liar"]))) for each in liars)
    nodes = (*peers, *hubs)
    tables_of = {"peer": draw(tables()), "hub": draw(tables())}
    machines = {
        node: Gossip(node, tuple(n for n in nodes if n != node), tables_of[node.role])
        for node in nodes
    }
    said = [Say(0), *(Say(1, node) for node in peers)]
    said = draw(st.sampled_from([said[:1], said[1:], said]))
    observer = st.sampled_from([{}, {"seen": Observer(0, Counter("peer", Deliver, 2))}])
    last = st.just({"last": Observer(None, LastSeen())})
    calls = draw(st.sampled_from([(), (0,)]))
    starts: list[dict[Node, Any]] = draw(st.sampled_from([[{}], [{p: 1} for p in peers]]))
    crashes = draw(st.sampled_from([0, 0, 1]))
    return World(
        machines,
        draw(networks()),
        Faults(crashes=crashes, losses=draw(st.sampled_from([0, 0, 1]))),
        Adversary(liars, tuple(said)) if liars else None,
        dict.fromkeys(peers, calls),
        draw(observer | last),
        starts,
        symmetric=("peer", "liar") if len(liars) > 1 else ("peer",),
    )


@frozen(cache_hash=True)
class Staged:
    """A claim about stages that names nobody.

    Attributes:
        stage: the stage that it is about.
        most: how many peers may be in it at once, where the claim is of all peers.
        of_steps: whether it is of the views before and after a step.
    """

    stage: int
    most: int
    of_steps: bool = False

    def __call__(self, *arguments: Any) -> bool:
        views, nodes = arguments[: 1 + self.of_steps], arguments[1 + self.of_steps :]
        if self.of_steps:
            before, after = (self._there(view, nodes) for view in views)
            return not before or before <= after
        if nodes:
            return len(self._there(views[0], nodes)) < len(nodes)
        return len(self._there(views[0], views[0].nodes("peer"))) <= self.most

    def _there(self, view: View, nodes: tuple[Node, ...]) -> set[Node]:
        asked = nodes or view.nodes("peer")
        return {
            node
            for node in asked
            if view.up(node) and view.see(node, lambda state: state.stage) == self.stage
        }


@st.composite
def claims(draw: st.DrawFn) -> list[Property]:
    """Draw claims that name nobody, of the kinds that symmetry can decide."""
    made = []
    kinds = [Kind.ALWAYS, Kind.REACHABLE, Kind.AT_REST, Kind.STEP_ALWAYS, Kind.RECOVERABLE]
    for number, kind in enumerate(draw(st.lists(st.sampled_from(kinds), max_size=4))):
        over: list[Each | None] = [None, each("peer"), pairs("peer")]
        chosen = None if kind is Kind.RECOVERABLE else draw(st.sampled_from(over))
        claim = Staged(
            draw(st.integers(0, 2)), draw(st.integers(0, 2)), of_steps=kind is Kind.STEP_ALWAYS
        )
        claimed = Property(f"claim_{number}", kind, claim)
        made.append(evolve(claimed, each=chosen) if chosen else claimed)
    return made


def renamings(world: World) -> Iterator[Action]:
    """Yield every renaming of interchangeable nodes: all of them, not only generators."""
    blocks = blocks_of(world)
    for images in product(*map(permutations, blocks)):
        pairs_of = zip(blocks, images, strict=True)
        yield Action(world, {a: b for block in pairs_of for a, b in zip(*block, strict=True)})


def orbits(world: World, states: Iterable[Values]) -> set[frozenset[Values]]:
    """Return the orbits of `states`, by brute force."""
    actions, left, found = list(renamings(world)), set(states), set()
    while left:
        state = left.pop()
        orbit = frozenset(action.state(state) for action in actions)
        left -= orbit
        found.add(orbit)
    return found
