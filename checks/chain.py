"""The exact Markov chain of an epidemic in rounds.

Peers of the same state are alike, so it is enough to know how many are in which state. The calls
are those that the machine offers, each as likely as any other; every conversation goes through the
machine's `step`; and probabilities are fractions. So nothing is taken from a formula, and nothing
is rounded: a simulator can be held against it.

Source: Demers et al., "Epidemic Algorithms for Replicated Database Maintenance", PODC 1987,
sections 1.3 and 1.4, whose laws are the limits of this for many peers.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import cached_property, partial
from graphlib import TopologicalSorter
from typing import TypeVar

from attrs import evolve, field, frozen

from coterie.checks.canonical import canonical
from coterie.model.gossip.epidemic import Interest, Peer, Stage, Tell
from coterie.model.gossip.rounds import Standing, calls, converse, rested
from coterie.model.machine import Invoke, Node

T = TypeVar("T")
U = TypeVar("U")

Population = tuple[Interest, ...]
"""The states of all peers, sorted."""

ONE = Fraction(1)
CALLER, CALLEE = Node("peer", 0), Node("peer", 1)


Crowd = tuple[tuple[int, ...], tuple[int, ...]]
"""A round under way: the sorted numbers of those who have not called yet, and of those who have."""


class Standings:
    """The standings of peers by number, each pair of which is made to converse only once."""

    def __init__(self, style: Peer) -> None:
        self._caller = evolve(style, peers=(CALLEE,))
        self._numbers: dict[Standing, int] = {}
        self._standings: list[Standing] = []
        self._met: dict[tuple[int, int], tuple[int, int]] = {}

    def number(self, standing: Standing) -> int:
        """Return the number of `standing`."""
        if standing not in self._numbers:
            self._numbers[standing] = len(self._standings)
            self._standings.append(standing)
        return self._numbers[standing]

    def meet(self, caller: int, callee: int) -> tuple[int, int] | None:
        """Return what both become by the caller's call; None when it makes no call."""
        possible = calls(self._caller, self._standings[caller])
        if not possible:
            return None
        if (caller, callee) not in self._met:
            pair = {CALLER: self._standings[caller], CALLEE: self._standings[callee]}
            after = converse(self._caller, pair, CALLER, possible[0])
            self._met[caller, callee] = self.number(after[CALLER]), self.number(after[CALLEE])
        return self._met[caller, callee]

    def next(self, number: int) -> Interest:
        """Return the state in which that peer begins the next round."""
        return rested(self._caller, self._standings[number]).now


def everyone_knows(population: Population) -> bool:
    """Return whether nobody is susceptible."""
    return all(each.stage is not Stage.SUSCEPTIBLE for each in population)


def is_dead(population: Population) -> bool:
    """Return whether nobody passes the rumour on any more."""
    return all(each.stage is not Stage.INFECTIVE for each in population)


def susceptible(population: Population) -> Fraction:
    """Return the share of peers who have not heard the rumour."""
    return Fraction(sum(each.stage is Stage.SUSCEPTIBLE for each in population), len(population))


