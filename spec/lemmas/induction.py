"""Inductive invariants: true at the start, kept by every step, and enough for what is claimed.

A state is a frozen record of relations; an action says when it may happen and what it adds. Nothing
is known of the replicas, values and views but what the axioms say, so the proof is about any number
of them, and about runs of any length. What is claimed of sizes, such as that two quorums meet, is
an axiom here, and a lemma about numbers elsewhere.

An invariant is a conjunction. Each conjunct is a function of a state, and goes by its name in
words. Whoever leaves one out gets a counterexample to induction: a state, perhaps not a reachable
one, and a step after which another conjunct is false.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

from attrs import frozen

from coterie.spec.lemmas.lemma import Goal
from coterie.spec.lemmas.symbols import Said

S = TypeVar("S")
Claim = Callable[[S], Said]


@frozen
class Action(Generic[S]):
    """One kind of step, from any state.

    Attributes:
        name: what happens, in words.
        needs: when it may happen.
        after: the state that comes then.
    """

    name: str
    needs: Mapping[str, Said]
    after: S


def induction(
    axioms: Mapping[str, Said],
    start: S,
    state: S,
    invariant: Sequence[Claim[S]],
    actions: Sequence[Action[S]],
    safety: Sequence[Claim[S]],
) -> list[Goal]:
    """Return what is to be shown: initiation, consecution and safety.

    Attributes:
        axioms: what is true of everything that does not change.
        start: the state at the beginning.
        state: any state whatever.
        invariant: the conjuncts.
        actions: every step from `state`.
        safety: what the invariant is for.
    """
    holds = {words(conjunct): conjunct(state) for conjunct in invariant}
    initiation = [
        Goal(conjunct(start), axioms, f"at the start: {words(conjunct)}", words(conjunct))
        for conjunct in invariant
    ]
    consecution = [
        Goal(
            conjunct(action.after),
            {**axioms, **holds, **action.needs},
            f"after {action.name}: {words(conjunct)}",
            words(conjunct),
        )
        for action in actions
        for conjunct in invariant
    ]
    hence = [Goal(claim(state), {**axioms, **holds}, f"hence: {words(claim)}") for claim in safety]
    return [*initiation, *consecution, *hence]


def words(claim: Callable[..., Said]) -> str:
    """Return the name of a function in words."""
    return claim.__name__.replace("_", " ")
