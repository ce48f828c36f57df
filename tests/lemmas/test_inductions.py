"""The invariants over uninterpreted replicas, held against plain runs of four of them."""

from itertools import combinations, product
from typing import Any

import pytest
from attrs import evolve, fields_dict
from hypothesis import given, settings
from hypothesis import strategies as st

from coterie.spec.lemmas.diffusion import agreement, paths, values, voting
from coterie.spec.lemmas.diffusion.voting import COMMITTERS, DIGEST, LEAVERS, PREPARERS, Votes
from coterie.spec.lemmas.example import Example
from coterie.spec.lemmas.given import Relation
from coterie.spec.lemmas.induction import Action, words
from coterie.spec.lemmas.lemma import hypotheses_of, lemmas, needs_of
from coterie.spec.lemmas.oracles import synod
from coterie.spec.lemmas.symbolic import Symbolic

REPLICAS, VIEWS, DIGESTS = ("r0", "r1", "r2", "r3"), ("v0", "v1", "v2"), ("d0", "d1")
SETS = {f"q{place}": quorum for place, quorum in enumerate(combinations(REPLICAS, 3))}
INSIDE = frozenset((replica, name) for name, quorum in SETS.items() for replica in quorum)
GROUP = Example(
    things={
        voting.REPLICA: REPLICAS,
        voting.VIEW: VIEWS,
        DIGEST: DIGESTS,
        PREPARERS: tuple(SETS),
        COMMITTERS: tuple(SETS),
        LEAVERS: tuple(SETS),
    },
    rows={
        "correct": frozenset({("r1",), ("r2",), ("r3",)}),
        "preparers": INSIDE,
        "committers": INSIDE,
        "leavers": INSIDE,
    },
)
NAMES = {
    "the replica": REPLICAS,
    "the view": VIEWS,
    "the digest": DIGESTS,
    "the older view": VIEWS,
    "the view changes": tuple(SETS),
    "the prepares": tuple(SETS),
    "the commits": tuple(SETS),
}
COLUMNS: dict[str, tuple[tuple[str, ...], ...]] = {
    "proposed": (VIEWS, DIGESTS),
    "prepared": (REPLICAS, VIEWS, DIGESTS),
    "certified": (VIEWS, DIGESTS),
    "committed": (REPLICAS, VIEWS, DIGESTS),
    "decided": (VIEWS, DIGESTS),
    "left": (REPLICAS, VIEWS),
    "bounded": (REPLICAS, VIEWS, VIEWS),
    "blank": (REPLICAS, VIEWS),
}


def looked_up(votes: Votes) -> Votes:
    """Return the same votes as plain tables."""

    def table(relation: Relation, columns: tuple[tuple[str, ...], ...]) -> Relation:
        rows = frozenset(row for row in product(*columns) if relation(*row))
        return Relation(lambda *row: row in rows)

    return Votes(**{name: table(getattr(votes, name), it) for name, it in COLUMNS.items()})


def actions(votes: Votes, **elements: str) -> dict[str, Action[Votes]]:
    named = {name.replace("_", " "): element for name, element in elements.items()}
    first = {name: things[0] for name, things in NAMES.items()}
    example = evolve(GROUP, elements={**first, **named})
    return {each.name: each for each in voting.voting(example).actions(votes)}


def doing(votes: Votes, name: str, **elements: str) -> Votes:
    """Return the votes after an action, which must be possible."""
    action = actions(votes, **elements)[name]
    assert all(action.needs.values()), action.needs
    return looked_up(action.after)


def all_doing(votes: Votes, replicas: str, name: str, **elements: str) -> Votes:
    for replica in replicas.split():
        votes = doing(votes, name, the_replica=replica, **elements)
    return votes


def quorum_of(*replicas: str) -> str:
    return next(name for name, quorum in SETS.items() if quorum == replicas)


