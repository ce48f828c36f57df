"""Symmetry against no symmetry, against brute force over all renamings, and worlds without it."""

from collections.abc import Iterable
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from attrs import evolve, field, frozen
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coterie.checks.catalogue.oracles import two_phase
from coterie.checks.check import Mutant
from coterie.checks.component import Channel
from coterie.checks.engine.answers import Answers
from coterie.checks.engine.crew import Crew
from coterie.checks.engine.explore import explore
from coterie.checks.engine.symmetry.orbits import Orbits
from coterie.checks.engine.symmetry.renaming import Renaming
from coterie.checks.errors import ModelError
from coterie.checks.network import Bag
from coterie.checks.result import Verdict
from coterie.checks.world import Values, World
from coterie.model.machine import Event, Machine, Node, Outcome, Receive, Send, Timeout
from coterie.spec.property import (
    Kind,
    Property,
    View,
    always,
    each,
    eventually,
    leads_to,
    recoverable,
)
from coterie.spec.refinement import refines
from tests.engine.alike import Gossip, Rule, Say, alike, claims, orbits, renamings
from tests.test_engine import PATIENT, check_trace, plainly

DECIDABLE = [
    claim
    for claim in two_phase.CHECK.properties
    if not claim.kind.is_temporal and claim.kind is not Kind.REFINES
]
PEERS = tuple(Node("peer", index) for index in range(3))


def reached(world: World, most: int = 300) -> set[Values]:
    """Return every state of a world that has not more than `most`; of others, none."""
    found = set(world.initial())
    waiting = list(found)
    while waiting and len(found) <= most:
        new = {step.values for step in world.successors(waiting.pop())} - found
        found |= new
        waiting += new
    return set() if waiting else found


@settings(PATIENT, max_examples=25)
@given(st.data(), st.sampled_from([1, 2]))
def test_symmetry_finds_what_the_plain_explorer_finds(data: st.DataObject, workers: int) -> None:
    world, properties = data.draw(alike()), data.draw(claims())
    expected = plainly(world, properties)

    found = explore(world, properties, workers=workers)

    assert found.complete == expected.complete
    assert found.depth == expected.depth
    for finding, plain in zip(found.findings, expected.findings, strict=True):
        assert (finding.verdict, finding.distance) == (plain.verdict, plain.distance)
        assert (finding.violations == 0) == (plain.violations == 0)
        check_trace(world, finding)


@settings(PATIENT, max_examples=25)
@given(alike(), st.sampled_from([1, 2]))
def test_there_is_one_state_an_orbit(world: World, workers: int) -> None:
    states = reached(world)
    assume(states)

    found = explore(world, workers=workers)

    expected = orbits(world, states)
    assert set().union(*expected) == states
    assert found.states == len(expected)


def echo_of_itself() -> World:
    """Return a world of three peers, one of which tells the others about itself, once."""
    rules = {
        (0, 0): Rule(0, notes=False, sends=(), result=None),
        (1, 0): Rule(0, notes=False, sends=(("peer", 0, "itself"),), result=None),
    }
    others = {peer: tuple(other for other in PEERS if other != peer) for peer in PEERS}
    return World(
        {peer: Gossip(peer, others[peer], rules) for peer in PEERS},
        Bag(1, "block"),
        starts=[{peer: 1} for peer in PEERS],
        symmetric=("peer",),
    )


def test_what_follows_from_a_value_that_renaming_has_made_is_explored() -> None:
    world = echo_of_itself()

    assert explore(world).states == len(orbits(world, reached(world)))


@settings(PATIENT, max_examples=15)
@given(alike())
def test_all_renamings_of_a_state_have_one_canonical_form(world: World) -> None:
    states = reached(world, most=60)
    assume(states)
    answers = Answers(world)
    found = Orbits(world, answers, Crew(1))

    for orbit in orbits(world, states):
        renamed = [[answers.numbers(values) for values in orbit]]
        parts = [np.array(numbers, np.int64) for numbers in renamed]
        found.canonicalise(parts)

        forms = {tuple(row) for row in parts[0].tolist()}
        assert len(forms) == 1
        assert answers.values(forms.pop()) in orbit


