"""The invariants of the inductions are true of what the machines do, state by state."""

import random
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

import pytest
from attrs import evolve

from coterie.model.diffusion.pbft import core as pbft
from coterie.model.machine import Machine
from coterie.model.oracles import paxos
from coterie.spec.lemmas.diffusion import agreement, voting
from coterie.spec.lemmas.diffusion.voting import COMMITTERS, DIGEST, LEAVERS, PREPARERS, Votes
from coterie.spec.lemmas.example import Example
from coterie.spec.lemmas.given import Relation
from coterie.spec.lemmas.induction import words
from coterie.spec.lemmas.oracles import synod
from coterie.spec.oracles import paxos as spec

VIEWS, DIGESTS, ACCEPTORS, BALLOTS, VALUES = 3, 2, 3, 3, 2


def things(letter: str, count: int) -> tuple[str, ...]:
    return tuple(f"{letter}{index}" for index in range(count))


def table(rows: Iterable[tuple[str, ...]]) -> Relation:
    kept = frozenset(rows)
    return Relation(lambda *row: row in kept)


def walk(machine: Machine[Any, Any], seed: int, steps: int = 25) -> Iterator[Any]:
    """Yield the states of a run at random."""
    drawn, state = random.Random(seed), machine.start(None).state
    for _ in range(steps):
        if options := list(machine.options(state)):
            outcome = machine.step(state, drawn.choice(options))
            assert outcome is not None
            state = outcome.state
            yield state


# PBFT: the Byzantine replica is r3; what it has sent does not matter to the invariant.

CORE = pbft.PbftCore(f=1, replicas=4, faulty=1, views=VIEWS, digests=DIGESTS)
QUORUMS = {f"q{place}": each for place, each in enumerate(combinations(things("r", 4), 3))}
INSIDE = frozenset((replica, name) for name, quorum in QUORUMS.items() for replica in quorum)
GROUP = Example(
    things={
        voting.REPLICA: things("r", 4),
        voting.VIEW: things("v", VIEWS),
        DIGEST: things("d", DIGESTS),
        PREPARERS: tuple(QUORUMS),
        COMMITTERS: tuple(QUORUMS),
        LEAVERS: tuple(QUORUMS),
    },
    rows={
        "correct": frozenset((replica,) for replica in things("r", 3)),
        "preparers": INSIDE,
        "committers": INSIDE,
        "leavers": INSIDE,
    },
)


def votes_of(state: pbft.Core) -> Votes:
    """Return what the correct replicas have sent, in the words of the induction."""
    sent = [
        (f"r{r}", v, each)
        for r, replica in enumerate(state.replicas)
        for v, each in enumerate(replica)
    ]
    accepted = [(r, f"v{v}", f"d{it.accepted}") for r, v, it in sent if it.accepted != pbft.NONE]
    reports = [(r, v, it.reported) for r, v, it in sent if it.reported != pbft.UNSENT]
    return Votes(
        proposed=table(row[1:] for row in accepted),
        prepared=table(accepted),
        certified=table((f"v{one.view}", f"d{one.digest}") for one in state.certified),
        committed=table((r, f"v{v}", f"d{it.accepted}") for r, v, it in sent if it.prepared),
        decided=table((f"v{one.view}", f"d{one.digest}") for one in state.committed),
        left=table(
            (f"r{r}", f"v{view}")
            for r, replica in enumerate(state.replicas)
            for view in range(pbft.view_of(replica))
        ),
        bounded=table(
            (r, f"v{v}", f"v{u}")
            for r, v, reported in reports
            for u in range(VIEWS)
            if reported <= u
        ),
        blank=table((r, f"v{v}") for r, v, reported in reports if reported == pbft.NONE),
    )


def pbft_faults(state: pbft.Core) -> list[str]:
    invariant = agreement.Invariant(voting.voting(GROUP))
    votes = votes_of(state)
    claims = (*invariant.conjuncts, invariant.decisions_agree)
    return [words(claim) for claim in claims if not claim(votes)]


@pytest.mark.parametrize("seed", range(12))
def test_the_invariant_of_agreement_is_true_of_the_core_of_pbft(seed: int) -> None:
    states = list(walk(CORE, seed))

    assert any(state.replicas[-1][1].reported != pbft.UNSENT for state in states)
    assert [fault for state in states for fault in pbft_faults(state)] == []


def test_the_invariant_notices_small_view_change_quorums() -> None:
    forgetful = evolve(CORE, is_view_change_quorum=lambda changes, f: changes >= 2 * f)

    found = {
        fault
        for seed in range(12)
        for state in walk(forgetful, seed)
        for fault in pbft_faults(state)
    }

    assert "a proposal is safe" in found


# Paxos.

PAXOS = paxos.Paxos(acceptors=ACCEPTORS, values=VALUES, ballots=BALLOTS)
MAJORITIES = {f"q{place}": each for place, each in enumerate(combinations(things("a", 3), 2))}
ACCEPTING = Example(
    things={
        synod.ACCEPTOR: things("a", ACCEPTORS),
        synod.BALLOT: things("b", BALLOTS),
        synod.VALUE: things("v", VALUES),
        synod.QUORUM: tuple(MAJORITIES),
    },
    rows={
        "inside": frozenset((one, name) for name, quorum in MAJORITIES.items() for one in quorum)
    },
)


def synod_of(state: paxos.Synod) -> synod.Synod:
    """Return what the acceptors have done, in the words of the induction."""
    return synod.Synod(
        joined=table((f"a{one.acceptor}", f"b{one.ballot}") for one in spec.promised(state)),
        left=table(
            (f"a{index}", f"b{ballot}")
            for index, acceptor in enumerate(state.acceptors)
            for ballot in range(acceptor.promised)
        ),
        proposed=table((f"b{one.ballot}", f"v{one.value}") for one in spec.proposed(state)),
        voted=table(
            (f"a{one.acceptor}", f"b{one.ballot}", f"v{one.value}") for one in spec.voted(state)
        ),
        chosen=table((f"b{one.ballot}", f"v{one.value}") for one in spec.chosen(state)),
    )


def paxos_faults(state: paxos.Synod) -> list[str]:
    of = synod.Paxos(
        ACCEPTING,
        ACCEPTING.relation("inside", synod.ACCEPTOR, synod.QUORUM),
        ACCEPTING.order("below", synod.BALLOT),
    )
    done = synod_of(state)
    return [words(claim) for claim in (*of.invariant, of.choices_agree) if not claim(done)]


@pytest.mark.parametrize("seed", range(12))
def test_the_invariant_of_one_value_is_true_of_paxos(seed: int) -> None:
    states = list(walk(PAXOS, seed))

    assert spec.proposed(states[-1])
    assert [fault for state in states for fault in paxos_faults(state)] == []


def test_the_invariant_notices_votes_below_a_promise() -> None:
    careless = evolve(PAXOS, may_vote=lambda ballot, promised: True)

    found = {
        fault
        for seed in range(12)
        for state in walk(careless, seed)
        for fault in paxos_faults(state)
    }

    assert found