def committed_by_one() -> Votes:
    """Return votes where d1 is certified in v0, and r1 alone has committed to it."""
    votes = doing(voting.SILENCE, "a proposal in the first view", the_view="v0", the_digest="d1")
    votes = all_doing(votes, "r1 r2 r3", "a prepare", the_view="v0", the_digest="d1")
    votes = doing(
        votes,
        "a certificate",
        the_view="v0",
        the_digest="d1",
        the_prepares=quorum_of("r1", "r2", "r3"),
    )
    return all_doing(votes, "r1", "a commit", the_view="v0", the_digest="d1")


def in_the_second_view() -> Votes:
    """Return votes where r1 has reported its certificate, and r2 and r0 that they have none."""
    votes = committed_by_one()
    change = "a view change with a certificate"
    votes = doing(votes, change, the_replica="r1", the_view="v1", the_older_view="v0")
    return all_doing(votes, "r0 r2", "a view change without a certificate", the_view="v1")


def test_a_digest_is_decided_in_a_second_view() -> None:
    votes = in_the_second_view()
    changes = quorum_of("r0", "r1", "r2")
    where = {"the_view": "v1", "the_digest": "d1"}
    votes = doing(votes, "a bound proposal", the_older_view="v0", the_view_changes=changes, **where)
    votes = all_doing(votes, "r0 r1 r2", "a prepare", **where)
    votes = doing(votes, "a certificate", the_prepares=changes, **where)
    votes = all_doing(votes, "r0 r1 r2", "a commit", **where)
    votes = doing(votes, "a decision", the_commits=changes, **where)

    assert votes.decided("v1", "d1")
    assert not votes.decided("v0", "d1")


def test_what_was_committed_binds_the_second_view() -> None:
    permitted = [
        (digest, name)
        for digest in DIGESTS
        for changes in SETS
        for name, action in actions(
            in_the_second_view(), the_view="v1", the_digest=digest, the_view_changes=changes
        ).items()
        if name.endswith("proposal") and all(action.needs.values())
    ]

    assert set(permitted) == {("d1", "a bound proposal")}


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_the_invariant_is_true_on_plain_runs(data: st.DataObject) -> None:
    of = voting.voting(GROUP)
    conjuncts = (*agreement.Invariant(of).conjuncts, agreement.Invariant(of).decisions_agree)
    votes = data.draw(st.sampled_from([voting.SILENCE, committed_by_one(), in_the_second_view()]))
    for _ in range(8):
        drawn = {
            name.replace(" ", "_"): data.draw(st.sampled_from(it)) for name, it in NAMES.items()
        }
        possible = [each for each in actions(votes, **drawn).values() if all(each.needs.values())]
        if possible:
            votes = looked_up(data.draw(st.sampled_from(possible)).after)

    assert [words(each) for each in conjuncts if not each(votes)] == []


@pytest.mark.parametrize("kind", ["at the start", "after", "hence"])
@pytest.mark.parametrize("module", [agreement, paths, values, synod])
def test_each_kind_of_obligation_is_there(module: Any, kind: str) -> None:
    (lemma,) = (each for each in lemmas() if each in vars(module).values())

    assert any(goal.name.startswith(kind) for goal in lemma.goals(Symbolic()))


@pytest.mark.parametrize(
    ("module", "axiom"),
    [
        *((voting, axiom) for axiom in voting.voting(Symbolic()).axioms),
        (paths, "a read meets every completed write"),
        (paths, "an acknowledgement is about the next node"),
        (synod, "majorities meet"),
    ],
)
def test_an_axiom_about_quorums_is_a_lemma_about_numbers(module: Any, axiom: str) -> None:
    names = {each.name.rpartition(".")[2] for each in lemmas()}

    assert axiom.replace(" ", "_") in names
    assert f"`{axiom.replace(' ', '_')}`" in module.__doc__


def test_an_induction_names_its_axioms_and_no_more() -> None:
    (lemma,) = (each for each in lemmas() if each.name.startswith("diffusion.agreement"))
    goals = lemma.goals(Symbolic())

    assert list(hypotheses_of(goals)) == list(voting.voting(Symbolic()).axioms)
    assert set(hypotheses_of(goals)) < set(needs_of(goals))


def test_every_relation_of_the_votes_is_in_the_tables() -> None:
    assert COLUMNS.keys() == fields_dict(Votes).keys()