@frozen
class Pointing(Machine[Node, None]):
    """Points at somebody, for ever."""

    to: Node = field(repr=False)

    def start(self, memory: None) -> Outcome[Node]:
        return Outcome(self.to)

    def step(self, state: Node, event: Event) -> Outcome[Node] | None:
        return None


def ring(*peers: Node) -> World:
    """Return a world in which each of these nodes points at the next one."""
    pointing = {peer: Pointing(to) for peer, to in zip(peers, (*peers[1:], peers[0]), strict=True)}
    return World({peer: pointing[peer] for peer in sorted(peers)}, links=[], symmetric=("peer",))


def canonical_rings(renamings: Iterable[tuple[Node, ...]]) -> tuple[set[Values], int]:
    """Return what becomes of renamed rings of tied nodes, and how often that was cut short."""
    worlds = [ring(*peers) for peers in renamings]
    answers = Answers(worlds[0])
    found = Orbits(worlds[0], answers, Crew(1))
    states = np.array([answers.numbers(next(world.initial())) for world in worlds], np.int64)
    found.canonicalise([states])
    return {answers.values(row) for row in states.tolist()}, found.cut


def test_tied_nodes_are_arranged_in_every_way() -> None:
    peers = [Node("peer", index) for index in range(5)]

    forms, cut = canonical_rings(permutations(peers))

    assert (len(forms), cut) == (1, 0)


def test_where_there_are_too_many_ways_the_state_is_still_a_renaming() -> None:
    peers = [Node("peer", index) for index in range(8)]
    renamings = [(*peers[shift:], *peers[:shift][::-1]) for shift in range(8)]

    forms, cut = canonical_rings(renamings)

    assert cut == len(renamings)
    for form in forms:
        at, seen = 0, set()
        while at not in seen:
            seen.add(at)
            at = form[at].state.index
        assert len(seen) == 8


@settings(PATIENT, max_examples=15)
@given(alike())
def test_renamings_compose_and_can_be_undone(world: World) -> None:
    actions = list(renamings(world))[:6]

    for state in list(reached(world, most=60))[:20]:
        for one in actions:
            inverse = {new: old for old, new in one.renaming.names.items()}
            undo = next(a for a in renamings(world) if a.renaming.names == inverse)
            assert undo.state(one.state(state)) == state


@frozen(cache_hash=True)
class Whole:
    """A value with names at any depth."""

    name: Node
    pair: tuple[Node, int]
    all: frozenset[Node]
    text: str = "peer0 is a word here"


def test_a_name_is_renamed_wherever_it_stands() -> None:
    one, two, three = PEERS
    renaming = Renaming({one: two, two: one})

    assert renaming(Whole(one, (two, 1), frozenset({one, three}))) == Whole(
        two, (one, 1), frozenset({two, three})
    )
    assert renaming({one: {two}}) == {two: {one}}
    assert renaming(Channel(one, three)) == Channel(two, three)
    untouched = Whole(three, (three, 1), frozenset({three}))
    assert renaming(untouched) is untouched


@pytest.mark.parametrize(("managers", "expected"), [(3, 80), (5, 314), (6, 553)])
def test_two_phase_commit_has_the_known_number_of_orbits(managers: int, expected: int) -> None:
    world = evolve(two_phase.world(managers), symmetric=("manager",))

    one, two = (explore(world, DECIDABLE, workers=workers) for workers in (1, 2))

    assert one.states == two.states == expected
    assert one.verdict is Verdict.HOLDS
    assert one.summary() == two.summary()
    assert [f.trace for f in one.findings] == [f.trace for f in two.findings]
    assert f"who is who among {managers} managers are counted as one" in one.reductions[0]


