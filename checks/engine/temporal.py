"""Claims about whole runs: is there a fair run without end that breaks one?"""

from collections.abc import Iterator, Sequence

import numpy as np

from coterie.checks.engine.compiled import Ints
from coterie.checks.engine.graph import Graph, identities
from coterie.checks.engine.inquiry import Explored, OfGraph, premise_of
from coterie.checks.engine.judging import Judge
from coterie.checks.engine.lassos import Quest, Ways, lasso, ways
from coterie.checks.engine.space import Space
from coterie.checks.engine.streett import Demand, demand, fair_components
from coterie.checks.fairness import Fairness
from coterie.checks.lasso import validate
from coterie.checks.result import Trace
from coterie.spec.property import Kind, Property

Broken = tuple[Quest, Ways]


class Temporal(OfGraph):
    """`leads_to`, `eventually` and `eventually_always`, under the world's fairness.

    Where the search has stopped early, a run among the states that were expanded still breaks the
    claim; that there is none proves nothing.
    """

    def __init__(self, claim: Property, space: Space, judge: Judge, first: int) -> None:
        super().__init__(claim, space, judge, first)
        leads = claim.kind is Kind.LEADS_TO
        self._premises = judge.questions[first + 1].each() if leads else []
        self._broken: list[Broken] = []
        self._demands: list[Demand] = []

    @staticmethod
    def asks(claim: Property) -> list[Property]:
        return [claim, premise_of(claim)] if claim.kind is Kind.LEADS_TO else [claim]

    def vacuous(self) -> str:
        premises = [truth for each in self._premises for _, truth in self._true.get(each, ())]
        if premises and not any(truth.any() for truth in premises):
            return "its premise is never true"
        return super().vacuous()

    def states(self, level: int, states: Ints) -> None:
        self.judged([*self.each, *self._premises], states)

    def end(self, explored: Explored) -> None:
        if explored.graph is not None:
            fairness = self.space.world.fairness
            self._demands = self.demands(explored.graph, fairness)
            self._broken = self.broken(explored, explored.graph, self._demands)
            owing = np.concatenate([np.empty(0, np.int64), *(w.owing for _, w in self._broken)])
            self.count = len(np.unique(owing))

    def demands(self, graph: Graph, fairness: Sequence[Fairness]) -> list[Demand]:
        """Return what these declarations of fairness demand of the runs in `graph`."""
        world, causes = self.space.world, self.space.answers.causes
        return [demand(each, graph, causes, world.network) for each in fairness]

    def broken(self, explored: Explored, graph: Graph, demands: Sequence[Demand]) -> list[Broken]:
        """Return, for each tuple of nodes whose claim some fair run breaks, how it does."""
        found = []
        for quest in self._quests(explored, graph):
            component = fair_components(graph, demands, quest.region, quest.goal)
            if (component >= 0).any():
                there = ways(graph, quest, component)
                starts = identities(self.space.store, explored.starts)
                if (there.total[starts] >= 0).any():
                    found.append((quest, there))
        return found

    def _quests(self, explored: Explored, graph: Graph) -> Iterator[Quest]:
        """Yield what breaks the claim, for each tuple of nodes that it is made of."""
        there = self.expanded(explored, graph)
        nowhere = np.zeros_like(there)
        for place, question in enumerate(self.each):
            true = self.true(question, graph) & there
            false = there & ~true
            if self.claim.kind is Kind.EVENTUALLY_ALWAYS:
                yield Quest(debts=there, prelude=nowhere, region=there, goal=false)
            elif self.claim.kind is Kind.LEADS_TO:
                owing = false & self.true(self._premises[place], graph)
                yield Quest(debts=owing, prelude=there, region=false)
            else:
                started = nowhere.copy()
                started[identities(self.space.store, explored.starts)] = True
                yield Quest(debts=false & started, prelude=nowhere, region=false)

    def trace(self, explored: Explored) -> Trace:
        assert explored.graph is not None
        run = self.run(explored, explored.graph, self._demands, self._broken)
        validate(self.space.world, self.claim, run)
        return run

    def run(
        self,
        explored: Explored,
        graph: Graph,
        demands: Sequence[Demand],
        broken: Sequence[Broken],
    ) -> Trace:
        """Return a nearest of the runs that break the claim, the first tuple's where several are.

        Guard: there is one.
        """
        starts = identities(self.space.store, explored.starts)

        def distance(each: Broken) -> int:
            total = each[1].total[starts]
            return int(total[total >= 0].min())

        quest, there = min(broken, key=distance)
        return lasso(self.space, graph, demands, quest, there, explored.starts)
