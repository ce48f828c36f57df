"""The lemma about the chain of views, held against runs of the members that it is about."""

from collections.abc import Iterable
from itertools import combinations, pairwise
from random import Random

import pytest

from coterie.checks.catalogue.synchrony.worlds import group
from coterie.checks.nodes import Running
from coterie.checks.world import Values, World
from coterie.model.synchrony.membership import has_majority
from coterie.model.synchrony.state import Inside
from coterie.model.synchrony.table import Push
from coterie.model.synchrony.view import View, successor
from coterie.spec.lemmas.example import Example
from coterie.spec.lemmas.given import Relation
from coterie.spec.lemmas.synchrony.chain import NUMBER, PROCESS, QUORUM, VIEW, Group, Views

Rows = frozenset[tuple[str, ...]]


def run(world: World, seed: int, steps: int) -> list[Values]:
    """Return the states of a random run."""
    random, states = Random(seed), [next(iter(world.initial()))]
    for _ in range(steps):
        after = [step.values for step in world.successors(states[-1])]
        if not after:
            break
        states.append(random.choice(after))
    return states


def members_in(states: Iterable[Values]) -> Iterable[Inside]:
    for values in states:
        for value in values:
            if isinstance(value, Running) and isinstance(value.state, Inside):
                yield value.state


def said_in(states: list[Values]) -> set[tuple[str, View, View]]:
    """Return who has told the others of a batch and a trim: what then follows its view."""
    own = {(each.name, each.view.number): each.view for each in members_in(states)}
    return {
        (str(push.writer), view, successor(view, push.row.changes))
        for push in pushes_in(states)
        if push.row.changes is not None and push.row.trim is not None
        for view in [own.get((push.writer, push.view))]
        if view is not None
    }


def pushes_in(states: Iterable[Values]) -> Iterable[Push]:
    for values in states:
        for value in values:
            if isinstance(value, tuple):
                yield from (each for each in value if isinstance(each, Push))


def seen_in(states: list[Values]) -> tuple[Example, Group]:
    """Return what has happened in a run, as the lemma speaks of it."""
    views = {inside.view for inside in members_in(states)}
    said = said_in(states)
    known = sorted(views | {after for _, _, after in said}, key=str)
    majorities = {
        ("+".join(map(str, some)), str(view))
        for view in known
        for size in range(len(view.members) + 1)
        if has_majority(size, len(view.members))
        for some in combinations(view.members, size)
    }
    quorums = sorted({quorum for quorum, _ in majorities})
    spoken: Rows = frozenset((who, str(v), str(w)) for who, v, w in said)
    agreed: Rows = frozenset(
        (v, w)
        for quorum, v in majorities
        for w in map(str, known)
        if all((who, v, w) in spoken for who in quorum.split("+"))
    )
    installed: Rows = frozenset((str(view), str(view.number)) for view in views)
    numbers = tuple(map(str, range(max(view.number for view in known) + 1)))
    example = Example(
        things={
            PROCESS: tuple(sorted({who for quorum in quorums for who in quorum.split("+")})),
            VIEW: tuple(map(str, known)),
            NUMBER: numbers,
            QUORUM: tuple(quorums),
        },
        rows={
            "inside": frozenset((who, q) for q in quorums for who in q.split("+")),
            "majority": frozenset(majorities),
            "follows": frozenset(pairwise(numbers)),
        },
        elements={"the first view": str(known[0]), "0": "0"},
    )
    reached: Rows = frozenset((number,) for _, number in installed)
    return example, Group(*map(table, (spoken, agreed, installed, reached)))


def table(rows: Rows) -> Relation:
    return Relation(lambda *row: row in rows)


def views_of(example: Example) -> Views:
    inside = example.relation("inside", PROCESS, QUORUM)
    majority = example.relation("majority", QUORUM, VIEW)
    return Views(example, inside, majority, example.relation("follows", NUMBER, NUMBER))


@pytest.mark.parametrize("seed", range(12))
def test_the_invariant_is_true_of_a_run_of_members(seed: int) -> None:
    world = group(3, (0, 1), joiners=1, contacts=(0, 1), crashes=1, suspicions=1)

    example, happened = seen_in(run(world, seed, 150))

    views = views_of(example)
    assert all(views.axioms.values())
    for conjunct in views.invariant:
        assert conjunct(happened), conjunct.__name__


def test_the_runs_end_views() -> None:
    world = group(3, (0, 1), joiners=1, contacts=(0, 1), crashes=1, suspicions=1)

    longest = [max(m.view.number for m in members_in(run(world, s, 150))) for s in range(12)]

    assert max(longest) >= 2


def test_a_group_without_the_majority_rule_is_not_what_the_lemma_is_about() -> None:
    world = group(
        3, suspicions=2, rules={"membership": {"has_majority": lambda alive, _: alive > 0}}
    )

    broken = set()
    for seed in range(40):
        example, happened = seen_in(run(world, seed, 80))
        views = views_of(example)
        broken |= {each.__name__ for each in views.invariant if not each(happened)}

    assert "views_of_consecutive_numbers_are_agreed_on" in broken