def test_symmetry_can_be_switched_off() -> None:
    world = evolve(two_phase.world(3), symmetric=("manager",))

    found = explore(world, symmetry=False)

    assert (found.states, found.reductions) == (288, ())


def test_where_all_states_are_kept_there_is_no_symmetry() -> None:
    kept: list[Values] = []

    world = evolve(two_phase.world(3), symmetric=("manager",))
    found = explore(world, keep=kept.extend)

    assert len(kept) == found.states == 288


@pytest.mark.parametrize(
    ("name", "mutant"), [*two_phase.CHECK.mutants.items()], ids=[*two_phase.CHECK.mutants]
)
def test_mutants_die_as_without_symmetry(name: str, mutant: Mutant) -> None:
    world = mutant.world(**two_phase.CHECK.parameters(managers=4))
    symmetric = evolve(world, symmetric=("manager",))

    found, plain = (explore(each, DECIDABLE) for each in (symmetric, world))

    assert [(f.verdict, f.distance) for f in found.findings] == [
        (f.verdict, f.distance) for f in plain.findings
    ]
    for finding in found.findings:
        check_trace(symmetric, finding)


@frozen(cache_hash=True)
class Speak(Timeout):
    """Say hello to the hub."""


@frozen
class Peer(Machine[int, None]):
    """Speaks once."""

    def start(self, memory: None) -> Outcome[int]:
        return Outcome(0)

    def options(self, state: int) -> Iterable[Timeout]:
        return (Speak(),) if state == 0 else ()

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        return Outcome(1, (Send(Node("hub"), Say(0)),) if isinstance(event, Speak) else ())


@frozen
class Hub(Machine[Any, None]):
    """Notes who has spoken: as a set, or, if it is `partial`, only the one whom it likes."""

    partial: bool = False
    in_order: bool = False

    def start(self, memory: None) -> Outcome[Any]:
        return Outcome(() if self.in_order else frozenset())

    def step(self, state: Any, event: Event) -> Outcome[Any] | None:
        assert isinstance(event, Receive)
        if self.partial and event.sender != PEERS[0]:
            return Outcome(state)
        if self.in_order:
            return Outcome(tuple(sorted({*state, event.sender})))
        return Outcome(state | {event.sender})


def meeting(hub: Hub, **fields: Any) -> World:
    """Return a world of three peers and a hub."""
    machines: dict[Node, Machine[Any, Any]] = {peer: Peer() for peer in PEERS}
    links = [(peer, Node("hub")) for peer in PEERS]
    known = {"links": links, "symmetric": ("peer",), **fields}
    return World({**machines, Node("hub"): hub}, **known)


@always
def nobody_first(world: View) -> bool:
    """The first peer is silent as long as the second is."""
    return not world[PEERS[0]] or bool(world[PEERS[1]])


@always(each=lambda view: [(view.nodes("peer")[0],)])
def the_first_is_low(world: View, peer: Node) -> bool:
    """The first peer is low."""
    return world[peer] < 2


def test_an_equivariant_world_passes_the_gate() -> None:
    found = explore(meeting(Hub()))

    assert found.states == len(orbits(meeting(Hub()), reached(meeting(Hub()))))
    assert found.reductions[0].endswith("truths of claims: all")


@pytest.mark.parametrize("hub", [Hub(partial=True), Hub(in_order=True)], ids=["partial", "sorted"])
def test_a_step_that_prefers_a_node_is_refused(hub: Hub) -> None:
    with pytest.raises(ModelError, match="does something else") as refusal:
        explore(meeting(hub))

    for told in ("the role peer", "take the role out of `symmetric`", "peer0 → peer1", "hub0"):
        assert told.lower() in str(refusal.value).lower()


@frozen(cache_hash=True)
class Rise(Timeout):
    """A peer gets up, once."""