@frozen
class Chain:
    """The rounds of `size` peers, of whom a user has told one the rumour.

    Attributes:
        size: how many peers there are: 2 or more.
        style: a machine with the fields of every peer, but for `peers`, which do not matter here.
        done: when the epidemic is over; the chain stays there.
    """

    size: int
    style: Peer = field(factory=partial(Peer, peers=()))
    done: Callable[[Population], bool] = everyone_knows

    @cached_property
    def start(self) -> Population:
        """The population in which one peer has been told."""
        ignorant = self.style.start(None).state
        told = self.style.step(ignorant, Invoke(Tell()))
        assert told is not None
        return _population([told.state] + [ignorant] * (self.size - 1))

    @cached_property
    def steps(self) -> dict[Population, dict[Population, Fraction]]:
        """Each population that can come about, with those after one more round."""
        steps: dict[Population, dict[Population, Fraction]] = {}
        waiting = [self.start]
        for population in waiting:
            if population not in steps:
                stays = {population: ONE}
                steps[population] = stays if self.done(population) else self.round(population)
                waiting += steps[population]
        return steps

    def round(self, population: Population) -> dict[Population, Fraction]:
        """Return how likely each population is to come of this one by a round.

        The calls of a round are simultaneous, so that they may be worked through in any order.
        """
        numbers = (self._standings.number(Standing(each, each)) for each in population)
        likely: dict[Crowd, Fraction] = {(tuple(sorted(numbers)), ()): ONE}
        for _ in population:
            likely = _mixed(likely, self._turn)
        return _mixed(likely, lambda end: {_population(map(self._standings.next, end[1])): ONE})

    def after(self, rounds: int) -> dict[Population, Fraction]:
        """Return how likely each population is after so many rounds."""
        likely = {self.start: ONE}
        for _ in range(rounds):
            likely = _mixed(likely, self.steps.__getitem__)
        return likely

    def expected_rounds(self) -> Fraction:
        """Return the expected number of rounds until it is over.

        Raises: ValueError where it may never be over, or where populations come back.
        """
        expected: dict[Population, Fraction] = {}
        for population in self._last_first:
            moves = self._moves(population)
            if self.done(population):
                expected[population] = Fraction(0)
            elif moves:
                later = sum((p * expected[to] for to, p in moves.items()), ONE)
                expected[population] = later / sum(moves.values())
            else:
                raise ValueError(f"it may never be over: {population} lasts for ever")
        return expected[self.start]

    def ends(self) -> dict[Population, Fraction]:
        """Return the populations that may last for ever, and how likely each is to be the end.

        Raises: ValueError where populations come back.
        """
        likely = dict.fromkeys(self._last_first, Fraction(0)) | {self.start: ONE}
        for population in reversed(self._last_first):
            moves = self._moves(population)
            for to, p in moves.items():
                likely[to] += likely[population] * p / sum(moves.values())
            if moves:
                del likely[population]
        return likely

    def residue(self) -> Fraction:
        """Return the expected share of peers who have not heard the rumour when it is over."""
        return sum((p * susceptible(end) for end, p in self.ends().items()), Fraction(0))

    @cached_property
    def _last_first(self) -> tuple[Population, ...]:
        """The populations, each after all those that may come of it."""
        graph = {population: self._moves(population) for population in self.steps}
        return tuple(TopologicalSorter(graph).static_order())

    def _moves(self, population: Population) -> dict[Population, Fraction]:
        """Return the other populations that may come of this one."""
        return {to: p for to, p in self.steps[population].items() if to != population}

    @cached_property
    def _standings(self) -> Standings:
        return Standings(self.style)

    def _turn(self, crowd: Crowd) -> dict[Crowd, Fraction]:
        """Return what may come of the turn of the first peer who has not called yet."""
        (caller, *waiting), called = crowd
        others = Counter([(0, number) for number in waiting] + [(1, number) for number in called])
        chosen = {callee: Fraction(n, self.size - 1) for callee, n in others.items()}
        lists = (tuple(waiting), called)
        return _mixed(chosen, lambda callee: {self._after(caller, *callee, lists): ONE})

    def _after(self, caller: int, place: int, callee: int, others: Crowd) -> Crowd:
        """Return the crowd after the caller's turn, if it picks the callee from that place."""
        speaker, hearer = self._standings.meet(caller, callee) or (caller, callee)
        waiting, called = (list(numbers) for numbers in others)
        changed = (waiting, called)[place]
        changed[changed.index(callee)] = hearer
        return tuple(sorted(waiting)), tuple(sorted([*called, speaker]))


def _population(states: Iterable[Interest]) -> Population:
    return tuple(sorted(states, key=canonical))


def _mixed(
    likely: dict[T, Fraction], following: Callable[[T], dict[U, Fraction]]
) -> dict[U, Fraction]:
    """Return how likely each thing is that may follow on things so `likely`."""
    mixed: dict[U, Fraction] = defaultdict(Fraction)
    for at, p in likely.items():
        for to, q in following(at).items():
            mixed[to] += p * q
    return dict(mixed)