@frozen
class Riser(Machine[int, None]):
    """A peer that gets up."""

    def start(self, memory: None) -> Outcome[int]:
        return Outcome(0)

    def options(self, state: int) -> Iterable[Timeout]:
        return () if state else (Rise(),)

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        return Outcome(1) if isinstance(event, Rise) else Outcome(state)


@pytest.mark.parametrize(("one", "other"), list(permutations(range(3), 2)))
def test_a_claim_is_refused_though_it_reads_the_same_of_every_stand_in(
    one: int, other: int
) -> None:
    @always
    def after(world: View) -> bool:
        """One peer gets up after another."""
        return not world[PEERS[one]] or bool(world[PEERS[other]])

    world = World({peer: Riser() for peer in PEERS[:3]}, links=[], symmetric=("peer",))

    with pytest.raises(ModelError, match="the property after is"):
        explore(world, [after])


@always
def nobody_second(world: View) -> bool:
    """The second peer is silent as long as the first is."""
    return not world[PEERS[1]] or bool(world[PEERS[0]])


@pytest.mark.parametrize("claim", [nobody_first, nobody_second])
def test_a_claim_about_one_node_is_refused(claim: Property) -> None:
    with pytest.raises(ModelError, match=f"the property {claim.name} is"):
        explore(meeting(Hub()), [claim])


def test_a_claim_of_some_tuples_alone_is_refused() -> None:
    with pytest.raises(ModelError, match="the_first_is_low is claimed of peer0, and not of peer1"):
        explore(meeting(Hub()), [the_first_is_low])


def test_a_claim_about_one_node_is_no_matter_without_symmetry() -> None:
    found = explore(meeting(Hub()), [nobody_first], symmetry=False)

    assert found["nobody_first"].verdict is Verdict.VIOLATED


@always
def anything(world: View) -> bool:
    """A claim."""
    return True


@recoverable(each=each("peer"))
def each_again(world: View, peer: Node) -> bool:
    """A claim."""
    return True


@recoverable
def all_again(world: View) -> bool:
    """A claim."""
    return all(world[peer] for peer in world.nodes("peer"))


@eventually
def at_last(world: View) -> bool:
    """A claim."""
    return True


@leads_to(anything.claim)
def then(world: View) -> bool:
    """A claim."""
    return True


@refines(lambda _: Hub())
def abstract(world: View) -> Any:
    """A mapping."""
    return world[Node("hub")]


@pytest.mark.parametrize("claim", [each_again, at_last, then, abstract], ids=lambda c: c.name)
def test_a_claim_that_symmetry_cannot_decide_is_refused(claim: Any) -> None:
    with pytest.raises(ModelError, match=r"cannot be decided with symmetry: .*--no-symmetry"):
        explore(meeting(Hub()), [claim])


def test_what_can_be_recovered_by_all_is_decided() -> None:
    assert explore(meeting(Hub()), [all_again]).verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"links": [(PEERS[0], Node("hub"))]}, "the world has no peer1→hub0"),
        ({"workload": {PEERS[0]: (1,)}}, "the world has no .*workload.* peer1"),
        ({"workload": {PEERS[0]: (1,), PEERS[1]: (), PEERS[2]: ()}}, "does not begin in the same"),
    ],
    ids=["links", "workload", "operations"],
)
def test_a_world_that_names_a_node_is_refused(fields: Any, problem: str) -> None:
    with pytest.raises(ModelError, match=problem):
        explore(meeting(Hub(), **fields))


def test_a_role_that_is_nobodys_is_refused() -> None:
    with pytest.raises(ModelError, match="client is said to be symmetric, but no role"):
        meeting(Hub(), symmetric=("client",))


def test_too_many_interchangeable_nodes_are_refused() -> None:
    machines = {Node("peer", index): Peer() for index in range(17)}

    with pytest.raises(ModelError, match="17 nodes are declared symmetric, and 16"):
        explore(World(machines, links=[], symmetric=("peer",)))
